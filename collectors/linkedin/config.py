"""What a person chooses for a LinkedIn source."""

from __future__ import annotations

from pydantic import Field, SecretStr, model_validator

from collectors.api import CollectorConfig


class LinkedInConfig(CollectorConfig):
    """One's own organisation."""

    access_token: SecretStr = Field(
        description="Access token of an administrator of the page, with r_organization_social."
    )
    organization_id: str = Field(
        description="Number of your organisation, as in the address of its admin page.",
        pattern=r"^[0-9]{1,20}$",
    )
    name: str = Field(
        default="", description="Name of your organisation, shown as author.", max_length=100
    )
    client_id: str = Field(
        default="",
        description="Client id of your app; with its secret and a refresh token Vigie renews the "
        "access token by itself.",
        max_length=100,
    )
    client_secret: SecretStr | None = Field(default=None, description="Secret of your app.")
    refresh_token: SecretStr | None = Field(
        default=None,
        description="Refresh token, where LinkedIn gives your app one.",
    )
    mentions: bool = Field(default=True, description="Read posts that mention your organisation.")
    comments: bool = Field(default=True, description="Read comments below your own posts.")
    comment_days: int = Field(
        default=14, ge=1, le=90, description="Days that the comments of a post are followed."
    )
    first_days: int = Field(
        default=60, ge=1, le=365, description="Days that the first poll reaches back."
    )
    notification_days: int = Field(
        default=60, ge=1, le=365, description="Days that LinkedIn keeps mentions."
    )
    calls_a_day: int = Field(
        default=500, ge=1, le=10_000_000, description="Calls a day that LinkedIn allows your app."
    )
    version: str = Field(
        default="202609",
        description="Version of the API (year and month).",
        pattern=r"^20[0-9]{4}$",
    )
    base_url: str = Field(
        default="https://api.linkedin.com",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
    oauth_url: str = Field(
        default="https://www.linkedin.com",
        description="Where tokens are renewed; another one only for tests or a relay.",
        pattern=r"^https?://",
    )

    @model_validator(mode="after")
    def _whole(self) -> LinkedInConfig:
        if self.client_id and not (self.client_secret and self.refresh_token):
            raise ValueError("client_id needs client_secret and refresh_token")
        return self
