"""What the service keeps for a source between two polls, reached as `http.desk`.

A collector owns no state beyond its cursor, which stays small. Three things do not fit there:

    tokens   a session or an access token that is costly to ask for (Bluesky bears 300 logins a day)
    ledger   what a platform's quotas and the person's spending cap still allow
    shelf    documents as last read (the text of a watched page, the list of a sitemap)

The service keeps them in its database, encrypted where they are secret. The ones of this module
live in memory: for tests, for `poll --dry-run` and for third parties.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from collectors.errors import RateLimited


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A session of a credential. Neither value shows in a repr.

    expires_at: aware; None where the platform does not say.
    """

    value: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    """What a new session is asked for with, where the platform has it."""
    expires_at: datetime | None = None


class Tokens(Protocol):
    """Sessions, kept encrypted per credential: two sources of one account share theirs."""

    async def get(self, name: str) -> Token | None:
        """The token as it was put, expired or not."""
        ...

    async def put(self, name: str, token: Token | None) -> None:
        """Keep a token at once, also where the poll fails later; None forgets it."""
        ...


Window = Literal["rolling", "day", "month"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a platform, or the person who pays, allows.

    name: what is counted: "searches", "units", "posts read".
    limit: how many in one window.
    window: "rolling": a token bucket that fills evenly over `per`; "day" and "month": counted
        from the calendar's start in `zone`, as platforms do that reset at midnight.
    of_items: what is counted are items that were read, not calls: their number follows what there
        is, not how often we look.
    scope: what shares it: all sources with one credential, or all that ask one host.
    price: of one, in `currency`; 0 where it costs nothing.
    source: where the platform says so.
    """

    name: str
    limit: int
    window: Window = "rolling"
    per: timedelta = timedelta(days=1)
    """Of a rolling window only."""
    zone: str = "UTC"
    of_items: bool = False
    scope: Literal["credential", "host"] = "credential"
    price: Decimal = Decimal(0)
    currency: str = "USD"
    source: str = ""

    def starts(self, now: datetime) -> datetime:
        """When the calendar window that holds `now` began. UTC."""
        local = now.astimezone(ZoneInfo(self.zone)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        return (local.replace(day=1) if self.window == "month" else local).astimezone(UTC)

    def ends(self, now: datetime) -> datetime:
        """When the calendar window that holds `now` ends, and the count with it. UTC."""
        start = self.starts(now).astimezone(ZoneInfo(self.zone))
        # More than a window away whatever its length or a change of the clocks, then back.
        later = start + (timedelta(days=40) if self.window == "month" else timedelta(hours=36))
        return self.starts(later)


@dataclass(frozen=True, slots=True)
class Level:
    """What was used of a quota: `used` of the window or bucket, as of `at`."""

    used: float
    at: datetime


def settle(quota: Quota, level: Level | None, now: datetime) -> float:
    """What is used at `now`: a bucket has emptied meanwhile, an old window is over. Pure."""
    if level is None:
        return 0.0
    if quota.window == "rolling":
        gone = max((now - level.at) / quota.per, 0.0) * quota.limit
        return max(level.used - gone, 0.0)
    return level.used if level.at >= quota.starts(now) else 0.0


def seconds_until(quota: Quota, used: float, amount: int, now: datetime) -> float:
    """How long until `amount` more fit; 0.0 where they fit now. Pure.

    More than the whole quota never fits: the answer is then the longest wait there is.
    """
    over = used + amount - quota.limit
    if over <= 0:
        return 0.0
    if quota.window == "rolling":
        return min(over / quota.limit, 1.0) * quota.per.total_seconds()
    return (quota.ends(now) - now).total_seconds()


class Ledger(Protocol):
    """Counts what is spent of the source's quotas; kept across restarts."""

    async def spend(self, quota: str, amount: int = 1) -> None:
        """Count before asking. Raises RateLimited with the wait where it does not fit.

        A name that the collector does not declare in `quotas()` is a bug: KeyError.
        """
        ...

    async def owe(self, quota: str, amount: int) -> None:
        """Count what an answer turned out to cost, even beyond the limit.

        A negative amount gives back what was counted before and not used.
        """
        ...

    async def left(self, quota: str) -> int:
        """What still fits now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text that is kept between polls under a name: one version of a page, a list."""

    name: str
    text: str
    kind: Literal["version", "state"] = "version"
    """version: earlier ones are kept for people to compare; state: only the last one is."""


class Shelf(Protocol):
    """The documents of one source, as stored with the last page that carried them."""

    async def latest(self, name: str) -> Document | None:
        """The newest version kept under the name."""
        ...

    async def names(self) -> Sequence[str]:
        """All names, sorted."""
        ...


class MemoryTokens:
    """Tokens of one process."""

    def __init__(self) -> None:
        self._kept: dict[str, Token] = {}

    async def get(self, name: str) -> Token | None:
        return self._kept.get(name)

    async def put(self, name: str, token: Token | None) -> None:
        self._kept.pop(name, None)
        if token is not None:
            self._kept[name] = token


class MemoryLedger:
    """Counts of one process. Without quotas nothing is limited, and any name is counted."""

    def __init__(
        self,
        quotas: Sequence[Quota] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._quotas = None if quotas is None else {quota.name: quota for quota in quotas}
        self._now = now
        self._levels: dict[str, Level] = {}
        self.spent: dict[str, int] = {}
        """Everything that was counted, by name."""

    async def spend(self, quota: str, amount: int = 1) -> None:
        if self._quotas is not None:
            one, now = self._quotas[quota], self._now()
            used = settle(one, self._levels.get(quota), now)
            refuse_beyond(one, used, amount, now)
        await self.owe(quota, amount)

    async def owe(self, quota: str, amount: int) -> None:
        self.spent[quota] = self.spent.get(quota, 0) + amount
        if self._quotas is not None:
            one, now = self._quotas[quota], self._now()
            self._levels[quota] = Level(settle(one, self._levels.get(quota), now) + amount, now)

    async def left(self, quota: str) -> int:
        if self._quotas is None:
            return 1_000_000
        one = self._quotas[quota]
        return max(int(one.limit - settle(one, self._levels.get(quota), self._now())), 0)


def refuse_beyond(quota: Quota, used: float, amount: int, now: datetime) -> None:
    """Raise RateLimited where `amount` more do not fit."""
    wait = seconds_until(quota, used, amount, now)
    if wait > 0:
        raise RateLimited(
            f"the quota of {quota.limit} {quota.name} is used up for now", retry_after=wait
        )


class MemoryShelf:
    """Documents of one process."""

    def __init__(self, kept: Mapping[str, Document] | None = None) -> None:
        self._kept = dict(kept or {})

    async def latest(self, name: str) -> Document | None:
        return self._kept.get(name)

    async def names(self) -> Sequence[str]:
        return sorted(self._kept)

    def store(self, documents: Sequence[Document]) -> None:
        """Keep what a stored page carried."""
        self._kept |= {one.name: one for one in documents}


@dataclass(frozen=True, slots=True)
class Desk:
    """The three together. In memory unless given."""

    tokens: Tokens = field(default_factory=MemoryTokens)
    ledger: Ledger = field(default_factory=MemoryLedger)
    shelf: Shelf = field(default_factory=MemoryShelf)
