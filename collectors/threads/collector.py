"""Threads by its API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Listening,
    Narrowing,
    Page,
    ProfileSnapshot,
)
from collectors.desk import Quota
from collectors.errors import NeedsAttention
from collectors.meta.account import (
    Account,
    cursor_of,
    day_value,
    each_once,
    follow_whole,
    last_day,
    read_account,
    refreshed,
    walks_of,
)
from collectors.meta.errors import Forbidden, Missing, Unaccepted
from collectors.meta.graph import CALLS, Graph, Renewal
from collectors.meta.listings import Edge, Own, follow
from collectors.meta.values import Read, count
from collectors.text import one_line
from collectors.threads.config import ThreadsConfig
from collectors.threads.posts import (
    FIELDS,
    OWN_FIELDS,
    REPLY_FIELDS,
    SITE,
    OwnPosts,
    figures_of,
    read_post,
)
from collectors.threads.searches import OVERLAP, SEARCHES, Search, edge_of, render
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

MAX_REQUESTS: Final = 60
OLDEST: Final = 1_688_540_400
"""Nothing is asked for before Threads began: its API refuses an earlier `since`."""
_INSIGHTS: Final = "likes,quotes,replies,reposts,views"
_SOURCE: Final = "developers.facebook.com/docs/threads/keyword-search"


class Threads:
    """Own posts, mentions, replies, searches. Cursor: a Walk a listing and a search."""

    kind: ClassVar[str] = "threads"
    platform: ClassVar[str | None] = "threads"
    Config: ClassVar[type[CollectorConfig]] = ThreadsConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="oauth2",
        server_side_query=True,
        history=timedelta(days=90),
        min_interval=timedelta(minutes=15),
        quota=f"2,200 searches in 24 hours an account ({_SOURCE})",
        max_requests=MAX_REQUESTS,
        refresh_batch=20,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, ThreadsConfig)
        self._config = config
        self._graph = Graph(
            "Threads",
            config.base_url,
            config.version,
            config.access_token,
            app_secret=config.app_secret,
            renewal=Renewal(
                path="/refresh_access_token", params={"grant_type": "th_refresh_token"}
            ),
        )

    async def check(self, http: Http) -> None:
        """Ask for the account's own name."""
        await self._graph.get("/me", {"fields": "username"}, http, needs="threads_basic")

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages listing by listing; a post that several hold comes once."""
        async with aclosing(each_once(self._read(narrowing, cursor, http))) as pages:
            async for page in pages:
                yield page

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Each search from now back to `since`, window by window."""
        walks = walks_of(cursor)
        for search in self._searches(narrowing):
            if walks.get(search.key, Walk()).since:
                continue  # read to its end
            begin = max(since.timestamp(), OLDEST)
            edge = edge_of(search, self._config, int(begin))
            walk = walks.get(edge.name, Walk())
            async with aclosing(follow(edge, walk, since, self._graph, http)) as followed:
                async for page, walk in followed:
                    walks[edge.name] = walk if walk.before else Walk(since=http.now.isoformat())
                    yield replace(page, cursor=cursor_of(walks))
            if not walks.get(edge.name, Walk()).since:
                return

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Own posts as they are now, with their figures; those of others cannot be asked for."""
        page = await refreshed(self._own(), ids, self._graph, http)
        items = [await self._with_figures(item, http) for item in page.items]
        return replace(page, items=items)

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """Own figures, or those of a public account where the app may look it up."""
        name = account.strip().lstrip("@")
        if name in ("", "me") or name.lower() == self._config.username.lower():
            return await self._own_profile(http)
        if not name.replace(".", "").replace("_", "").isalnum() or len(name) > 30:
            raise NeedsAttention("Threads: give the name of an account")
        try:
            found = await self._graph.get(
                "/profile_lookup", {"username": name}, http, needs="threads_profile_discovery"
            )
        except (Missing, Unaccepted) as error:
            raise NeedsAttention(
                f"Threads: {name} is no public account with 100 followers or more"
            ) from error
        told = found.get("name")
        return ProfileSnapshot(
            handle=name,
            name=one_line(told)[:200] if isinstance(told, str) else "",
            url=f"{SITE}/@{name}",
            followers=count(found.get("follower_count")),
        )

    def quotas(self) -> Sequence[Quota]:
        config = self._config
        return (
            Quota(name=SEARCHES, limit=config.searches_a_day, source=_SOURCE),
            Quota(name=CALLS, limit=config.calls_per_hour, per=timedelta(hours=1),
                  source="developers.facebook.com/docs/threads/overview"),
        )  # fmt: skip

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """At most: a search that finds nothing is given back."""
        searches = float(len(self._searches(narrowing)))
        return {SEARCHES: searches, CALLS: searches + 1 + self._config.mentions}

    def _searches(self, narrowing: Narrowing) -> list[Search]:
        return render(narrowing)[: self._config.max_searches] if self._config.search else []

    async def _read(
        self, narrowing: Narrowing, cursor: Cursor, http: Http
    ) -> AsyncGenerator[Page]:  # fmt: skip
        walks = walks_of(cursor)
        wanted = {search.key for search in self._searches(narrowing)} | {"threads", "mentions"}
        walks = {name: walk for name, walk in walks.items() if name in wanted}
        read = read_account(self._account(), walks, self._graph, http)
        async with aclosing(read) as own:
            async for page in own:
                yield page
        for search in self._searches(narrowing):
            floor = http.now - timedelta(days=self._config.first_days)
            known = walks.get(search.key, Walk()).since
            since = datetime.fromisoformat(known) - OVERLAP if known else floor
            edge = edge_of(search, self._config, max(int(since.timestamp()), OLDEST))
            async with aclosing(follow_whole(edge, walks, floor, self._graph, http)) as found:
                async for page in found:
                    yield replace(page, cursor=cursor_of(walks))
        if self._config.search and len(render(narrowing)) > self._config.max_searches:
            note = f"more words than {self._config.max_searches} searches"
            heard = Listening(asked=0, truncated=True, note=note)
            yield Page(cursor=cursor_of(walks), listening=heard)

    def _account(self) -> Account:
        mentions = Edge(
            name="mentions",
            path="/me/mentions",
            read=read_post,
            params={"fields": FIELDS, "limit": "100"},
            needs="threads_manage_mentions (or switch `mentions` off)",
            cursors=True,
        )
        own = OwnPosts()
        most = self._config.followed_posts

        def answered(_: Mapping[str, Own], items: Sequence[Item], floor: datetime) -> list[Item]:
            return [
                item
                for item in items
                if item.external_id in own.answered
                and item.published_at
                and item.published_at >= floor
            ][:most]

        return Account(
            own=self._own(own),
            others=[mentions] if self._config.mentions else [],
            below=_below if self._config.replies else None,
            first_days=self._config.first_days,
            comment_days=self._config.reply_days,
            changed=answered,
        )

    def _own(self, read: Read = read_post) -> Edge:
        return Edge(
            name="threads",
            path="/me/threads",
            read=read,
            params={"fields": OWN_FIELDS, "limit": "100"},
            needs="threads_basic",
            overlap=timedelta(days=self._config.reply_days),
        )

    async def _with_figures(self, item: Item, http: Http) -> Item:
        try:
            told = await self._graph.page(
                f"/{item.external_id}/insights", {"metric": _INSIGHTS}, http
            )
        except (Forbidden, Unaccepted, Missing):
            return item  # without threads_manage_insights the rest is still told
        return replace(item, metrics=figures_of(told.records))

    async def _own_profile(self, http: Http) -> ProfileSnapshot:
        found = await self._graph.get("/me", {"fields": "id,name,username"}, http)
        given, name = found.get("username"), found.get("name")
        handle = one_line(given)[:100] if isinstance(given, str) else self._config.username
        snapshot = ProfileSnapshot(
            handle=handle,
            name=one_line(name)[:200] if isinstance(name, str) else "",
            url=f"{SITE}/@{handle}",
        )
        since, until = last_day(http.now)
        asked = {"metric": "followers_count,views", "since": since, "until": until}
        try:
            told = await self._graph.page("/me/threads_insights", asked, http)
        except (Forbidden, Unaccepted, Missing):
            return snapshot
        return replace(
            snapshot,
            followers=day_value(told.records, "followers_count"),
            impressions=day_value(told.records, "views"),
        )


def _below(item: Item) -> Edge:
    """All replies to a post at any depth, the newest first."""
    return Edge(
        name="replies",
        path=f"/{item.external_id}/conversation",
        read=read_post,
        params={"fields": REPLY_FIELDS, "reverse": "true", "limit": "100"},
        needs="threads_read_replies (or switch `replies` off)",
        cursors=True,
    )
