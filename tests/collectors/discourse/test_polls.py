"""Against a small forum on loopback, an older and a newer one: nothing is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from collectors.api import Cursor, History, Listening, Narrowing, Refreshes, Term
from collectors.discourse.collector import Discourse
from collectors.discourse.config import DiscourseConfig
from collectors.discourse.posts import Forum, read_posts
from collectors.discourse.readings import SEARCHES, left_out, readings
from collectors.errors import NeedsAttention, RateLimited
from collectors.http import Http, Policy
from collectors.replay import Asked, Exchange, ReplayServer

NOW = datetime(2026, 11, 25, 12, 0, 1, tzinfo=UTC)
LUMO = Narrowing(((Term("lumo"),),))
_SEARCH = re.compile(r"lumo after:(\S+) before:(\S+) order:latest")


class Site(ReplayServer):
    """Posts by number and time, each its own topic; `hidden`: numbers that nobody is shown.

    newer: the listing gives the 50 newest public posts up to `before`; else the public ones among
    the 50 numbers up to it. Both forms are found in forums of today.
    """

    def __init__(self, *, newer: bool = True) -> None:
        super().__init__()
        self.newer = newer
        self.times: dict[int, datetime] = {}
        self.hidden: set[int] = set()
        self.special: Callable[[Asked], Exchange | None] = lambda asked: None

    async def __aenter__(self) -> Site:
        await super().__aenter__()
        return self

    def add(self, numbers: range, *, newest: datetime, step: int = 10) -> set[int]:
        top = max(numbers)
        self.times |= {n: newest - timedelta(minutes=step * (top - n)) for n in numbers}
        return set(numbers)

    def _answer(self, asked: Asked) -> bytes:
        self.instead = self.special(asked) or self._own(asked)
        return super()._answer(asked)

    def _own(self, asked: Asked) -> Exchange:
        shown = sorted(self.times.keys() - self.hidden, reverse=True)
        if asked.path == "/posts.json":
            before = int(asked.query.get("before", 0)) or max(self.times)
            listed = [n for n in shown if n <= before]
            page = listed[:50] if self.newer else [n for n in listed if n > before - 50]
            return _json({"latest_posts": [self._post(n) for n in page]})
        if asked.path == "/search.json":
            return self._search(asked.query["q"], int(asked.query["page"]), shown)
        number = int(asked.path.removeprefix("/posts/").removesuffix(".json"))
        return _json(self._post(number)) if number in shown else Exchange(path="", status=404)

    def _search(self, query: str, page: int, shown: list[int]) -> Exchange:
        match = _SEARCH.fullmatch(query)
        assert match
        low, high = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in match.groups())
        found = [n for n in shown if low < self.times[n] < high]
        hits = found[50 * (page - 1) : 50 * page]
        posts = [self._post(n) | {"cooked": None, "blurb": "…short…"} for n in hits]
        more = True if len(found) > 50 * page else None
        return _json({"posts": posts, "grouped_search_result": {"more_full_page_results": more}})

    def _post(self, number: int) -> dict[str, Any]:
        return {"id": number, "created_at": self.times[number].isoformat(), "topic_id": number,
                "post_number": 1, "topic_title": "t", "cooked": "<p>lumo whole</p>"}  # fmt: skip


def _json(body: object) -> Exchange:
    return Exchange(path="", body=json.dumps(body))


def discourse(site: ReplayServer, **options: Any) -> Discourse:
    return Discourse(DiscourseConfig(forum=site.base, **options))


def door(at: datetime = NOW, requests: int = Discourse.capabilities.max_requests) -> Http:
    return Http(Policy.parse("127.0.0.1/32"), now=at.timestamp).budget(requests)


async def poll(
    one: Discourse, cursor: Cursor, http: Http, narrowing: Narrowing = LUMO
) -> tuple[set[int], Cursor, list[Listening]]:
    pages = [page async for page in one.poll(narrowing, cursor, http)]
    ids = {int(item.external_id.split("@")[0]) for page in pages for item in page.items}
    last = json.loads(json.dumps(pages[-1].cursor)) if pages else cursor
    return ids, last, [page.listening for page in pages]


@pytest.mark.parametrize("newer", [True, False])
async def test_all_new_posts_are_read_though_hidden_ones_lie_between(*, newer: bool) -> None:
    async with Site(newer=newer) as site:
        old = site.add(range(1, 121), newest=NOW - timedelta(days=1))
        ids, cursor, _ = await poll(discourse(site), {}, door())
        assert ids == old
        new = site.add(range(121, 700), newest=NOW)
        site.hidden = set(range(200, 500))
        ids, cursor, _ = await poll(discourse(site), cursor, door())
        assert ids >= new - site.hidden
        _, _, heard = await poll(discourse(site), cursor, door())
    assert len(heard) <= 2


@pytest.mark.parametrize("newer", [True, False])
async def test_new_posts_below_many_hidden_ones_are_found(*, newer: bool) -> None:
    async with Site(newer=newer) as site:
        site.add(range(1, 21), newest=NOW - timedelta(hours=5))
        _, cursor, _ = await poll(discourse(site), {}, door())
        site.add(range(21, 100), newest=NOW)
        site.hidden = set(range(25, 100))
        ids, cursor, _ = await poll(discourse(site), cursor, door())
        assert ids >= {21, 22, 23, 24}
        site.add(range(100, 103), newest=NOW)
        ids, _, _ = await poll(discourse(site), cursor, door())
    assert ids >= {100, 101, 102}


async def test_a_walk_that_was_cut_goes_on_below() -> None:
    async with Site() as site:
        numbers = site.add(range(1, 301), newest=NOW)
        http = door(requests=53)  # three pages, as 50 requests are held back for whole posts
        ids, cursor, heard = await poll(discourse(site), {}, http)
        assert "next polls" in heard[-1].note
        more, _, _ = await poll(discourse(site), cursor, door())
    assert ids | more == numbers
    assert len(ids) < 300


async def test_a_first_poll_reaches_back_the_days_that_were_chosen() -> None:
    async with Site() as site:
        site.add(range(1, 1_001), newest=NOW, step=30)
        ids, _, _ = await poll(discourse(site, first_days=2), {}, door())
    assert set(range(1_000 - 95, 1_001)) <= ids
    assert len(ids) < 200


async def test_the_search_is_walked_day_by_day_and_its_hits_are_read_whole() -> None:
    async with Site() as site:
        numbers = site.add(range(1, 31), newest=NOW, step=120)
        one = discourse(site, search=True)
        pages = [page async for page in one.poll(LUMO, {}, door())]
        items = [item for page in pages for item in page.items]
        assert {int(item.external_id.split("@")[0]) for item in items} == numbers
        assert {item.text for item in items} == {"lumo whole"}
        site.asked.clear()
        site.add(range(31, 33), newest=NOW + timedelta(minutes=20))
        cursor = json.loads(json.dumps(pages[-1].cursor))
        ids, _, _ = await poll(one, cursor, door(NOW + timedelta(minutes=30)))
        assert {31, 32} <= ids
        assert len(site.asked) <= 4  # a day, and the posts since shortly before the last poll


async def test_a_forum_that_says_stop_leaves_the_rest_as_the_search_told_it() -> None:
    async with Site() as site:
        numbers = site.add(range(1, 6), newest=NOW)
        told = {"extras": {"wait_seconds": 9}}

        def refuse(asked: Asked) -> Exchange | None:
            late = asked.path.startswith("/posts/") and len(site.asked) > 3
            return Exchange(path="", status=429, body=json.dumps(told)) if late else None

        site.special = refuse
        one = discourse(site, search=True)
        pages = [page async for page in one.poll(LUMO, {}, door())]
        texts = [item.text for page in pages for item in page.items]
    assert sorted(texts) == ["lumo whole"] * 2 + ["…short…"] * (len(numbers) - 2)
    assert len(site.asked) == 4


async def test_the_wait_of_a_refusal_may_be_told_in_its_body_only() -> None:
    async with Site() as site:
        body = json.dumps({"errors": ["slow"], "extras": {"wait_seconds": 41.5}})
        site.special = lambda asked: Exchange(path="", status=429, body=body)
        with pytest.raises(RateLimited) as caught:
            await discourse(site).check(door())
    assert caught.value.retry_after == 41.5


async def test_history_is_searched_where_there_are_words_and_else_listed() -> None:
    since = NOW - timedelta(days=5)
    async with Site() as site:
        numbers = site.add(range(1, 101), newest=NOW, step=120)
        wanted = {n for n in numbers if site.times[n] >= since}
        for narrowing in (LUMO, Narrowing()):
            got: set[int] = set()
            cursor: Cursor = {}
            for _ in range(30):
                one = discourse(site)
                walk = one.backfill(narrowing, since, cursor, door(requests=52))
                pages = [page async for page in walk]
                if not pages:
                    break
                items = [item for page in pages for item in page.items]
                got |= {int(item.external_id.split("@")[0]) for item in items}
                cursor = json.loads(json.dumps(pages[-1].cursor))
            assert pages == []
            assert got == wanted


async def test_posts_of_other_forums_are_left_alone_and_a_moved_forum_removes_none() -> None:
    async with Site() as site:
        site.add(range(1, 3), newest=NOW)
        name = Forum.at(site.base).name
        page = await discourse(site).refresh([f"1@{name}", f"9@{name}", "1@other.example"], door())
        assert [item.external_id for item in page.items] == [f"1@{name}"]
        assert page.removed == [f"9@{name}"]
        page = await discourse(site).refresh([f"8@{name}", f"9@{name}"], door())
        assert not page.removed
        assert page.listening.refused


async def test_what_was_read_before_a_limit_is_kept() -> None:
    async with Site() as site:
        site.add(range(1, 6), newest=NOW)
        name = Forum.at(site.base).name
        slow = Exchange(path="", status=429, headers={"retry-after": "9"})
        site.special = lambda asked: slow if len(site.asked) > 2 else None
        ids = [f"{n}@{name}" for n in range(1, 6)]
        page = await discourse(site).refresh(ids, door())
        assert [item.external_id for item in page.items] == ids[:2]
        assert not page.removed
        with pytest.raises(RateLimited):
            await discourse(site).refresh(ids, door())


async def test_a_key_is_sent_with_its_member() -> None:
    async with Site() as site:
        site.add(range(1, 3), newest=NOW)
        await discourse(site, api_key=SecretStr("k3y"), api_user="ann").check(door())
        assert site.asked[0].headers["api-key"] == "k3y"
        assert site.asked[0].headers["api-username"] == "ann"
        site.special = lambda asked: Exchange(path="", status=403)
        with pytest.raises(NeedsAttention, match="check the key"):
            await discourse(site).check(door())


def test_two_forums_never_share_a_name() -> None:
    names = {
        Forum.at(one).name
        for one in ("https://a.example", "https://b.example/", "https://a.example/forum")
    }
    assert names == {"a.example", "b.example", "a.example/forum"}
    assert Forum.at("https://A.example/").number_of("7@a.example") == 7
    assert Forum.at("https://a.example").number_of("7@b.example") is None


def test_words_never_become_filters_of_the_forum() -> None:
    clause = (
        Term("@ann", "handle"),
        Term("#tag", "hashtag"),
        Term("in:title"),
        Term('a "b', "phrase"),
    )
    assert readings(Narrowing((clause,)), search=True)[0].words == 'ann tag "in:title" "a b"'
    assert readings(LUMO, search=False)[0].words == ""
    many = Narrowing(tuple((Term(f"w{n}"),) for n in range(SEARCHES + 1)))
    assert left_out(many, search=True)
    assert not left_out(many, search=False)


def test_the_largest_cursor_stays_small() -> None:
    walk = ["1795607900", "1795607900", "2026-11-25/10"]
    cursor = {f"{n:010}": walk for n in range(SEARCHES)} | {"turn": "x" * 10}
    assert len(json.dumps(cursor)) < 4_096


def test_hostile_records_do_not_stop_the_rest() -> None:
    good = {"id": 5, "created_at": NOW.isoformat(), "topic_id": 1, "post_number": 1,
            "topic_title": "x\ud800", "cooked": "<p>ok"}  # fmt: skip
    odd: list[Any] = [
        None, 7, [], {}, {**good, "id": "5"}, {**good, "id": True}, {**good, "topic_id": None},
        {**good, "created_at": "2026-11-25"}, {**good, "cooked": {"a": 1}},
    ]  # fmt: skip
    read = read_posts([*odd, good], Forum.at("https://a.example"), frozenset())
    assert [item.title for item in read.items] == ["x\ufffd"]
    assert len(read.skipped) == len(odd)


def test_the_abilities_are_there() -> None:
    one = Discourse(DiscourseConfig(forum="https://a.example"))
    assert isinstance(one, Refreshes)
    assert isinstance(one, History)
    with pytest.raises(ValueError, match="forum"):
        DiscourseConfig(forum="https://[")
