"""Telegram: chosen public channels, through the preview pages that everybody can open.

Telegram's API lets bots see only the chats they are in, and reads for people only with their own
account; t.me/s/<channel> shows a public channel's posts to anybody.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from pydantic import Field, JsonValue, StringConstraints

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Listening,
    Narrowing,
    Page,
    ProfileSnapshot,
    Skipped,
)
from collectors.bounded import bounded
from collectors.desk import Quota
from collectors.errors import NeedsAttention
from collectors.rotation import rotated
from collectors.telegram.preview import Preview, read_preview, read_profile, read_single
from collectors.walk import Walk

if TYPE_CHECKING:
    from collectors.http import Http

PAGES: Final = 10
"""Pages of one channel that a poll reads at most, some 20 posts each."""
SEEN: Final = 20
"""Ids of the newest page that are remembered: as many as Telegram shows."""
QUOTA: Final = "pages"
_LANGUAGE: Final = {"accept-language": "en"}
"""Counts and marks are read in English, whatever the address would be answered in."""

Channel = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{3,31}$")]


class TelegramConfig(CollectorConfig):
    """Public channels."""

    channels: tuple[Channel, ...] = Field(
        description="Public channels to read: what stands behind t.me/ in their address.",
        min_length=1,
        max_length=10,
        examples=[["telegram"]],
    )
    first_days: int = Field(
        default=7, ge=1, le=365, description="Days that the first poll reaches back."
    )
    pages_per_minute: int = Field(
        default=20,
        ge=1,
        le=1_000,
        description="Preview pages a minute, for all Telegram sources together.",
    )
    base_url: str = Field(
        default="https://t.me",
        description="Address of the pages; another one only for tests or a relay.",
        pattern=r"^https?://",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a channel was read. seen: the ids of its newest page, to notice what went."""

    walk: Walk = field(default_factory=Walk)
    seen: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, value: JsonValue) -> Place:
        match value:
            case {"walk": walk, "first": int(first), "steps": [*steps]}:
                ids = [first]
                for step in steps:
                    ids.append(ids[-1] + step if isinstance(step, int) else ids[-1])
                return cls(walk=Walk.from_json(walk), seen=tuple(ids))
            case {"walk": walk}:
                return cls(walk=Walk.from_json(walk))
            case _:
                return cls()

    def to_json(self) -> JsonValue:
        """Ids as distances, since ten channels have to fit into one cursor."""
        told: dict[str, JsonValue] = {"walk": self.walk.to_json()}
        if self.seen:
            told |= {"first": self.seen[0], "steps": [b - a for a, b in pairwise(self.seen)]}
        return told


