"""Against a small Reddit on loopback: nothing is lost, and no limit is passed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from collectors.api import (
    Cursor,
    History,
    Listening,
    Metered,
    Narrowing,
    Page,
    Profiles,
    Proposes,
    Refreshes,
    Term,
    Wanted,
)
from collectors.desk import Desk, MemoryLedger, MemoryTokens, Token
from collectors.errors import NeedsAttention, RateLimited
from collectors.http import Http, Policy
from collectors.reddit.collector import Reddit
from collectors.reddit.config import RedditConfig
from collectors.replay import Asked, Exchange, ReplayServer, read_exchanges

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
CASES = Path(__file__).parents[1] / "cases" / "reddit"
Answer = Callable[[Asked], Exchange | None]


class Site(ReplayServer):
    """Lists posts newest first, 100 a page, 1,000 in all; posts: seconds since 1970 by name."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, int] = {}
        self.special: Answer = lambda asked: None
        self.headers: dict[str, str] = {}
        self.logins = 0

    def add(self, count: int, *, newest: int, step: int = 60) -> list[str]:
        first = len(self.posts)
        names = [f"t3_{_base36(first + n + 46_656)}" for n in range(count)]
        self.posts |= {name: newest - step * (count - 1 - n) for n, name in enumerate(names)}
        return names

    def _answer(self, asked: Asked) -> bytes:
        self.instead = self.special(asked) or self._own(asked)
        return super()._answer(asked)

    def _own(self, asked: Asked) -> Exchange:
        if asked.path == "/api/v1/access_token":
            self.logins += 1
            body = {"access_token": f"tok{self.logins}", "expires_in": 3_600}
            return Exchange(path="", body=json.dumps(body))
        listed = sorted(self.posts, key=lambda one: self.posts[one], reverse=True)[:1_000]
        after = asked.query.get("after", "")
        at = listed.index(after) + 1 if after in listed else 0
        page = listed[at : at + 100]
        if ".rss" in asked.path:
            return Exchange(path="", headers=self.headers, body=self._feed(page))
        more = page[-1] if at + 100 < len(listed) else None
        children = [post(name, self.posts[name]) for name in page]
        body = {"kind": "Listing", "data": {"children": children, "after": more}}
        return Exchange(path="", headers=self.headers, body=json.dumps(body))

    def _feed(self, page: list[str]) -> str:
        entries = "".join(
            f"<entry><id>{name}</id><title>t</title><published>"
            f"{datetime.fromtimestamp(self.posts[name], UTC).isoformat()}</published>"
            f'<link href="https://www.reddit.com/r/velo/comments/{name[3:]}/t/"/></entry>'
            for name in page
        )
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{entries}</feed>'


def post(name: str, at: int) -> dict[str, Any]:
    identity = name.removeprefix("t3_")
    link = f"/r/velo/comments/{identity}/t/"
    data = {"name": name, "title": "t", "author": "a", "created_utc": at, "permalink": link}
    return {"kind": "t3", "data": data}


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def reddit(site: Site, *, key: bool = True, **options: Any) -> Reddit:
    options = {"subreddits": ("velo",), "comments": False, "search": False} | options
    if key:
        options |= {"client_id": "id", "client_secret": SecretStr("s"), "api_url": site.base}
    return Reddit(RedditConfig(base_url=site.base, **options))


def door(desk: Desk | None = None, *, at: datetime = NOW) -> Http:
    http = Http(Policy.parse("127.0.0.1/32"), now=at.timestamp)
    return http.budget(Reddit.capabilities.max_requests, desk=desk or Desk())


async def poll(
    one: Reddit, cursor: Cursor, http: Http, narrowing: Narrowing | None = None
) -> tuple[list[str], Cursor, list[Listening]]:
    pages = [page async for page in one.poll(narrowing or Narrowing(), cursor, http)]
    ids = [item.external_id for page in pages for item in page.items]
    last = json.loads(json.dumps(pages[-1].cursor)) if pages else cursor
    return ids, last, [page.listening for page in pages]


