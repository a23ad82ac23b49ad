"""What a person chooses for a Reddit source."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints, model_validator

from collectors.api import CollectorConfig

Subreddit = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{2,24}$")]


class RedditConfig(CollectorConfig):
    """Words in all of Reddit, and whole subreddits."""

    subreddits: tuple[Subreddit, ...] = Field(
        default=(),
        description="Subreddits to read whole, without the r/ before.",
        max_length=20,
        examples=[["france", "paris"]],
    )
    comments: bool = Field(
        default=True, description="Read the comments of these subreddits too, not only posts."
    )
    search: bool = Field(
        default=True, description="Search all of Reddit for the words of the queries (posts only)."
    )
    client_id: str = Field(
        default="",
        description="Client id of an application at Reddit; empty: the feeds are read instead.",
        max_length=100,
    )
    client_secret: SecretStr | None = Field(default=None, description="Secret of that application.")
    contact: str = Field(
        default="",
        description="Reddit name of the person who answers for the access, told to Reddit.",
        pattern=r"^[\w-]{0,24}$",
    )
    feed_user: str = Field(
        default="",
        description="Without a key: Reddit name of the member whose feeds are read.",
        pattern=r"^[\w-]{0,24}$",
    )
    feed_token: SecretStr | None = Field(
        default=None,
        description="Without a key: what stands behind feed= in that member's feed addresses.",
    )
    first_days: int = Field(
        default=7, ge=1, le=365, description="Days that the first poll reaches back."
    )
    requests_per_minute: int = Field(
        default=100, ge=1, le=10_000, description="Requests a minute that Reddit allows with a key."
    )
    feed_seconds: int = Field(
        default=60, ge=1, le=3_600, description="Seconds between two feeds, without a key."
    )
    query_length: int = Field(
        default=512, ge=50, le=4_000, description="Characters of one search at most."
    )
    api_url: str = Field(
        default="https://oauth.reddit.com",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
    base_url: str = Field(
        default="https://www.reddit.com",
        description="Address of the site; another one only for tests or a relay.",
        pattern=r"^https?://",
    )

    @model_validator(mode="after")
    def _both(self) -> RedditConfig:
        if self.client_id and self.client_secret is None:
            raise ValueError("client_id needs its client_secret")
        return self
