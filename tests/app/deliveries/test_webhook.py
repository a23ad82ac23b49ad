"""Signed webhooks, verified at the receiver by the official library."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
import time_machine
from pydantic import ValidationError
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from app.deliveries.testing import ScriptedHttp, outgoing, response
from app.deliveries.transports.base import Gone, Hold, Outgoing, Retry, Way
from app.deliveries.transports.webhook import MOST_BYTES, Webhook, WebhookConfig, body
from tests.conftest import NOW
from tests.support.outputs import SECRET

OTHER = "whsec_" + base64.b64encode(b"another secret of 32 bytes here!").decode()
URL = "https://receiver.example/hook"


async def posted(
    sample: Outgoing, *, status: int = 200, previous: str | None = None, **headers: str
) -> tuple[bytes, dict[str, str]]:
    http = ScriptedHttp(response(status, b"", **headers))
    config = WebhookConfig.model_validate(
        {"url": URL, "secret": SECRET, "previous_secret": previous}
    )
    await Webhook(config).send(sample, Way(http=http))  # type: ignore[arg-type]  # stands in for Http
    [(_, content, sent)] = http.posts
    return content, sent


def test_the_published_vector_is_reproduced() -> None:
    # standardwebhooks.com, "Verifying webhooks": id, timestamp, body and signature.
    at = datetime.fromtimestamp(1614265330, UTC)
    signed = Verifier(SECRET).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_the_receiver_verifies_what_was_sent() -> None:
    content, headers = await posted(outgoing())
    with time_machine.travel(NOW, tick=False):
        said = Verifier(SECRET).verify(content, headers)
    assert said["type"] == "vigie.alert"
    assert headers["webhook-id"] == "msg_1"


async def test_a_changed_body_or_a_late_copy_is_refused_by_the_receiver() -> None:
    content, headers = await posted(outgoing())
    with time_machine.travel(NOW, tick=False), pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(content + b" ", headers)
    late = datetime.fromtimestamp(NOW.timestamp() + 360, UTC)
    with time_machine.travel(late, tick=False), pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(content, headers)


async def test_while_secrets_change_both_verify() -> None:
    content, headers = await posted(outgoing(), previous=OTHER)
    with time_machine.travel(NOW, tick=False):
        for secret in (SECRET, OTHER):
            Verifier(secret).verify(content, headers)


async def test_a_later_try_has_the_same_id_and_body_and_its_own_time() -> None:
    later = replace(outgoing(), now=datetime.fromtimestamp(NOW.timestamp() + 300, UTC))
    (first, before), (second, after) = await posted(outgoing()), await posted(later)
    assert first == second
    assert before["webhook-id"] == after["webhook-id"]
    assert int(after["webhook-timestamp"]) - int(before["webhook-timestamp"]) == 300


async def test_a_body_stays_under_20_kb_and_says_what_it_left_out() -> None:
    sample = outgoing("é" * 5_000)
    many = replace(sample, message=replace(sample.message, mentions=sample.message.mentions * 40,
                                           title="t", lines=(), facts=(), links=()))  # fmt: skip
    content = body(many)
    data = json.loads(content)["data"]
    assert len(content) < MOST_BYTES
    assert data["mentions_left_out"] == 40 - len(data["mentions"])
    assert len(body(outgoing("é" * 100_000))) < MOST_BYTES


@pytest.mark.parametrize(
    ("status", "error"),
    [(301, Retry), (400, Retry), (404, Retry), (500, Retry), (410, Gone), (429, Hold)],
)
async def test_what_is_not_2xx_is_a_failure(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        await posted(outgoing(), status=status)


async def test_503_with_retry_after_holds_the_channel() -> None:
    with pytest.raises(Hold) as held:
        await posted(outgoing(), status=503, retry_after="Mon, 23 Nov 2026 09:02:00 GMT")
    assert held.value.after == 120


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_dG9vIHNob3J0", "not base64 !!!"])
def test_a_weak_secret_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(ValidationError) as refused:
        WebhookConfig.model_validate({"url": URL, "secret": secret})
    assert "24 to 64 bytes" in str(refused.value) or "valid string" in str(refused.value)


def test_machine_facts_are_in_the_data() -> None:
    sample = outgoing()
    with_data = replace(sample, message=replace(sample.message, data={"alert_id": "12"}))
    assert orjson.loads(body(with_data))["data"]["alert_id"] == "12"