class Telegram:
    """Cursor: a Place a channel, and `turn`: the channel that was read last."""

    kind: ClassVar[str] = "telegram"
    platform: ClassVar[str | None] = "telegram"
    Config: ClassVar[type[CollectorConfig]] = TelegramConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        min_interval=timedelta(minutes=15),
        quota="none stated; 20 pages a minute by default, which is Vigie's own restraint",
        max_requests=40,
        refresh_batch=20,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, TelegramConfig)
        self._config = config
        self._channels = tuple(dict.fromkeys(one.lower() for one in config.channels))

    async def check(self, http: Http) -> None:
        """Read the newest page of each channel, so that a wrong name is found at once."""
        for channel in self._channels:
            await self._preview(channel, 0, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Channel by channel from the newest page down to what is known.

        A channel that shows no preview is told of; where none shows any, the source stops.
        """
        places = {one: Place.from_json(cursor.get(one)) for one in self._channels}
        refused: list[NeedsAttention] = []
        for channel in rotated(self._channels, str(cursor.get("turn") or "")):
            if http.left == 0:
                return
            try:
                async with aclosing(self._follow(channel, places[channel], http)) as followed:
                    async for page, place in followed:
                        places[channel] = place
                        yield replace(page, cursor=_cursor(places, channel))
            except NeedsAttention as error:
                refused.append(error)
                if len(refused) == len(self._channels):
                    raise
                note = Listening(refused=1, note=str(error)[:500])
                yield Page(cursor=_cursor(places, channel), listening=note)

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Posts as they are now, some 20 a page. One that its page lacks is asked for by itself."""
        left = sorted({pair for one in ids if (pair := _pair(one))}, reverse=True)
        items: list[Item] = []
        skipped: list[Skipped] = []
        removed: list[str] = []
        asked = 0
        while left:
            channel, newest = left[0]
            found = await self._preview(channel, newest + 1, http)
            asked += 1
            lowest = min((newest, *found.ids))
            here = {f"{name}/{n}" for name, n in left if name == channel and n >= lowest}
            left = [pair for pair in left if f"{pair[0]}/{pair[1]}" not in here]
            items += [one for one in found.items if one.external_id in here]
            skipped += [one for one in found.skipped if one.external_id in here]
            there = {f"{channel}/{number}" for number in found.ids}
            for absent in sorted(here - there):
                one = await self._single(absent, http)
                asked += 1
                if isinstance(one, Item):
                    items.append(one)
                elif one is None:
                    removed.append(absent)
                else:
                    skipped.append(one)
        return Page(items=items, removed=removed, skipped=skipped, listening=Listening(asked=asked))

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Walk each channel down to `since`, or to its first post."""
        state = dict(cursor)
        for channel in self._channels:
            while state.get(channel) != "done" and http.left != 0:
                given = state.get(channel)
                before = given if isinstance(given, int) else 0
                found = await self._preview(channel, before, http)
                further = _further(found, before)
                kept = tuple(i for i in found.items if i.published_at and i.published_at >= since)
                more = bool(further) and len(kept) == len(found.items)
                state[channel] = further if more else "done"
                yield Page(items=kept, skipped=found.skipped, cursor=dict(state))

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """How many follow a public channel."""
        channel = account.strip().removeprefix("@").rpartition("/")[2]
        if not _is_name(channel):
            raise NeedsAttention("a Telegram channel is what stands behind t.me/ in its address")
        body = await self._body(f"/{channel}", {}, http)
        return await bounded(partial(read_profile, channel=channel), body)

    def quotas(self) -> Sequence[Quota]:
        return (
            Quota(
                name=QUOTA,
                limit=self._config.pages_per_minute,
                per=timedelta(minutes=1),
                scope="host",
                source="Telegram states none; a restraint of Vigie's own",
            ),
        )

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """A page a channel."""
        return {QUOTA: float(min(len(self._channels), self._config.pages_per_minute))}

    async def _follow(
        self, channel: str, place: Place, http: Http
    ) -> AsyncGenerator[tuple[Page, Place], None]:
        """Page by page: what it holds, and how far it came."""
        oldest = http.now - timedelta(days=self._config.first_days)
        for number in range(PAGES):
            if http.left == 0 or (number and not await http.desk.ledger.left(QUOTA)):
                return
            before = int(place.walk.before or 0)
            found = await self._preview(channel, before, http)
            removed = () if before else gone(place.seen, found.ids)
            place = advance(place, found, before=before, oldest=oldest)
            yield (
                Page(
                    items=found.items,
                    skipped=found.skipped,
                    removed=[f"{channel}/{one}" for one in removed],
                ),
                place,
            )
            if not place.walk.before:
                return

    async def _preview(self, channel: str, before: int, http: Http) -> Preview:
        params = {"before": str(before)} if before else {}
        body = await self._body(f"/s/{channel}", params, http)
        return await bounded(partial(read_preview, channel=channel, newest=not before), body)

    async def _single(self, name: str, http: Http) -> Item | Skipped | None:
        body = await self._body(f"/{name}", {"embed": "1", "mode": "tme"}, http)
        return await bounded(partial(read_single, wanted=name), body)

    async def _body(self, path: str, params: Mapping[str, str], http: Http) -> bytes:
        await http.desk.ledger.spend(QUOTA)
        address = self._config.base_url.rstrip("/") + path
        response = await http.get(address, params=params, headers=_LANGUAGE, accept="text/html")
        assert response is not None  # None answers a conditional request, which this is not
        return response.body


def advance(place: Place, found: Preview, *, before: int, oldest: datetime) -> Place:
    """Where a page leaves the walk of its channel. Pure."""
    seen = place.seen if before else found.ids[-SEEN:]
    top = place.walk.top or str(max(found.ids, default=0) or "")
    further = _further(found, before)
    if place.walk.since:
        reached = min(found.ids, default=0) <= int(place.walk.since)
    else:
        times = [one.published_at for one in found.items if one.published_at]
        reached = bool(times) and min(times) < oldest
    if reached or not further:
        return Place(walk=place.walk.ended(top=top), seen=seen)
    return Place(walk=place.walk.down_to(str(further), top=top), seen=seen)


def gone(seen: Sequence[int], ids: Sequence[int]) -> tuple[int, ...]:
    """Posts of the last newest page that this one should hold and does not. Pure.

    One above the newest id is not judged: the page may be a moment old.
    """
    if not ids:
        return ()
    there, lowest, highest = set(ids), min(ids), max(ids)
    return tuple(one for one in seen if lowest <= one <= highest and one not in there)


def _further(found: Preview, before: int) -> int:
    """What the next older page is asked with; 0 at the end. It always goes down."""
    lowest = min((found.before or min(found.ids, default=0), *found.ids))
    return lowest if found.before and lowest > 1 and (not before or lowest < before) else 0


def _pair(identity: str) -> tuple[str, int] | None:
    channel, _, number = identity.partition("/")
    digits = number.isascii() and number.isdigit() and len(number) <= 12
    return (channel.lower(), int(number)) if digits and _is_name(channel) else None


def _is_name(text: str) -> bool:
    return 4 <= len(text) <= 32 and text.isascii() and text.replace("_", "a").isalnum()


def _cursor(places: Mapping[str, Place], turn: str) -> Cursor:
    told = {name: place.to_json() for name, place in places.items() if place != Place()}
    return {**told, "turn": turn}
