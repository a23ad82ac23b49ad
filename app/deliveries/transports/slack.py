"""Slack incoming webhooks (and those that speak the same: Mattermost, Rocket.Chat).

What Slack's answers mean: requirements §4. It has no idempotency key: the message carries a short
id, so that people recognise a second copy.
"""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import urlsplit

import orjson
from pydantic import Field, SecretStr, field_validator

from app.deliveries.transports.base import (
    Answer,
    Capabilities,
    ChannelConfig,
    Gone,
    Hold,
    NeedsConfig,
    Outgoing,
    Refused,
    Retry,
    Way,
)
from app.deliveries.transports.posting import answer_text, post
from app.deliveries.transports.slack_blocks import plain, render
from collectors.http import Response
from collectors.http.retry_after import retry_after

_OUR_BUG = frozenset(
    {"invalid_payload", "invalid_blocks", "invalid_blocks_format", "no_text",
     "too_many_attachments", "msg_too_long", "msg_blocks_too_long"}
)  # fmt: skip
_CONFIG = frozenset(
    {"user_not_found", "invalid_token", "action_prohibited", "posting_to_general_channel_denied",
     "no_active_hooks", "team_disabled", "channel_is_limited_access", "access_denied"}
)  # fmt: skip
_GONE = frozenset({"no_service", "no_service_id", "no_team", "channel_not_found",
                   "channel_is_archived"})  # fmt: skip


_WORD = re.compile(r"[A-Za-z_]{1,60}")


class SlackConfig(ChannelConfig):
    """Settings of a Slack channel."""

    url: SecretStr = Field(
        description="Address of the incoming webhook (https://hooks.slack.com/services/…). "
        "Whoever has it can post: it is kept encrypted and never shown again.",
    )

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: SecretStr) -> SecretStr:
        return web_address(value)


def web_address(value: SecretStr) -> SecretStr:
    """The address without blanks around it. Raises ValueError where it is none."""
    text = value.get_secret_value().strip()
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or len(text) > 2_000:
        raise ValueError("give a whole web address, https://…")
    return SecretStr(text)


class Slack:
    """Posts to one incoming webhook."""

    kind: ClassVar[str] = "slack"
    Config: ClassVar[type[ChannelConfig]] = SlackConfig
    capabilities: ClassVar[Capabilities] = Capabilities(idempotent=False, plain_form=True)

    def __init__(self, config: SlackConfig) -> None:
        self._url = config.url

    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        body = plain(outgoing) if outgoing.plain else render(outgoing)
        response = await post(
            way.http,
            self._url.get_secret_value(),
            content=orjson.dumps(body),
            headers={"content-type": "application/json; charset=utf-8"},
        )
        return _judge(response, now=outgoing.now.timestamp())


def _judge(response: Response, *, now: float) -> Answer:
    """What Slack's answer asks of us."""
    status, text = response.status, answer_text(response).strip()
    host = urlsplit(response.url).hostname
    # Slack answers with one word; anything longer may hold what must not be shown.
    said = text.lower() if _WORD.fullmatch(text) else ""
    shown = f"{host}: {status} {said}".strip()
    if status == 200 and text == "ok":
        return Answer(status=status, text=text)
    if status == 429 or (status == 503 and "retry-after" in response.headers):
        wait = retry_after(response.headers, now=now)
        raise Hold(shown, status=status, text=text, after=wait)
    if said in _GONE or status in (404, 410):
        raise Gone(f"{shown}: this webhook is gone; make a new one", status=status, text=text)
    if said in _OUR_BUG:
        raise Refused(shown, status=status, text=text)
    if said in _CONFIG or status in (401, 403):
        raise NeedsConfig(f"{shown}: check the webhook in Slack", status=status, text=text)
    if 300 <= status < 400:
        raise NeedsConfig(f"{shown}: it points elsewhere", status=status, text=text)
    if 400 <= status < 500 and status not in (408, 425) and said != "rollup_error":
        raise Refused(shown, status=status, text=text)
    # 5xx, rollup_error, and 200 with any other text than "ok" (a proxy's page).
    raise Retry(shown, status=status, text=text)
