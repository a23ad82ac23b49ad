"""What the API says of watchlists, brands and queries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.api import EXAMPLE_ID, Schema
from app.db.keys import moment_of
from app.models import Brand, QueryVersion, Watchlist
from app.watchlists.rules import SearchState
from app.watchlists.wording import search_of_version

BrandKind = Literal["own", "competitor", "market"]
Name = Annotated[str, Field(min_length=1, max_length=120, examples=["Decathlon"])]
Short = Annotated[str, Field(max_length=200)]
Names = Annotated[list[Short], Field(max_length=50)]
QueryText = Annotated[str, Field(max_length=20_000, examples=['decathlon OR "décathlon"'])]


class WatchlistIn(Schema):
    """A watchlist to make."""

    name: Name
    zone: str = Field("Europe/Paris", description="IANA time zone of its days and hours.")
    language: Literal["fr", "en"] = "fr"
    owner: Short = Field("", description="Who answers for it; shown in the notice.")
    purpose: str = Field("", max_length=2000, examples=["Answer customers who speak of us"])
    pseudonymous: bool = False


class WatchlistChange(Schema):
    """What to change; what is left out stays."""

    name: Name | None = None
    zone: str | None = Field(None, examples=["Europe/Paris"])
    language: Literal["fr", "en"] | None = None
    owner: Short | None = Field(None, examples=["Ada"])
    purpose: str | None = Field(None, max_length=2000, examples=["Answer customers"])
    pseudonymous: bool | None = None


class WatchlistOut(Schema):
    """A workspace."""

    id: str = Field(examples=[EXAMPLE_ID])
    name: str = Field(examples=["Decathlon"])
    zone: str = Field(examples=["Europe/Paris"])
    language: str = Field(examples=["fr"])
    owner: str
    purpose: str
    is_demo: bool = Field(examples=[False])
    pseudonymous: bool = Field(examples=[False])
    rollups_stale: bool = Field(
        description="Counts are being rebuilt after a change of zone.", examples=[False]
    )
    version: int
    created_at: datetime
    updated_at: datetime


class WatchIn(Schema):
    """One form: a name is enough."""

    name: Name
    language: Literal["fr", "en"] = "fr"
    competitors: Names = Field([], examples=[["Intersport"]])
    markets: Names = Field([], examples=[["vélo électrique"]])
    site: Short | None = Field(None, examples=["decathlon.fr"])
    zone: str | None = Field(None, examples=["Europe/Paris"])
    purpose: str = Field("", max_length=2000)


class WatchOut(Schema):
    """What was made, and what could not be reached."""

    watchlist_id: str = Field(examples=[EXAMPLE_ID])
    source_ids: list[str] = Field(examples=[[EXAMPLE_ID]])
    unreached: list[str] = Field(examples=[["decathlon.fr: no feed could be found"]])


class BrandIn(Schema):
    """A brand to watch."""

    name: Name
    kind: BrandKind = "own"
    aliases: Names = Field([], examples=[["Décathlon"]])
    domains: Names = Field([], examples=[["decathlon.fr"]])
    handles: Names = Field([], examples=[["decathlon"]])
    color: str = Field("", pattern=r"^(#[0-9a-fA-F]{6})?$", examples=["#0b5d66"])
    query: QueryText | None = Field(None, description="Left out: made from the name.")


class BrandChange(Schema):
    """What to change; what is left out stays."""

    name: Name | None = None
    kind: BrandKind | None = None
    aliases: Names | None = Field(None, examples=[["Décathlon"]])
    domains: Names | None = Field(None, examples=[["decathlon.fr"]])
    handles: Names | None = Field(None, examples=[["decathlon"]])
    color: str | None = Field(None, pattern=r"^(#[0-9a-fA-F]{6})?$", examples=["#0b5d66"])
    active: bool | None = None


class BrandOut(Schema):
    """A watched thing."""

    id: str = Field(examples=[EXAMPLE_ID])
    watchlist_id: str = Field(examples=[EXAMPLE_ID])
    name: str = Field(examples=["Decathlon"])
    kind: str = Field(examples=["own"])
    aliases: list[str]
    domains: list[str]
    handles: list[str]
    color: str = Field(examples=["#0b5d66"])
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class QueryIn(Schema):
    """A new wording."""

    text: QueryText


class RestoreIn(Schema):
    """Which wording to bring back."""

    number: int = Field(ge=1, le=2**31, description="Of one of its versions.", examples=[1])


class SearchOut(Schema):
    """How far the search of the stored posts with this wording is, and what came of it so far."""

    state: SearchState = Field(
        description="stopped: a newer wording took its place, or the brand was put away.",
        examples=["running"],
    )
    searched: int = Field(description="Posts looked at.", examples=[4000])
    total: int | None = Field(
        description="Posts stored when it began; null where that is not known.", examples=[9300]
    )
    percent: int = Field(description="Share of the posts; 100 only at the end.", examples=[43])
    down_to: datetime | None = Field(
        description="Newest first, it has come down to posts of that time."
    )
    added: int | None = Field(
        description="New mentions; null where it was over before this was counted.", examples=[12]
    )
    removed: int | None = Field(description="Mentions that went; the same.", examples=[3])
    kept: int | None = Field(description="Mentions that still match; the same.", examples=[240])


class QueryOut(Schema):
    """One wording of a brand's query."""

    id: str = Field(examples=[EXAMPLE_ID])
    number: int
    text: QueryText
    author: str = Field(examples=["member:473911872905216001"])
    created_at: datetime
    rematched_at: datetime | None = Field(
        description="When the stored items had been searched with it; null: still to do."
    )
    rematch: SearchOut


def watchlist_out(row: Watchlist) -> WatchlistOut:
    return WatchlistOut(
        id=str(row.id), name=row.name, zone=row.zone, language=row.language, owner=row.owner,
        purpose=row.purpose, is_demo=row.is_demo, pseudonymous=row.pseudonymous,
        rollups_stale=row.rollups_stale, version=row.version, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip


def brand_out(row: Brand) -> BrandOut:
    return BrandOut(
        id=str(row.id), watchlist_id=str(row.watchlist_id), name=row.name, kind=row.kind,
        aliases=row.aliases, domains=row.domains, handles=row.handles, color=row.color,
        active=row.active, version=row.version, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip


def query_out(row: QueryVersion) -> QueryOut:
    return QueryOut(
        id=str(row.id), number=row.number, text=row.text, author=row.author,
        created_at=row.created_at, rematched_at=row.rematched_at, rematch=search_out(row),
    )  # fmt: skip


def search_out(row: QueryVersion) -> SearchOut:
    at, key = search_of_version(row), row.rematch_key
    return SearchOut(
        state=at.state, searched=at.searched, total=at.total, percent=at.percent,
        down_to=moment_of(key) if key is not None else None,
        added=row.rematch_added if at.is_counted else None,
        removed=row.rematch_removed if at.is_counted else None,
        kept=row.rematch_kept if at.is_counted else None,
    )  # fmt: skip
