"""E-mail by the operator's SMTP server (which is exempt from the address guard: DESIGN §4).

Each recipient gets a mail of their own over one connection, so one bad address stops nobody and
nobody sees the others. What a passing fault left undone is tried again for those alone.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.policy import SMTP as SMTP_POLICY
from email.utils import parseaddr
from typing import Any, ClassVar

import aiosmtplib
from pydantic import Field, field_validator

from app.deliveries.text import one_line
from app.deliveries.transports.base import (
    Answer,
    Capabilities,
    ChannelConfig,
    GiveUp,
    NeedsConfig,
    Outgoing,
    Retry,
    Smtp,
    TransportError,
    Unknown,
    Way,
)
from app.deliveries.transports.mime import compose

REFUSALS_UNTIL_DROPPED = 3
"""An address refused for good so many times in a row gets no more mail (R-31)."""
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\\\x00-\x1f]{1,64}@[^\s@<>,;:\"()\\\x00-\x1f]{1,253}")


class EmailConfig(ChannelConfig):
    """Settings of an e-mail channel."""

    recipients: tuple[str, ...] = Field(
        min_length=1, max_length=50, description="Addresses that get the messages."
    )

    @field_validator("recipients")
    @classmethod
    def _addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = tuple(dict.fromkeys(value.strip() for value in values))
        for value in cleaned:
            if not _ADDRESS.fullmatch(value) or not value.isascii():
                raise ValueError(f"'{one_line(value)[:80]}' is not an e-mail address")
        return cleaned


@dataclass(slots=True)
class _Round:
    """How the recipients of one try fared."""

    done: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)
    last: str = ""


class Email:
    """Mails one message to the channel's recipients."""

    kind: ClassVar[str] = "email"
    Config: ClassVar[type[ChannelConfig]] = EmailConfig
    capabilities: ClassVar[Capabilities] = Capabilities(idempotent=True)

    def __init__(self, config: EmailConfig) -> None:
        self._recipients = config.recipients

    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        if not way.smtp.host:
            raise NeedsConfig("no mail server is set: give VIGIE_SMTP_HOST")
        refusals = _refusals(outgoing.memory)
        alive = [a for a in self._recipients if refusals.get(a, 0) < REFUSALS_UNTIL_DROPPED]
        if not alive:
            raise NeedsConfig("every address was refused three times: correct the recipients")
        round_ = _Round(done=set(outgoing.done))
        client = await _connected(way.smtp)
        try:
            for address in alive:
                if address not in round_.done:
                    await _mail(client, outgoing, way.smtp, address, round_)
        finally:
            client.close()
        return _settled(round_, refusals)


async def _connected(smtp: Smtp) -> aiosmtplib.SMTP:
    """A greeted, protected, logged-in connection. Raises Retry or NeedsConfig."""
    client = aiosmtplib.SMTP(
        hostname=smtp.host, port=smtp.port, timeout=smtp.timeout_s,
        use_tls=smtp.tls == "tls", start_tls=False,
    )  # fmt: skip
    try:
        await client.connect()
        if smtp.tls == "starttls":
            await _start_tls(client, smtp)
        if smtp.user:
            await client.login(smtp.user, smtp.password.get_secret_value())
    except aiosmtplib.SMTPAuthenticationError as error:
        client.close()
        kind = Retry if 400 <= error.code < 500 else NeedsConfig
        raise kind(
            f"{smtp.host}: {error.code}, the login was refused; check VIGIE_SMTP_USER and "
            "VIGIE_SMTP_PASSWORD",
            status=error.code,
        ) from error
    except (aiosmtplib.SMTPNotSupported, ssl.SSLCertVerificationError) as error:
        client.close()
        raise NeedsConfig(f"{smtp.host}: {_words(error)}; check VIGIE_SMTP_TLS") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()
        if isinstance(error.__cause__, ssl.SSLCertVerificationError):
            raise NeedsConfig(f"{smtp.host}: its certificate is not trusted") from error
        raise Retry(f"{smtp.host}: {_words(error)}", status=_code(error)) from error
    return client


async def _start_tls(client: aiosmtplib.SMTP, smtp: Smtp) -> None:
    await client.ehlo()
    if not client.supports_extension("starttls"):
        client.close()
        raise NeedsConfig(f"{smtp.host}: it offers no STARTTLS; check VIGIE_SMTP_TLS")
    await client.starttls()


async def _mail(
    client: aiosmtplib.SMTP, outgoing: Outgoing, smtp: Smtp, address: str, round_: _Round
) -> None:
    """One mail to one recipient; a refusal is noted, a broken connection raised."""
    mail = compose(outgoing, sender=smtp.sender, recipient=address)
    content = mail.as_bytes(policy=SMTP_POLICY)
    sent = False
    try:
        await client.mail(parseaddr(smtp.sender)[1])
        await client.rcpt(address)
        sent = True
        answer = await client.data(content)
    except aiosmtplib.SMTPSenderRefused as error:
        raise _sender_refused(error, smtp, round_) from error
    except aiosmtplib.SMTPResponseException as error:
        await _note_refusal(client, error, address, round_)
        return
    except (aiosmtplib.SMTPException, OSError) as error:
        kind = Unknown if sent else Retry
        words = f"{smtp.host}: {_words(error)}"
        raise kind(words, done=frozenset(round_.done)) from error
    round_.done.add(address)
    round_.last = f"{answer.code} {answer.message}"


def _sender_refused(
    error: aiosmtplib.SMTPSenderRefused, smtp: Smtp, round_: _Round
) -> TransportError:
    kind = Retry if 400 <= error.code < 500 else NeedsConfig
    return kind(
        f"{smtp.host}: {error.code} {one_line(error.message)}; check VIGIE_MAIL_FROM",
        status=error.code, text=error.message, done=frozenset(round_.done),
    )  # fmt: skip


async def _note_refusal(
    client: aiosmtplib.SMTP, error: aiosmtplib.SMTPResponseException, address: str, round_: _Round
) -> None:
    words = f"{error.code} {one_line(error.message)}"
    (round_.later if 400 <= error.code < 500 else round_.refused)[address] = words
    try:
        await client.rset()
    except (aiosmtplib.SMTPException, OSError) as broken:
        # 421 closes the connection: who is left is tried again.
        raise Retry(words, status=error.code, done=frozenset(round_.done)) from broken


def _settled(round_: _Round, refusals: Mapping[str, int]) -> Answer:
    """The answer for all recipients together. Raises Retry or GiveUp."""
    counts = {a: n for a, n in refusals.items() if a not in round_.done}
    for address in round_.refused:
        counts[address] = counts.get(address, 0) + 1
    memory = {"refusals": counts}
    done = frozenset(round_.done)
    told = "; ".join([*(f"{a}: {w}" for a, w in {**round_.refused, **round_.later}.items())])
    if round_.later:
        # Those refused for good are not asked again with this message.
        raise Retry(told, text=told, done=done | frozenset(round_.refused), memory=memory)
    if not round_.done:
        raise GiveUp(told, text=told, memory=memory)
    text = "\n".join(part for part in (round_.last, told) if part)
    return Answer(status=250, text=text, done=done, memory=memory)


def _refusals(memory: Mapping[str, Any]) -> dict[str, int]:
    return {str(a): int(n) for a, n in dict(memory.get("refusals") or {}).items()}


def _code(error: BaseException) -> int | None:
    return error.code if isinstance(error, aiosmtplib.SMTPResponseException) else None


def _words(error: BaseException) -> str:
    return one_line(str(getattr(error, "message", "") or error) or type(error).__name__)[:300]
