"""Wrong use: one line with the next step, exit code 2, in the reader's language."""

from __future__ import annotations

import pytest

from app.cli import console, settings_of
from app.cli.pick import pick
from app.errors import Invalid, NotFound
from app.models import Channel
from tests.support.cli import Vigie


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["zz"], "No such command 'zz' (see `vigie --help`)"),
        (["watch", "lis"], "Did you mean 'list'?"),
        (["watch", "new"], "(see `vigie watch new --help`)"),
        (["watch", "list", "--zz"], "No such option: --zz"),
        (["--lang", "fr", "zz"], "commande inconnue : « zz » (voir `vigie --help`)"),
        (["--lang=fr", "key", "create", "a", "--days", "x"], "il faut un nombre entier"),
        (["--lang", "xx", "watch", "list"], "--lang"),
        (["source", "list", "-w", "Acmee"], "no watchlist 'Acmee'; did you mean 'Acme'?"),
        (["--lang", "fr", "source", "list", "-w", "zzz"], "il y a : Acme"),
        (["source", "add", "rsss"], "did you mean 'rss'?"),
        (["source", "add", "rss", "-c", "urll=http://x.fr"], "did you mean url?"),
        (["source", "add", "rss", "-c", "url"], "write key=value or a JSON object"),
        (["source", "add", "rss", "-c", "{url"], "this is not JSON"),
        (["source", "poll"], "name a source, or give --all"),
        (["source", "poll", "--all"], "there is no source yet"),
        (["source", "check"], "name a source, or a kind"),
        (["channel", "add", "slak"], "no channel of kind 'slak'"),
        (["channel", "test"], "there is no channel yet"),
        (["channel", "test", "--demo"], "vigie demo load"),
        (["key", "create", "a", "--scope", "root"], "choose read, write or admin"),
        (["key", "revoke", "nobody"], "no key 'nobody'; there is none yet"),
        (["import", "nothing.jsonl"], "nothing.jsonl"),
        (["import", "x.csv", "--map", "a"], "write THEIR_KEY=OUR_KEY"),
        (["privacy", "export", "@nobody"], "Nothing is held"),
        (["privacy", "erase", "@nobody"], "confirm with --yes"),
        (["restore", "nothing.db"], "no such file"),
        (["query", "explain", "--", "a AND ("], "^"),
        (["query", "test", "--tz", "Paris", "--", "a"], "Europe/Paris"),
        (["score", "--tier", "slow"], "choose fast or best"),
        (["worker"], "needs PostgreSQL"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(watched: Vigie, typed: list[str], told: str) -> None:
    done = watched(*typed)
    assert (done.code, done.out) == (2, "")
    assert told.casefold() in done.err.casefold()
    if typed[0] != "query" or "--tz" in typed:
        assert len(done.err.strip().splitlines()) == 1


def test_a_group_alone_shows_its_help(vigie: Vigie) -> None:
    done = vigie("watch")
    assert done.code == 2
    assert "Commands:" in done.err


def test_without_a_database_the_next_step_is_told_and_nothing_is_made(bare: Vigie) -> None:
    done = bare("watch", "list")
    assert (done.code, "vigie migrate" in done.err) == (2, True)
    assert not (bare.home / "var").exists()


def test_a_wrong_setting_is_told_with_the_nearest_name(bare: Vigie) -> None:
    bare.env["VIGIE_PROT"] = "80"
    done = bare("watch", "list")
    assert done.code == 2
    assert "did you mean VIGIE_PORT?" in done.err


def test_foreign_text_cannot_drive_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.say("a\x1b[2Jb\x07c")
    console.write("d\x9be")
    told = capsys.readouterr()
    assert told.err == "a [2Jb c\n"
    assert told.out == "d e\n"


@pytest.mark.parametrize(
    ("asked", "setting", "system", "chosen"),
    [
        ("fr", "en", "en_GB.UTF-8", "fr"),
        (None, "fr", "en_GB.UTF-8", "fr"),
        (None, None, "fr_CA.UTF-8", "fr"),
        (None, None, "de_DE.UTF-8", "en"),
    ],
)
def test_language_follows_option_then_variable_then_locale(
    monkeypatch: pytest.MonkeyPatch, asked: str, setting: str, system: str, chosen: str
) -> None:
    for name in ("VIGIE_LANG", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    monkeypatch.setenv("LC_ALL", system)
    if setting:
        monkeypatch.setenv("VIGIE_LANG", setting)
    assert console.speak(asked) == chosen


def test_two_rows_of_one_name_are_told_apart_by_id() -> None:
    rows = [Channel(id=1, name="Team"), Channel(id=2, name="team"), Channel(id=3, name="2")]
    assert pick(rows, "2", fr="canal", en="channel").id == 2
    with pytest.raises(Invalid, match="1, 2"):
        pick(rows, "TEAM", fr="canal", en="channel")
    with pytest.raises(NotFound):
        pick([], "Team", fr="canal", en="channel")


def test_settings_are_pairs_or_json_and_repeat_into_lists() -> None:
    assert settings_of.parsed(["a=1", "b=x=y", 'c=["z"]', "d=true", "a=2", '{"e": null}']) == {
        "a": ["1", "2"], "b": "x=y", "c": ["z"], "d": True, "e": None,
    }  # fmt: skip
    form = {"properties": {"tags": {"type": "array"}, "url": {"type": "string"}}}
    assert settings_of.shaped({"tags": "x", "url": "y"}, form) == {"tags": ["x"], "url": "y"}
