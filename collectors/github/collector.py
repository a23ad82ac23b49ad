"""GitHub: issues and pull requests by its search, discussions by GraphQL where there is a token."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Listening,
    Narrowing,
    Page,
    ProfileSnapshot,
)
from collectors.desk import Quota
from collectors.errors import NeedsAttention
from collectors.github.api import PAGE, Api, Found
from collectors.github.config import POINTS, SEARCHES, GitHubConfig, quotas_of
from collectors.github.records import created, is_node_id, read_records
from collectors.github.searches import MOST, Search, left_out, searches
from collectors.text import one_line
from collectors.turns import Step, back_in_turn, by_time, floor_of, in_turn
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

MAX_REQUESTS: Final = 60
CAP: Final = 1_000
"""Results that GitHub gives of one search."""
_LOGIN: Final = re.compile(r"@?([A-Za-z0-9-]{1,39})")


class GitHub:
    """Searches issues and pull requests, and with a token discussions.

    Cursor: a Walk a search, and the turn. Issues go down by time, discussions by GitHub's own
    cursor within a stretch of time that stays as it was when the walk began.
    """

    kind: ClassVar[str] = "github"
    platform: ClassVar[str | None] = "github"
    Config: ClassVar[type[CollectorConfig]] = GitHubConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        server_side_query=True,
        history=timedelta(days=365 * 15),
        min_interval=timedelta(minutes=5),
        quota="10 searches a minute without a token, 30 with one; 1,000 results a search "
        "(docs.github.com/rest/search/search)",
        max_requests=MAX_REQUESTS,
        refresh_batch=PAGE,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, GitHubConfig)
        self._config = config
        self._api = Api(config)

    async def check(self, http: Http) -> None:
        """Ask for one record of each kind that will be read, in the first scope."""
        words = replace(_ANYTHING, private=self._config.private)
        since = int((http.now - timedelta(days=7)).timestamp())
        asked = searches(Narrowing(), self._config) or [words]
        kinds = {one.what: one for one in reversed(asked)}
        for one in kinds.values():
            if one.what == "discussion":
                await self._api.discussions(one.query(since, None), "", http, size=1)
            else:
                await self._api.issues(one.query(since, None), http, size=1)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages search by search, each from its newest down to what is known."""
        asked = self._searches(narrowing)
        first = int((http.now - timedelta(days=self._config.first_days)).timestamp())
        overlap = self._config.overlap_minutes * 60

        async def ask(search: Search, walk: Walk) -> Step:
            return await self._step(
                search, walk, floor_of(walk, overlap=overlap, first=first), http
            )

        pages = in_turn(asked, cursor, ask, lambda: self._may_ask(http))
        async with aclosing(pages):
            async for page in pages:
                cursor = page.cursor
                yield page
        if left_out(narrowing, self._config):
            note = f"more or longer words than {MOST} searches can ask for"
            listening = Listening(asked=0, truncated=True, note=note)
            yield Page(cursor=cursor, listening=listening)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Walk each search down to `since`."""

        async def ask(search: Search, walk: Walk) -> Step:
            return await self._step(search, walk, int(since.timestamp()), http)

        asked = self._searches(narrowing)
        pages = back_in_turn(asked, cursor, ask, lambda: self._may_ask(http))
        async with aclosing(pages):
            async for page in pages:
                yield page

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Records as they are now. GraphQL finds them by their ids, with a token only."""
        names = [one for one in dict.fromkeys(ids) if is_node_id(one)][:PAGE]
        if self._config.token is None or not names:
            return Page(listening=Listening(asked=0))
        nodes = await self._api.nodes(names, http)
        items, skipped = read_records(node for node in nodes if node is not None)
        gone = [name for name, node in zip(names, nodes, strict=True) if node is None]
        if len(gone) == len(names) > 1:
            # All at once is rather a token that lost its access.
            note = f"GitHub answered for none of {len(names)} records"
            return Page(listening=Listening(refused=1, note=note))
        return Page(items=items, removed=gone, skipped=skipped)

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """Followers and public repositories of a person or an organisation."""
        match = _LOGIN.fullmatch(account.strip())
        if match is None:
            raise NeedsAttention("a GitHub account is a login such as nginx")
        found = await self._api.user(match[1], http)
        login = found.get("login")
        handle = one_line(login) if isinstance(login, str) else match[1]
        name = found.get("name")
        return ProfileSnapshot(
            handle=handle,
            name=one_line(name) if isinstance(name, str) else handle,
            url=f"https://github.com/{handle}",
            followers=_count(found.get("followers")),
            following=_count(found.get("following")),
            posts=_count(found.get("public_repos")),
        )

    def quotas(self) -> Sequence[Quota]:
        return quotas_of(self._config)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """One request a search; more only where one finds more than 100 records."""
        asked = searches(narrowing, self._config)[:MOST]
        talks = sum(one.what == "discussion" for one in asked)
        points = {POINTS: float(talks)} if self._config.token else {}
        return {SEARCHES: float(len(asked) - talks), **points}

    def _searches(self, narrowing: Narrowing) -> list[Search]:
        asked = searches(narrowing, self._config)
        if not asked:
            raise NeedsAttention("give the source repositories or owners, or words to search for")
        return asked[:MOST]

    async def _may_ask(self, http: Http) -> bool:
        ledger = http.desk.ledger
        points = self._config.token is None or await ledger.left(POINTS) > 0
        return http.left != 0 and points and await ledger.left(SEARCHES) > 0

    async def _step(self, search: Search, walk: Walk, floor: int, http: Http) -> Step:
        if search.what == "discussion":
            return await self._talks(search, walk, floor, http)
        until = int(walk.before) if walk.before else None
        found = await self._api.issues(search.query(floor, until), http)
        times = [at for one in found.records if (at := created(one)) is not None]
        more = len(found.records) >= PAGE
        step = by_time(walk, times, records=len(found.records), more=more, floor=floor)
        if not step.more and not found.complete:
            # GitHub ran out of time: what it did not come to is asked for again.
            step = replace(step, walk=Walk(since=walk.since))
        return replace(step, page=_page(found, step.page.listening), spent=found.spent)

    async def _talks(self, search: Search, walk: Walk, floor: int, http: Http) -> Step:
        """The order of discussions is not sure, so a stretch of time is read to its end."""
        top = walk.top or str(int(http.now.timestamp()))
        found = await self._api.discussions(search.query(floor, int(top)), walk.before, http)
        capped = not found.after and found.total > CAP
        note = f"GitHub gives {CAP} of {found.total} discussions" if capped else ""
        below = walk.down_to(found.after, top=top) if found.after else walk.ended(top=top)
        listening = Listening(truncated=capped, note=note)
        return Step(page=_page(found, listening), walk=below, more=bool(found.after))


_ANYTHING: Final = Search("issue", words="bug")


def _page(found: Found, listening: Listening) -> Page:
    items, skipped = read_records(one for one in found.records if one != {})
    if not found.complete:
        note = "GitHub's search ran out of time; it is asked again"
        listening = replace(listening, truncated=True, note=note)
    return Page(items=items, skipped=skipped, listening=listening)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
