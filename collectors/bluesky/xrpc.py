"""Calls of the API: without login to the public AppView, with a session to the user's server.

A session is kept at the desk, so that polls and restarts share it: the platform bears 300 logins
a day. It is renewed by its refresh token, and only where that is refused by a new login.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from collectors.desk import Token
from collectors.errors import BadPayload, NeedsAttention
from collectors.http.outcomes import error_for
from collectors.jsontext import read_json

if TYPE_CHECKING:
    from collectors.http import Http, Params, Response

REQUESTS: Final = "requests"
LOGINS: Final = "logins"
BATCH: Final = 25
"""Posts or profiles that one call tells of: limits of the API."""
_SESSION: Final = "session"
_SOON: Final = timedelta(minutes=1)
"""A session that ends within this time is renewed before it is used."""
_STALE: Final = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing"})


@dataclass(frozen=True, slots=True)
class Xrpc:
    """identifier and password: of an account; both empty where there is none."""

    appview: str
    pds: str
    identifier: str
    password: str = field(repr=False)

    async def public(self, method: str, params: Params, http: Http) -> Mapping[str, Any]:
        """Ask the public AppView. Raises as Http does."""
        await http.desk.ledger.spend(REQUESTS)
        response = await http.get(f"{self.appview}/xrpc/{method}", params=params)
        assert response is not None  # None answers a conditional request, which this is not
        return _object(response)

    async def signed(self, method: str, params: Params, http: Http) -> Mapping[str, Any]:
        """Ask as the account. An answer that is no success is never asked for again here."""
        token = await self._session(http)
        response = await self._asked(method, params, token, http)
        if _is_stale(response):
            token = await self._renewed(token, http)
            response = await self._asked(method, params, token, http)
        _raise_for(response, http)
        return _object(response)

    async def _asked(self, method: str, params: Params, token: Token, http: Http) -> Response:
        await http.desk.ledger.spend(REQUESTS)
        response = await http.request(
            "GET",
            f"{self.pds}/xrpc/{method}",
            params=params,
            headers=_bearer(token.value),
            raise_for_status=False,
            follow=0,
        )
        assert response is not None  # None answers a conditional request, which this is not
        return response

    async def _session(self, http: Http) -> Token:
        token = await http.desk.tokens.get(_SESSION)
        if token is None:
            return await self._login(http)
        if token.expires_at is not None and token.expires_at - _SOON <= http.now:
            return await self._renewed(token, http)
        return token

    async def _renewed(self, token: Token, http: Http) -> Token:
        if token.refresh:
            response = await self._sent("refreshSession", None, _bearer(token.refresh), http)
            if response.status not in {400, 401}:
                return await self._kept(response, http)
        return await self._login(http)

    async def _login(self, http: Http) -> Token:
        await http.desk.ledger.spend(LOGINS)
        account = {"identifier": self.identifier, "password": self.password}
        response = await self._sent("createSession", account, {}, http)
        if response.status in {400, 401}:
            await http.desk.tokens.put(_SESSION, None)
            raise NeedsAttention(
                f"{_host(response)}: {response.status}, the handle or the app password is not "
                "accepted: make a new app password in Bluesky's settings and enter it here"
            )
        return await self._kept(response, http)

    async def _sent(
        self, method: str, body: object, headers: Mapping[str, str], http: Http
    ) -> Response:
        await http.desk.ledger.spend(REQUESTS)
        address = f"{self.pds}/xrpc/com.atproto.server.{method}"
        return await http.post(address, json=body, headers=headers, raw=True)

    async def _kept(self, response: Response, http: Http) -> Token:
        _raise_for(response, http)
        session = _object(response)
        access, refresh = session.get("accessJwt"), session.get("refreshJwt")
        if not isinstance(access, str) or not isinstance(refresh, str):
            raise BadPayload(f"{_host(response)}: the answer to the login has no session")
        token = Token(value=access, refresh=refresh, expires_at=expiry(access))
        await http.desk.tokens.put(_SESSION, token)
        return token


def posts_of(answer: Mapping[str, Any], name: str) -> list[Any]:
    """The list of posts in an answer. Raises BadPayload."""
    found = answer.get(name)
    if not isinstance(found, list):
        raise BadPayload("Bluesky: the answer has no list of posts")
    return found


def expiry(jwt: str) -> datetime | None:
    """When a session ends, as its token says; None where it cannot be read."""
    body = jwt.split(".")[1] if jwt.count(".") == 2 else ""
    try:
        claims = read_json(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (binascii.Error, BadPayload, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _bearer(value: str) -> dict[str, str]:
    return {"authorization": f"Bearer {value}"}


def _is_stale(response: Response) -> bool:
    """Whether it is the session that is refused, and not what was asked."""
    if response.status not in {400, 401}:
        return False
    try:
        told = read_json(response.body)
    except BadPayload:
        return False
    return isinstance(told, dict) and told.get("error") in _STALE


def _raise_for(response: Response, http: Http) -> None:
    now = http.now.timestamp()
    error = error_for(response.status, response.headers, host=_host(response), now=now)
    if error is not None:
        raise error


def _object(response: Response) -> Mapping[str, Any]:
    found = read_json(response.body)
    if not isinstance(found, dict):
        raise BadPayload(f"{_host(response)}: the answer is no object")
    return found


def _host(response: Response) -> str:
    return urlsplit(response.url).hostname or ""
