"""What the API says of privacy: the notice, what is held of somebody, what was erased."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.api import Schema


class WhoIn(Schema):
    """An author: the name as shown, with or without @, or `platform:id`."""

    who: str = Field(min_length=1, max_length=500, examples=["mastodon:109382"])


class NoticeOut(Schema):
    """The information notice of a watchlist (GDPR 14), in Markdown."""

    markdown: str = Field(examples=["# Information notice"])


class HeldOut(Schema):
    """Everything held of an author (GDPR 15)."""

    exported_at: str = Field(examples=["2026-11-23T09:00:00+00:00"])
    asked_for: str = Field(examples=["mastodon:109382"])
    authors: list[dict[str, Any]]
    items: list[dict[str, Any]]
    mentions: list[dict[str, Any]]
    verdicts: list[dict[str, Any]]
    sightings: list[dict[str, Any]]


class ErasedOut(Schema):
    """What an erasure took out."""

    authors: int
    items: int
    sightings: int
    messages: int
    quarantine: int
    file_clean: bool = Field(
        description="false: old bytes may remain in the database's file; run it again."
    )