async def test_what_came_since_the_last_poll_is_read_whole() -> None:
    async with Site() as site:
        old = site.add(150, newest=AT - 40_000)
        ids, cursor, _ = await poll(reddit(site), {}, door())
        assert set(ids) == set(old)
        new = site.add(350, newest=AT - 10, step=100)
        ids, _, heard = await poll(reddit(site), cursor, door())
    assert set(new) <= set(ids)
    assert not any(one.missed for one in heard)


async def test_a_walk_that_was_cut_goes_on_below() -> None:
    async with Site() as site:
        names = site.add(350, newest=AT - 10)
        first = door().budget(3)  # the token and two pages
        ids, cursor, _ = await poll(reddit(site), {}, first)
        more = site.add(20, newest=AT)
        rest, cursor, _ = await poll(reddit(site), cursor, door())
        assert set(ids) | set(rest) == set(names)
        last, _, _ = await poll(reddit(site), cursor, door())
    assert set(more) <= set(last)


async def test_what_slid_past_the_thousand_that_reddit_lists_is_reported_as_missed() -> None:
    async with Site() as site:
        site.add(100, newest=AT - 400_000)
        _, cursor, _ = await poll(reddit(site), {}, door())
        site.add(1_500, newest=AT)
        ids, cursor, heard = await poll(reddit(site), cursor, door())
        assert len(ids) == 1_000
        assert heard[-1].missed
        _, _, heard = await poll(reddit(site), cursor, door())
    assert not any(one.missed for one in heard)


async def test_a_first_poll_reaches_back_the_days_that_were_chosen_and_misses_nothing() -> None:
    async with Site() as site:
        site.add(900, newest=AT - 10, step=3_600)
        ids, _, heard = await poll(reddit(site, first_days=2), {}, door())
    assert len(ids) == 100
    assert not any(one.missed for one in heard)


async def test_one_token_serves_all_polls_until_it_ends() -> None:
    async with Site() as site:
        site.add(3, newest=AT)
        desk = Desk(tokens=MemoryTokens())
        await poll(reddit(site), {}, door(desk))
        await poll(reddit(site), {}, door(desk))
        assert site.logins == 1
        await poll(reddit(site), {}, door(desk, at=NOW + timedelta(minutes=59, seconds=30)))
        assert site.logins == 2


async def test_a_token_that_was_revoked_is_asked_for_anew() -> None:
    async with Site() as site:
        names = site.add(3, newest=AT)
        desk = Desk()
        await desk.tokens.put("reddit", Token(value="revoked"))

        def refuse(asked: Asked) -> Exchange | None:
            revoked = asked.headers.get("authorization") == "Bearer revoked"
            return Exchange(path="", status=401) if revoked else None

        site.special = refuse
        ids, _, _ = await poll(reddit(site), {}, door(desk))
    assert set(ids) == set(names)


async def test_a_wrong_secret_is_told_in_one_line() -> None:
    async with Site() as site:
        site.special = lambda asked: Exchange(path="", body='{"error": "invalid_grant"}')
        with pytest.raises(NeedsAttention, match="check client_id and client_secret"):
            await reddit(site).check(door())


async def test_reddit_is_told_who_asks() -> None:
    async with Site() as site:
        await reddit(site, contact="zoe").check(door())
        agents = {asked.headers["user-agent"] for asked in site.asked}
    assert agents == {"server:vigie:0.1 (by /u/zoe)"}


async def test_a_poll_stops_where_reddit_says_that_no_request_is_left() -> None:
    async with Site() as site:
        site.add(250, newest=AT)
        site.headers = {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "55"}
        ids, cursor, _ = await poll(reddit(site), {}, door())
        assert len(ids) == 100
        site.headers = {"x-ratelimit-remaining": "90.0"}
        rest, _, _ = await poll(reddit(site), cursor, door())
    assert len({*ids, *rest}) == 250


