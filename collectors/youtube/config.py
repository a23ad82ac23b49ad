"""What a person chooses for a YouTube source."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator

from collectors.api import CollectorConfig


class YouTubeConfig(CollectorConfig):
    """Searches, channels, and the comments below what they find."""

    api_key: SecretStr | None = Field(
        default=None,
        description="Key of the YouTube Data API v3, from the Google Cloud console; without one "
        "nothing is read.",
    )
    search: bool = Field(
        default=True, description="Search all of YouTube for the words of the queries."
    )
    channels: tuple[str, ...] = Field(
        default=(),
        description="Channels to follow, own ones and competitors': handles (@name) or ids (UC…).",
        max_length=20,
        examples=[["@acme"]],
    )
    comments: bool = Field(
        default=True, description="Read comments and replies below what was found."
    )
    comment_days: int = Field(
        default=14, ge=1, le=90, description="Days that the comments of a video are followed."
    )
    max_videos: int = Field(
        default=200, ge=1, le=500, description="Videos followed at once, the newest first."
    )
    first_days: int = Field(
        default=7, ge=1, le=90, description="Days that the first poll reaches back."
    )
    language: str = Field(
        default="",
        pattern=r"^([a-z]{2}(-[A-Za-z]{4})?)?$",
        description="Language that searches prefer (ISO 639-1); empty: that of the queries.",
    )
    region: str = Field(
        default="",
        pattern=r"^([A-Z]{2})?$",
        description="Country as whose viewers searches look (ISO 3166-1); empty: YouTube's choice.",
    )
    own_searches: int = Field(
        default=48,
        ge=1,
        le=100_000,
        description="Searches a day for this source, spread over the day; the rest of the key's "
        "searches is for other sources and for history.",
    )
    searches_a_day: int = Field(
        default=100, ge=1, le=10_000_000, description="Searches a day that the key's project has."
    )
    units_a_day: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000_000,
        description="Units a day that the key's project has for all that is no search.",
    )
    quota_zone: str = Field(
        default="America/Los_Angeles",
        pattern=r"^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$",
        description="Time zone in whose midnight the quotas begin again.",
    )
    base_url: str = Field(
        default="https://www.googleapis.com/youtube/v3",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )

    @field_validator("quota_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, OSError) as error:
            raise ValueError("no such time zone: give one such as America/Los_Angeles") from error
        return value
