"""One's own organisation by LinkedIn's Community Management API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import JsonValue

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
from collectors.jsontext import UNREADABLE
from collectors.linkedin.config import LinkedInConfig
from collectors.linkedin.records import (
    SITE,
    answers_to,
    comment_reader,
    post_reader,
    read_mention,
    social_of,
    urn_of,
)
from collectors.meta.account import KEPT, each_once
from collectors.meta.listings import as_document, noted, own_posts, to_read, total_of
from collectors.meta.values import count, read_all
from collectors.restli import CALLS, Absent, Denied, Login, Rest, encoded, list_of
from collectors.text import one_line

if TYPE_CHECKING:
    from collectors.http import Http

MAX_REQUESTS: Final = 60
PAGES: Final = 5
COUNT: Final = 50
OVERLAP: Final = timedelta(hours=1)
"""Read again at each poll: a mention may be told a little after its time."""
_SOURCE: Final = "learn.microsoft.com/linkedin/shared/api-guide/concepts/rate-limits"
_READ: Final = "r_organization_social (Community Management API)"
_ADMIN: Final = "rw_organization_admin (Community Management API, or switch `mentions` off)"


class LinkedIn:
    """Own posts, mentions, comments. Cursor: until when mentions and posts are read."""

    kind: ClassVar[str] = "linkedin"
    platform: ClassVar[str | None] = "linkedin"
    Config: ClassVar[type[CollectorConfig]] = LinkedInConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="oauth2",
        history=timedelta(days=60),
        min_interval=timedelta(hours=1),
        quota=f"a daily limit an app and a member, shown in its analytics ({_SOURCE})",
        max_requests=MAX_REQUESTS,
        refresh_batch=COUNT,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, LinkedInConfig)
        self._config = config
        self._urn = f"urn:li:organization:{config.organization_id}"
        self._rest = Rest(
            config.base_url, config.version, config.access_token, login=_login(config)
        )
        self._read_post = post_reader(config.name)

    async def check(self, http: Http) -> None:
        """Ask for the newest post."""
        await self._posts_page(0, http, size=1)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Own posts, then mentions, then the comments whose number changed."""
        async with aclosing(each_once(self._read(cursor, http))) as pages:
            async for page in pages:
                yield page

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Own posts as they are now; in `removed` those that were deleted."""
        own = await own_posts(http)
        wanted = [one for one in dict.fromkeys(ids) if one in own][:COUNT]
        if not wanted:
            return Page(listening=Listening(asked=0))
        found = await self._rest.get(
            "/posts", {"ids": list_of(wanted)}, http, needs=_READ, method="BATCH_GET"
        )
        results, statuses = found.get("results"), found.get("statuses")
        records = list(results.values()) if isinstance(results, dict) else []
        items, skipped = read_all(records, self._read_post)
        gone = [
            one for one in wanted if isinstance(statuses, dict) and statuses.get(one) in (404, 410)
        ]
        items = await self._with_figures(items, http)
        return Page(items=items, removed=gone, skipped=skipped, listening=Listening(asked=2))

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """Followers of an organisation; of one's own also who saw its posts yesterday."""
        number = account.strip() or self._config.organization_id
        if not (number.isascii() and number.isdigit()):
            raise NeedsAttention("LinkedIn: give the number of an organisation")
        try:
            found = await self._rest.get(f"/organizations/{number}", {}, http, needs=_READ)
            urn = encoded(f"urn:li:organization:{number}")
            edge = {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"}
            size = await self._rest.get(f"/networkSizes/{urn}", edge, http, needs=_READ)
        except Absent as error:
            raise NeedsAttention(f"LinkedIn: there is no organisation {number}") from error
        name, vanity = found.get("localizedName"), found.get("vanityName")
        handle = one_line(vanity)[:100] if isinstance(vanity, str) and vanity else number
        snapshot = ProfileSnapshot(
            handle=handle,
            name=one_line(name)[:200] if isinstance(name, str) else "",
            url=f"{SITE}/company/{encoded(handle)}/",
            followers=count(size.get("firstDegreeSize")),
        )
        if number != self._config.organization_id:
            return snapshot
        return await self._with_reach(snapshot, http)

    def quotas(self) -> Sequence[Quota]:
        limit = self._config.calls_a_day
        return (Quota(name=CALLS, limit=limit, window="day", source=_SOURCE),)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """A quiet poll; each post with new comments costs one more."""
        return {CALLS: 2.0 + self._config.mentions}

    async def _read(self, cursor: Cursor, http: Http) -> AsyncGenerator[Page]:
        kept: dict[str, JsonValue] = {
            key: cursor[key] for key in ("posts", "mentions") if key in cursor
        }
        own, posts = await own_posts(http), list[Item]()
        async with aclosing(self._posts(kept, http)) as listed:
            async for page in listed:
                posts += page.items
                own = noted(own, page.items)
                yield replace(page, keep=[as_document(own, most=KEPT)])
        if self._config.mentions:
            async with aclosing(self._mentions(kept, http)) as told:
                async for page in told:
                    yield page
        since = http.now - timedelta(days=self._config.comment_days)
        for item in to_read(own, posts, since) if self._config.comments else ():
            async for page, whole in self._below(item, http):
                if whole:
                    done = replace(own[item.external_id], seen=total_of(item))
                    own = {**own, item.external_id: done}
                keep = [as_document(own, most=KEPT)]
                yield replace(page, cursor=dict(kept), keep=keep)

    async def _posts(self, kept: dict[str, JsonValue], http: Http) -> AsyncGenerator[Page]:
        """Own posts, the newest first, down to those whose comments are not followed any more."""
        followed = http.now - timedelta(days=self._config.comment_days)
        known = _time(kept.get("posts"))
        floor = http.now - timedelta(days=self._config.first_days)
        floor = min(known, followed) if known else floor
        began = http.now.isoformat()
        for number in range(PAGES):
            if http.left == 0:
                return
            records = await self._posts_page(number * COUNT, http)
            items, skipped = read_all(records, self._read_post)
            ended = len(records) < COUNT or any(
                item.published_at and item.published_at < floor for item in items
            )
            items = [one for one in items if one.published_at and one.published_at >= floor]
            items = await self._with_figures(items, http)
            cut = not ended and number == PAGES - 1
            if ended or cut:
                kept["posts"] = began
            note = "more own posts than were read" if cut else ""
            listening = Listening(truncated=cut, note=note)
            yield Page(items=items, skipped=skipped, cursor=dict(kept), listening=listening)
            if ended:
                return

    async def _posts_page(self, start: int, http: Http, *, size: int = COUNT) -> list[Any]:
        query = {"q": "author", "author": encoded(self._urn), "sortBy": "CREATED"}
        query |= {"start": str(start), "count": str(size)}
        return await self._rest.elements("/posts", query, http, needs=_READ)

    async def _mentions(self, kept: dict[str, JsonValue], http: Http) -> AsyncGenerator[Page]:
        """Posts that mention the organisation since the last poll."""
        known = _time(kept.get("mentions"))
        oldest = http.now - timedelta(days=self._config.notification_days)
        since = max(known - OVERLAP, oldest) if known else oldest
        missed = bool(known) and known is not None and known < oldest
        start, end = int(since.timestamp() * 1_000), int(http.now.timestamp() * 1_000)
        query = {
            "q": "criteria",
            "actions": list_of(["SHARE_MENTION"]),
            "organizationalEntity": encoded(self._urn),
            "timeRange": f"(start:{start},end:{end})",
        }
        for number in range(PAGES):
            if http.left == 0:
                return
            asked = {**query, "start": str(number * COUNT), "count": str(COUNT)}
            records = await self._rest.elements(
                "/organizationalEntityNotifications", asked, http, needs=_ADMIN
            )
            items, skipped = read_all(records, read_mention)
            ended = len(records) < COUNT
            cut = not ended and number == PAGES - 1
            if ended or cut:
                kept["mentions"] = http.now.isoformat()
            note = "more mentions than were read" if cut else ""
            listening = Listening(truncated=cut, missed=missed, note=note)
            yield Page(items=items, skipped=skipped, cursor=dict(kept), listening=listening)
            if ended:
                return

    async def _below(self, item: Item, http: Http) -> AsyncGenerator[tuple[Page, bool]]:
        """Comments below a post and their answers; with the last page: that it is whole."""
        read = comment_reader(item, self._urn, self._config.name)
        threads, skipped_all = [item.external_id], False
        while threads:
            thread = threads.pop(0)
            for number in range(PAGES):
                if http.left == 0:
                    return
                asked = {"start": str(number * COUNT), "count": str(COUNT)}
                path = f"/socialActions/{encoded(thread)}/comments"
                try:
                    records = await self._rest.elements(path, asked, http, needs=_READ)
                except Absent:
                    records = []  # the post or the comment went away meanwhile
                items, skipped = read_all(records, read)
                threads += _answered(records) if thread == item.external_id else []
                more = len(records) == COUNT
                skipped_all = skipped_all or (more and number == PAGES - 1)
                yield Page(items=items, skipped=skipped), False
                if not more:
                    break
        note = "more comments below one post than were read" if skipped_all else ""
        yield Page(listening=Listening(asked=0, truncated=skipped_all, note=note)), True

    async def _with_figures(self, items: Sequence[Item], http: Http) -> list[Item]:
        if not items or http.left == 0:
            return list(items)
        query = {"ids": list_of([item.external_id for item in items])}
        found = await self._rest.get(
            "/socialMetadata", query, http, needs=_READ, method="BATCH_GET"
        )
        return [replace(item, metrics=social_of(found, item.external_id)) for item in items]

    async def _with_reach(self, snapshot: ProfileSnapshot, http: Http) -> ProfileSnapshot:
        end = http.now.replace(hour=0, minute=0, second=0, microsecond=0)
        start = end - timedelta(days=1)
        first, last = (int(one.timestamp() * 1_000) for one in (start, end))
        query = {
            "q": "organizationalEntity",
            "organizationalEntity": encoded(self._urn),
            "timeIntervals": f"(timeRange:(start:{first},end:{last}),timeGranularityType:DAY)",
        }
        try:
            told = await self._rest.elements(
                "/organizationalEntityShareStatistics", query, http, needs=_ADMIN
            )
        except (Denied, Absent):
            return snapshot  # without that permission the rest is still told
        day = told[0].get("totalShareStatistics") if told and isinstance(told[0], dict) else None
        if not isinstance(day, dict):
            return snapshot
        return replace(
            snapshot,
            reach=count(day.get("uniqueImpressionsCount")),
            impressions=count(day.get("impressionCount")),
        )


def _answered(records: Sequence[Any]) -> list[str]:
    """Comments that have answers."""
    found = []
    for record in records:
        try:
            if answers_to(record):
                found.append(urn_of(record.get("commentUrn") or record["$URN"]))
        except UNREADABLE:
            continue  # it is told as skipped where it is read
    return found


def _time(value: JsonValue) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _login(config: LinkedInConfig) -> Login | None:
    if not config.client_id or config.refresh_token is None or config.client_secret is None:
        return None
    return Login(
        client_id=config.client_id,
        client_secret=config.client_secret,
        refresh_token=config.refresh_token,
        url=config.oauth_url,
    )
