"""Commands around a source's past, cost and proposals, on a real database and a real feed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.cli.test_doing import feed
from tests.support.cli import Vigie

__all__ = ["feed"]


@pytest.fixture
def drop(watched: Vigie) -> Path:
    folder = watched.home / "var" / "drop"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_dry_run_shows_what_would_be_stored_and_stores_nothing(
    watched: Vigie, feed: tuple[str, list[int]]
) -> None:
    tried = watched(
        "source", "poll", "--dry-run", "--kind", "rss", "-c", f"url={feed[0]}", "--json"
    )
    assert tried.code == 0, tried.err
    assert [(one["new"], one["brands"]) for one in tried.json] == [(True, ""), (True, "Acme")]
    assert "2 new" in tried.err
    watched("source", "add", "rss", "-c", f"url={feed[0]}", "--name", "News")
    assert watched("source", "poll", "News", "--json").json[0]["new"] == 2, "nothing was stored"
    again = watched("source", "poll", "--dry-run", "News", "--json")
    assert [one["new"] for one in again.json] in ([False, False], [])


def test_a_dry_run_of_a_source_that_does_not_answer_says_why(
    watched: Vigie, feed: tuple[str, list[int]]
) -> None:
    feed[1][0] = 404
    tried = watched("source", "poll", "--dry-run", "--kind", "rss", "-c", f"url={feed[0]}")
    assert (tried.code, tried.err.count("\n")) == (1, 1)


def test_a_dry_run_needs_one_source_or_one_kind(watched: Vigie) -> None:
    assert watched("source", "poll", "--dry-run").code == 2
    assert watched("source", "poll", "--dry-run", "News", "--kind", "rss").code == 2


def test_a_kind_that_is_missing_is_asked_for_only_on_a_terminal(watched: Vigie) -> None:
    done = watched("source", "add")
    assert (done.code, "name a kind" in done.err) == (2, True)


def test_a_forecast_of_a_free_kind_says_that_it_is_free(watched: Vigie) -> None:
    told = watched("source", "forecast", "jsonl", "-c", "path=drop.jsonl", "--every", "3600")
    assert told.code == 0, told.err
    assert "24 polls a day" in told.out


def test_spending_of_nothing_is_an_empty_table(watched: Vigie) -> None:
    told = watched("source", "spending", "--json")
    assert (told.code, told.json) == (0, [])


def test_history_of_a_kind_without_a_past_is_refused_with_a_reason(
    watched: Vigie, drop: Path
) -> None:
    (drop / "a.jsonl").write_text("")
    watched("source", "add", "jsonl", "-c", "path=a.jsonl", "--name", "Drop")
    shown = watched("source", "history", "Drop")
    assert (shown.code, "reads no past" in shown.err) == (0, True)
    wanted = watched("source", "history", "Drop", "--days", "30")
    assert (wanted.code, "cannot read" in wanted.err) == (2, True)
    both = watched("source", "history", "Drop", "--days", "30", "--stop")
    assert both.code == 2


def test_an_account_of_a_kind_without_profiles_is_refused(watched: Vigie) -> None:
    done = watched("account", "add", "Acme", "jsonl", "acme")
    assert (done.code, "cannot read" in done.err) == (2, True)
    assert watched("account", "list", "--json").json == []
