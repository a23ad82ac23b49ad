"""What a person chooses for a Discourse source."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from collectors.api import CollectorConfig


class DiscourseConfig(CollectorConfig):
    """One forum."""

    forum: str = Field(
        description="Address of the forum.",
        pattern=r"^https?://[^\s?#]+$",
        max_length=300,
        examples=["https://meta.discourse.org"],
    )
    search: bool = Field(
        default=False,
        description="Ask the forum's search for the words of the queries instead of reading all "
        "new posts: for very large forums. It finds at most one post a topic and day.",
    )
    categories: tuple[int, ...] = Field(
        default=(),
        description="Numbers of the categories to keep, as at the end of their addresses "
        "(/c/support/6); empty: all.",
        max_length=50,
    )
    api_key: SecretStr | None = Field(
        default=None, description="Key of a closed forum, made by its administrator (read-only)."
    )
    api_user: str = Field(
        default="system",
        description="Name of the member whom the key stands for.",
        pattern=r"^[\w.-]{1,60}$",
    )
    whole: bool = Field(
        default=True,
        description="With search: also ask for each post found, as the search cuts its text short.",
    )
    first_days: int = Field(
        default=7, ge=1, le=365, description="Days that the first poll reaches back."
    )
    overlap_minutes: int = Field(
        default=30,
        ge=0,
        le=1_440,
        description="With search: minutes before the last poll that are read again, as the index "
        "lags.",
    )

    @field_validator("forum")
    @classmethod
    def _readable(cls, value: str) -> str:
        if not urlsplit(value).hostname:  # raises ValueError itself where brackets do not match
            raise ValueError("the address names no host")
        return value
