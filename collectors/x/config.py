"""What a person chooses for a source of X, and what it may cost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from pydantic import Field, SecretStr, model_validator

from collectors.api import CollectorConfig
from collectors.desk import Quota

POSTS: Final = "posts read"
AUTHORS: Final = "authors read"
COUNTS: Final = "counts"
LEAST: Final = 10
"""Posts that one request asks for at least."""
_PRICES: Final = "docs.x.com/x-api/getting-started/pricing; console.x.com"


class XConfig(CollectorConfig):
    """Words searched for on X, within a monthly amount of money."""

    bearer_token: SecretStr = Field(
        description="Bearer token of your app (console.x.com, Keys and tokens)."
    )
    monthly_cap: float = Field(
        default=10.0,
        gt=0,
        le=100_000,
        description="Dollars that this source spends in a calendar month (UTC) at most.",
    )
    first_posts: int = Field(
        default=100,
        ge=LEAST,
        le=2_000,
        description="Posts that the first poll of a search reads at most; each is paid.",
    )
    count_first: bool = Field(
        default=True,
        description="Ask how many posts there are before the first poll of a search (one count).",
    )
    authors: bool = Field(
        default=True,
        description="Read names and followers of the authors; X asks more for them than for posts.",
    )
    media: bool = Field(default=True, description="Read the addresses of pictures.")
    reposts: bool = Field(
        default=False,
        description="Read reposts too, with what they pass on: up to three times the posts to pay.",
    )
    by_language: bool = Field(
        default=False,
        description="Ask only for posts in the languages of the watchlist, as X guesses them.",
    )
    extra: str = Field(
        default="",
        description="Added to each search in X's own syntax, to pay for less.",
        max_length=200,
        examples=["-is:reply -from:acme"],
    )
    refresh: bool = Field(
        default=False,
        description="Read known posts again, for figures and deletions; each is paid.",
    )
    overlap_seconds: int = Field(
        default=60,
        ge=0,
        le=3_600,
        description="Seconds before each poll that the next one reads again: the search lags.",
    )
    post_price: float = Field(default=0.005, ge=0, description="Dollars for reading one post.")
    author_price: float = Field(default=0.01, ge=0, description="Dollars for reading one author.")
    count_price: float = Field(default=0.005, ge=0, description="Dollars for one count.")
    counts_a_month: int = Field(
        default=50, ge=0, le=100_000, description="Counts asked for in a month at most."
    )
    posts_a_month: int = Field(
        default=2_000_000, ge=LEAST, description="Posts that X lets one project read in a month."
    )
    query_length: int = Field(
        default=512, ge=64, le=4_096, description="Characters of one search at most."
    )
    base_url: str = Field(
        default="https://api.x.com",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )

    @model_validator(mode="after")
    def _affordable(self) -> XConfig:
        if found_limit(self) < LEAST:
            raise ValueError("monthly_cap does not pay for a single request: raise it")
        if len(self.extra) > self.query_length // 2:
            raise ValueError("extra takes more than half of query_length")
        return self


def posts_for_one(config: XConfig) -> int:
    """Posts that one found post may cost: with reposts also the one it passes on or quotes, and
    the one it answers, which X sends along."""
    return 3 if config.reposts else 1


def found_limit(config: XConfig) -> int:
    """Posts that may be found in a month. What the counts may cost is put aside, and each post is
    reckoned with its author and what comes along: together they never cost more than the cap."""
    counts = Decimal(str(config.count_price)) * config.counts_a_month
    left = Decimal(str(config.monthly_cap)) - counts
    each = Decimal(str(config.post_price)) * posts_for_one(config)
    if config.authors:
        each += Decimal(str(config.author_price))
    most = config.posts_a_month // posts_for_one(config)
    return max(min(int(left / each), most) if each else most, 0)


def quotas_of(config: XConfig) -> Sequence[Quota]:
    """As the settings have them; the cap is kept by their limits."""
    found = found_limit(config)
    limits = {POSTS: (found * posts_for_one(config), config.post_price)}
    if config.authors:
        limits[AUTHORS] = (found, config.author_price)
    limits[COUNTS] = (config.counts_a_month, config.count_price)
    return [
        Quota(
            name=name,
            limit=limit,
            window="month",
            price=Decimal(str(price)),
            of_items=name != COUNTS,
            source=_PRICES,
        )
        for name, (limit, price) in limits.items()
    ]
