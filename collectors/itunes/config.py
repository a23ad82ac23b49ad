"""What a person chooses for a search of podcasts."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from collectors.api import CollectorConfig

TERMS: Final = 10
FEEDS: Final = 20


class ItunesConfig(CollectorConfig):
    """Podcasts of one country's directory."""

    country: str = Field(
        default="FR", pattern="^[A-Z]{2}$", description="Directory to search (ISO 3166-1)."
    )
    terms: tuple[str, ...] = Field(
        default=(),
        max_length=TERMS,
        description="Own words to search for, instead of those of the queries.",
    )
    episodes: bool = Field(
        default=True,
        description="Search the episodes too, not only the podcasts: twice as many searches.",
    )
    results: int = Field(
        default=100, ge=1, le=200, description="Results of one search; Apple gives 200 at most."
    )
    search_hours: int = Field(
        default=24, ge=1, le=168, description="Hours between two searches for the same words."
    )
    podcasts: int = Field(default=50, ge=1, le=200, description="Podcasts followed at most.")
    feeds: int = Field(
        default=FEEDS, ge=1, le=FEEDS, description="Feeds that one poll reads; they take turns."
    )
    forget_days: int = Field(
        default=60, ge=7, le=365, description="Days after which one that is not found again goes."
    )
    first_days: int = Field(
        default=90, ge=1, le=365, description="Days that the first reading of a feed reaches back."
    )
    searches_per_minute: int = Field(
        default=20, ge=1, le=300, description="Searches a minute; Apple allows about 20."
    )
    base_url: str = Field(
        default="https://itunes.apple.com",
        description="Address of the directory; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
