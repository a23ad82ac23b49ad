"""Connect under guard: resolve, judge every address, try only the allowed ones.

The judged address itself is dialled, so a name that answers differently a moment later
(DNS rebinding) gains nothing. A denied address is never sent a packet.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import TypeVar

from collectors.http.outcomes import refused, unreachable
from collectors.http.policy import Address, Policy, allowed

Resolver = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Gives all addresses of a host name. Raises OSError where there are none."""

_MOST_TRIES = 4
"""Addresses of one name that are tried within one connect time-out."""

T = TypeVar("T")


async def resolve(host: str, port: int) -> Sequence[Address]:
    """Return all addresses of `host` as the system's resolver knows them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


def numeric(host: str) -> Sequence[Address]:
    """Return the address that `host` spells in any form the system accepts, else nothing.

    Decimal, hexadecimal, octal and short forms of IPv4 (2130706433, 0x7f.1) are read as the
    system would read them, so a resolver is asked for real names only.
    """
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


async def dial(
    host: str,
    port: int,
    *,
    policy: Policy,
    seconds: float,
    connect: Callable[[str, float], Awaitable[T]],
    resolver: Resolver | None = None,
) -> T:
    """Call `connect(address, seconds)` for the allowed addresses of `host` until one succeeds.

    Raises NeedsAttention where no address is allowed and NotSent where none answers within
    `seconds`, both with the same text.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + seconds
    targets = await _targets(host, port, policy=policy, seconds=seconds, resolver=resolver)
    failure: OSError | None = None
    for tried, address in enumerate(targets):
        share = max(deadline - clock(), 0.001) / (len(targets) - tried)
        try:
            async with asyncio.timeout(share):
                return await connect(str(address), share)
        except OSError as error:
            failure = error
    raise unreachable(host) from failure


async def _targets(
    host: str, port: int, *, policy: Policy, seconds: float, resolver: Resolver | None
) -> Sequence[Address]:
    try:
        async with asyncio.timeout(seconds):
            known = numeric(host) or await (resolver or resolve)(host, port)
    except (OSError, UnicodeError) as error:
        raise unreachable(host) from error
    targets = allowed(policy, known, port)
    if known and not targets:
        raise refused(host)
    return targets[:_MOST_TRIES]


async def guarded_connect(
    host: str,
    port: int,
    policy: Policy,
    *,
    tls: bool = False,
    timeout: float = 5.0,  # noqa: ASYNC109 (shared with the name look-up and the handshake)
    resolver: Resolver | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> tuple[StreamReader, StreamWriter]:
    """Open a guarded TCP (or TLS) stream for protocols beside HTTP: IMAP, SMTP, WebSocket.

    timeout: seconds for resolving, connecting and the TLS handshake together.
    `policy` must open `port` (`policy.with_ports(993)`). The caller closes the writer.

    Raises NeedsAttention where no address may be contacted, NotSent where none answers.
    """
    context = (ssl_context or ssl.create_default_context()) if tls else None

    async def connect(address: str, seconds: float) -> tuple[StreamReader, StreamWriter]:
        return await asyncio.open_connection(
            address,
            port,
            ssl=context,
            server_hostname=host if tls else None,
            ssl_handshake_timeout=seconds if tls else None,
        )

    return await dial(
        host, port, policy=policy, seconds=timeout, connect=connect, resolver=resolver
    )
