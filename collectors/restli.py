"""LinkedIn's versioned REST API: headers, Rest.li encoding, tokens, what an error asks of us.

learn.microsoft.com/linkedin/shared/api-guide/concepts
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from pydantic import SecretStr

from collectors.desk import Token
from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited
from collectors.jsontext import read_json

if TYPE_CHECKING:
    from collectors.http import Http, Response

CALLS: Final = "calls"
"""The quota that each call is counted on."""
_EARLY: Final = timedelta(days=1)


class Denied(NeedsAttention):
    """The token may not do this."""


class Absent(NeedsAttention):
    """Nothing is there, or nothing that the token may see."""


def encoded(value: str) -> str:
    """A value within Rest.li's syntax: its own signs escaped."""
    return quote(value.encode("utf-8", "replace"), safe="")


def list_of(values: Sequence[str]) -> str:
    """`List(a,b)` with each value escaped and the brackets not, as protocol 2.0.0 has it."""
    return f"List({','.join(map(encoded, values))})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a new access token is asked for with. LinkedIn gives refresh tokens to partners."""

    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr
    url: str


class Rest:
    """One account's way into the API."""

    def __init__(
        self, base_url: str, version: str, token: SecretStr, *, login: Login | None = None
    ) -> None:
        self._base = base_url.rstrip("/")
        self._host = urlsplit(base_url).hostname or "LinkedIn"
        self._version = version
        self._token = token
        self._login = login

    async def get(
        self,
        path: str,
        query: Mapping[str, str],
        http: Http,
        *,
        needs: str,
        method: str = "",
    ) -> dict[str, Any]:
        """query: values that are encoded already. method: Rest.li's, such as BATCH_GET."""
        token = await self._current(http)
        await http.desk.ledger.spend(CALLS)
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        headers = {
            "authorization": f"Bearer {token}",
            "linkedin-version": self._version,
            "x-restli-protocol-version": "2.0.0",
        }
        response = await http.request(
            "GET",
            f"{self._base}/rest{path}" + (f"?{asked}" if asked else ""),
            headers=headers | ({"x-restli-method": method} if method else {}),
            raise_for_status=False,
            follow=0,
        )
        assert response is not None  # None answers a conditional request, which this is not
        return self._read(response, http.now, needs=needs)

    async def elements(
        self, path: str, query: Mapping[str, str], http: Http, *, needs: str
    ) -> list[Any]:
        """The records of a finder's page."""
        found = await self.get(path, query, http, needs=needs)
        records = found.get("elements")
        if not isinstance(records, list):
            raise BadPayload("LinkedIn: the answer has no list")
        return records

    def _read(self, response: Response, now: datetime, *, needs: str) -> dict[str, Any]:
        error = error_of(response, host=self._host, now=now, needs=needs)
        if error is not None:
            raise error
        found = read_json(response.body)
        if not isinstance(found, dict):
            raise BadPayload("LinkedIn: the answer is no object")
        return found

    async def _current(self, http: Http) -> str:
        if self._login is None:
            return self._token.get_secret_value()
        secret = self._login.refresh_token.get_secret_value()
        name = f"linkedin {hashlib.sha256(secret.encode()).hexdigest()[:16]}"
        kept = await http.desk.tokens.get(name)
        if kept is None or (kept.expires_at and kept.expires_at - http.now < _EARLY):
            kept = await self._renewed(self._login, kept.refresh if kept else secret, http)
            await http.desk.tokens.put(name, kept)
        return kept.value

    async def _renewed(self, login: Login, refresh: str, http: Http) -> Token:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh,
            "client_id": login.client_id,
            "client_secret": login.client_secret.get_secret_value(),
        }
        response = await http.post(
            login.url.rstrip("/") + "/oauth/v2/accessToken",
            content=urlencode(form).encode(),
            headers={"content-type": "application/x-www-form-urlencoded"},
            raw=True,
        )
        if response.status == 400:
            raise NeedsAttention("LinkedIn: the refresh token is refused; connect again")
        found = self._read(response, http.now, needs="to renew its token")
        value, seconds = found.get("access_token"), found.get("expires_in")
        if not isinstance(value, str) or not value:
            raise NeedsAttention("LinkedIn gives no access: check client_id and client_secret")
        lasts = seconds if isinstance(seconds, int) and 0 < seconds < 10**8 else 3_600
        renewed = found.get("refresh_token")
        return Token(
            value=value,
            refresh=renewed if isinstance(renewed, str) and renewed else refresh,
            expires_at=http.now + timedelta(seconds=lasts),
        )


def error_of(response: Response, *, host: str, now: datetime, needs: str) -> CollectorError | None:
    """None for a success. needs: the permission that the call needs, for the person."""
    from collectors.http.outcomes import error_for  # at use: reading answers needs no HTTP

    status = response.status
    if status == 401:
        return NeedsAttention("LinkedIn: 401, the token has expired or is refused; enter a new one")
    if status == 403:
        return Denied(f"LinkedIn: 403, the token lacks {needs}")
    if status == 404:
        return Absent("LinkedIn: 404, nothing is there")
    if status == 426:
        return NeedsAttention("LinkedIn: 426, this version has ended; enter a newer `version`")
    error = error_for(status, response.headers, host=host, now=now.timestamp())
    if isinstance(error, RateLimited) and error.retry_after is None:
        error.retry_after = seconds_to_midnight(now)
    return error


def seconds_to_midnight(now: datetime) -> float:
    """Until LinkedIn's daily limits begin again (UTC)."""
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return (start + timedelta(days=1) - now).total_seconds()
