"""Proof at start-up that the guard is really in the way of the installed httpx and httpcore."""

from __future__ import annotations

import socket

from collectors.errors import CollectorError, NeedsAttention
from collectors.http.engine import Engine, read_url
from collectors.http.hops import Outgoing
from collectors.http.policy import Policy


async def self_test() -> None:
    """Ask a listener on loopback, which the default policy denies, and see no one arrive.

    Raises RuntimeError where the request was let through: the service must not start then.
    Contacts nothing but this machine's loopback, and not even that while the guard holds.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        failure = await _ask(listener.getsockname()[1])
        if not isinstance(failure, NeedsAttention) or _someone_came(listener):
            raise RuntimeError(
                "the network guard is not in force: the installed httpx and httpcore are not "
                "the versions that Vigie was built for; install the pinned constraints"
            ) from failure


async def _ask(port: int) -> CollectorError | None:
    engine = Engine(Policy(), connect_timeout=1.0, read_timeout=1.0)
    url = read_url(f"http://127.0.0.1:{port}/")
    try:
        async with engine.exchange(Outgoing(method="GET", url=url, headers={}), seconds=1.0):
            return None
    except CollectorError as error:
        return error
    finally:
        await engine.aclose()


def _someone_came(listener: socket.socket) -> bool:
    try:
        connection, _ = listener.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True
