"""What each observation means."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.doctor import rules, store
from app.doctor.rules import JobSeen, Sick


def test_an_old_python_is_refused() -> None:
    assert rules.python((3, 10, 4)).state == "bad"
    assert rules.python((3, 11, 0)).state == "ok"


def test_a_hidden_package_is_told_as_it_is() -> None:
    assert rules.packages("the package 'nlp' in /x hides Vigie's").state == "bad"


@pytest.mark.parametrize(("free", "state"), [(2**20, "bad"), (2**30, "warn"), (2**40, "ok")])
def test_disk_space(free: int, state: str) -> None:
    assert rules.disk("/data", free).state == state


def test_a_clock_before_this_code_or_behind_its_own_data_is_wrong(now: datetime) -> None:
    assert rules.clock(now, file="", newest=now).state == "ok"
    assert rules.clock(now.replace(year=1970), file="", newest=None).state == "bad"
    assert rules.clock(now, file="", newest=now + timedelta(days=1)).state == "bad"
    assert rules.clock(now, file="/clock", newest=None).state == "warn"
    assert rules.clock(None, file="/clock", newest=None).state == "bad"


@pytest.mark.parametrize(
    ("age", "running", "state"),
    [
        (timedelta(seconds=30), True, "ok"),
        (timedelta(hours=1), False, "bad"),
        (timedelta(hours=1), True, "bad"),
        (timedelta(hours=1), None, "bad"),
        (None, True, "warn"),
        (None, False, "warn"),
    ],
)
def test_whether_somebody_does_the_work(
    now: datetime, age: timedelta | None, running: bool | None, state: str
) -> None:
    seen = [] if age is None else [JobSeen("poll_sources", now - age, "")]
    assert rules.jobs(seen, running=running, now=now)[0].state == state


def test_a_job_that_fails_is_named(now: datetime) -> None:
    found = rules.jobs([JobSeen("build_digests", now, "KeyError: x")], running=True, now=now)
    assert [one.state for one in found] == ["ok", "bad"]
    assert "build_digests" in found[1].text("fr")


def test_a_source_that_waits_for_a_person_is_worse_than_one_that_is_tried_again() -> None:
    waits = Sick("7", "rss", "News", "needs_attention", "410 gone")
    fails = Sick("8", "rss", "Blog", "failing", "timed out")
    found = rules.sources([waits, fails], 2)
    assert [one.state for one in found] == ["bad", "warn"]
    assert "vigie source resume 7" in found[0].en


def test_languages_that_nobody_judges_are_told() -> None:
    tone, names = rules.models(["en"], {"en": "en_core_web_sm"}, ["fr", "en"])
    assert "not judged: fr" in tone.en
    assert (names.state, "fr" in names.en) == ("warn", True)
    assert rules.models([], {}, ["fr"])[0].state == "bad"


@pytest.mark.parametrize(
    ("days", "kind", "state"),
    [(1, "sqlite", "ok"), (30, "sqlite", "warn"), (30, "postgresql", "ok")],
)
def test_age_of_the_last_backup(now: datetime, days: int, kind: str, state: str) -> None:
    found = rules.backups(now - timedelta(days=days), kind=kind, now=now)
    assert found.state == state


def test_every_state_of_the_database_has_its_words() -> None:
    def seen(**values: object) -> store.Seen:
        base = {"place": "p", "error": "", "version": "a", "wanted": "a", "locked": False,
                "broken": ""}  # fmt: skip
        return store.Seen(**{**base, **values})  # type: ignore[arg-type]  # a test's shorthand

    found = {
        store.database(seen(**fault)).en
        for fault in ({}, {"error": "x"}, {"locked": True}, {"broken": "page 3"},
                      {"version": None}, {"version": "b"})
    }  # fmt: skip
    assert len(found) == 6


@pytest.mark.parametrize(("waiting", "state"), [(0, "ok"), (20_000, "ok"), (20_001, "warn")])
def test_a_search_index_far_behind_is_told(waiting: int, state: str) -> None:
    found = rules.search(waiting)
    assert (found.state, str(waiting) in found.fr, str(waiting) in found.en) == (state, True, True)
