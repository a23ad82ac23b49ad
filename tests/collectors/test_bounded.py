"""A hostile input cannot stall the service, nor outlive it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors import bounded as module
from collectors.bounded import bounded, close_workers
from collectors.errors import BadPayload, NeedsAttention, RateLimited


def double(number: int) -> int:
    return 2 * number


def pid() -> int:
    return os.getpid()


def spin() -> None:
    while True:
        pass


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise ValueError("a bug that hostile input found")


def chatter() -> str:
    print("a library that prints")
    return "heard"


def complain() -> None:
    raise RateLimited("host: 429", 7.0)


def secrets() -> list[str]:
    return [name for name in os.environ if name.startswith("VIGIE_")]


@pytest.fixture(autouse=True)
def _no_children_left() -> Iterator[None]:
    yield
    close_workers()
    assert not module._idle


async def test_a_result_comes_back() -> None:
    assert await bounded(double, 21) == 42


async def test_a_warm_child_is_used_again() -> None:
    assert await bounded(pid) == await bounded(pid) != os.getpid()


async def test_a_function_that_never_ends_is_killed_and_the_next_call_works() -> None:
    first = await bounded(pid)
    with pytest.raises(BadPayload, match="within"):
        await bounded(spin, seconds=0.3)
    assert await bounded(pid) != first


async def test_another_call_goes_on_while_one_hangs() -> None:
    await asyncio.gather(bounded(pid), bounded(pid))
    hanging = asyncio.create_task(bounded(spin, seconds=2.0))
    await asyncio.sleep(0)
    assert await bounded(double, 2, seconds=1.5) == 4
    assert not hanging.done()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging


async def test_a_child_that_dies_is_a_bad_payload_and_is_replaced() -> None:
    with pytest.raises(BadPayload, match="died"):
        await bounded(die)
    assert await bounded(double, 1) == 2


async def test_a_failing_function_is_a_bad_payload() -> None:
    with pytest.raises(BadPayload, match="ValueError"):
        await bounded(fail)


async def test_a_collector_error_passes_through_whole() -> None:
    with pytest.raises(RateLimited) as caught:
        await bounded(complain)
    assert caught.value.retry_after == 7.0
    assert not isinstance(caught.value, NeedsAttention)


async def test_printing_does_not_garble_the_answers() -> None:
    assert await bounded(chatter) == "heard"


async def test_the_child_does_not_know_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_SMTP_PASSWORD", "x")
    close_workers()
    assert await bounded(secrets) == []


async def test_at_most_two_run_at_once() -> None:
    pids = await asyncio.gather(*(bounded(pid) for _ in range(6)))
    assert len(set(pids)) <= module.PARALLEL


def test_the_pool_serves_one_event_loop_after_another() -> None:
    assert asyncio.run(bounded(pid)) == asyncio.run(bounded(pid))


_PARENT = """
import asyncio, sys
from collectors.bounded import bounded
from tests.collectors.test_bounded import pid, spin
async def main():
    print(await bounded(pid), flush=True)
    if sys.argv[1] == "busy":
        asyncio.get_running_loop().call_later(0.5, lambda: print("busy", flush=True))
        await bounded(spin, seconds=60)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_no_child_outlives_a_parent_killed_with_minus_nine(state: str) -> None:
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, state], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    if state == "busy":
        assert parent.stdout.readline() == "busy\n"
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(child)


def _runs(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
