"""Signed webhooks after Standard Webhooks 1.0 (standardwebhooks.com), signed by its own library.

2xx is a success; every other answer, redirects included, is a failure that the outbox tries again
on its plan; 410 disables the channel; Retry-After holds it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson
from pydantic import Field, SecretStr, field_validator
from standardwebhooks import Webhook as Signer

from app.deliveries.message import Link, MentionLine, Message
from app.deliveries.text import cut, one_line, paragraph, safe_url
from app.deliveries.transports.base import (
    Answer,
    Capabilities,
    ChannelConfig,
    Gone,
    Hold,
    Outgoing,
    Retry,
    Way,
)
from app.deliveries.transports.posting import answer_text, post
from app.deliveries.transports.slack import web_address
from collectors.http.retry_after import retry_after

MOST_BYTES = 20_000
_PREFIX = "whsec_"
_HOW_TO_SIGN = (
    "'whsec_' and 24 to 64 bytes in base64; `openssl rand -base64 32` makes the part behind it"
)


class WebhookConfig(ChannelConfig):
    """Settings of a signed webhook."""

    url: SecretStr = Field(description="Address that the messages are posted to (https://…).")
    secret: SecretStr = Field(description=f"Signing secret: {_HOW_TO_SIGN}.")
    previous_secret: SecretStr | None = Field(
        None, description="The secret before, which also signs while the receiver changes over."
    )

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: SecretStr) -> SecretStr:
        return web_address(value)

    @field_validator("secret", "previous_secret")
    @classmethod
    def _signing_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value().strip()
        encoded = text.removeprefix(_PREFIX).rstrip("=")
        try:
            size = len(base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True))
        except (binascii.Error, ValueError):
            size = 0
        if not 24 <= size <= 64:
            raise ValueError(f"give {_HOW_TO_SIGN}")
        return SecretStr(text)


class Webhook:
    """Posts signed JSON to one address."""

    kind: ClassVar[str] = "webhook"
    Config: ClassVar[type[ChannelConfig]] = WebhookConfig
    capabilities: ClassVar[Capabilities] = Capabilities(idempotent=True)

    def __init__(self, config: WebhookConfig) -> None:
        self._url = config.url
        self._secrets = tuple(s for s in (config.secret, config.previous_secret) if s)

    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        content = body(outgoing)
        headers = self._headers(outgoing, content)
        response = await post(
            way.http, self._url.get_secret_value(), content=content, headers=headers
        )
        status, text = response.status, answer_text(response)
        shown = f"{urlsplit(response.url).hostname}: {status}"
        if 200 <= status < 300:
            return Answer(status=status, text=text)
        if status == 410:
            raise Gone(f"{shown}: the receiver wants no more", status=status, text=text)
        wait = retry_after(response.headers, now=outgoing.now.timestamp())
        if status == 429 or (status == 503 and "retry-after" in response.headers):
            raise Hold(shown, status=status, text=text, after=wait)
        raise Retry(shown, status=status, text=text)

    def _headers(self, outgoing: Outgoing, content: bytes) -> dict[str, str]:
        text = content.decode()
        signatures = [
            Signer(secret.get_secret_value()).sign(outgoing.message_id, outgoing.now, text)
            for secret in self._secrets
        ]
        return {
            "content-type": "application/json",
            "webhook-id": outgoing.message_id,
            "webhook-timestamp": str(int(outgoing.now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def body(outgoing: Outgoing) -> bytes:
    """The JSON that is signed and sent: the same bytes at every try, under 20 kB.

    Mentions are left out from the last on where there is no room; `mentions_left_out` says so.
    """
    message = outgoing.message
    lines = [_mention(line) for line in message.mentions]
    for kept in range(len(lines), -1, -1):
        content = orjson.dumps(
            _envelope(outgoing, message, lines[:kept], left_out=len(lines) - kept)
        )
        if len(content) < MOST_BYTES:
            return content
    return orjson.dumps(_envelope(outgoing, _bare(message), [], left_out=len(lines)))


def _envelope(
    outgoing: Outgoing, message: Message, lines: list[dict[str, Any]], *, left_out: int
) -> dict[str, Any]:
    data: Mapping[str, Any] = {
        "title": one_line(message.title),
        "ref": message.ref,
        "severity": message.severity,
        "language": message.lang,
        "lines": [one_line(line) for line in message.lines],
        "facts": [{"name": fact.name, "value": fact.value} for fact in message.facts],
        "links": [{"label": link.label, "url": link.url} for link in message.links],
        "mentions": lines,
        "mentions_left_out": left_out,
        **message.data,
    }
    return {
        "type": f"vigie.{message.kind}",
        "timestamp": outgoing.created_at.isoformat(),
        "data": data,
    }


def _bare(message: Message) -> Message:
    return Message(
        kind=message.kind, title=cut(message.title, 500), lang=message.lang,
        severity=message.severity, ref=message.ref,
        links=tuple(Link(cut(link.label, 100), link.url) for link in message.links[:1]),
    )  # fmt: skip


def _mention(line: MentionLine) -> dict[str, Any]:
    return {
        "id": line.mention_id,
        "brand": one_line(line.brand),
        "text": cut(paragraph(line.text), 2_000),
        "author": one_line(line.author),
        "url": safe_url(line.url),
        "source": one_line(line.source),
        "sentiment": None if line.label == "none" else line.label,
        "published_at": line.published_at.isoformat(),
        "first_seen_at": line.first_seen_at.isoformat(),
    }
