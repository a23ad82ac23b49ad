"""A forum's JSON, and what its refusals mean (docs.discourse.org)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collectors.discourse.config import DiscourseConfig
from collectors.discourse.posts import Forum, hit_of
from collectors.errors import BadPayload, CollectorError, RateLimited
from collectors.jsontext import read_json

if TYPE_CHECKING:
    from collectors.http import Http, Response


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of a search, its hits in the shape of posts."""

    records: Sequence[Any]
    more: bool


class Api:
    def __init__(self, config: DiscourseConfig, forum: Forum) -> None:
        self._config = config
        self._base = forum.base

    async def latest(self, before: str, http: Http) -> Sequence[Any]:
        """The newest posts of all topics, up to the number `before`."""
        found = await self._get("/posts.json", {"before": before} if before else {}, http)
        posts = found.get("latest_posts") if isinstance(found, dict) else None
        if not isinstance(posts, list):
            raise BadPayload("Discourse: the answer has no list of posts")
        return posts

    async def search(self, query: str, page: int, http: Http) -> Hits:
        found = await self._get("/search.json", {"q": query, "page": str(page)}, http)
        found = found if isinstance(found, dict) else {}
        grouped = found.get("grouped_search_result")
        if not isinstance(grouped, dict) and "posts" not in found:
            raise BadPayload("Discourse: the answer is no search result")
        posts, topics = found.get("posts"), found.get("topics")
        by_id = {
            topic.get("id"): topic
            for topic in (topics if isinstance(topics, list) else [])
            if isinstance(topic, dict) and isinstance(topic.get("id"), int)
        }
        hits = posts if isinstance(posts, list) else []  # absent where nothing was found
        more = isinstance(grouped, dict) and bool(grouped.get("more_full_page_results"))
        return Hits([hit_of(hit, by_id) for hit in hits], more)

    async def post(self, number: int, http: Http) -> Any:
        """One post, whole; None where there is none any more."""
        response = await self._ask(f"/posts/{number}.json", {}, http)
        if response.status in (404, 410):
            return None
        return self._read(response, http)

    async def topic(self, number: int, http: Http) -> Any:
        """A topic, for its title; None where there is none any more."""
        response = await self._ask(f"/t/{number}.json", {}, http)
        return None if response.status in (404, 410) else self._read(response, http)

    async def _get(self, path: str, params: Mapping[str, str], http: Http) -> Any:
        return self._read(await self._ask(path, params, http), http)

    def _read(self, response: Response, http: Http) -> Any:
        error = refusal_of(response, now=http.now.timestamp())
        if error is not None:
            raise error
        return read_json(response.body)

    async def _ask(self, path: str, params: Mapping[str, str], http: Http) -> Response:
        key = self._config.api_key
        own = (
            {"api-key": key.get_secret_value(), "api-username": self._config.api_user}
            if key
            else {}
        )
        response = await http.request(
            "GET",
            self._base + path,
            params=params,
            headers=own,
            accept="application/json",
            raise_for_status=False,  # a 429 may tell its wait in the body only
        )
        assert response is not None  # None answers a conditional request, which this is not
        return response


def refusal_of(response: Response, *, now: float) -> CollectorError | None:
    """What an answer other than a success means."""
    from collectors.http.outcomes import error_for  # at use: reading posts needs no HTTP

    host = urlsplit(response.url).hostname or "the forum"
    error = error_for(response.status, response.headers, host=host, now=now)
    if isinstance(error, RateLimited) and error.retry_after is None:
        return RateLimited(str(error), _told_wait(response.body))
    return error


def _told_wait(body: bytes) -> float | None:
    """`extras.wait_seconds` of a refusal."""
    try:
        found = read_json(body)
    except BadPayload:
        return None
    extras = found.get("extras") if isinstance(found, dict) else None
    wait = extras.get("wait_seconds") if isinstance(extras, dict) else None
    known = isinstance(wait, int | float) and not isinstance(wait, bool) and 0 <= wait <= 86_400
    return float(wait) if known and wait is not None else None
