"""What the API says of accounts."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from app.accounts.service import Followed
from app.api import EXAMPLE_ID, Schema


class AccountIn(Schema):
    """An account of a brand to follow."""

    brand_id: str = Field(examples=[EXAMPLE_ID])
    platform: str = Field(max_length=100, description="Kind of a collector.", examples=["mastodon"])
    handle: str = Field(min_length=1, max_length=200, examples=["acme@social.example"])
    url: str = Field("", max_length=500, examples=["https://social.example/@acme"])


class FiguresOut(Schema):
    """An account's figures on one local day; null where the platform does not tell."""

    day: str = Field(examples=["2026-11-25"])
    followers: int | None = Field(examples=[12040])
    following: int | None
    posts: int | None = Field(examples=[830])
    reach: int | None = Field(description="Own accounts: people reached the day before.")
    impressions: int | None
    taken_at: datetime


class AccountOut(Schema):
    """An account of a brand and its days, oldest first."""

    id: str = Field(examples=[EXAMPLE_ID])
    brand_id: str = Field(examples=[EXAMPLE_ID])
    platform: str = Field(examples=["mastodon"])
    handle: str = Field(examples=["acme@social.example"])
    name: str
    url: str
    growth: int | None = Field(description="Followers won over the days shown.")
    last_error: str
    next_at: datetime | None
    days: list[FiguresOut]


def account_out(one: Followed) -> AccountOut:
    row = one.account
    return AccountOut(
        id=str(row.id), brand_id=str(row.brand_id), platform=row.platform, handle=row.handle,
        name=row.name, url=row.url, growth=one.growth, last_error=row.last_error,
        next_at=row.next_at,
        days=[
            FiguresOut(
                day=day.day, followers=day.followers, following=day.following, posts=day.posts,
                reach=day.reach, impressions=day.impressions, taken_at=day.taken_at,
            )
            for day in one.snapshots
        ],
    )  # fmt: skip
