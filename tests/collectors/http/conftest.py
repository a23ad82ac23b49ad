from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from collectors.http import Http, Policy
from tests.support.faultserver import FaultServer

NOW = 1_795_395_600.0
"""2026-11-23 01:00:00 UTC."""

LOOPBACK = Policy.parse("127.0.0.1/32")


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


@pytest.fixture
def naps() -> list[float]:
    """The seconds that the client would have slept."""
    return []


@pytest.fixture
async def make_http(naps: list[float]) -> AsyncIterator[Callable[..., Http]]:
    made: list[Http] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    def make(policy: Policy = LOOPBACK, **options: Any) -> Http:
        http = Http(policy, **{"now": lambda: NOW, "sleep": nap, **options})
        made.append(http)
        return http

    yield make
    for http in made:
        await http.aclose()


@pytest.fixture
def http(make_http: Callable[..., Http]) -> Http:
    return make_http()
