"""How a feed is asked over time: unchanged, moved, gone, slid by, walked into its past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.api import Cursor, Narrowing, Page, Wanted
from collectors.errors import NeedsAttention
from collectors.http import Http, Policy
from collectors.replay import Exchange, ReplayServer
from collectors.rss.collector import Rss, RssConfig

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def post(number: int) -> str:
    """Number 100 is of an hour ago, each smaller number of an hour before."""
    at = NOW - timedelta(hours=101 - number)
    return (
        f"<item><title>t{number}</title><guid isPermaLink='false'>g{number}</guid>"
        f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
    )


def rss(numbers: Sequence[int], head: str = "") -> str:
    items = "".join(post(number) for number in numbers)
    atom = 'xmlns:atom="http://www.w3.org/2005/Atom"'
    return f'<rss version="2.0" {atom}><channel><title>T</title>{head}{items}</channel></rss>'


WORDPRESS = "<generator>https://wordpress.org/?v=6.1.9</generator>"


class House:
    """One feed on a loopback server, polled again and again."""

    def __init__(self, server: ReplayServer, http: Http, **config: Any) -> None:
        self.server, self._http, self.cursor = server, http, {}
        self.collector = Rss(RssConfig(url=f"{server.base}/feed", **config))

    async def poll(self) -> list[Page]:
        http = self._http.budget(Rss.capabilities.max_requests)
        pages = [page async for page in self.collector.poll(Narrowing(), self.cursor, http)]
        self.cursor: Cursor = pages[-1].cursor if pages else self.cursor
        return pages

    def serve(self, *exchanges: Exchange) -> None:
        self.server.exchanges[:] = exchanges
        self.server.asked.clear()

    @property
    def paths(self) -> list[str]:
        return [
            asked.path + (f"?paged={asked.query['paged']}" if "paged" in asked.query else "")
            for asked in self.server.asked
        ]


async def at_once(seconds: float) -> None:
    """Quick retries do not wait."""


@pytest.fixture
async def house() -> Any:
    async with (
        ReplayServer() as server,
        Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp, sleep=at_once) as http,
    ):
        yield House(server, http)


def ids(pages: Sequence[Page]) -> list[int]:
    return [int(item.external_id[1:]) for page in pages for item in page.items]


async def test_an_unchanged_feed_is_left_alone_for_as_long_as_it_said_and_in_its_rhythm(
    house: House,
) -> None:
    house.serve(
        Exchange(path="/feed", headers={"etag": '"a"'}, body=rss([80, 76], "<ttl>90</ttl>"))
    )
    [first] = await house.poll()
    assert first.freshness == 2 * 3600  # half of four hours; the ttl is shorter
    [again] = await house.poll()
    assert (again.items, again.cursor, again.freshness) == ((), house.cursor, 2 * 3600)
    house.collector = Rss(RssConfig(url=f"{house.server.base}/feed", interval="fixed"))
    [fixed] = await house.poll()
    assert fixed.freshness == 90 * 60


async def test_a_busy_feed_that_states_nothing_asks_for_no_delay_when_unchanged(
    house: House,
) -> None:
    house.collector = Rss(RssConfig(url=f"{house.server.base}/feed", interval="fixed"))
    house.serve(Exchange(path="/feed", headers={"etag": '"a"'}, body=rss([100, 99])))
    [first] = await house.poll()
    assert first.freshness is None
    assert await house.poll() == []


async def test_a_feeds_self_link_is_never_asked(house: House) -> None:
    wrong = '<atom:link rel="self" href="{base}/elsewhere"/>'
    house.serve(Exchange(path="/feed", headers={"etag": '"a"'}, body=rss([100], wrong)))
    await house.poll()
    await house.poll()
    assert house.paths == ["/feed", "/feed"]


@pytest.mark.parametrize("status", [301, 308])
async def test_a_feed_that_moved_for_good_is_asked_there_after_three_answers(
    house: House, status: int
) -> None:
    for number in range(3):
        house.serve(
            Exchange(path="/feed", status=status, headers={"location": "/new"}),
            Exchange(path="/new", headers={"etag": f'"{number}"'}, body=rss([90 + number])),
        )
        await house.poll()
        assert house.paths == ["/feed", "/new"]
    house.serve(Exchange(path="/new", headers={"etag": '"2"'}, body=rss([92])))
    await house.poll()
    assert house.paths == ["/new"]


async def test_a_feed_that_moved_for_now_is_asked_where_it_was(house: House) -> None:
    for number in range(5):
        house.serve(
            Exchange(path="/feed", status=302, headers={"location": "/new"}),
            Exchange(path="/new", body=rss([90 + number])),
        )
        await house.poll()
        assert house.paths == ["/feed", "/new"]


@pytest.mark.parametrize("lost", [Exchange(path="/new", status=404),
                                  Exchange(path="/new", body="<p>for sale")])  # fmt: skip
async def test_where_the_new_address_is_lost_the_old_one_is_asked_again(
    house: House, lost: Exchange
) -> None:
    house.cursor = {"moved": [f"{house.server.base}/new", 3], "http": {"etag": '"x"'}}
    house.serve(Exchange(path="/feed", headers={"etag": '"x"'}, body=rss([100])), lost)
    assert ids(await house.poll()) == [100]
    assert house.paths == ["/new", "/feed"]
    assert "moved" not in house.cursor


async def test_a_feed_that_is_gone_needs_a_person(house: House) -> None:
    house.serve(Exchange(path="/feed", status=410))
    with pytest.raises(NeedsAttention, match="410, gone"):
        await house.poll()


async def test_a_feed_of_ten_that_jumped_by_twenty_is_a_gap_and_says_so(house: House) -> None:
    house.serve(Exchange(path="/feed", body=rss(range(10, 0, -1))))
    await house.poll()
    house.serve(Exchange(path="/feed", body=rss(range(30, 20, -1))))
    [page] = await house.poll()
    assert page.listening.missed
    assert page.listening.note == "all 10 posts are new since the last poll: others slid by"
    house.serve(Exchange(path="/feed", body=rss(range(32, 22, -1))))
    [page] = await house.poll()
    assert not page.listening.missed


async def test_a_gap_of_a_wordpress_feed_is_counted_and_read_from_its_older_pages(
    house: House,
) -> None:
    house.serve(Exchange(path="/feed", body=rss(range(10, 0, -1), WORDPRESS)))
    await house.poll()
    assert house.paths == ["/feed"]  # a first look does not guess at pages
    house.serve(
        Exchange(path="/feed", query={"paged": "2"}, body=rss(range(20, 10, -1), WORDPRESS)),
        Exchange(path="/feed", query={"paged": "3"}, body=rss(range(10, 0, -1), WORDPRESS)),
        Exchange(path="/feed", body=rss(range(30, 20, -1), WORDPRESS)),
    )
    pages = await house.poll()
    assert [page.listening.missed for page in pages] == [True, False, False]
    assert "at least 10 posts had slid out" in pages[-1].listening.note
    assert set(ids(pages)) == set(range(1, 31))
    assert "older" not in house.cursor
    house.serve(Exchange(path="/feed", body=rss(range(31, 21, -1), WORDPRESS)))
    await house.poll()
    assert house.paths == ["/feed"]


async def test_a_paged_feed_is_walked_on_first_sight_at_most_ten_pages_back(house: House) -> None:
    def leaf(number: int) -> str:
        return rss([100 - number], f'<atom:link rel="next" href="{{base}}/{number + 1}"/>')

    leaves = [Exchange(path=f"/{n}", body=leaf(n)) for n in range(1, 20)]
    house.serve(Exchange(path="/feed", body=leaf(0)), *leaves)
    pages = await house.poll()
    assert ids(pages) == list(range(100, 89, -1))
    assert "older" not in house.cursor


@pytest.mark.parametrize(
    "links", [{"feed": "a", "a": "feed"}, {"feed": "a", "a": "a"}, {"feed": "feed", "a": ""}]
)
async def test_pages_that_lead_in_a_circle_end(house: House, links: dict[str, str]) -> None:
    numbers = {"feed": [100], "a": [99]}
    house.serve(
        *(
            Exchange(
                path=f"/{name}",
                body=rss(numbers[name], f'<atom:link rel="next" href="{{base}}/{target}"/>'),
            )
            for name, target in links.items()
        )
    )
    await house.poll()
    assert len(house.server.asked) <= 3


async def _history(house: House, http: Http, since: datetime, cursor: Cursor) -> list[Page]:
    walk = house.collector.backfill(Narrowing(), since, cursor, http)
    return [page async for page in walk]


@pytest.mark.parametrize("budget", [1, 2, 100])
async def test_history_is_walked_back_to_the_day_asked_for_across_calls(
    house: House, budget: int
) -> None:
    def leaf(number: int) -> Exchange:
        numbers = range(100 - 10 * number, 90 - 10 * number, -1)
        query = {"paged": str(number + 1)} if number else {"paged": None}
        return Exchange(path="/feed", query=query, body=rss(numbers, WORDPRESS))

    house.serve(*(leaf(number) for number in range(10)))
    got: list[Page] = []
    cursor: Cursor = {}
    for _ in range(20):
        http = house._http.budget(budget)
        pages = await _history(house, http, NOW - timedelta(hours=35.5), cursor)
        if not pages:
            break
        got += pages
        cursor = pages[-1].cursor
    assert ids(got) == list(range(100, 65, -1))
    assert len(house.server.asked) == 5
    assert cursor == {"done": True}


async def test_history_ends_where_wordpress_has_no_more_or_gives_the_same_page_for_ever(
    house: House,
) -> None:
    first = Exchange(path="/feed", query={"paged": None}, body=rss([100, 99], WORDPRESS))
    house.serve(first, Exchange(path="/feed", status=404))
    [page, last] = await _history(house, house._http, NOW - 90 * DAY, {})
    assert (ids([page, last]), last.cursor) == ([100, 99], {"done": True})
    assert (last.listening.note, last.listening.refused) == ("", 0)
    house.serve(Exchange(path="/feed", body=rss([100, 99], WORDPRESS)))
    pages = await _history(house, house._http, NOW - 90 * DAY, {})
    assert len(pages) == 2


async def test_history_of_a_feed_without_older_pages_is_what_it_holds(house: House) -> None:
    house.serve(Exchange(path="/feed", body=rss([100, 1])))
    [page] = await _history(house, house._http, NOW - 2 * DAY, {})
    assert (ids([page]), page.cursor) == ([100], {"done": True})


async def test_history_of_a_gone_feed_needs_a_person(house: House) -> None:
    house.serve(Exchange(path="/feed", status=410))
    with pytest.raises(NeedsAttention):
        await _history(house, house._http, NOW - DAY, {})


async def test_the_feeds_of_a_brands_sites_are_proposed(house: House) -> None:
    page = '<link rel="alternate" type="application/rss+xml" title="News" href="/feed">'
    house.serve(Exchange(path="/", body=page))
    site = house.server.base.removeprefix("http://")
    found = await Rss.propose(Wanted(name="Acme", domains=(site, site, "127.0.0.1:9")), house._http)
    assert [(one.name, one.config) for one in found] == [
        ("News", {"url": f"{house.server.base}/feed"})
    ]
    RssConfig.model_validate(dict(found[0].config))
