"""Instagram by Meta's Graph API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

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
from collectors.instagram.config import InstagramConfig
from collectors.instagram.hashtags import HASHTAGS, WEEK, Hashtags, wanted
from collectors.instagram.media import (
    COMMENT_FIELDS,
    FIELDS,
    OWN_FIELDS,
    SITE,
    comment_reader,
    read_media,
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
from collectors.meta.graph import CALLS, Graph, Renewal, exchanged
from collectors.meta.listings import Edge
from collectors.meta.values import count
from collectors.text import one_line

if TYPE_CHECKING:
    from collectors.http import Http

MAX_REQUESTS: Final = 80
_ALL: Final = timedelta(days=3_650)
"""Comments below a post are read whole: a new reply may stand below an old comment."""
_SOURCE: Final = "developers.facebook.com/docs/graph-api/overview/rate-limiting"


class Instagram:
    """Own posts, posts that tag the account, comments, hashtags. Cursor: a Walk a listing."""

    kind: ClassVar[str] = "instagram"
    platform: ClassVar[str | None] = "instagram"
    Config: ClassVar[type[CollectorConfig]] = InstagramConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="oauth2",
        server_side_query=True,
        history=timedelta(days=30),
        min_interval=timedelta(minutes=30),
        quota=f"30 hashtags in 7 days; 200 calls an hour ({_SOURCE})",
        max_requests=MAX_REQUESTS,
        refresh_batch=50,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, InstagramConfig)
        self._config = config
        self._public = config.login == "facebook"
        self._graph = Graph(
            "Instagram",
            config.base_url if self._public else config.instagram_url,
            config.version,
            config.access_token,
            app_secret=config.app_secret,
            renewal=_renewal(config),
        )
        self._hashtags = Hashtags(config, self._graph)

    async def check(self, http: Http) -> None:
        """Ask for the account's own name."""
        await self._graph.get(self._user, {"fields": "username"}, http, needs="instagram_basic")

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages listing by listing; a post that several hold comes once."""
        async with aclosing(each_once(self._read(narrowing, cursor, http))) as pages:
            async for page in pages:
                yield page

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Own posts as they are now; those of others cannot be asked for by their number."""
        return await refreshed(self._own(), ids, self._graph, http)

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """Own figures, or those that Business Discovery tells of a professional account."""
        name = account.strip().lstrip("@")
        if name in ("", self._config.user_id) or name.lower() == self._config.username.lower():
            return await self._own_profile(http)
        if not self._public or not name.replace(".", "").replace("_", "").isalnum():
            raise NeedsAttention("Instagram: give the name of a professional account")
        fields = "followers_count,follows_count,media_count,name,username"
        asked = {"fields": f"business_discovery.username({name}){{{fields}}}"}
        try:
            found = await self._graph.get(self._user, asked, http, needs="instagram_basic")
        except Missing as error:
            raise NeedsAttention(
                f"Instagram: {name[:30]} is no professional account that can be seen"
            ) from error
        told = found.get("business_discovery")
        return _snapshot(told if isinstance(told, dict) else {}, name)

    def quotas(self) -> Sequence[Quota]:
        return (
            Quota(name=CALLS, limit=self._config.calls_per_hour, per=timedelta(hours=1),
                  source=_SOURCE),
            Quota(name=HASHTAGS, limit=self._config.unique_hashtags, per=WEEK,
                  source="developers.facebook.com/docs/instagram-api/guides/hashtag-search"),
        )  # fmt: skip

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """Calls of a quiet poll; hashtags at their first poll of a week."""
        tags = len(wanted(narrowing, self._config)) if self._public else 0
        each = 2 if self._config.top_media else 1
        return {CALLS: float(2 + tags * each), HASHTAGS: float(tags)}

    @property
    def _user(self) -> str:
        return f"/{self._config.user_id}"

    async def _read(
        self, narrowing: Narrowing, cursor: Cursor, http: Http
    ) -> AsyncGenerator[Page]:  # fmt: skip
        last = cursor
        pages = read_account(self._account(), walks_of(cursor), self._graph, http)
        async with aclosing(pages) as own:
            async for page in own:
                last = page.cursor
                yield page
        if not self._public:
            return
        async with aclosing(self._hashtags.read(narrowing, http)) as tagged:
            async for page in tagged:
                yield replace(page, cursor=last)

    def _account(self) -> Account:
        tags = Edge(
            name="tags",
            path=f"{self._user}/tags",
            read=read_media,
            params={"fields": FIELDS, "limit": "50"},
            needs="instagram_manage_comments (or switch `mentions` off)",
            cursors=True,
        )
        return Account(
            own=self._own(),
            others=[tags] if self._config.mentions and self._public else [],
            below=self._below if self._config.comments else None,
            first_days=self._config.first_days,
            comment_days=self._config.comment_days,
        )

    def _own(self) -> Edge:
        return Edge(
            name="media",
            path=f"{self._user}/media",
            read=read_media,
            params={"fields": OWN_FIELDS, "limit": "100"},
            needs="instagram_basic",
            overlap=timedelta(days=self._config.comment_days),
        )

    def _below(self, item: Item) -> Edge:
        return Edge(
            name="comments",
            path=f"/{item.external_id}/comments",
            read=comment_reader(item),
            params={"fields": COMMENT_FIELDS, "limit": "50"},
            needs="instagram_manage_comments (or switch `comments` off)",
            overlap=_ALL,
            nested="replies",
        )

    async def _own_profile(self, http: Http) -> ProfileSnapshot:
        fields = {"fields": "followers_count,follows_count,media_count,name,username"}
        found = await self._graph.get(self._user, fields, http, needs="instagram_basic")
        snapshot = _snapshot(found, self._config.username)
        since, until = last_day(http.now)
        asked = {"metric": "reach,views", "period": "day", "metric_type": "total_value",
                 "since": since, "until": until}  # fmt: skip
        try:
            told = await self._graph.page(f"{self._user}/insights", asked, http)
        except (Forbidden, Unaccepted, Missing):
            return snapshot  # without instagram_manage_insights the rest is still told
        return replace(
            snapshot,
            reach=day_value(told.records, "reach"),
            impressions=day_value(told.records, "views"),
        )


def _renewal(config: InstagramConfig) -> Renewal | None:
    if config.login == "instagram":
        grant = {"grant_type": "ig_refresh_token"}
        return Renewal(path="/refresh_access_token", params=grant)
    return exchanged(config.version, config.app_id, config.app_secret)


def _snapshot(found: Mapping[str, Any], asked: str) -> ProfileSnapshot:
    given = found.get("username")
    handle = one_line(given)[:100] if isinstance(given, str) and given else asked
    name = found.get("name")
    return ProfileSnapshot(
        handle=handle,
        name=one_line(name)[:200] if isinstance(name, str) else "",
        url=f"{SITE}/{handle}/",
        followers=count(found.get("followers_count")),
        following=count(found.get("follows_count")),
        posts=count(found.get("media_count")),
    )
