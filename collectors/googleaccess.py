"""Access to Google's APIs of one's own account: a token that is asked for when it is needed.

Two ways lead to a token (developers.google.com/identity/protocols/oauth2): a refresh token that a
person gave once, or a letter that a service account signs with its key. The token lasts an hour
and is kept on the desk for all sources of the credential.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from collectors.desk import Token
from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited
from collectors.jsontext import read_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from collectors.http import Http, Response

_TOKEN: Final = "google"  # noqa: S105 - the name it is kept under
_EARLY: Final = timedelta(minutes=1)
"""A token that ends within this time is not used any more."""
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
_NEVER: Final = b'"quota_limit_value":"0"'
_SPENT: Final = (
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "quotaExceeded",
    "dailyLimitExceeded",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleAccess:
    """Calls to one API.

    grant: the form that a token is asked for with, at that instant.
    quota: what each call is counted as.
    advice: what to do where Google refuses the credential.
    """

    name: str
    token_url: str
    grant: Callable[[datetime], Mapping[str, str]]
    quota: str
    advice: str

    async def ask(self, url: str, params: Mapping[str, str], http: Http) -> Any:
        """The answer as JSON. A kept token that is refused may have been revoked: a new one tells.

        Raises Gone where there is nothing at the address.
        """
        kept = await http.desk.tokens.get(_TOKEN)
        if kept and (kept.expires_at is None or kept.expires_at > http.now + _EARLY):
            response = await self._call(url, params, kept, http)
            if response.status != 401:
                return self._judged(response, http)
            await http.desk.tokens.put(_TOKEN, None)
        fresh = await self._token(http)
        return self._judged(await self._call(url, params, fresh, http), http)

    async def _call(
        self, url: str, params: Mapping[str, str], token: Token, http: Http
    ) -> Response:
        await http.desk.ledger.spend(self.quota)
        response = await http.request(
            "GET",
            url,
            params=params,
            headers={"authorization": f"Bearer {token.value}"},
            accept="application/json",
            raise_for_status=False,
        )
        assert response is not None  # None answers a conditional request, which this is not
        return response

    async def _token(self, http: Http) -> Token:
        form = urlencode(self.grant(http.now)).encode()
        response = await http.post(self.token_url, content=form, headers=_FORM, raw=True)
        if response.status in (400, 401, 403):
            # `invalid_grant` and its like; the answer never repeats what was sent.
            reason = _reason(response) or str(response.status)
            raise NeedsAttention(f"{self.name}: Google gives no access ({reason}): {self.advice}")
        found = self._judged(response, http)
        value = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(value, str) or not value:
            raise BadPayload(f"{self.name}: the answer holds no access token")
        seconds = found.get("expires_in")
        lasts = seconds if isinstance(seconds, int) and 0 < seconds < 10**7 else 3_600
        token = Token(value=value, expires_at=http.now + timedelta(seconds=lasts))
        await http.desk.tokens.put(_TOKEN, token)
        return token

    def _judged(self, response: Response, http: Http) -> Any:
        from collectors.http.outcomes import error_for  # at use: reading answers needs no HTTP

        if response.status == 404:
            raise Gone(f"{self.name}: 404, there is nothing of that name, or not for this account")
        error = error_for(
            response.status, response.headers, host=self.name, now=http.now.timestamp()
        )
        if error is not None:
            raise self._refined(error, response)
        return read_json(response.body)

    def _refined(self, error: CollectorError, response: Response) -> CollectorError:
        """What Google's own words add to a status."""
        if response.status == 429 and _NEVER in response.body.replace(b" ", b""):
            return NeedsAttention(f"{self.name}: Google has not opened this API to the project yet")
        if response.status == 403 and _reason(response) in _SPENT:
            return RateLimited(f"{self.name}: 403, the quota of the project is used up", 3_600.0)
        if response.status in (401, 403):
            reason = _reason(response) or "access denied"
            return NeedsAttention(f"{self.name}: {response.status} ({reason}): {self.advice}")
        return error


class Gone(NeedsAttention):
    """404: no such thing, or none that this account may see."""


def _reason(response: Response) -> str:
    """Google's word for what is wrong, where the answer has one: a short name, nothing else."""
    try:
        error = read_json(response.body).get("error")
    except (BadPayload, AttributeError):
        return ""
    if isinstance(error, dict):
        told = error.get("errors")
        first = told[0] if isinstance(told, list) and told else None
        error = first.get("reason") if isinstance(first, dict) else error.get("status")
    fine = isinstance(error, str) and len(error) <= 60 and error.replace("_", "").isalnum()
    return error if fine and isinstance(error, str) else ""


def refresh_grant(client_id: str, client_secret: str, refresh_token: str) -> dict[str, str]:
    """The form of a person's refresh token."""
    return {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
    }


def service_grant(key_file: str, scope: str, now: datetime) -> dict[str, str]:
    """The form of a service account, by its key file (JSON). Raises NeedsAttention."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    told, key = _key_of(key_file)
    header = {"alg": "RS256", "typ": "JWT", "kid": str(told.get("private_key_id") or "")}
    at = int(now.timestamp())
    claims = {
        "iss": str(told.get("client_email") or ""),
        "scope": scope,
        # Google's endpoint is the reader, wherever it is asked from.
        "aud": str(told.get("token_uri") or "https://oauth2.googleapis.com/token"),
        "iat": at,
        "exp": at + 3_600,
    }
    letter = b".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    signature = key.sign(letter, PKCS1v15(), SHA256())
    return {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": b".".join((letter, _encoded(signature))).decode(),
    }


def _key_of(key_file: str) -> tuple[Mapping[str, Any], RSAPrivateKey]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        told = json.loads(key_file)
        key = load_pem_private_key(told["private_key"].encode(), password=None)
    except (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm, RecursionError):
        told, key = None, None  # raised below, so that no error that may quote the key is its cause
    if not isinstance(told, dict) or not isinstance(key, RSAPrivateKey):
        raise NeedsAttention(
            "service_account is no JSON key file of a Google service account: paste it whole"
        )
    return told, key


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