async def test_feeds_are_asked_for_one_at_a_time_each_in_its_turn() -> None:
    async with Site() as site:
        names = site.add(60, newest=AT - 10)
        one = reddit(site, key=False, comments=True, search=True)
        acme = Narrowing(((Term("acme"),),))
        cursor: Cursor = {}
        for minute in range(3):
            at = NOW + timedelta(minutes=minute)
            ledger = MemoryLedger(one.quotas(), now=lambda at=at: at)  # type: ignore[misc]
            ids, cursor, heard = await poll(one, cursor, door(Desk(ledger=ledger), at=at), acme)
            assert set(ids) == set(names)
            assert "2 listings are read at the next polls" in heard[-1].note
        asked = [one.path for one in site.asked]
    assert asked == ["/r/velo/new/.rss", "/r/velo/comments/.rss", "/search.rss"]


async def test_a_feed_walks_on_in_the_next_polls() -> None:
    async with Site() as site:
        names = site.add(230, newest=AT - 10)
        one = reddit(site, key=False)
        got: set[str] = set()
        cursor: Cursor = {}
        for _ in range(3):
            ledger = MemoryLedger(one.quotas(), now=lambda: NOW)
            ids, cursor, _ = await poll(one, cursor, door(Desk(ledger=ledger)))
            got |= set(ids)
    assert got == set(names)
    assert [asked.query.get("after") for asked in site.asked] == [None, names[130], names[30]]


async def test_a_machine_that_reddit_shuts_out_is_told_what_may_open_the_feeds() -> None:
    async with Site() as site:
        site.special = lambda asked: Exchange(path="", status=403, body="<h1>blocked</h1>")
        with pytest.raises(NeedsAttention, match="feed_token"):
            await poll(reddit(site, key=False), {}, door())
        site.special = lambda asked: Exchange(
            path="", status=429, headers={"x-ratelimit-reset": "37"}
        )
        with pytest.raises(RateLimited) as caught:
            await poll(reddit(site, key=False), {}, door())
        assert caught.value.retry_after == 37
        assert len(site.asked) == 2


async def test_where_the_quota_is_used_up_a_poll_says_how_long_to_wait() -> None:
    async with Site() as site:
        one = reddit(site, key=False)
        ledger = MemoryLedger(one.quotas(), now=lambda: NOW)
        await ledger.spend("feeds")
        with pytest.raises(RateLimited) as caught:
            await poll(one, {}, door(Desk(ledger=ledger)))
        assert caught.value.retry_after == 60
        assert site.asked == []


async def test_a_members_own_feeds_are_asked_for_with_its_token_which_shows_nowhere() -> None:
    async with Site() as site:
        site.special = lambda asked: Exchange(
            path="",
            body='<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>t3_a</id><title>t</title>'
            "<published>2026-11-25T11:00:00Z</published><content type='html'>&lt;a href='#x'&gt;x"
            "&lt;/a&gt;</content></entry></feed>",
        )
        token = SecretStr("s3cret")
        one = reddit(site, key=False, feed_user="zoe", feed_token=token)
        pages = [page async for page in one.poll(Narrowing(), {}, door())]
        assert site.asked[0].query["feed"] == "s3cret"
    assert "s3cret" not in repr(pages)


def test_a_post_is_the_same_by_the_api_and_by_the_feeds() -> None:
    def read(case: str) -> dict[str, dict[str, Any]]:
        pages = json.loads((CASES / case / "expected.json").read_text("utf-8"))
        return {item["external_id"]: item for page in pages for item in page.get("items", [])}

    by_api, by_feed = read("api_first"), read("feeds")
    assert {"t3_p9", "t1_c3"} <= by_api.keys() & by_feed.keys()
    for name in ("external_id", "url", "title", "text", "author", "published_at", "links", "kind"):
        assert by_api["t3_p9"].get(name) == by_feed["t3_p9"].get(name)
        assert by_api["t1_c3"].get(name) == by_feed["t1_c3"].get(name)


def test_the_abilities_are_there() -> None:
    one = Reddit(RedditConfig())
    for ability in (Refreshes, History, Profiles, Metered):
        assert isinstance(one, ability)
    assert issubclass(Reddit, Proposes)


