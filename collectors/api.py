"""The contract between Vigie and a collector. A third party needs this import only.

A collector reads one place (a feed, a platform's search, a folder) and yields pages of items.
It owns no state: the cursor it is given is the one it returned with the last stored page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, JsonValue

from collectors.desk import Document, Quota

if TYPE_CHECKING:
    from collectors.http import Http

Cursor = Mapping[str, JsonValue]
"""Ours to store, the collector's to understand. JSON, under 4 KB."""


@dataclass(frozen=True, slots=True)
class LocalPathMarker:
    """Marks a config field that names something on this machine's disk."""


LocalPath = Annotated[Path, LocalPathMarker()]
"""A path below the operator's drop folder. The service resolves it and refuses any other place."""


class CollectorConfig(BaseModel):
    """What a person chooses for one source. Every field is described; secrets are SecretStr."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a collector can do, so that the service never has to guess."""

    auth: Literal["none", "key", "oauth2"] = "none"
    server_side_query: bool = False
    """True: the narrowing reaches the platform. False: everything is read and matched here."""
    conditional_requests: bool = False
    history: timedelta | None = None
    """How far back a first poll can reach, where the platform says."""
    min_interval: timedelta = timedelta(minutes=15)
    quota: str = ""
    """The platform's limit in words, with its source."""
    cost: str = "free"
    max_requests: int = 20
    """Requests one poll may make at most."""
    refresh_batch: int = 50
    """Ids that one `refresh` is given at most, where the collector has it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to ask a platform for: a word, an exact phrase, a hashtag or a handle."""

    text: str
    kind: Literal["word", "phrase", "hashtag", "handle"] = "word"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A superset of what the queries want: any of the clauses, each needing all of its terms.

    Empty `any_of` means "everything". Collectors render it in the platform's own syntax and may
    widen it (drop terms of a clause), never narrow it: the local match always decides.
    """

    any_of: tuple[tuple[Term, ...], ...] = ()
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes; empty means any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote it, as the platform says."""

    name: str
    id: str | None = None
    followers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One post, article, comment or review. Text is plain: no markup survives a collector."""

    external_id: str
    url: str
    text: str
    published_at: datetime | None
    """Aware, UTC; None where the platform gives no readable time."""
    title: str = ""
    author: Author | None = None
    edited_at: datetime | None = None
    lang: str | None = None
    country: str | None = None
    kind: str = "post"
    """post, article, comment, review, repost, quote, ad, change …

    change: a watched page or list is not what it was. `title` says in one line what changed;
    `text` is the readable difference, a line that went begins with "− ", one that came with "+ ".
    """
    in_reply_to: str | None = None
    links: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    metrics: Mapping[str, int] = field(default_factory=dict)
    """Keys: likes, reposts, replies, quotes, comments, views, score, followers, stars."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that could not be read, with the reason; the rest of the page survives."""

    reason: str
    external_id: str | None = None
    raw: str = ""
    """At most 2,000 characters of what was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """What a page says about our hearing: no news is not the same as not listening."""

    asked: int = 1
    """Requests made."""
    refused: int = 0
    truncated: bool = False
    """The platform had more than it would give."""
    missed: bool = False
    """The window slid past items that we never saw."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Items and the cursor that is safe once THESE items are stored."""

    items: Sequence[Item] = ()
    cursor: Cursor = field(default_factory=dict)
    removed: Sequence[str] = ()
    """External ids that the platform says are gone."""
    skipped: Sequence[Skipped] = ()
    listening: Listening = field(default_factory=Listening)
    freshness: float | None = None
    """Seconds within which the source itself says that nothing new will be there: a feed's ttl."""
    keep: Sequence[Document] = ()
    """Documents to keep with this page; later polls find them on `http.desk.shelf`."""


class Collector(Protocol):
    """Reads one place. Construction does no I/O; a poll ends by itself."""

    kind: ClassVar[str]
    platform: ClassVar[str | None]
    """Name space of `external_id` where ids are the platform's own; None where a feed's."""
    Config: ClassVar[type[CollectorConfig]]
    capabilities: ClassVar[Capabilities]

    def __init__(self, config: CollectorConfig) -> None: ...

    async def check(self, http: Http) -> None:
        """Make one cheap call. Raises a CollectorError that says what to do."""
        ...

    def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages, oldest or newest first, each with its safe cursor. No change: no page."""
        ...


@runtime_checkable
class Streams(Protocol):
    """Can listen to a live stream beside polling."""

    @property
    def live(self) -> bool:
        """Whether the configuration asks for the stream; the service then listens, not polls."""
        ...

    def listen(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages as things happen, a page at least every few seconds while there is news.

        The service closes it after some minutes and opens it again with the last stored cursor,
        so a session has to begin a little before that cursor. Raises as `poll` does.
        """
        ...


@runtime_checkable
class Refreshes(Protocol):
    """Can re-read known items, for edits, figures and deletions."""

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        """Items as they are now; in `removed` those that are gone. At most `refresh_batch` ids."""
        ...


@runtime_checkable
class History(Protocol):
    """Can walk back beyond what a poll reaches."""

    def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield what was published from now back to `since`, newest first where possible.

        cursor: empty at the start, then the one of the last stored page: a walk that was cut
            goes on there. It is apart from the cursor of `poll`. Ends by itself; a poll's
            `max_requests` is its budget too, and it is called again until it yields nothing.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSnapshot:
    """An account's figures at one moment; None where the platform does not tell."""

    handle: str
    name: str = ""
    url: str = ""
    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    reach: int | None = None
    """Own accounts only: people reached on the last full day."""
    impressions: int | None = None
    """Own accounts only: times shown on the last full day."""


@runtime_checkable
class Profiles(Protocol):
    """Can read an account's figures."""

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        """Figures of `account`, a handle or an id. NeedsAttention where it does not exist."""
        ...


@runtime_checkable
class Metered(Protocol):
    """Has quotas or costs money. What it spends is counted on `http.desk.ledger`."""

    def quotas(self) -> Sequence[Quota]:
        """As the configuration has them: every limit and price is a setting."""
        ...

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        """What one poll is expected to spend, by the name of the quota. No I/O."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """How much a platform holds for a narrowing, as it says itself."""

    items: int
    days: float
    """The stretch that was counted."""


@runtime_checkable
class Counts(Protocol):
    """Can ask how much there would be to read, before it is paid for."""

    async def count(self, narrowing: Narrowing, http: Http) -> Volume: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is known of a brand when sources are proposed for it."""

    name: str
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    language: str = "fr"
    """Of the watchlist: ISO 639-1."""

    def says(self, *, fr: str, en: str) -> str:
        """The one of two sentences that its people read."""
        return fr if self.language[:2].lower() == "fr" else en


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A source that would fit a brand, ready to be accepted."""

    name: str
    config: Mapping[str, JsonValue]
    why: str = ""
    """One short line in the language of `Wanted` (`wanted.says`)."""
    needs_key: bool = False
    """True: a person has to enter a secret first, so it is not accepted with a click."""


@runtime_checkable
class Proposes(Protocol):
    """Can propose sources of its kind for a brand, at most a few."""

    @classmethod
    async def propose(cls, wanted: Wanted, http: Http) -> Sequence[Proposal]: ...
