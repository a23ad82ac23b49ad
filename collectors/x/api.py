"""Calls to X: their cost is counted before they are made; what an error asks of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited
from collectors.jsontext import read_json
from collectors.x.config import AUTHORS, COUNTS, LEAST, POSTS, XConfig, posts_for_one
from collectors.x.posts import Answer, read_answer

if TYPE_CHECKING:
    from collectors.http import Http, Response

PAGE: Final = 100
"""Posts that one request asks for at most."""
_FIELDS: Final = (
    "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,lang,note_tweet,"
    "public_metrics,referenced_tweets"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """An answer, and whether X says that the next request would be one too many."""

    answer: Answer
    spent: bool


class XApi:
    """Reads posts and counts. Every call goes through the ledger."""

    def __init__(self, config: XConfig) -> None:
        self._config = config
        self._each = posts_for_one(config)

    async def affordable(self, http: Http) -> int:
        """Posts that the next request may ask for; fewer than LEAST: none."""
        ledger = http.desk.ledger
        left = await ledger.left(POSTS) // self._each
        if self._config.authors:
            left = min(left, await ledger.left(AUTHORS))
        return left

    async def search(self, words: str, size: int, params: Mapping[str, str], http: Http) -> Paid:
        """One page of the recent search, newest first."""
        size = min(max(size, LEAST), PAGE)
        asked = {"query": words, "max_results": str(size), **self._wanted(), **params}
        return await self._posts("/2/tweets/search/recent", asked, size, http)

    async def lookup(self, ids: list[str], http: Http) -> Paid:
        """Known posts as they are now."""
        asked = {"ids": ",".join(ids), **self._wanted()}
        return await self._posts("/2/tweets", asked, len(ids), http)

    async def count(self, words: str, http: Http) -> int:
        """Posts of the last seven days that a search would find."""
        await http.desk.ledger.spend(COUNTS)
        asked = {"query": words, "granularity": "day"}
        found, _ = await self._get("/2/tweets/counts/recent", asked, http)
        return total_of(found)

    def _wanted(self) -> dict[str, str]:
        expansions = ["author_id"] if self._config.authors else []
        fields = _FIELDS
        wanted = {}
        if self._config.authors:
            wanted["user.fields"] = "name,public_metrics,username"
        if self._config.media:
            fields += ",attachments"
            expansions.append("attachments.media_keys")
            wanted["media.fields"] = "media_key,preview_image_url,url"
        if self._config.reposts:
            expansions.append("referenced_tweets.id")
        if expansions:
            wanted["expansions"] = ",".join(expansions)
        return {"tweet.fields": fields, **wanted}

    async def _posts(self, path: str, asked: Mapping[str, str], size: int, http: Http) -> Paid:
        """Count the most that the answer can cost, ask, and give back what it did not."""
        from collectors.http import Unanswered  # at use: reading answers needs no HTTP

        month = http.now.month
        reserved = await self._reserve(size, http)
        try:
            found, response = await self._get(path, asked, http)
        except CollectorError as error:
            # X asks money for what it sends: what may have been sent in vain stays counted.
            if not isinstance(error, Unanswered | BadPayload):
                await self._settle(reserved, {}, http)
            raise
        answer = read_answer(found)
        if http.now.month == month:  # else the new month would begin with a credit
            await self._settle(reserved, {POSTS: answer.posts, AUTHORS: answer.users}, http)
        return Paid(answer=answer, spent=_is_spent(response))

    async def _reserve(self, size: int, http: Http) -> dict[str, int]:
        wanted = {POSTS: size * self._each} | ({AUTHORS: size} if self._config.authors else {})
        reserved: dict[str, int] = {}
        for name, amount in wanted.items():
            try:
                await http.desk.ledger.spend(name, amount)
            except RateLimited:
                await self._settle(reserved, {}, http)
                raise
            reserved[name] = amount
        return reserved

    async def _settle(
        self, reserved: Mapping[str, int], used: Mapping[str, int], http: Http
    ) -> None:
        """Make what was reserved what was used."""
        for name, amount in reserved.items():
            if amount != used.get(name, 0):
                await http.desk.ledger.owe(name, used.get(name, 0) - amount)

    async def _get(
        self, path: str, asked: Mapping[str, str], http: Http
    ) -> tuple[Mapping[str, Any], Response]:
        token = self._config.bearer_token.get_secret_value()
        response = await http.request(
            "GET",
            self._config.base_url.rstrip("/") + path,
            params=asked,
            headers={"authorization": f"Bearer {token}"},
            raise_for_status=False,
        )
        assert response is not None  # None answers a conditional request, which this is not
        error = error_of(response, now=http.now.timestamp())
        if error is not None:
            raise error
        found = read_json(response.body)
        if not isinstance(found, dict):
            raise BadPayload("X: the answer is no object")
        return found, response


def total_of(found: Mapping[str, Any]) -> int:
    """The total of an answer to a count. Raises BadPayload where it holds none."""
    meta = found.get("meta")
    total = meta.get("total_tweet_count") if isinstance(meta, dict) else None
    if not isinstance(total, int) or isinstance(total, bool):
        raise BadPayload("X: the answer is no count")
    return total


def error_of(response: Response, *, now: float) -> CollectorError | None:
    """What an answer other than a success asks of us, or of the person who pays."""
    from collectors.http.outcomes import error_for  # at use, as above

    if 200 <= response.status < 300:
        return None
    problem = _problem(response.body)
    if response.status == 402 or "credits" in problem:
        return NeedsAttention("X: no credits are left; buy some at console.x.com")
    if "usage-capped" in problem:
        return NeedsAttention("X: the project's usage cap is reached; raise it at console.x.com")
    if response.status == 401:
        return NeedsAttention("X: 401, the bearer token is refused; make a new one")
    if "client-not-enrolled" in problem or "client-forbidden" in problem:
        return NeedsAttention("X: 403, the app is in no pay-per-use project; see console.x.com")
    if response.status == 400:
        return NeedsAttention("X: 400, the search is not accepted; check `extra` and the words")
    host = urlsplit(response.url).hostname or "X"
    return error_for(response.status, response.headers, host=host, now=now)


def _problem(body: bytes) -> str:
    """The type and the title of an error, in lower case; "" where the body holds none."""
    try:
        found = read_json(body[:20_000])
    except BadPayload:
        return ""
    if not isinstance(found, dict):
        return ""
    return (
        f"{found.get('type') or ''} {found.get('title') or ''} {found.get('reason') or ''}".lower()
    )


def _is_spent(response: Response) -> bool:
    return response.headers.get("x-rate-limit-remaining", "").strip() == "0"
