"""Calls to a Graph API: token in the header, proof of the app, pages, usage, renewal."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import SecretStr

from collectors.desk import Token
from collectors.errors import BadPayload, NeedsAttention, RateLimited, Transient
from collectors.jsontext import read_json
from collectors.meta.errors import FULL, PAUSE, error_of, usage_of

if TYPE_CHECKING:
    from collectors.http import Http, Response

CALLS: Final = "calls"
"""The quota that each call is counted on."""
_PAGING: Final = ("after", "until", "__paging_token")
_FURTHER: Final = 500
"""Characters of a page's cursor at most: three of them have to fit into ours."""
_EARLY: Final = timedelta(days=30)
"""A token of 60 days is renewed when less than this is left."""
_FIRST: Final = timedelta(days=1)
"""A token has to be a day old before it can be renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """How a long-lived token is renewed. params: what is asked beside the token itself."""

    path: str
    params: Mapping[str, SecretStr | str]
    token_name: str = "access_token"  # noqa: S105 - the name of a parameter


def exchanged(version: str, app_id: str, app_secret: SecretStr | None) -> Renewal | None:
    """By one's own app, which a token made in the developer console needs; None without one."""
    if not app_id or app_secret is None:
        return None
    return Renewal(
        path=f"/{version}/oauth/access_token",
        params={
            "grant_type": "fb_exchange_token",
            "client_id": app_id,
            "client_secret": app_secret,
        },
        token_name="fb_exchange_token",  # noqa: S106 - the name of a parameter
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphPage:
    """One page of a listing. further: what the next one is asked with, "" at the end."""

    records: list[Any]
    further: str = ""


class Graph:
    """One account's way into a Graph API.

    A limit that is nearly full stops the next call, so that the answer that told it is not lost.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        version: str,
        token: SecretStr,
        *,
        app_secret: SecretStr | None = None,
        renewal: Renewal | None = None,
    ) -> None:
        self.service = service
        self._base = base_url.rstrip("/")
        self._version = version
        self._host = urlsplit(base_url).hostname or service
        self._token = token
        self._secret = app_secret
        self._renewal = renewal
        self._until: datetime | None = None

    async def page(
        self,
        path: str,
        params: Mapping[str, str],
        http: Http,
        *,
        needs: str = "",
        cursors: bool = False,
        quota: str = "",
    ) -> GraphPage:
        """A page of a listing.

        cursors: it goes on by its cursor although it names no `next`.
        quota: what it is counted on besides; an answer that holds nothing is given back.
        """
        if quota:
            await http.desk.ledger.spend(quota)
        found = await self.get(path, params, http, needs=needs)
        records = found.get("data")
        if not isinstance(records, list):
            raise BadPayload(f"{self.service}: the answer has no list")
        if quota and not records:
            await http.desk.ledger.owe(quota, -1)
        return GraphPage(
            records=records, further=further_of(found, cursors=cursors) if records else ""
        )

    async def get(
        self, path: str, params: Mapping[str, str], http: Http, *, needs: str = ""
    ) -> dict[str, Any]:
        """One object. Raises as collectors.meta.errors tells."""
        if self._until is not None and http.now < self._until:
            wait = (self._until - http.now).total_seconds()
            raise RateLimited(f"{self.service}: the app's limit is nearly used up", wait)
        token = await self._current(http)
        asked = {**params, **self._proof(token)}
        await http.desk.ledger.spend(CALLS)
        return self._read(
            await self._ask(f"/{self._version}{path}", asked, http, token=token), http, needs=needs
        )

    async def _ask(
        self, path: str, params: Mapping[str, str], http: Http, *, token: str = ""
    ) -> Response:
        response = await http.request(
            "GET",
            self._base + path,
            params=params,
            headers={"authorization": f"Bearer {token}"} if token else {},
            raise_for_status=False,
            follow=0,
        )
        assert response is not None  # None answers a conditional request, which this is not
        return response

    def _read(self, response: Response, http: Http, *, needs: str) -> dict[str, Any]:
        error = error_of(
            response,
            service=self.service,
            needs=needs or "that its README names",
            host=self._host,
            now=http.now.timestamp(),
        )
        if error is not None:
            raise error
        used, wait = usage_of(response.headers)
        full = timedelta(seconds=wait or PAUSE)
        self._until = http.now + full if used >= FULL else None
        found = read_json(response.body)
        if not isinstance(found, dict):
            raise BadPayload(f"{self.service}: the answer is no object")
        return found

    def _proof(self, token: str) -> dict[str, str]:
        """Shows Meta that the app itself asks, where the person entered its secret."""
        if self._secret is None:
            return {}
        key = self._secret.get_secret_value().encode()
        return {"appsecret_proof": hmac.new(key, token.encode(), hashlib.sha256).hexdigest()}

    async def _current(self, http: Http) -> str:
        """The entered token, or the one that it became by renewal."""
        entered = self._token.get_secret_value()
        if self._renewal is None:
            return entered
        # Under the entered token's own name: a newly entered one is not hidden by an older one.
        name = f"{self.service.lower()} {hashlib.sha256(entered.encode()).hexdigest()[:16]}"
        kept = await http.desk.tokens.get(name)
        if kept is None:
            kept = Token(value=entered, expires_at=http.now + _EARLY + _FIRST)
            await http.desk.tokens.put(name, kept)
        if kept.expires_at is not None and kept.expires_at - http.now < _EARLY:
            kept = await self._renewed(kept, http)
            await http.desk.tokens.put(name, kept)
        return kept.value

    async def _renewed(self, kept: Token, http: Http) -> Token:
        """A token for another 60 days; the one there is where the renewal has a passing fault."""
        assert self._renewal is not None
        asked = {key: _plain(value) for key, value in self._renewal.params.items()}
        asked[self._renewal.token_name] = kept.value
        await http.desk.ledger.spend(CALLS)
        try:
            found = self._read(await self._ask(self._renewal.path, asked, http), http, needs="")
        except Transient:
            return kept  # it is good for some more weeks, and the next poll tries again
        value, seconds = found.get("access_token"), found.get("expires_in")
        if not isinstance(value, str) or not value:
            raise NeedsAttention(f"{self.service}: the token cannot be renewed; enter a new one")
        ends = None
        if isinstance(seconds, int) and 0 < seconds < 10**9:
            ends = http.now + timedelta(seconds=seconds)
        return Token(value=value, expires_at=ends)


def _plain(value: SecretStr | str) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def further_of(found: Mapping[str, Any], *, cursors: bool) -> str:
    """What the next page is asked with. An address that Meta names is never followed: only the
    few parameters that page are taken from it, so neither a host nor a token comes along."""
    paging = found.get("paging")
    if not isinstance(paging, dict):
        return ""
    after = paging.get("cursors")
    after = after.get("after") if isinstance(after, dict) else None
    following = paging.get("next")
    asked: dict[str, str] = {}
    if isinstance(following, str) and len(following) <= 4_000:
        try:
            query = urlsplit(following).query
            asked = {key: value for key, value in parse_qsl(query) if key in _PAGING}
        except ValueError:
            asked = {}
    if isinstance(after, str) and after and (following or cursors):
        asked["after"] = after
    further = urlencode(asked)
    return further if len(further) <= _FURTHER else ""
