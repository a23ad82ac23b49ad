"""GitHub's two doors, REST and GraphQL, and what their refusals mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient
from collectors.github.config import POINTS, REQUESTS, SEARCHES, GitHubConfig, graphql_of
from collectors.jsontext import read_json

if TYPE_CHECKING:
    from collectors.http import Http, Response

PAGE: Final = 100
"""Records an answer: the most that GitHub gives."""
_LONGEST_CURSOR: Final = 100
_UNTOLD_WAIT: Final = 60.0
"""Seconds to wait where GitHub does not say how long, as its documents ask for."""
_HTML: Final = "application/vnd.github.html+json"
_FIELDS: Final = (
    "id title url bodyHTML createdAt lastEditedAt author { login } comments { totalCount } "
    "reactions(content: THUMBS_UP) { totalCount }"
)
_SEARCH: Final = (
    "query($q: String!, $first: Int!, $after: String) {"
    " search(type: DISCUSSION, query: $q, first: $first, after: $after) {"
    " discussionCount pageInfo { hasNextPage endCursor }"
    f" nodes {{ ... on Discussion {{ {_FIELDS} upvoteCount }} }} }} }}"
)
_NODES: Final = (
    "query($ids: [ID!]!) { nodes(ids: $ids) {"
    f" ... on Issue {{ {_FIELDS} }} ... on PullRequest {{ {_FIELDS} }}"
    f" ... on Discussion {{ {_FIELDS} upvoteCount }} }} }}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One answer of a search.

    after: what the next page of discussions is asked with. complete: whether GitHub looked
    everywhere. total: of all that it found. spent: whether GitHub says to stop.
    """

    records: Sequence[Any]
    total: int
    after: str = ""
    complete: bool = True
    spent: bool = False


class Api:
    """Asks, and counts each request before."""

    def __init__(self, config: GitHubConfig) -> None:
        self._config = config
        self._base = config.base_url.rstrip("/")
        self._graphql = graphql_of(config)

    async def issues(self, query: str, http: Http, *, size: int = PAGE) -> Found:
        """Issues or pull requests, newest first."""
        await http.desk.ledger.spend(SEARCHES)
        params = {"q": query, "sort": "created", "order": "desc", "per_page": str(size),
                  "advanced_search": "true"}  # fmt: skip
        found, response = await self._get("/search/issues", params, http)
        records = found.get("items") if isinstance(found, dict) else None
        if not isinstance(records, list):
            raise BadPayload("GitHub: the answer has no list of items")
        return Found(
            records=records,
            total=_number(found.get("total_count")) or len(records),
            complete=found.get("incomplete_results") is not True,
            spent=response.headers.get("x-ratelimit-remaining", "").strip() == "0",
        )

    async def discussions(self, query: str, after: str, http: Http, *, size: int = PAGE) -> Found:
        variables = {"q": query, "first": size, "after": after or None}
        data = await self._graph(_SEARCH, variables, http)
        told = data.get("search")
        search = told if isinstance(told, dict) else {}
        records = search.get("nodes")
        if not isinstance(records, list):
            raise BadPayload("GitHub: the answer has no list of discussions")
        page = search.get("pageInfo")
        page = page if isinstance(page, dict) else {}
        further = page.get("endCursor") if page.get("hasNextPage") is True else ""
        if not isinstance(further, str) or len(further) > _LONGEST_CURSOR:
            raise BadPayload("GitHub: the answer has no cursor that can be kept")
        total = _number(search.get("discussionCount")) or len(records)
        return Found(records=records, total=total, after=further)

    async def nodes(self, ids: Sequence[str], http: Http) -> Sequence[Any]:
        """The records of these ids, in order; None for what is gone."""
        data = await self._graph(_NODES, {"ids": list(ids)}, http)
        nodes = data.get("nodes")
        if not isinstance(nodes, list) or len(nodes) != len(ids):
            raise BadPayload("GitHub: the answer is not one record for each id")
        return nodes

    async def user(self, login: str, http: Http) -> Mapping[str, Any]:
        await http.desk.ledger.spend(REQUESTS)
        found, _ = await self._get(f"/users/{login}", {}, http)
        if not isinstance(found, dict):
            raise BadPayload("GitHub: the answer is no account")
        return found

    async def _get(self, path: str, params: Mapping[str, str], http: Http) -> tuple[Any, Response]:
        response = await http.request(
            "GET",
            self._base + path,
            params=params,
            headers={"x-github-api-version": "2022-11-28", **self._own()},
            accept=_HTML,
            raise_for_status=False,  # a 403 may say in its body that we only have to wait
        )
        assert response is not None  # None answers a conditional request, which this is not
        error = refusal_of(response, now=http.now.timestamp())
        if error is not None:
            raise error
        return read_json(response.body), response

    async def _graph(self, query: str, variables: object, http: Http) -> Mapping[str, Any]:
        await http.desk.ledger.spend(POINTS)
        body = {"query": query, "variables": variables}
        response = await http.post(self._graphql, json=body, headers=self._own(), raw=True)
        error = refusal_of(response, now=http.now.timestamp())
        if error is not None:
            raise error
        found = read_json(response.body)
        data = found.get("data") if isinstance(found, dict) else None
        _raise_for(found)
        if not isinstance(data, dict):
            raise BadPayload("GitHub: the answer has no data")
        return data

    def _own(self) -> dict[str, str]:
        token = self._config.token
        return {"authorization": f"Bearer {token.get_secret_value()}"} if token else {}


def refusal_of(response: Response, *, now: float) -> CollectorError | None:
    """What an answer other than a success means. Some waits show in the body only."""
    from collectors.http.outcomes import error_for  # at use: reading answers needs no HTTP

    host = urlsplit(response.url).hostname or "GitHub"
    error = error_for(response.status, response.headers, host=host, now=now)
    if isinstance(error, RateLimited) and error.retry_after is None:
        return RateLimited(str(error), _UNTOLD_WAIT) if response.status == 403 else error
    if response.status == 403 and b"rate limit" in response.body[:5_000].lower():
        return RateLimited(f"{host}: 403, asked to wait", _UNTOLD_WAIT)
    if response.status == 422:
        return NeedsAttention(
            f"{host}: 422, GitHub refuses the search: check that the repositories and owners "
            "exist and that the token may see them"
        )
    return error


def _raise_for(found: Any) -> None:
    """GraphQL answers 200 with its errors inside; that some nodes are gone is none."""
    errors = found.get("errors") if isinstance(found, dict) else None
    kinds = {one.get("type") for one in errors if isinstance(one, dict)} if errors else set()
    if "RATE_LIMITED" in kinds:
        raise RateLimited("GitHub: its GraphQL points are used up", _UNTOLD_WAIT)
    if kinds - {"NOT_FOUND"} and not found.get("data"):
        raise Transient("GitHub: the GraphQL API could not answer")


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
