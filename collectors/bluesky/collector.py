"""Bluesky: search and authors' feeds by polling, the whole network by listening to Jetstream."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import Field, JsonValue, SecretStr, model_validator

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Listening,
    Narrowing,
    Page,
    ProfileSnapshot,
    Proposal,
    Wanted,
)
from collectors.bluesky.live import WANTED, Listener, address_of
from collectors.bluesky.posts import (
    POST,
    Read,
    parts_of,
    read_feed_view,
    read_listing,
    read_view,
)
from collectors.bluesky.walks import (
    CLAUSES,
    Target,
    Walk,
    after,
    bare_handle,
    is_handle,
    notes,
    paging,
    targets,
)
from collectors.bluesky.xrpc import BATCH, LOGINS, REQUESTS, Xrpc, posts_of
from collectors.desk import Quota
from collectors.errors import NeedsAttention, Transient
from collectors.text import one_line, scrub

if TYPE_CHECKING:
    from collectors.http import Http

PAGES: Final = 4
"""Pages a poll reads of one listing; the rest is read at the next poll."""
_WHERE: Final = r"^https?://[^/?#]+/?$"


class BlueskyConfig(CollectorConfig):
    """An account to search with, authors to follow, or the live stream."""

    identifier: str = Field(
        default="",
        max_length=250,
        description="Handle of the account that searches.",
        examples=["acme.bsky.social"],
    )
    app_password: SecretStr | None = Field(
        default=None, description="App password of that account, made in Bluesky's settings."
    )
    handles: tuple[str, ...] = Field(
        default=(), max_length=10, description="Accounts whose posts and reposts to read."
    )
    live: bool = Field(
        default=False,
        description="Listen to the posts of the whole network as they happen, instead of asking "
        "now and then; needs no account.",
    )
    first_days: int = Field(
        default=7, ge=1, le=90, description="Days that the first poll reaches back."
    )
    pds: str = Field(
        default="https://bsky.social",
        pattern=_WHERE,
        description="Address of the server the account is at; searches go through it.",
    )
    appview: str = Field(
        default="https://public.api.bsky.app",
        pattern=_WHERE,
        description="Address that feeds, posts and profiles are read from, without an account.",
    )
    jetstream: tuple[str, ...] = Field(
        default=(
            "wss://jetstream2.us-east.bsky.network",
            "wss://jetstream1.us-east.bsky.network",
            "wss://jetstream2.us-west.bsky.network",
            "wss://jetstream1.us-west.bsky.network",
        ),
        min_length=1,
        max_length=10,
        description="Addresses of the live stream; where one fails the next is tried.",
    )
    logins_a_day: int = Field(
        default=300, ge=1, description="Logins a day that the platform bears for an account."
    )
    requests_in_5_minutes: int = Field(
        default=3_000, ge=1, description="Requests that the platform bears from one address."
    )

    @model_validator(mode="after")
    def _whole(self) -> BlueskyConfig:
        if self.identifier and self.app_password is None:
            raise ValueError("to search, an app_password is needed beside the identifier")
        return self


class Bluesky:
    """Cursor: a Walk a listing; while listening, the Place in the stream under "live"."""

    kind: ClassVar[str] = "bluesky"
    platform: ClassVar[str | None] = "bluesky"
    Config: ClassVar[type[CollectorConfig]] = BlueskyConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        server_side_query=True,
        history=timedelta(days=90),
        min_interval=timedelta(minutes=10),
        quota="3,000 requests in 5 minutes per address, 300 logins a day per account "
        "(docs.bsky.app/docs/advanced-guides/rate-limits)",
        max_requests=PAGES * (CLAUSES + 10) + 4,
        refresh_batch=BATCH,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, BlueskyConfig)
        self._config = config
        self._search = bool(config.identifier and config.app_password)
        self._api = Xrpc(
            appview=config.appview.rstrip("/"),
            pds=config.pds.rstrip("/"),
            identifier=bare_handle(config.identifier),
            password=config.app_password.get_secret_value() if config.app_password else "",
        )

    @property
    def live(self) -> bool:
        return self._config.live

    def quotas(self) -> Sequence[Quota]:
        source = "docs.bsky.app/docs/advanced-guides/rate-limits"
        return (
            Quota(name=LOGINS, limit=self._config.logins_a_day, source=source),
            Quota(
                name=REQUESTS,
                limit=self._config.requests_in_5_minutes,
                per=timedelta(minutes=5),
                scope="host",
                source=source,
            ),
        )

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """A call a listing; a session lasts for months."""
        asked = targets(narrowing, self._config.handles, search=self._search)
        return {REQUESTS: float(len(asked)), LOGINS: 0.0}

    async def check(self, http: Http) -> None:
        """Ask for one post by each way that will be used; the stream is opened and closed."""
        if self._search:
            asked = {"q": "bluesky", "limit": "1", "sort": "latest"}
            await self._api.signed("app.bsky.feed.searchPosts", asked, http)
        for handle in self._config.handles[:1]:
            asked = {"actor": bare_handle(handle), "limit": "1"}
            await self._api.public("app.bsky.feed.getAuthorFeed", asked, http)
        if self.live:
            async with http.socket(address_of(self._config.jetstream[0]), params=WANTED):
                pass

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages listing by listing; a post found by several comes once."""
        wanted = targets(narrowing, self._config.handles, search=self._search)
        if not wanted and not self._search:
            raise NeedsAttention(
                "give the source an app password to search with or handles to follow, or switch "
                "its live stream on"
            )
        first = http.now - timedelta(days=self._config.first_days)
        walks = {one.key: Walk.from_json(cursor.get(one.key)) for one in wanted}
        bottoms = {key: walk.bottom(first) for key, walk in walks.items()}
        async with aclosing(self._walked(wanted, walks, bottoms, http)) as pages:
            async for page in pages:
                yield page
        note = "; ".join(notes(narrowing, search=self._search))
        if note:
            listening = Listening(asked=0, truncated=True, note=note)
            yield Page(cursor=_saved(walks), listening=listening)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Walk each listing down to `since`. Cursor: as of a poll, "" for a listing at its end."""
        wanted = targets(narrowing, self._config.handles, search=self._search)
        left = [one for one in wanted if cursor.get(one.key) != ""]
        walks = {one.key: Walk.from_json(cursor.get(one.key)) for one in left}
        over: dict[str, JsonValue] = {one.key: "" for one in wanted if one not in left}
        bottoms = dict.fromkeys(walks, since)
        async with aclosing(self._walked(left, walks, bottoms, http)) as pages:
            async for page in pages:
                over |= {key: "" for key, walk in walks.items() if walk.since}
                yield replace(page, cursor=_saved(walks) | over)
        empty = {key: "" for key, walk in walks.items() if walk == Walk()}
        if empty and http.left != 0:  # nothing is there at all
            yield Page(cursor=_saved(walks) | over | empty, listening=Listening(asked=0))

    async def _walked(
        self,
        wanted: Sequence[Target],
        walks: dict[str, Walk],
        bottoms: Mapping[str, datetime],
        http: Http,
    ) -> AsyncGenerator[Page]:
        """Follow each listing; `walks` is moved on. A listing that a person must look at is told
        of once the others have been read."""
        known: set[str] = set()
        refused: NeedsAttention | None = None
        for one in wanted:
            follow = self._follow(one, walks[one.key], bottoms[one.key], http)
            try:
                async with aclosing(follow) as followed:
                    async for page, walk in followed:
                        walks[one.key] = walk
                        new = tuple(item for item in page.items if item.external_id not in known)
                        known.update(item.external_id for item in new)
                        yield replace(page, items=new, cursor=_saved(walks))
            except NeedsAttention as error:
                refused = refused or error
        if refused is not None:
            raise refused

    async def _follow(
        self, target: Target, walk: Walk, bottom: datetime, http: Http
    ) -> AsyncGenerator[tuple[Page, Walk]]:
        """The pages of one listing, newest first, and where each leaves the walk."""
        for number in range(PAGES):
            if http.left == 0:
                return
            asked = http.asked
            read, cursor = await self._page(target, walk, bottom, http)
            count = len(read.items) + len(read.skipped)
            reached, more = after(walk, read, cursor, count=count, bottom=bottom)
            last = number == PAGES - 1
            note = "more at the next poll" * (more and last)
            listening = Listening(asked=http.asked - asked, note=note)
            items = read.down_to(bottom)
            if items or read.skipped or reached != walk:
                page = Page(items=items, skipped=read.skipped, listening=listening)
                yield page, reached
            walk = reached
            if not more:
                return

    async def _page(
        self, target: Target, walk: Walk, bottom: datetime, http: Http
    ) -> tuple[Read, str]:
        """The next page and its cursor. A cursor of the platform's that it refuses, whatever the
        status, is dropped, and the page asked for by time: once, then the answer counts."""
        try:
            return await self._listing(target, paging(target, walk, bottom), http)
        except (Transient, NeedsAttention) as error:
            if not walk.before or type(error) not in (Transient, NeedsAttention):
                raise
        return await self._listing(target, paging(target, walk.without_cursor(), bottom), http)

    async def _listing(
        self, target: Target, page: Mapping[str, str], http: Http
    ) -> tuple[Read, str]:
        if target.handle:
            asked = {"actor": target.handle, "filter": "posts_with_replies", **page}
            found = await self._api.public("app.bsky.feed.getAuthorFeed", asked, http)
            read = read_listing(posts_of(found, "feed"), read_feed_view)
        else:
            query = {"sort": "latest", **target.query, **page}
            found = await self._api.signed("app.bsky.feed.searchPosts", query, http)
            read = read_listing(posts_of(found, "posts"), read_view)
        cursor = found.get("cursor")
        return read, cursor if isinstance(cursor, str) else ""

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Posts as they are now; reposts have nothing to read again."""
        asked = [one for one in ids if _is_post(one)][:BATCH]
        if not asked:
            return Page(listening=Listening(asked=0))
        found = await self._api.public("app.bsky.feed.getPosts", {"uris": asked}, http)
        posts = posts_of(found, "posts")
        read = read_listing(posts, read_view)
        there = {scrub(str(post.get("uri"))) for post in posts if isinstance(post, dict)}
        gone = [one for one in asked if one not in there]
        return Page(items=read.items, skipped=read.skipped, removed=gone)

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """An account's figures, by handle or DID."""
        asked = {"actor": bare_handle(account)}
        found = await self._api.public("app.bsky.actor.getProfile", asked, http)
        handle = scrub(str(found.get("handle") or account))
        counts = {key: found.get(key) for key in ("followersCount", "followsCount", "postsCount")}
        read = {key: value if type(value) is int else None for key, value in counts.items()}
        return ProfileSnapshot(
            handle=handle,
            name=one_line(str(found.get("displayName") or "")),
            url=f"https://bsky.app/profile/{handle}",
            followers=read["followersCount"],
            following=read["followsCount"],
            posts=read["postsCount"],
        )

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]:
        """The live stream, which needs no account, and the feeds of handles of Bluesky's form."""
        handles = dict.fromkeys(bare_handle(handle) for handle in wanted.handles)
        followed = [handle for handle in handles if is_handle(handle)][:3]
        feeds = [
            Proposal(
                name=f"Bluesky: @{one}",
                config={"handles": [one]},
                why=wanted.says(fr="les publications du compte", en="posts of the account"),
            )
            for one in followed
        ]
        stream = Proposal(
            name="Bluesky, live",
            config={"live": True},
            why=wanted.says(
                fr="toutes les publications publiques, en direct",
                en="all public posts as they happen",
            ),
        )
        return [stream, *feeds]

    async def listen(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield what is kept of the stream. Cursor: the Place in it under "live"."""
        people = [bare_handle(handle) for handle in self._config.handles]
        listener = Listener(self._config.jetstream, self._api)
        async with aclosing(listener.listen(narrowing, people, cursor, http)) as pages:
            async for page in pages:
                yield page


def _saved(walks: Mapping[str, Walk]) -> dict[str, JsonValue]:
    return {key: walk.to_json() for key, walk in walks.items() if walk != Walk()}


def _is_post(identity: str) -> bool:
    try:
        return parts_of(identity)[1] == POST
    except ValueError:
        return False
