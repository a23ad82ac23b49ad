"""A new source reads what was before it: resumable, marked, never alerting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.ingest import history as walking
from app.ingest.service import read_history
from app.models import HistoryRun
from app.sources.service import share_done, stop_history
from collectors.api import Cursor, Listening, Narrowing, Page
from collectors.errors import NeedsAttention, RateLimited, Transient
from collectors.http import Http
from tests.conftest import NOW
from tests.support.pipeline import House, Scripted, post

SINCE = NOW - timedelta(days=90)


class Walker(Scripted):
    """Yields one page of the past a call, until the script is over."""

    asked: list[Cursor]

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        self.asked = [*getattr(self, "asked", []), cursor]
        at = cursor.get("at", 0)
        assert isinstance(at, int)
        if at < len(self.script):
            step = self.script[at]
            if isinstance(step, Exception):
                raise step
            assert isinstance(step, Page)
            yield step


def past(number: int, days: float, **more: Any) -> Any:
    return post(number, published_at=NOW - timedelta(days=days), **more)


def page(at: int, *items: Any) -> Page:
    return Page(items=items, cursor={"at": at})


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> Any:
    def walk(*script: Any) -> Walker:
        one = Walker(*script)
        monkeypatch.setattr(walking, "build_collector", lambda services, source: one)
        return one

    return walk


async def begun(house: House, **more: Any) -> int:
    source = await house.source()
    values = {
        "source_id": source, "since": SINCE, "next_at": NOW, "created_at": NOW, **more,
    }  # fmt: skip
    async with house.services.db.write() as session:
        session.add(HistoryRun(**values))
    return source


async def run_of(house: House) -> HistoryRun:
    [found] = await house.all(HistoryRun)
    assert isinstance(found, HistoryRun)
    return found


async def test_a_walk_goes_on_call_by_call_until_nothing_more_comes(
    house: House, walks: Any
) -> None:
    walker = walks(page(1, past(1, 10)), page(2, past(2, 50)))
    await begun(house)
    states = []
    for _ in range(3):
        assert await read_history(house.services) == 1
        states.append((await run_of(house)).state)
        house.later(timedelta(minutes=2))
    assert states == ["running", "running", "done"]
    assert walker.asked == [{}, {"at": 1}, {"at": 2}]
    run = await run_of(house)
    assert (run.pages, run.got, run.new, run.mentions) == (2, 2, 2, 2)
    assert run.reached == NOW - timedelta(days=50)
    assert await read_history(house.services) == 0


async def test_what_the_past_brings_is_history_and_never_alerts(house: House, walks: Any) -> None:
    walks(page(1, past(1, 0.02)))
    await begun(house)
    await read_history(house.services)
    [mention] = await house.mentions()
    assert mention.backfill, "half an hour old, yet brought by a walk into the past"


async def test_what_was_published_since_the_walk_began_is_left_to_the_polls(
    house: House, walks: Any
) -> None:
    walks(page(1, past(1, 3), past(2, -0.1), past(3, 91)))
    await begun(house)
    house.later(timedelta(hours=5))
    await read_history(house.services)
    assert [item.external_id for item in await house.items()] == ["1"]


async def test_a_busy_platform_is_asked_again_when_it_said_so(house: House, walks: Any) -> None:
    walks(RateLimited("busy", retry_after=3_600))
    await begun(house)
    await read_history(house.services)
    run = await run_of(house)
    assert (run.state, run.failures) == ("running", 0)
    assert run.next_at >= NOW + timedelta(hours=1)


async def test_a_passing_fault_backs_off_and_keeps_the_place(house: House, walks: Any) -> None:
    walks(page(1, past(1, 5)), Transient("no answer"))
    await begun(house)
    await read_history(house.services)
    house.later(timedelta(minutes=2))
    await read_history(house.services)
    run = await run_of(house)
    assert (run.state, run.failures, run.cursor) == ("running", 1, {"at": 1})
    assert run.last_error == "no answer"


async def test_a_refusal_for_good_ends_the_walk_and_says_why(house: House, walks: Any) -> None:
    walks(NeedsAttention("the key is not valid"))
    await begun(house)
    await read_history(house.services)
    run = await run_of(house)
    assert (run.state, run.last_error) == ("failed", "the key is not valid")


async def test_a_bug_in_a_collector_is_counted_and_given_up_in_the_end(
    house: House, walks: Any
) -> None:
    walks(ValueError("secret detail"))
    await begun(house)
    for _ in range(8):
        assert await read_history(house.services) == 1
        house.later(timedelta(days=1))
    run = await run_of(house)
    assert (run.state, run.failures) == ("failed", 8)
    assert run.last_error == "ValueError in the collector"


async def test_a_paused_source_does_not_walk(house: House, walks: Any) -> None:
    walks(page(1, past(1, 5)))
    source = await house.source(state="paused")
    async with house.services.db.write() as session:
        session.add(HistoryRun(source_id=source, since=SINCE, next_at=NOW, created_at=NOW))
    assert await read_history(house.services) == 0


async def test_a_walk_that_is_stopped_in_the_middle_stores_no_more(
    house: House, walks: Any
) -> None:
    source = await begun(house)

    class Stopping(Walker):
        async def backfill(
            self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
        ) -> AsyncIterator[Page]:
            yield page(1, past(1, 5))
            await stop_history(house.services, house.watchlist_id, source)
            yield page(2, past(2, 6))

    one = Stopping()
    walks()
    walking.build_collector = lambda services, source: one  # type: ignore[assignment]
    await read_history(house.services)
    run = await run_of(house)
    assert (run.state, run.new, run.cursor) == ("stopped", 1, {"at": 1})
    assert [item.external_id for item in await house.items()] == ["1"]


async def test_a_hole_in_the_past_is_no_gap_in_our_hearing(house: House, walks: Any) -> None:
    from app.models import ListeningLog

    walks(Page(items=[past(1, 5)], cursor={"at": 1}, listening=Listening(truncated=True)))
    await begun(house)
    await read_history(house.services)
    async with house.services.db.read() as session:
        from sqlalchemy import select

        row = (await session.scalars(select(ListeningLog))).one()
    assert (row.asked, row.truncated, row.got) == (1, 0, 0)


@pytest.mark.parametrize(
    ("state", "reached_days", "share"),
    [("running", None, 0.0), ("running", 45, 0.5), ("done", 10, 1.0), ("running", 200, 1.0)],
)
def test_progress_is_the_share_of_the_time_walked(
    state: str, reached_days: int | None, share: float
) -> None:
    reached = None if reached_days is None else NOW - timedelta(days=reached_days)
    run = HistoryRun(state=state, since=SINCE, reached=reached, created_at=NOW)
    assert share_done(run) == pytest.approx(share)
