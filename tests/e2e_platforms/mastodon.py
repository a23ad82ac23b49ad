"""The mastodon collector against mastodon-mock: each fault once, nothing lost or doubled."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.mastodon import TAG, Mastodon
from tests.e2e_platforms.network import Missing
from tests.e2e_platforms.outcome import Outcome
from tests.e2e_platforms.vigie import Vigie

KIND = "mastodon"
"""The kind of collector that it shows (scripts/quality.py)."""

POSTS = 30
FAULTS: tuple[tuple[dict[str, Any], bool], ...] = (
    ({"type": "ratelimit"}, False),
    ({"type": "malformed"}, False),
    ({"type": "latency", "delay_ms": 1_500}, True),
    ({"type": "status", "status": 503}, True),
    ({"type": "timeout"}, False),
)
"""And whether a poll still succeeds: a slow answer is one, and a 503 is asked again at once."""


def run(outcome: Outcome, *, bounded: bool) -> None:
    """bounded: without the fault that takes as long as our own patience."""
    faults = [one for one in FAULTS if not bounded or one[0]["type"] != "timeout"]
    started = time.monotonic()
    asyncio.run(_run(outcome, faults))
    print(f"mastodon: {time.monotonic() - started:.0f} s")


async def _run(outcome: Outcome, faults: list[tuple[dict[str, Any], bool]]) -> None:
    try:
        server = await Mastodon().__aenter__()
    except FileNotFoundError:
        raise Missing("mastodon-mock is not here (make dev)") from None
    try:
        with tempfile.TemporaryDirectory(prefix="vigie-e2e-mastodon-") as folder:
            await _polls(outcome, server, Vigie(Path(folder)), faults)
    finally:
        await server.__aexit__()


async def _polls(
    outcome: Outcome, server: Mastodon, vigie: Vigie, faults: list[tuple[dict[str, Any], bool]]
) -> None:
    await asyncio.to_thread(vigie.watch, "Vigie")
    source = await asyncio.to_thread(vigie.add, "mastodon", server.config)
    share = POSTS // len(faults)
    posted = 0
    for number, (effect, succeeds) in enumerate(faults):
        count = share if number < len(faults) - 1 else POSTS - posted
        await server.post(count)
        await _fault(server, effect)
        before = len(vigie.stored("mastodon"))
        await asyncio.to_thread(vigie.poll, source, good=succeeds)
        got = len(vigie.stored("mastodon")) - before
        outcome.line(f"{effect['type']}: new posts of that poll", count if succeeds else 0, got)
        posted += count
        await asyncio.to_thread(vigie.poll, source)
        outcome.line(
            f"{effect['type']}: stored after the next", posted, len(vigie.stored("mastodon"))
        )
    await asyncio.to_thread(vigie.poll, source)
    outcome.same("posts stored, once each", await _uris(server), vigie.stored("mastodon"))


async def _fault(server: Mastodon, effect: dict[str, Any]) -> None:
    path = f"/api/v1/timelines/tag/{TAG}"
    rule = {"match": {"path": path}, "effect": effect, "count": 1}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{server.url}/api/v1/_mock/faults", json=rule)
        answer.raise_for_status()


async def _uris(server: Mastodon) -> list[str]:
    """An independent count: what the server lists."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{server.url}/api/v1/timelines/tag/{TAG}", params={"limit": 40})
    return [status["uri"] for status in answer.json()]