@asynccontextmanager
async def case(name: str) -> AsyncIterator[Reddit]:
    async with ReplayServer(read_exchanges(CASES / name)) as server:
        text = (CASES / name / "config.json").read_text("utf-8").replace("{base}", server.base)
        yield Reddit(RedditConfig.model_validate_json(text))


async def test_known_posts_are_read_again_and_the_absent_ones_are_gone() -> None:
    async with case("api_paged") as one:
        page = await one.refresh(["t3_z9", "t3_z8", "garbage"], door())
    assert [item.external_id for item in page.items] == ["t3_z9"]
    assert page.items[0].metrics["score"] == 40
    assert page.items[0].edited_at == NOW
    assert page.removed == ("t3_z8",)


async def test_an_answer_for_none_of_many_removes_none() -> None:
    async with Site() as site:
        page = await reddit(site).refresh(["t3_a", "t3_b"], door())
    assert not page.removed
    assert page.listening.refused


async def test_without_a_key_nothing_is_read_again_and_there_is_no_history() -> None:
    async with Site() as site:
        one = reddit(site, key=False)
        assert await one.refresh(["t3_a"], door()) == Page(listening=Listening(asked=0))
        since = NOW - timedelta(days=90)
        assert [p async for p in one.backfill(Narrowing(), since, {}, door())] == []
        with pytest.raises(NeedsAttention, match="client id"):
            await one.profile("r/velo", door())
        assert site.asked == []


async def test_history_goes_back_to_the_day_and_can_be_cut_anywhere() -> None:
    async with Site() as site:
        names = site.add(500, newest=AT, step=3_600)
        since = NOW - timedelta(days=10)
        wanted = {name for name in names if site.posts[name] >= since.timestamp()}
        got: set[str] = set()
        cursor: Cursor = {}
        for _ in range(10):
            walk = reddit(site).backfill(Narrowing(), since, cursor, door().budget(2))
            pages: list[Page] = [page async for page in walk]
            if not pages:
                break
            got |= {item.external_id for page in pages for item in page.items}
            cursor = json.loads(json.dumps(pages[-1].cursor))
    assert pages == []
    assert got == wanted


async def test_a_history_longer_than_reddits_list_says_so() -> None:
    async with Site() as site:
        site.add(1_200, newest=AT)
        since = NOW - timedelta(days=90)
        pages = [p async for p in reddit(site).backfill(Narrowing(), since, {}, door())]
    assert sum(len(page.items) for page in pages) == 1_000
    assert pages[-1].listening.truncated


async def test_a_subreddit_has_members_and_a_wrong_name_is_refused() -> None:
    async with case("api_paged") as one:
        found = await one.profile("r/velo", door())
        assert (found.handle, found.name, found.followers) == ("r/velo", "Le vélo", 41_234)
        with pytest.raises(NeedsAttention, match="r/name"):
            await one.profile("r/../../api", door())


async def test_a_brand_is_proposed_the_search_without_a_key() -> None:
    (found,) = await Reddit.propose(Wanted(name="Acme"), door())
    assert RedditConfig.model_validate(found.config) == RedditConfig()


def test_a_poll_is_forecast_as_a_page_a_listing() -> None:
    acme = Narrowing(((Term("acme"),),))
    keyed = RedditConfig(subreddits=("velo",), client_id="i", client_secret=SecretStr("s"))
    assert Reddit(keyed).forecast(acme) == {"requests": 3.0}
    assert Reddit(RedditConfig(subreddits=("velo",))).forecast(acme) == {"feeds": 1.0}
    assert Reddit(RedditConfig()).forecast(Narrowing()) == {"feeds": 0.0}


async def test_without_words_and_subreddits_a_person_must_act() -> None:
    with pytest.raises(NeedsAttention, match="subreddits, or words"):
        await poll(Reddit(RedditConfig()), {}, door())


def test_a_client_id_needs_its_secret() -> None:
    with pytest.raises(ValueError, match="client_secret"):
        RedditConfig(client_id="x")
