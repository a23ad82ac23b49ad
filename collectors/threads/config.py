"""What a person chooses for a Threads source."""

from __future__ import annotations

from pydantic import Field, SecretStr

from collectors.api import CollectorConfig


class ThreadsConfig(CollectorConfig):
    """Searches for the words of the queries, and what concerns one's own account."""

    access_token: SecretStr = Field(
        description="Long-lived access token of your Threads account; see the README."
    )
    app_secret: SecretStr | None = Field(
        default=None, description="Secret of your app at Meta; each call is signed with it."
    )
    username: str = Field(
        default="", description="Name of your account, without @.", pattern=r"^[A-Za-z0-9._]{0,30}$"
    )
    search: bool = Field(
        default=True, description="Search public posts for the words of the queries."
    )
    mentions: bool = Field(default=True, description="Read posts that mention your account.")
    replies: bool = Field(default=True, description="Read replies to your own posts.")
    reply_days: int = Field(
        default=14, ge=1, le=90, description="Days that the replies to a post are followed."
    )
    followed_posts: int = Field(
        default=20, ge=1, le=200, description="Own posts whose replies are read in one poll."
    )
    first_days: int = Field(
        default=7, ge=1, le=90, description="Days that the first poll reaches back."
    )
    max_searches: int = Field(default=10, ge=1, le=20, description="Searches of one poll at most.")
    page_size: int = Field(
        default=100, ge=1, le=100, description="Posts that one request asks for."
    )
    searches_a_day: int = Field(
        default=2_200,
        ge=1,
        le=10_000_000,
        description="Searches that Threads allows your account in 24 hours.",
    )
    calls_per_hour: int = Field(
        default=200, ge=1, le=10_000_000, description="Calls an hour that Meta allows your app."
    )
    version: str = Field(
        default="v1.0", description="Version of the API.", pattern=r"^v[0-9]{1,3}\.[0-9]$"
    )
    base_url: str = Field(
        default="https://graph.threads.net",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
