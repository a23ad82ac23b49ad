"""A query is tried on the command line, and an earlier one brought back."""

from __future__ import annotations

import json
import shlex

import pytest
from sqlalchemy import select

from app.models import Item, Mention
from app.services import Services
from tests.support.cli import Vigie

POSTS = [
    ("2026-11-22T23:30:00Z", "Globex soap for all"),
    ("2026-11-22T10:00:00Z", "Globex again"),
    ("2026-11-20T10:00:00Z", "soap, and only soap"),
    ("2026-11-19T10:00:00Z", "nothing of note"),
]


@pytest.fixture
def listened(watched: Vigie) -> Vigie:
    """Four posts are stored."""
    lines = [
        json.dumps({"id": str(n), "text": text, "published_at": at})
        for n, (at, text) in enumerate(POSTS)
    ]
    (watched.home / "posts.jsonl").write_text("\n".join(lines))
    assert watched("import", "posts.jsonl", "--source", "File").code == 0
    return watched


def test_a_back_test_shows_a_table_and_what_saving_would_do(listened: Vigie) -> None:
    done = listened("query", "backtest", "globex", "--", "soap")
    assert done.code == 0
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert rows[:6] == [
        ["by", "name", "caught", "newly_caught", "lost", "kept"],
        ["total", "", "2", "1", "1", "1"],
        ["source", "File", "2", "1", "1", "1"],
        ["day", "2026-11-20", "1", "1", "0", "0"],
        ["day", "2026-11-22", "0", "0", "1", "0"],
        ["day", "2026-11-23", "1", "0", "0", "1"],
    ]
    assert [(row[0], row[3]) for row in rows[8:]] == [
        ("newly_caught", "soap, and only soap"), ("lost", "Globex again"),
        ("kept", "Globex soap for all"),
    ]  # fmt: skip
    assert "4 posts read" in done.err
    assert "mentions +1 −1" in done.err
    assert listened("query", "show", "Globex", "--json").json["number"] == 1


def test_a_back_test_of_some_days_as_json_is_what_the_api_answers(listened: Vigie) -> None:
    asked = ("--since", "2026-11-20", "--until", "2026-11-22", "--examples", "0", "--json")
    done = listened("query", "backtest", "Globex", *asked, "--", "soap")
    assert done.code == 0
    assert done.json["counts"] == {"caught": 1, "newly_caught": 1, "lost": 1, "kept": 0}
    assert done.json["searched"]["posts"] == 2
    assert done.json["examples"] == {"newly_caught": [], "lost": [], "kept": []}


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("query backtest Globex -- 'soap AND ('", "^"),
        ("query preview -- '('", "^"),
        ("query backtest Nobody -- soap", "Nobody"),
        ("query backtest Globex --since yesterday -- soap", "2026-11-23"),
        ("query backtest Globex --since 2026-11-23 --until 2026-11-21 -- soap", "until"),
        ("query restore Globex 7", "version 7"),
    ],
)
def test_wrong_use_is_told_in_words_and_with_exit_code_2(
    watched: Vigie, command: str, told: str
) -> None:
    done = watched(*shlex.split(command))
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_a_preview_shows_the_newest_posts_and_what_the_query_says(listened: Vigie) -> None:
    done = listened("query", "preview", "--", "soap or")
    assert done.code == 0
    assert "write OR" in done.err
    assert "0 found, 4 posts read, back to 2026-11-19" in done.err
    found = listened("query", "preview", "--json", "--", "soap").json
    assert [hit["text"] for hit in found["hits"]] == ["Globex soap for all", "soap, and only soap"]


def test_an_earlier_query_is_brought_back(listened: Vigie) -> None:
    before = listened("query", "show", "Globex", "--json").json
    listened("query", "set", "Globex", "--", "soap")
    done = listened("query", "restore", "globex", "1", "--json")
    assert (done.code, done.json["number"], done.json["query"]) == (0, 3, before["query"])
    assert done.json["search"]["state"] == "waiting"
    again = listened("query", "restore", "globex", "1", "--json").json
    assert (again["number"], again["is_new"]) == (3, False)


def test_lint_with_a_watchlist_names_exclusions_that_take_nothing_away(listened: Vigie) -> None:
    name = listened("watch", "list", "--json").json[0]["name"]
    query = ("--", "globex NOT soap NOT cake")
    done = listened("query", "lint", "--watchlist", name, *query)
    assert done.code == 0
    assert "NOT cake takes none of the stored posts away" in done.out
    assert "NOT soap takes" not in done.out
    assert listened("query", "lint", *query).out == ""


def mentions_of(word: str) -> list[str]:
    from app.cli.running import with_services

    async def work(services: Services) -> list[str]:
        wanted = select(Mention.id).join(Item, Item.id == Mention.item_id)
        async with services.db.read() as session:
            found = await session.scalars(wanted.where(Item.text.contains(word)))
        return [str(one) for one in found]

    return with_services(work)


def test_lint_with_a_brand_proposes_terms_measured_on_its_marks(listened: Vigie) -> None:
    lines = [
        json.dumps({"id": f"g{n}", "text": text, "published_at": "2026-11-21T10:00:00Z"})
        for n, text in enumerate(["Globex pie baked"] * 3 + ["Globex tools sold"] * 3)
    ]
    (listened.home / "more.jsonl").write_text("\n".join(lines))
    assert listened("import", "more.jsonl", "--source", "File").code == 0
    found = listened("query", "lint", "--brand", "Globex", "--json", "--", "globex").json
    assert found["suggestions"] is None
    for word, said in (("pie", "irrelevant"), ("tools", "relevant")):
        ids = mentions_of(word)
        assert listened("mention", said, *ids).code == 0
    found = listened("query", "lint", "--brand", "Globex", "--json", "--", "globex").json
    assert found["suggestions"]["noise_removed"] == 3
    done = listened("query", "lint", "--brand", "Globex", "--", "globex")
    assert f"NOT\t3\t0\t0\t{found['suggestions']['exclusions'][0]['query']}" in done.out
    assert "3 of 3 noise" in done.err
