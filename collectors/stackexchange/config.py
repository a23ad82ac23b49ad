"""What a person chooses for a Stack Exchange source, and what the API allows."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, SecretStr, StringConstraints

from collectors.api import CollectorConfig
from collectors.desk import Quota

REQUESTS: Final = "requests"
Site = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,60}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[^\s;\[\]]{1,35}$")]


class StackExchangeConfig(CollectorConfig):
    """Words on some sites, and tags to read whole."""

    sites: tuple[Site, ...] = Field(
        default=("stackoverflow",),
        description="Sites to search, as the API names them: the part before .com, or before "
        ".stackexchange.com.",
        min_length=1,
        max_length=5,
        examples=[["stackoverflow", "superuser"]],
    )
    tags: tuple[Tag, ...] = Field(
        default=(),
        description="Tags whose questions are read whole, besides the words of the queries.",
        max_length=20,
        examples=[["nginx"]],
    )
    key: SecretStr | None = Field(
        default=None, description="Key of an application at Stack Apps: 10,000 requests a day."
    )
    whole: bool = Field(
        default=True,
        description="Also ask for the whole posts with their authors, not only for the excerpts: "
        "up to two requests more where there is something new.",
    )
    first_days: int = Field(
        default=30, ge=1, le=365, description="Days that the first poll reaches back."
    )
    overlap_minutes: int = Field(
        default=30,
        ge=0,
        le=1_440,
        description="Minutes before the newest known post that are read again: the index lags.",
    )
    requests_per_day: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Requests a day; 0: 300 without a key, 10,000 with one.",
    )
    query_length: int = Field(
        default=240, ge=20, le=2_000, description="Characters of one search at most."
    )
    base_url: str = Field(
        default="https://api.stackexchange.com/2.3",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )


def quota_of(config: StackExchangeConfig) -> Quota:
    """Without a key all that ask from one address share; a day ends at midnight UTC."""
    return Quota(
        name=REQUESTS,
        limit=config.requests_per_day or (10_000 if config.key else 300),
        window="day",
        scope="credential" if config.key else "host",
        source="api.stackexchange.com/docs/throttle",
    )
