"""Rules, alerts, queries and removals by command: nobody needs the API for them."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta

import pytest

from app.cli.ruling import seconds, short
from app.errors import Invalid
from app.models import Alert
from app.services import Services
from tests.support.cli import Vigie, make_watchlist, vigie_do


@pytest.fixture
def told(watched: Vigie) -> Vigie:
    """Acme with a channel called Here."""
    assert watched("channel", "add", "console", "--name", "Here").code == 0
    return watched


def test_the_first_channel_names_a_first_rule_that_can_be_typed_as_it_is(watched: Vigie) -> None:
    added = watched("channel", "add", "console", "--name", "The team")
    assert "The team" in added.out
    (line,) = added.err.strip().splitlines()
    words = shlex.split(line.split("`")[1])
    assert watched(*words[1:], "--json").json["channels"] == ["The team"]
    assert watched("channel", "add", "console", "--name", "Other").err == ""


def test_a_rule_that_counts_is_made_listed_and_removed(told: Vigie) -> None:
    made = told("rule", "add", "Busy", "--kind", "count", "--over", "250", "--window", "2h",
                "--brand", "globex", "--label", "negative", "--channel", "here", "--cooldown", "1d",
                "--severity", "warning", "--watchlist", "Acme", "--json")  # fmt: skip
    assert made.code == 0, made.err
    assert made.json["params"] == {"threshold": 250, "window_s": 7_200}
    assert (made.json["cooldown_s"], made.json["severity"]) == (86_400, "warning")
    assert made.json["filter"].keys() == {"brands", "labels"}
    assert told("rule", "list", "--json").json == [made.json]
    assert "> 250 / 2h" in told("rule", "list").out
    assert told("rule", "remove", "busy", "--json").json == {
        "id": made.json["id"], "name": "Busy",
    }  # fmt: skip
    assert told("rule", "list", "-w", "Acme", "--json").json == []


def test_a_rule_on_mentions_tells_the_only_channel_and_keeps_its_filters(told: Vigie) -> None:
    made = told("rule", "add", "Loud", "--min-followers", "1000", "--not-owned", "--text-lang",
                "FR", "--json")  # fmt: skip
    assert (made.json["kind"], made.json["channels"]) == ("mention", ["Here"])
    assert made.json["filter"] == {"langs": ["fr"], "min_followers": 1000, "owned": False}


def test_a_rule_without_any_channel_is_made_and_said_to_tell_nobody(watched: Vigie) -> None:
    made = watched("rule", "add", "Quiet")
    assert (made.code, "tells nobody" in made.err) == (0, True)


COUNT = ["rule", "add", "x", "--kind", "count"]


WRONG: list[tuple[list[str], str]] = [
    ([*COUNT], "--over 250"),
    ([*COUNT, "--over", "1", "--window", "7m"], "5m, 10m, 15m, 30m, 1h"),
    ([*COUNT, "--over", "1", "--window", "soon"], "30m, 2h, 1d"),
    (["--lang", "fr", *COUNT, "--over", "1", "--window", "9"], "son unité"),
    (["rule", "add", "x", "--over", "3"], "add --kind count"),
    (["rule", "add", "x", "--kind", "cuont"], "did you mean 'count'?"),
    (["rule", "add", "x", "--label", "negativ"], "did you mean 'negative'?"),
    (["--lang", "fr", "rule", "add", "x", "--severity", "zzz"], "choisissez : info"),
    (["rule", "add", "x", "--brand", "Acne"], "no brand 'Acne'; did you mean 'Acme'?"),
    (["rule", "add", "x", "--channel", "Hear"], "did you mean 'Here'?"),
    (["rule", "add", "x", "--source", "News"], "no source 'News'; there is none yet"),
    (["rule", "add", "x", "--cooldown", "8d"], "7d at most"),
    (["rule", "add", "x", "--text-lang", "french"], "two letters"),
    (["rule", "add", "TAKEN"], "has a rule 'TAKEN' already"),
    (["rule", "remove", "Takn"], "did you mean 'Taken'?"),
    (["alert", "list", "--state", "opne"], "did you mean 'open'?"),
    (["source", "remove", "News"], "no source 'News'"),
    (["channel", "remove", "Hear"], "did you mean 'Here'?"),
    (["digest", "unsubscribe"], "vigie digest subscribe"),
    (["watch", "remove", "Acne", "--yes"], "did you mean 'Acme'?"),
    (["watch", "remove", "Acme"], "confirm with --yes"),
    (["query", "set", "Acne", "--", "acme"], "did you mean 'Acme'?"),
    (["query", "show", "Acne"], "did you mean 'Acme'?"),
]


def test_wrong_use_is_one_line_with_the_nearest_and_changes_nothing(told: Vigie) -> None:
    """One database for all of them: none may leave a trace."""
    assert told("rule", "add", "Taken").code == 0
    for typed, why in WRONG:
        done = told(*typed)
        assert (done.code, done.out) == (2, ""), typed
        assert why in done.err, typed
        assert len(done.err.strip().splitlines()) == 1, typed
    assert [row["name"] for row in told("rule", "list", "--json").json] == ["Taken"]
    assert told("digest", "list", "--json").json == []
    assert [row["name"] for row in told("watch", "list", "--json").json] == ["Acme"]


def test_of_several_channels_one_must_be_named(told: Vigie) -> None:
    told("channel", "add", "console", "--name", "There")
    assert ": Here, There" in told("rule", "add", "x").err
    both = told("rule", "add", "x", "--channel", "There", "--channel", "Here", "--json").json
    assert both["channels"] == ["There", "Here"]
    assert told("channel", "remove", "There").err == ""
    gone = told("channel", "remove", "Here", "--json")
    assert (gone.json["name"], "nobody any more: x" in gone.err) == ("Here", True)
    assert told("channel", "list", "--json").json == []
    assert told("rule", "list", "--json").json[0]["channels"] == []


def test_alerts_are_listed_newest_first_open_and_resolved(told: Vigie) -> None:
    rule = told("rule", "add", "Busy", "--json").json
    vigie_do(told, lambda: _store_alerts(int(rule["watchlist_id"]), int(rule["id"])))
    listed = told("alert", "list", "--json").json
    assert [(one["count"], one["state"], one["rule"]) for one in listed] == [
        (2, "open", "Busy"), (1, "resolved", "Busy"), (0, "resolved", "Busy"),
    ]  # fmt: skip
    assert [one["count"] for one in told("alert", "list", "--limit", "1", "--json").json] == [2]
    shown = told("alert", "list", "--state", "open").out.splitlines()
    assert (len(shown), "Busy" in shown[1]) == (2, True)


def _store_alerts(watchlist_id: int, rule_id: int) -> None:
    from app.cli.running import with_services
    from app.db.keys import key_at

    start = datetime(2026, 11, 23, 8, tzinfo=UTC)

    async def work(services: Services) -> None:
        async with services.db.write() as session:
            for n, state in enumerate(("resolved", "resolved", "open")):
                at = start + timedelta(hours=n)
                session.add(
                    Alert(id=key_at(at), watchlist_id=watchlist_id, rule_id=rule_id, count=n,
                          subject=f"mention:{n}", reason="new_mention", state=state,
                          opened_at=at, updated_at=at)
                )  # fmt: skip

    with_services(work)


def test_a_source_is_removed_from_one_watchlist_and_goes_on_for_the_other(watched: Vigie) -> None:
    make_watchlist(watched, "Other")
    for name in ("Acme", "Other"):
        (watched.home / "var" / "drop").mkdir(exist_ok=True)
        added = watched("source", "add", "jsonl", "-c", "path=a.jsonl", "--name", "File", "-w",
                        name)  # fmt: skip
        assert added.code == 0, added.err
    several = watched("source", "remove", "File")
    assert (several.code, "Acme, Other" in several.err) == (2, True)
    assert watched("source", "remove", "File", "-w", "Acme", "--json").json["name"] == "File"
    assert watched("source", "list", "-w", "Acme", "--json").json == []
    assert "what it brought stays" in watched("source", "remove", "file").out
    assert watched("source", "list", "--json").json == []


def test_a_digest_is_stopped_and_another_one_is_then_the_only_one(told: Vigie) -> None:
    first = told("digest", "subscribe", "--json").json
    assert told("digest", "unsubscribe", "--json").json["active"] is False
    assert told("digest", "unsubscribe", first["id"]).code == 0
    second = told("digest", "subscribe", "--at", "09:00", "--json").json
    assert told("digest", "unsubscribe", "--json").json["id"] == second["id"]
    assert [row["active"] for row in told("digest", "list", "--json").json] == [False, False]


def test_a_watchlist_is_deleted_but_the_demo_is_left_to_its_own_command(watched: Vigie) -> None:
    make_watchlist(watched, "Demo", is_demo=True)
    assert "vigie demo clear" in watched("watch", "remove", "Demo", "--yes").err
    assert watched("watch", "remove", "acme", "--yes", "--json").json["name"] == "Acme"
    assert [row["name"] for row in watched("watch", "list", "--json").json] == ["Demo"]


def test_a_query_is_shown_and_set_and_the_past_is_searched_with_it(watched: Vigie) -> None:
    first = watched("query", "show", "Globex", "--json").json
    assert (first["number"], first["brand"]["name"]) == (1, "Globex")
    done = watched("query", "set", "globex", "--", "globex AND soap")
    assert (done.code, done.out) == (0, "globex AND soap\n")
    assert "version 2: the past is being searched" in done.err
    assert watched("query", "show", "Globex").out == done.out
    again = watched("query", "set", "Globex", "--json", "--", "globex AND soap").json
    assert (again["number"], again["is_new"]) == (2, False)


def test_a_query_that_cannot_be_read_is_told_with_a_caret_and_changes_nothing(
    watched: Vigie,
) -> None:
    done = watched("query", "set", "Globex", "--", "globex AND (")
    assert (done.code, done.out, "^" in done.err) == (2, "", True)
    assert watched("query", "show", "Globex", "--json").json["number"] == 1


def test_lengths_are_read_and_written_alike() -> None:
    for text, length in (("90s", 90), ("15m", 900), ("2h", 7_200), ("1d", 86_400)):
        assert (seconds(text, option="--x"), short(length)) == (length, text)
    assert seconds("2 J", option="--x") == 2 * 86_400
    with pytest.raises(Invalid, match="a number and its unit"):
        seconds("-1h", option="--x")
