"""What a person chooses for an Instagram source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, model_validator

from collectors.api import CollectorConfig

Hashtag = Annotated[str, StringConstraints(pattern=r"^#?\w{1,100}$")]


class InstagramConfig(CollectorConfig):
    """Hashtags, posts that tag one's account, and comments below one's own posts."""

    access_token: SecretStr = Field(
        description="Long-lived access token of the person who manages the account; see the README."
    )
    user_id: str = Field(
        description="Number of your professional account (ig-user-id), as the API knows it.",
        pattern=r"^[0-9]{1,32}$",
    )
    username: str = Field(
        default="", description="Name of your account, without @.", pattern=r"^[A-Za-z0-9._]{0,30}$"
    )
    login: Literal["facebook", "instagram"] = Field(
        default="facebook",
        description="How the token was made. A token of Instagram's own login reads your posts "
        "and comments only: no hashtags, no tags, no other accounts.",
    )
    app_id: str = Field(
        default="",
        description="Number of your app at Meta; with its secret the token is renewed by itself.",
        pattern=r"^[0-9]{0,32}$",
    )
    app_secret: SecretStr | None = Field(
        default=None, description="Secret of your app; each call is signed with it."
    )
    hashtags: tuple[Hashtag, ...] = Field(
        default=(),
        description="Hashtags to read besides those of the queries.",
        max_length=30,
        examples=[["cycladis"]],
    )
    query_hashtags: bool = Field(
        default=True, description="Read the words and hashtags of the queries as hashtags."
    )
    top_media: bool = Field(
        default=False, description="Read a hashtag's most popular posts too, not only new ones."
    )
    mentions: bool = Field(default=True, description="Read posts in which your account is tagged.")
    comments: bool = Field(default=True, description="Read comments below your own posts.")
    comment_days: int = Field(
        default=14, ge=1, le=90, description="Days that the comments of a post are followed."
    )
    first_days: int = Field(
        default=30, ge=1, le=365, description="Days that the first poll reaches back."
    )
    hashtag_pages: int = Field(
        default=4, ge=1, le=20, description="Pages of 50 posts that are read of one hashtag."
    )
    unique_hashtags: int = Field(
        default=30, ge=1, le=10_000, description="Hashtags that Instagram allows in seven days."
    )
    calls_per_hour: int = Field(
        default=200, ge=1, le=10_000_000, description="Calls an hour that Meta allows your app."
    )
    version: str = Field(
        default="v25.0", description="Version of the Graph API.", pattern=r"^v[0-9]{1,3}\.[0-9]$"
    )
    base_url: str = Field(
        default="https://graph.facebook.com",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
    instagram_url: str = Field(
        default="https://graph.instagram.com",
        description="Address of the API for tokens of Instagram's own login; another one only for "
        "tests or a relay.",
        pattern=r"^https?://",
    )

    @model_validator(mode="after")
    def _both(self) -> InstagramConfig:
        if self.app_id and self.app_secret is None:
            raise ValueError("app_id needs its app_secret")
        return self
