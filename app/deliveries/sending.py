"""One try of one message: build the transport, send, name what happened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import SecretStr, ValidationError

from app.deliveries.rules import Outcome
from app.deliveries.transports.base import (
    ChannelConfig,
    NeedsConfig,
    Outgoing,
    Smtp,
    Transport,
    TransportError,
    Way,
)
from app.deliveries.transports.posting import ANSWER_LIMIT
from app.deliveries.transports.registry import transport_class
from app.errors import Invalid, SetupError
from app.models import Channel
from app.services import Services

LONGEST_TRY_S = 45.0
"""A try is given up, its outcome unknown, before its lease of a minute ends."""
_SHORTEST_SECRET = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a try came to."""

    outcome: Outcome
    status: int | None = None
    error: str = ""
    answer: str = ""
    after_s: float | None = None
    done: frozenset[str] = frozenset()
    memory: Mapping[str, Any] | None = None
    took_ms: int = field(default=0, compare=False)


async def attempt(services: Services, channel: Channel, outgoing: Outgoing) -> Result:
    """Send once. Never raises what a transport or its network does wrong."""
    started = time.monotonic()
    secrets: tuple[str, ...] = ()
    try:
        opened = services.cipher.open(channel.secrets)
        secrets = tuple(opened.values())
        transport = build(channel.kind, {**channel.config, **opened})
        async with asyncio.timeout(LONGEST_TRY_S):
            answer = await transport.send(outgoing, way_of(services))
        result = Result(
            outcome=Outcome.SENT, status=answer.status, answer=answer.text,
            done=answer.done, memory=answer.memory,
        )  # fmt: skip
    except TransportError as error:
        result = Result(
            outcome=error.outcome, status=error.status, error=error.message, answer=error.text,
            after_s=error.after, done=error.done, memory=error.memory,
        )  # fmt: skip
    except SetupError as error:
        result = Result(outcome=Outcome.NEEDS_CONFIG, error=error.message)
    except TimeoutError:
        result = Result(outcome=Outcome.UNKNOWN, error=f"no answer within {LONGEST_TRY_S:.0f} s")
    except Exception as bug:
        # A transport may be anybody's plugin: its bug must not stop the other channels. The
        # message is left out of the log, as nobody knows what it holds.
        where = bug.__traceback__.tb_lineno if bug.__traceback__ else 0
        structlog.get_logger().error(
            "delivery.transport_bug", kind=channel.kind, bug=type(bug).__name__, line=where
        )
        result = Result(
            outcome=Outcome.RETRY, error=f"bug in '{channel.kind}': {type(bug).__name__}"
        )
    return _without(secrets, result, took_ms=int((time.monotonic() - started) * 1000))


def build(kind: str, values: Mapping[str, Any]) -> Transport:
    """A transport from its stored settings. Raises NeedsConfig where they do not fit (any more)."""
    try:
        made = transport_class(kind)
        return made(made.Config(**values))
    except Invalid as error:
        raise NeedsConfig(error.message) from error
    except ValidationError as error:
        raise NeedsConfig(f"the settings do not fit: {first_fault(error)}") from error


def first_fault(error: ValidationError) -> str:
    """The first thing wrong, without what was entered: it may be a secret."""
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}"


def way_of(services: Services) -> Way:
    """The ways out that the operator's settings open."""
    settings = services.settings
    return Way(
        http=services.http,
        smtp=Smtp(
            host=settings.smtp_host, port=settings.smtp_port, user=settings.smtp_user,
            password=settings.smtp_password, tls=settings.smtp_tls, sender=settings.mail_from,
            timeout_s=min(settings.http_timeout_s, LONGEST_TRY_S / 1.5),
        ),
    )  # fmt: skip


def split_secrets(config: ChannelConfig) -> tuple[dict[str, Any], dict[str, str]]:
    """A config as plain JSON values and, apart, its secrets."""
    plain: dict[str, Any] = {}
    secret: dict[str, str] = {}
    for name in type(config).model_fields:
        value = getattr(config, name)
        if isinstance(value, SecretStr):
            secret[name] = value.get_secret_value()
        else:
            plain[name] = value
    dumped = config.model_dump(mode="json", include=set(plain))
    return dumped, secret


def _without(secrets: Iterable[str], result: Result, *, took_ms: int) -> Result:
    """The result with no secret in its words, whatever a receiver or a plugin put there."""
    error, answer = result.error, result.answer
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            error, answer = error.replace(secret, "•••"), answer.replace(secret, "•••")
    return Result(
        outcome=result.outcome, status=result.status, error=error[:500].replace("\x00", "\ufffd"),
        answer=answer[:ANSWER_LIMIT].replace("\x00", "\ufffd"), after_s=result.after_s,
        done=result.done, memory=result.memory, took_ms=took_ms,
    )  # fmt: skip
