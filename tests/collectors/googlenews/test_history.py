"""The past is read in slices, and none of it is lost where a slice is full or a walk is cut."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from collectors.api import Cursor, History, Narrowing, Page, Proposes, Term, Wanted
from collectors.googlenews.collector import CAP, GoogleNews, GoogleNewsConfig
from collectors.googlenews.slices import Slice
from collectors.http import Http, Policy
from collectors.replay import Asked, Exchange, ReplayServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ACME = Narrowing(((Term("acme"),),))
ASKED = re.compile(r"after:(\S+) before:(\S+)")


class News(ReplayServer):
    """Articles by their time; gives the newest CAP of the days strictly between the bounds, as
    the narrowest reading of the two operators has it."""

    def __init__(self, times: list[datetime]) -> None:
        super().__init__()
        self.times = times

    def _answer(self, asked: Asked) -> bytes:
        bounds = ASKED.search(asked.query["q"])
        assert bounds
        after, before = date.fromisoformat(bounds[1]), date.fromisoformat(bounds[2])
        found = [n for n, at in enumerate(self.times) if after < at.date() < before]
        items = "".join(
            f"<item><guid>CBM{n}</guid><title>t - s</title>"
            f"<pubDate>{self.times[n]:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for n in sorted(found, key=lambda n: self.times[n], reverse=True)[:CAP]
        )
        body = f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
        self.instead = Exchange(path="", body=body)
        return super()._answer(asked)


async def history(
    server: News, *, days: int, cut: int = 10**6, narrowing: Narrowing = ACME
) -> tuple[set[str], list[Page]]:
    """All that the history gives, each call cut after `cut` pages and gone on with."""
    config = GoogleNewsConfig(base_url=f"{server.base}/rss/search")
    cursor: Cursor = {}
    seen: list[Page] = []
    async with Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp) as http:
        for _ in range(400):
            budget = http.budget(GoogleNews.capabilities.max_requests)
            since = NOW - timedelta(days=days)
            pages: list[Page] = []
            async for page in GoogleNews(config).backfill(narrowing, since, cursor, budget):
                pages.append(page)
                if len(pages) == cut:
                    break
            if not pages:
                break
            cursor = json.loads(json.dumps(pages[-1].cursor))
            seen += pages
    assert not pages, "the history does not end"
    return {item.external_id for page in seen for item in page.items}, seen


@pytest.mark.parametrize("cut", [1, 3, 10**6])
async def test_ninety_days_are_read_whole_wherever_the_walk_is_cut(cut: int) -> None:
    times = [NOW - timedelta(hours=9 * n) for n in range(400)]
    async with News(times) as server:
        ids, pages = await history(server, days=90, cut=cut)
    assert ids == {f"CBM{n}" for n, at in enumerate(times) if at >= NOW - timedelta(days=90)}
    assert not any(page.listening.truncated for page in pages)


async def test_a_slice_that_is_full_is_cut_until_nothing_is_left_out() -> None:
    times = [NOW - timedelta(days=20, minutes=20 * n) for n in range(250)]
    async with News(times) as server:
        ids, pages = await history(server, days=40)
    assert len(ids) == 250
    assert len(pages) < 20
    assert not any(page.listening.truncated for page in pages)


async def test_a_full_day_is_reported_and_does_not_hang_the_walk() -> None:
    times = [NOW - timedelta(days=5, minutes=n) for n in range(CAP + 50)]
    async with News([*times, NOW - timedelta(days=9)]) as server:
        ids, pages = await history(server, days=10)
    assert f"CBM{CAP + 50}" in ids
    assert any(page.listening.truncated for page in pages)


async def test_each_search_has_a_history_of_its_own() -> None:
    two = Narrowing(((Term("a"), Term("b")), (Term("c"),)))
    async with News([NOW - timedelta(days=3)]) as server:
        ids, pages = await history(server, days=10, narrowing=two)
        asked = {one.query["q"].split(" after:")[0] for one in server.asked}
    assert ids == {"CBM0"}
    assert asked == {"a b", "c"}
    assert len(pages[-1].cursor) == 2


@pytest.mark.parametrize("value", [None, [], ["2026-13-01", 3], ["2026-11-01", 0], "x"])
def test_an_unreadable_slice_is_none(value: object) -> None:
    assert Slice.from_json(value) is None  # type: ignore[arg-type]  # anything may come


@pytest.mark.parametrize(("language", "edition"), [("fr", "fr"), ("FR-ca", "fr"), ("de", "en")])
async def test_a_brand_is_proposed_the_edition_of_its_language(language: str, edition: str) -> None:
    async with Http(Policy()) as http:
        (found,) = await GoogleNews.propose(Wanted(name="Acme", language=language), http)
    assert GoogleNewsConfig.model_validate(found.config).edition == edition


def test_the_abilities_are_there() -> None:
    assert isinstance(GoogleNews(GoogleNewsConfig()), History)
    assert issubclass(GoogleNews, Proposes)
