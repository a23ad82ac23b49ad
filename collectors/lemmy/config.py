"""What a person chooses for a Lemmy source, and what an instance allows."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, field_validator

from collectors.api import CollectorConfig
from collectors.desk import Quota

SEARCHES: Final = "searches"
Community = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,60}(@[A-Za-z0-9.:-]{1,250})?$")
]


class LemmyConfig(CollectorConfig):
    """Words on one instance, or within some communities."""

    instance: str = Field(
        description="Address of the instance; a large one knows most of the others' posts.",
        pattern=r"^https?://[^/?#\s]+/?$",
        max_length=300,
        examples=["https://lemmy.world"],
    )
    communities: tuple[Community, ...] = Field(
        default=(),
        description="Communities to search, as name@instance; empty: all that the instance knows.",
        max_length=10,
        examples=[["technology@lemmy.world"]],
    )
    comments: bool = Field(default=True, description="Read comments too, not only posts.")
    api: Literal["auto", "v3", "v4"] = Field(
        default="auto",
        description="The API that the instance speaks: v4 since Lemmy 1.0; auto finds out.",
    )
    token: SecretStr | None = Field(
        default=None, description="Login token (jwt) of a member, for a private instance."
    )
    first_days: int = Field(
        default=7, ge=1, le=365, description="Days that the first poll reaches back."
    )
    overlap_minutes: int = Field(
        default=60,
        ge=0,
        le=1_440,
        description="Minutes before the newest known post that are read again: posts of other "
        "instances arrive late.",
    )
    searches: int = Field(
        default=60, ge=1, le=100_000, description="Searches that the instance allows in its window."
    )
    search_window_seconds: int = Field(
        default=600, ge=1, le=86_400, description="Seconds of that window."
    )

    @field_validator("instance")
    @classmethod
    def _readable(cls, value: str) -> str:
        if not urlsplit(value).hostname:  # raises ValueError itself where brackets do not match
            raise ValueError("the address names no host")
        return value


def quota_of(config: LemmyConfig) -> Quota:
    """An instance counts by address."""
    return Quota(
        name=SEARCHES,
        limit=config.searches,
        per=timedelta(seconds=config.search_window_seconds),
        scope="host",
        source="Lemmy's default (github.com/LemmyNet/lemmy pull 2424); each instance sets its own",
    )
