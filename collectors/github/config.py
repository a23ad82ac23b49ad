"""What a person chooses for a GitHub source, and what GitHub allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, SecretStr, StringConstraints

from collectors.api import CollectorConfig
from collectors.desk import Quota

SEARCHES: Final = "searches"
POINTS: Final = "points"
REQUESTS: Final = "requests"
Repo = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$")]
Owner = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,39}$")]


class GitHubConfig(CollectorConfig):
    """Words in all of GitHub, or within some repositories and organisations."""

    repos: tuple[Repo, ...] = Field(
        default=(),
        description="Repositories to search, as owner/name; with no owners either: all of GitHub.",
        max_length=10,
        examples=[["nginx/nginx"]],
    )
    owners: tuple[Owner, ...] = Field(
        default=(),
        description="Organisations or people whose repositories are searched.",
        max_length=10,
    )
    pull_requests: bool = Field(default=True, description="Read pull requests too.")
    discussions: bool = Field(
        default=True, description="Read discussions too; GitHub shows them with a token only."
    )
    private: bool = Field(
        default=False, description="Read the private repositories too that the token opens."
    )
    token: SecretStr | None = Field(
        default=None, description="Access token; a new one without any permission is enough."
    )
    first_days: int = Field(
        default=30, ge=1, le=365, description="Days that the first poll reaches back."
    )
    overlap_minutes: int = Field(
        default=60,
        ge=0,
        le=1_440,
        description="Minutes before the newest known record that are read again: the index lags.",
    )
    searches_per_minute: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="Searches a minute; 0: 10 without a token, 30 with one.",
    )
    points_per_hour: int = Field(
        default=5_000, ge=1, le=1_000_000, description="Points of the GraphQL API an hour."
    )
    requests_per_hour: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Other requests an hour; 0: 60 without a token, 5,000 with one.",
    )
    query_length: int = Field(
        default=256, ge=20, le=4_000, description="Characters of one search, without its filters."
    )
    operators: int = Field(
        default=5, ge=0, le=100, description="AND, OR and NOT that one search may hold."
    )
    base_url: str = Field(
        default="https://api.github.com",
        description="Address of the REST API; another one for tests or an own GitHub server.",
        pattern=r"^https?://",
    )
    graphql_url: str = Field(
        default="",
        description="Address of the GraphQL API; empty: the one beside base_url.",
        pattern=r"^(https?://.*)?$",
    )


def graphql_of(config: GitHubConfig) -> str:
    """Where GraphQL is asked: at the same host, unless told otherwise, for the token goes there."""
    base = config.base_url.rstrip("/")
    # An own server has its REST at /api/v3 and its GraphQL at /api/graphql.
    return config.graphql_url or f"{base.removesuffix('/v3')}/graphql"


def quotas_of(config: GitHubConfig) -> Sequence[Quota]:
    """Without a token all that ask from one address share."""
    keyed = config.token is not None
    searches = Quota(
        name=SEARCHES,
        limit=config.searches_per_minute or (30 if keyed else 10),
        per=timedelta(minutes=1),
        scope="credential" if keyed else "host",
        source="docs.github.com/rest/search/search#rate-limit",
    )
    requests = Quota(
        name=REQUESTS,
        limit=config.requests_per_hour or (5_000 if keyed else 60),
        per=timedelta(hours=1),
        scope="credential" if keyed else "host",
        source="docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api",
    )
    points = Quota(
        name=POINTS,
        limit=config.points_per_hour,
        per=timedelta(hours=1),
        source="docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api",
    )
    return (searches, requests, points) if keyed else (searches, requests)
