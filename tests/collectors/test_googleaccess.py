"""A token is asked for once, again where it is refused, and Google's refusals say what to do."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from collectors.desk import Desk, MemoryTokens, Token
from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient
from collectors.googleaccess import Gone, GoogleAccess, refresh_grant, service_grant
from collectors.http import Http, Policy
from collectors.replay import Asked, Exchange, ReplayServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
GIVEN = Exchange(path="", body='{"access_token": "new", "expires_in": 3600}')
Answer = Callable[[Asked], Exchange]


class Google(ReplayServer):
    def __init__(self, answer: Answer, token: Exchange = GIVEN) -> None:
        super().__init__()
        self.answer, self.token = answer, token

    def _answer(self, asked: Asked) -> bytes:
        self.instead = self.token if asked.path == "/token" else self.answer(asked)
        return super()._answer(asked)


def ask(google: Google, *, kept: Token | None = None, times: int = 1) -> list[str]:
    """Ask so many times; the requests that came in."""

    async def run() -> list[str]:
        async with google, Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp) as http:
            tokens = MemoryTokens()
            await tokens.put("google", kept)
            child = http.budget(20, desk=Desk(tokens=tokens))
            access = GoogleAccess(
                name="Google",
                token_url=f"{google.base}/token",
                grant=lambda now: refresh_grant("id", "s3cret", "r3fresh"),
                quota="calls",
                advice="check the key",
            )
            for _ in range(times):
                await access.ask(f"{google.base}/data", {}, child)
            return [f"{one.path} {one.headers.get('authorization', '')}" for one in google.asked]

    return asyncio.run(run())


def answering(status: int, body: Any = "{}") -> Google:
    text = body if isinstance(body, str) else json.dumps(body)
    return Google(lambda asked: Exchange(path="", status=status, body=text))


def test_a_token_is_asked_for_once_and_kept() -> None:
    assert ask(answering(200), times=2) == ["/token ", "/data Bearer new", "/data Bearer new"]


def test_a_token_that_ends_soon_is_not_used() -> None:
    old = Token(value="old", expires_at=NOW + timedelta(seconds=30))
    assert ask(answering(200), kept=old) == ["/token ", "/data Bearer new"]


def test_a_kept_token_that_is_refused_is_asked_for_anew() -> None:
    def answer(asked: Asked) -> Exchange:
        refused = asked.headers["authorization"] == "Bearer old"
        return Exchange(path="", status=401 if refused else 200, body="{}")

    kept = Token(value="old", expires_at=NOW + timedelta(hours=1))
    assert ask(Google(answer), kept=kept) == ["/data Bearer old", "/token ", "/data Bearer new"]


@pytest.mark.parametrize(
    ("status", "body", "error", "told"),
    [
        (404, {}, Gone, "nothing of that name"),
        (403, {"error": {"errors": [{"reason": "rateLimitExceeded"}]}}, RateLimited, "quota"),
        (403, {"error": {"status": "PERMISSION_DENIED"}}, NeedsAttention, "PERMISSION_DENIED"),
        (403, "<html>", NeedsAttention, "check the key"),
        (429, {"error": {"details": [{"metadata": {"quota_limit_value": "0"}}]}}, NeedsAttention,
         "not opened"),
        (429, {}, RateLimited, "asked to wait"),
        (503, "", Transient, "503"),
        (200, "no json", BadPayload, "JSON"),
    ],
)  # fmt: skip
def test_refusals_say_what_to_do(
    status: int, body: Any, error: type[CollectorError], told: str
) -> None:
    with pytest.raises(error, match=told):
        ask(answering(status, body))


@pytest.mark.parametrize("body", ['{"error": "invalid_grant"}', '{"error": "s3cret r3fresh <b>"}'])
def test_a_refused_grant_is_named_and_no_secret_with_it(body: str) -> None:
    google = Google(lambda asked: GIVEN, Exchange(path="", status=400, body=body))
    with pytest.raises(NeedsAttention, match="check the key") as caught:
        ask(google)
    assert "s3cret" not in str(caught.value)
    assert ("invalid_grant" in str(caught.value)) == ("invalid_grant" in body)


def test_a_service_account_signs_what_google_asks_for() -> None:
    key = generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    told = {"client_email": "robot@project.example", "private_key": pem, "private_key_id": "k1"}
    form = service_grant(json.dumps(told), "https://scope.example", NOW)
    letter, _, signature = form["assertion"].rpartition(".")
    key.public_key().verify(decoded(signature), letter.encode(), PKCS1v15(), SHA256())
    header, claims = (json.loads(decoded(part)) for part in letter.split("."))
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert claims["iss"] == "robot@project.example"
    assert claims["aud"] == "https://oauth2.googleapis.com/token"
    assert claims["exp"] - claims["iat"] == 3_600


@pytest.mark.parametrize("key_file", ["", "[]", "{}", "nonsense", '{"private_key": "s3cret"}'])
def test_what_is_no_key_file_is_refused_without_repeating_it(key_file: str) -> None:
    with pytest.raises(NeedsAttention, match="paste it whole") as caught:
        service_grant(key_file, "scope", NOW)
    assert caught.value.__cause__ is None
    assert "s3cret" not in str(caught.value)


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
