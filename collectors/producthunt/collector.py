"""Product Hunt: new products and what is said under them, for who has a developer token."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field, JsonValue, SecretStr

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Listening,
    Narrowing,
    Page,
    Skipped,
)
from collectors.desk import Quota
from collectors.errors import BadPayload, NeedsAttention
from collectors.jsontext import read_json
from collectors.producthunt import posts
from collectors.producthunt.posts import Posts
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

POINTS: Final = "points"
PAGES: Final = 20
BATCH: Final = 10
_DOCS: Final = "api.producthunt.com/v2/docs/rate_limits/headers"


class ProductHuntConfig(CollectorConfig):
    """All new products, or those of one topic."""

    token: SecretStr = Field(
        description="Developer token of your application; sent to Product Hunt only."
    )
    topic: str = Field(
        default="",
        max_length=100,
        pattern=r"^[a-z0-9-]*$",
        description="Topic to follow, as it stands in its address; empty: all new products.",
    )
    comments: int = Field(
        default=10, ge=1, le=50, description="Newest comments read of each product."
    )
    first_days: int = Field(
        default=7, ge=1, le=90, description="Days that the first poll reaches back."
    )
    again_hours: int = Field(
        default=48,
        ge=1,
        le=168,
        description="Hours whose products are read again, as comments and votes come.",
    )
    page_size: int = Field(default=20, ge=1, le=20, description="Products of one answer.")
    pages: int = Field(
        default=10, ge=1, le=PAGES, description="Answers that one poll reads at most."
    )
    points: int = Field(
        default=6_250, ge=100, le=1_000_000, description="Points that the token has in 15 minutes."
    )
    points_a_page: int = Field(
        default=500,
        ge=1,
        le=6_250,
        description="Points set aside for an answer until it tells what it cost.",
    )
    base_url: str = Field(
        default="https://api.producthunt.com/v2/api/graphql",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )


class ProductHunt:
    """Reads new products and their comments, for who has a developer token.

    Walks down from the newest. Cursor: a Walk; its times are those of our asking.
    """

    kind: ClassVar[str] = "producthunt"
    platform: ClassVar[str | None] = "producthunt"
    Config: ClassVar[type[CollectorConfig]] = ProductHuntConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        history=timedelta(days=90),
        min_interval=timedelta(minutes=30),
        quota=f"6,250 points in 15 minutes per application ({_DOCS})",
        cost="free for non-commercial use; commercial use only as agreed with Product Hunt",
        max_requests=PAGES,
        refresh_batch=5 * BATCH,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, ProductHuntConfig)
        self._config = config

    async def check(self, http: Http) -> None:
        """Ask whose token it is."""
        posts.data_of(await self._ask(posts.VIEWER, {}, http))

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield an answer a page, newest first. There is no search: Vigie matches all of it."""
        walk = _walk(cursor.get("walk"))
        now = http.now
        since = now - timedelta(days=self._config.first_days)
        if walk.since:
            since = _moment(walk.since) - timedelta(hours=self._config.again_hours)
        shown: set[str] = set()
        for left in reversed(range(self._config.pages)):
            if http.left == 0:
                return
            try:
                found = await self._posts(since, walk.before, http)
            except BadPayload:
                if not walk.before:
                    raise
                # A place in the list that is not known any more: walk down from the top again.
                walk = replace(walk, before="")
                continue
            # What is newer than the walk's beginning is the next walk's, however late it came.
            top = _iso(now)
            walk = walk.down_to(found.after, top=top) if found.after else walk.ended(top=top)
            yield _page(found, {"walk": walk.to_json()}, shown, cut=bool(found.after) and not left)
            if not found.after:
                return

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield what was posted since `since`, newest first."""
        place = cursor.get("after")
        after = place if isinstance(place, str) else ""
        shown: set[str] = set()
        for _ in range(self._config.pages):
            if cursor.get("done") or http.left == 0:
                return
            found = await self._posts(since, after, http)
            after = found.after
            cursor = {"after": after} if after else {"done": True}
            yield _page(found, cursor, shown, cut=False)

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Votes, comments and texts as they are now, ten in one question; null is gone."""
        asked = [one for one in ids if posts.is_id(one)]
        items: list[Item] = []
        skipped: list[Skipped] = []
        removed: list[str] = []
        for at in range(0, len(asked), BATCH):
            if http.left == 0:
                break
            batch = asked[at : at + BATCH]
            answer = await self._ask(posts.again(batch), {}, http)
            for one, node in zip(batch, _nodes(answer, len(batch)), strict=True):
                read = posts.read_node(node, one.partition("/")[0]) if node is not None else None
                items += [read] if isinstance(read, Item) else []
                skipped += [read] if isinstance(read, Skipped) else []
                # With a complaint a null may mean anything; without one the thing is not there.
                removed += [one] if node is None and not posts.complaint(answer) else []
        return Page(items=items, skipped=skipped, removed=removed)

    def quotas(self) -> Sequence[Quota]:
        quarter = timedelta(minutes=15)
        return (Quota(name=POINTS, limit=self._config.points, per=quarter, source=_DOCS),)

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """Of a poll of one page; how many there are is known afterwards only."""
        return {POINTS: float(self._config.points_a_page)}

    async def _posts(self, since: datetime, after: str, http: Http) -> Posts:
        variables = {
            "first": self._config.page_size,
            "after": after or None,
            "since": _iso(since),
            "topic": self._config.topic or None,
            "comments": self._config.comments,
        }
        return posts.read_posts(await self._ask(posts.LIST, variables, http))

    async def _ask(self, query: str, variables: Mapping[str, JsonValue], http: Http) -> Any:
        """One question. What it cost is known from the answer, which tells what is left."""
        await http.desk.ledger.spend(POINTS, self._config.points_a_page)
        response = await http.post(
            self._config.base_url,
            json={"query": query, "variables": dict(variables)},
            headers={
                "authorization": f"Bearer {self._config.token.get_secret_value()}",
                "accept": "application/json",
            },
        )
        told = response.headers.get("x-rate-limit-remaining", "").strip()
        if told.isascii() and told.isdigit() and len(told) < 10:
            left = min(int(told), self._config.points)
            await http.desk.ledger.owe(POINTS, await http.desk.ledger.left(POINTS) - left)
        answer = read_json(response.body)
        if _is_about_the_token(answer):
            raise NeedsAttention("Product Hunt does not take the token: make a new one")
        return answer


def _page(found: Posts, cursor: Cursor, shown: set[str], *, cut: bool) -> Page:
    """What did not come before in this poll; `shown` learns it."""
    new = tuple(one for one in found.items if one.external_id not in shown)
    shown.update(one.external_id for one in new)
    note = "more products than one poll reads; the next goes on there" if cut else ""
    return Page(items=new, skipped=found.skipped, cursor=cursor, listening=Listening(note=note))


def _nodes(answer: Any, many: int) -> list[Any]:
    data = posts.data_of(answer)
    return [data.get(f"n{number}") for number in range(many)]


def _is_about_the_token(answer: Any) -> bool:
    """Product Hunt may send this with a 200."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return isinstance(first, dict) and first.get("error") == "invalid_oauth_token"


def _walk(kept: JsonValue) -> Walk:
    """A walk out of a cursor; a new one where a time in it cannot be read."""
    walk = Walk.from_json(kept)
    try:
        [_moment(at) for at in (walk.since, walk.top) if at]
    except ValueError:
        return Walk()
    return walk if walk.top else replace(walk, before="")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)
