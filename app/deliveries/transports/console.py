"""A channel that only writes to the service's log: the demo's. It can send nothing anywhere."""

from __future__ import annotations

from typing import ClassVar

import structlog

from app.deliveries.text import one_line
from app.deliveries.transports.base import Answer, Capabilities, ChannelConfig, Outgoing, Way


class ConsoleConfig(ChannelConfig):
    """A console channel has no settings."""


class Console:
    """Logs a message's title; the whole of it stays readable in the delivery's row."""

    kind: ClassVar[str] = "console"
    Config: ClassVar[type[ChannelConfig]] = ConsoleConfig
    capabilities: ClassVar[Capabilities] = Capabilities(idempotent=True, leaves_machine=False)

    def __init__(self, config: ConsoleConfig) -> None:
        pass

    async def send(self, outgoing: Outgoing, way: Way) -> Answer:
        message = outgoing.message
        structlog.get_logger().info(
            "console.message", kind=message.kind, title=one_line(message.title), ref=message.ref
        )
        return Answer(text="written to the log")
