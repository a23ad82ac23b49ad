"""The two ways in: the API with a key, the feeds without. Both read a listing page by page."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from collectors.desk import Quota, Token
from collectors.errors import BadPayload, CollectorError, NeedsAttention
from collectors.jsontext import read_json
from collectors.reddit.listings import Listing
from collectors.reddit.things import Things, read_entries, read_things
from collectors.rss.collector import ACCEPT
from collectors.rss.window import parse

if TYPE_CHECKING:
    from collectors.http import Http, Response
    from collectors.reddit.config import RedditConfig

_TOKEN: Final = "reddit"  # noqa: S105 - the name it is kept under
_EARLY: Final = timedelta(minutes=1)
"""A token that ends within this time is not used any more."""
_SHORTEST: Final = 25
"""Entries of a feed's page at least: with fewer, the listing has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page. after: what the next one is asked with; spent: whether Reddit says to stop."""

    things: Things
    after: str = ""
    spent: bool = False
    complete: bool = True


class Door(Protocol):
    """A way in. quota: what each page is counted as."""

    quota: Quota

    async def page(self, listing: Listing, after: str, http: Http) -> Found: ...


class ApiDoor:
    """oauth.reddit.com, for those who have a client id and its secret."""

    def __init__(self, config: RedditConfig) -> None:
        self._config = config
        self.quota = Quota(
            name="requests",
            limit=config.requests_per_minute,
            per=timedelta(minutes=1),
            source="support.reddithelp.com, Reddit Data API Wiki",
        )

    async def page(self, listing: Listing, after: str, http: Http) -> Found:
        params = listing.params | ({"after": after} if after else {})
        found, response = await self.ask(listing.path, params, http)
        data = _listing(found)
        further = data.get("after")
        return Found(
            things=read_things(data["children"]),
            after=further if isinstance(further, str) and len(further) <= 100 else "",
            spent=is_spent(response),
        )

    async def things(self, names: list[str], http: Http) -> Things:
        """The posts and comments of these names, as they are now."""
        found, _ = await self.ask("/api/info", {"id": ",".join(names)}, http)
        return read_things(_listing(found)["children"])

    async def ask(self, path: str, params: Mapping[str, str], http: Http) -> tuple[Any, Response]:
        """One call. A kept token that is refused may have been revoked: a new one tells."""
        token = await http.desk.tokens.get(_TOKEN)
        if token and (token.expires_at is None or token.expires_at > http.now + _EARLY):
            try:
                return await self._call(path, params, token, http)
            except NeedsAttention:
                await http.desk.tokens.put(_TOKEN, None)
        return await self._call(path, params, await self._log_in(http), http)

    async def _call(
        self, path: str, params: Mapping[str, str], token: Token, http: Http
    ) -> tuple[Any, Response]:
        await http.desk.ledger.spend(self.quota.name)
        response = await http.get(
            self._config.api_url.rstrip("/") + path,
            params={**params, "raw_json": "1"},
            headers={
                "authorization": f"Bearer {token.value}",
                "user-agent": user_agent(self._config),
            },
        )
        assert response is not None  # None answers a conditional request, which this is not
        return read_json(response.body), response

    async def _log_in(self, http: Http) -> Token:
        """A token of the application itself: it reads what everybody can read."""
        secret = self._config.client_secret
        pair = f"{self._config.client_id}:{secret.get_secret_value() if secret else ''}"
        response = await http.post(
            self._config.base_url.rstrip("/") + "/api/v1/access_token",
            content=b"grant_type=client_credentials",
            headers={
                "authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
                "content-type": "application/x-www-form-urlencoded",
                "user-agent": user_agent(self._config),
            },
        )
        found = read_json(response.body)
        value = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(value, str) or not value:
            raise NeedsAttention("Reddit gives no access: check client_id and client_secret")
        seconds = found.get("expires_in")
        lasts = seconds if isinstance(seconds, int) and 0 < seconds < 10**7 else 3_600
        token = Token(value=value, expires_at=http.now + timedelta(seconds=lasts))
        await http.desk.tokens.put(_TOKEN, token)
        return token


class FeedDoor:
    """The feeds of www.reddit.com, open to all, about one a minute."""

    def __init__(self, config: RedditConfig) -> None:
        self._config = config
        self.quota = Quota(
            name="feeds",
            limit=1,
            per=timedelta(seconds=config.feed_seconds),
            scope="host",
            source="observed since June 2026: github.com/Ranchero-Software/NetNewsWire issue 5328",
        )

    async def page(self, listing: Listing, after: str, http: Http) -> Found:
        await http.desk.ledger.spend(self.quota.name)
        address = self._config.base_url.rstrip("/") + listing.path
        address += ".rss" if listing.words else "/.rss"
        params = listing.params | ({"after": after} if after else {}) | self._own()
        response = await http.request(
            "GET",
            address,
            params=params,
            headers={"user-agent": user_agent(self._config)},
            accept=ACCEPT,
            raise_for_status=False,  # no quick retries: one a minute is all there is
        )
        assert response is not None  # None answers a conditional request, which this is not
        error = refusal_of(response, now=http.now.timestamp())
        if error is not None:
            raise error
        # The address without its parameters: a relative link must not carry the feed's token.
        feed = await parse(response.body, url=address)
        things = read_entries(feed.items)
        further = len(feed.items) >= _SHORTEST and things.names
        return Found(
            things=things,
            after=things.names[-1] if further else "",
            spent=is_spent(response),
            complete=feed.complete,
        )

    def _own(self) -> dict[str, str]:
        """What makes a feed a member's own, which Reddit throttles less."""
        token = self._config.feed_token
        if token is None or not self._config.feed_user:
            return {}
        return {"feed": token.get_secret_value(), "user": self._config.feed_user}


def _listing(found: Any) -> dict[str, Any]:
    data = found.get("data") if isinstance(found, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("children"), list):
        raise BadPayload("Reddit: the answer is no listing")
    return data


def refusal_of(response: Response, *, now: float) -> CollectorError | None:
    """What an answer other than a success means for somebody without a key."""
    from collectors.http.outcomes import error_for  # at use: reading feeds needs no HTTP

    host = urlsplit(response.url).hostname or "Reddit"
    error = error_for(response.status, response.headers, host=host, now=now)
    if isinstance(error, NeedsAttention) and response.status in (401, 403):
        return NeedsAttention(
            f"{host}: {response.status}, Reddit refuses its feeds to this machine, or the "
            "subreddit is private; a key, or feed_user and feed_token, may open them"
        )
    return error


def is_spent(response: Response) -> bool:
    """Whether Reddit says that the next request would be one too many."""
    try:
        return float(response.headers.get("x-ratelimit-remaining", "").strip()) < 1
    except ValueError:  # absent, or no number
        return False


def user_agent(config: RedditConfig) -> str:
    """As Reddit asks for it: platform, application, version, and who answers for it."""
    by = f"by /u/{config.contact}" if config.contact else "self-hosted social listening"
    return f"server:vigie:0.1 ({by})"
