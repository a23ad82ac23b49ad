"""What a person chooses for a search of NewsAPI."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from pydantic import Field, SecretStr

from collectors.api import CollectorConfig

MAX_REQUESTS: Final = 20


class NewsApiConfig(CollectorConfig):
    """A search of all outlets."""

    api_key: SecretStr = Field(description="Key of newsapi.org; sent to newsapi.org only.")
    language: Literal[
        "", "ar", "de", "en", "es", "fr", "he", "it", "nl", "no", "pt", "ru", "sv", "ud", "zh"
    ] = Field(
        default="", description="Language of the articles; empty: that of the queries, or any."
    )
    domains: tuple[str, ...] = Field(
        default=(), max_length=50, description="Read these outlets only, such as lemonde.fr."
    )
    query: str = Field(
        default="",
        max_length=500,
        description="Own search in NewsAPI's syntax, instead of the words of the queries.",
    )
    first_days: int = Field(
        default=7,
        ge=1,
        le=1_825,
        description="Days that the first poll reaches back; the free plan knows 30, others years.",
    )
    overlap_hours: int = Field(
        default=6, ge=0, le=72, description="Hours read again, as articles come in late."
    )
    requests: int = Field(
        default=4, ge=1, le=MAX_REQUESTS, description="Requests that one poll makes at most."
    )
    requests_a_day: int = Field(
        default=100, ge=1, le=1_000_000, description="Requests of your plan a day; free: 100."
    )
    request_price: Decimal = Field(
        default=Decimal(0),
        ge=0,
        description="Price of one request in dollars, where you pay by it.",
    )
    page_size: int = Field(
        default=100, ge=2, le=100, description="Articles of one answer; NewsAPI gives 100 at most."
    )
    query_length: int = Field(
        default=500, ge=50, le=500, description="Characters of one search; NewsAPI takes 500."
    )
    queries: int = Field(
        default=3, ge=1, le=10, description="Searches that the words are spread over at most."
    )
    base_url: str = Field(
        default="https://newsapi.org/v2",
        description="Address of the API; another one only for tests or a relay.",
        pattern=r"^https?://",
    )
