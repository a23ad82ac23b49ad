"""The contract between Vigie and a transport. A third party needs this import only.

A transport carries one message to one channel, once. It never retries, waits or stores: it says
by an error what must be done, and the outbox does it.

    TransportError           (status and the receiver's own words, where there are any)
    ├── Retry                a passing fault: again on the plan
    ├── Hold                 the receiver asked to wait: the whole channel does, no try is counted
    ├── Refused              this form of the message is not taken: once more as plain text
    ├── Unknown              it was sent and no answer came: it may have arrived
    ├── NeedsConfig          a person must put the channel right
    ├── Gone                 nobody is at this address any more: the channel is disabled
    └── GiveUp               this message can never be delivered; the channel is well

Messages of errors hold a host and a code, never an address that is a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, SecretStr

from app.deliveries.message import Message
from app.deliveries.rules import Outcome
from collectors.http import Http


class ChannelConfig(BaseModel):
    """What a person chooses for one channel. Every field is described; secrets are SecretStr."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a transport can do, so that the outbox never has to guess."""

    idempotent: bool
    """The receiver can tell a second copy by its stable id."""
    plain_form: bool = False
    """It has a simpler form to fall back to."""
    leaves_machine: bool = True
    """False: it can send nothing anywhere (the demo's channels)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The operator's mail server."""

    host: str = ""
    port: int = 587
    user: str = ""
    password: SecretStr = field(default_factory=lambda: SecretStr(""))
    tls: str = "starttls"
    sender: str = "Vigie <vigie@localhost>"
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What a transport may use to get out."""

    http: Http
    smtp: Smtp = field(default_factory=Smtp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message at the moment of one try."""

    message: Message
    message_id: str
    """Stable over every try."""
    now: datetime
    """The instant of this try: when the reader is told."""
    created_at: datetime
    plain: bool = False
    """Send the simpler form."""
    done: frozenset[str] = frozenset()
    """Recipients of this message that already have it."""
    memory: Mapping[str, Any] = field(default_factory=dict)
    """What the transport asked to remember of this channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The receiver took it."""

    status: int | None = None
    text: str = ""
    done: frozenset[str] = frozenset()
    memory: Mapping[str, Any] | None = None
    """None: remember what was remembered before."""


class TransportError(Exception):
    """Base of everything a transport may raise on purpose."""

    outcome: ClassVar[Outcome] = Outcome.RETRY

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        text: str = "",
        after: float | None = None,
        done: frozenset[str] = frozenset(),
        memory: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.text = text
        self.after = after
        self.done = done
        self.memory = memory


class Retry(TransportError):
    outcome = Outcome.RETRY


class Hold(TransportError):
    """after: seconds that the receiver asked for, None where it named none."""

    outcome = Outcome.HOLD


class Refused(TransportError):
    outcome = Outcome.REFUSED


class Unknown(TransportError):
    outcome = Outcome.UNKNOWN


class NeedsConfig(TransportError):
    outcome = Outcome.NEEDS_CONFIG


class Gone(TransportError):
    outcome = Outcome.GONE


class GiveUp(TransportError):
    outcome = Outcome.GIVE_UP


class Transport(Protocol):
    """Carries messages to one channel. Construction does no I/O."""

    kind: ClassVar[str]
    Config: ClassVar[type[ChannelConfig]]
    capabilities: ClassVar[Capabilities]

    def __init__(self, config: Any) -> None: ...

    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        """Carry the message, once. Raises a TransportError."""
        ...
