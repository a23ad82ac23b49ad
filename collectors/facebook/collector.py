"""One's own Facebook page by Meta's Graph API."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field, SecretStr

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Narrowing,
    Page,
    ProfileSnapshot,
)
from collectors.desk import Quota
from collectors.errors import NeedsAttention
from collectors.facebook.posts import (
    COMMENT_FIELDS,
    FIELDS,
    SITE,
    TAGGED_FIELDS,
    comment_reader,
    read_post,
)
from collectors.meta.account import (
    Account,
    day_value,
    each_once,
    last_day,
    read_account,
    refreshed,
    walks_of,
)
from collectors.meta.errors import Forbidden, Missing, Unaccepted
from collectors.meta.graph import CALLS, Graph
from collectors.meta.listings import Edge
from collectors.meta.values import count
from collectors.text import one_line

if TYPE_CHECKING:
    from collectors.http import Http

MAX_REQUESTS: Final = 60
_NAME: Final = re.compile(r"[A-Za-z0-9.]{1,80}")
_SOURCE: Final = "developers.facebook.com/docs/graph-api/overview/rate-limiting"
_IMPRESSIONS: Final = "page_media_view"
_REACH: Final = "page_total_media_view_unique"


class FacebookConfig(CollectorConfig):
    """What a person chooses for a Facebook page of their own."""

    access_token: SecretStr = Field(
        description="Page access token of a person who manages the page; see the README."
    )
    page_id: str = Field(description="Number of your page.", pattern=r"^[0-9]{1,32}$")
    app_secret: SecretStr | None = Field(
        default=None, description="Secret of your app at Meta; each call is signed with it."
    )
    tagged: bool = Field(default=True, description="Read public posts that tag your page.")
    comments: bool = Field(default=True, description="Read comments below the page's posts.")
    comment_days: int = Field(
        default=14, ge=1, le=90, description="Days that the comments of a post are followed."
    )
    first_days: int = Field(
        default=30, ge=1, le=365, description="Days that the first poll reaches back."
    )
    calls_per_hour: int = Field(
        default=200, ge=1, le=10_000_000, description="Calls an hour that Meta allows your app."
    )
    version: str = Field(
        default="v25.0", description="Version of the Graph API.", pattern=r"^v[0-9]{1,3}\.[0-9]$"
    )
    base_url: str = Field(
        default="https://graph.facebook.com",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )


class Facebook:
    """The page's posts, posts that tag it, comments. Cursor: a Walk a listing.

    The posts of the last `comment_days` are read again at each poll, which shows edits.
    """

    kind: ClassVar[str] = "facebook"
    platform: ClassVar[str | None] = "facebook"
    Config: ClassVar[type[CollectorConfig]] = FacebookConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="oauth2",
        history=timedelta(days=30),
        min_interval=timedelta(minutes=15),
        quota=f"200 calls an hour and user of the app ({_SOURCE})",
        max_requests=MAX_REQUESTS,
        refresh_batch=50,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, FacebookConfig)
        self._config = config
        self._graph = Graph(
            "Facebook",
            config.base_url,
            config.version,
            config.access_token,
            app_secret=config.app_secret,
        )

    async def check(self, http: Http) -> None:
        """Ask for the page's name."""
        await self._graph.get(self._page, {"fields": "name"}, http, needs="pages_read_engagement")

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages listing by listing; a post that two hold comes once."""
        read = read_account(self._account(), walks_of(cursor), self._graph, http)
        async with aclosing(each_once(read)) as pages:
            async for page in pages:
                yield page

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Posts of the page as they are now; in `removed` those that were deleted."""
        return await refreshed(self._feed(), ids, self._graph, http)

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """Figures of a page; reach and impressions of one's own."""
        name = account.strip().lstrip("@") or self._config.page_id
        if not _NAME.fullmatch(name):
            raise NeedsAttention("Facebook: give the number or the name of a page")
        fields = {"fields": "fan_count,followers_count,id,name,username"}
        try:
            found = await self._graph.get(
                f"/{name}", fields, http, needs="Page Public Metadata Access"
            )
        except Missing as error:
            raise NeedsAttention(f"Facebook: {name} is no page that can be seen") from error
        snapshot = _snapshot(found, name)
        if found.get("id") != self._config.page_id:
            return snapshot
        return await self._with_insights(snapshot, http)

    def quotas(self) -> Sequence[Quota]:
        hour = timedelta(hours=1)
        return (Quota(name=CALLS, limit=self._config.calls_per_hour, per=hour, source=_SOURCE),)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """A quiet poll; each post with new comments costs one more."""
        return {CALLS: 2.0 if self._config.tagged else 1.0}

    @property
    def _page(self) -> str:
        return f"/{self._config.page_id}"

    def _account(self) -> Account:
        tagged = Edge(
            name="tagged",
            path=f"{self._page}/tagged",
            read=read_post,
            params={"fields": TAGGED_FIELDS, "limit": "100"},
            needs="pages_read_user_content (or switch `tagged` off)",
        )
        return Account(
            own=self._feed(),
            others=[tagged] if self._config.tagged else [],
            below=self._below if self._config.comments else None,
            first_days=self._config.first_days,
            comment_days=self._config.comment_days,
        )

    def _feed(self) -> Edge:
        return Edge(
            name="feed",
            path=f"{self._page}/feed",
            read=read_post,
            params={"fields": FIELDS, "limit": "100"},
            needs="pages_read_engagement and pages_read_user_content",
            overlap=timedelta(days=self._config.comment_days),
        )

    def _below(self, item: Item) -> Edge:
        params = {"fields": COMMENT_FIELDS, "filter": "stream", "order": "reverse_chronological"}
        return Edge(
            name="comments",
            path=f"/{item.external_id}/comments",
            read=comment_reader(item),
            params={**params, "limit": "100"},
            needs="pages_read_user_content (or switch `comments` off)",
        )

    async def _with_insights(self, snapshot: ProfileSnapshot, http: Http) -> ProfileSnapshot:
        since, until = last_day(http.now)
        asked = {"metric": f"{_IMPRESSIONS},{_REACH}", "period": "day"}
        asked |= {"since": since, "until": until}
        try:
            told = await self._graph.page(f"{self._page}/insights", asked, http)
        except (Forbidden, Unaccepted, Missing):
            return snapshot  # without read_insights the rest is still told
        return replace(
            snapshot,
            reach=day_value(told.records, _REACH),
            impressions=day_value(told.records, _IMPRESSIONS),
        )


def _snapshot(found: Mapping[str, Any], asked: str) -> ProfileSnapshot:
    given, name = found.get("username"), found.get("name")
    handle = one_line(given)[:100] if isinstance(given, str) and given else asked
    followers = count(found.get("followers_count"))
    return ProfileSnapshot(
        handle=handle,
        name=one_line(name)[:200] if isinstance(name, str) else "",
        url=f"{SITE}/{handle}",
        followers=count(found.get("fan_count")) if followers is None else followers,
    )
