"""Run a pure function where it cannot stall the service: in a child process with a deadline.

Feed parsers are super-linear on hostile input (a megabyte of `<!--` costs minutes) and hold the
GIL meanwhile, so neither the event loop nor a thread is a safe place for them (R-07).

A child is a fresh interpreter (never a fork: the service has threads), kept warm and used again.
It is killed when it misses its deadline and replaced at the next call. It ends by itself when
our end of its pipe closes, and the kernel's alarm ends it where it is too busy to notice, so
that `kill -9` of the service leaves nothing behind.

The pool belongs to the process, not to an event loop: pipes are read in threads.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from collectors.bounded_child import read_frame, write_frame
from collectors.errors import BadPayload, CollectorError, Transient

R = TypeVar("R")

PARALLEL: Final = 2
_START_SECONDS: Final = 30.0
_BOOT: Final = "from collectors.bounded_child import main; main()"

_idle: list[_Child] = []
_lock = threading.Lock()
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def bounded(func: Callable[..., R], *args: object, seconds: float = 20.0) -> R:
    """Return func(*args), computed in a child process within `seconds`.

    func must be importable by name (not from `__main__`), its arguments and result picklable;
    keyword arguments go in by functools.partial. At most two calls run at once in an event loop;
    further ones wait without their time running.
    Raises BadPayload where func fails, the child dies, or the time is over; a CollectorError that
    func raises passes through. Raises Transient where no child can be started.
    """
    request = pickle.dumps((func, args, seconds))
    async with _gate():
        child = await _take()
        answer = await _within(seconds, child, request, late=f"not readable within {seconds:g} s")
        if answer is None:
            raise BadPayload("not readable: the parsing process died of it")
        with _lock:
            _idle.append(child)
    result: R = await asyncio.to_thread(_opened, answer)
    return result


def close_workers() -> None:
    """End the idle children; a call still running ends its own when it is cancelled or done."""
    with _lock:
        children = _idle[:]
        _idle.clear()
    for child in children:
        child.end()


class _Child:
    """One warm interpreter. Used by one call at a time."""

    def __init__(self) -> None:
        # Secrets of the service are none of the parser's business.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_")}
        environment["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, a constant
            [sys.executable, "-c", _BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            bufsize=0,
        )

    def ask(self, request: bytes | None) -> bytes | None:
        """Send a request (None: only wait for the sign of life); None where the child is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            if request is not None:
                write_frame(self._process.stdin, request)
            answer = read_frame(self._process.stdout)
        except OSError:  # the pipe broke: it was killed while we wrote
            answer = None
        if answer is None:
            self.end()
        return answer

    def kill(self) -> None:
        """Make a running `ask` return None. The thread in it closes the pipes, not we."""
        self._process.kill()

    def end(self) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def is_alive(self) -> bool:
        return self._process.poll() is None


def _gate() -> asyncio.Semaphore:
    return _gates.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(PARALLEL))


async def _take() -> _Child:
    while True:
        with _lock:
            child = _idle.pop() if _idle else None
        if child is None:
            return await _start()
        if child.is_alive():
            return child
        child.end()


async def _start() -> _Child:
    atexit.unregister(close_workers)
    atexit.register(close_workers)
    child = _Child()
    try:
        ready = await _within(_START_SECONDS, child, None, late="slow start")
    except BadPayload as error:
        raise Transient("no parsing process could be started in time") from error
    if ready is None:
        raise Transient("no parsing process could be started")
    return child


async def _within(
    seconds: float, child: _Child, request: bytes | None, *, late: str
) -> bytes | None:
    """The child's answer. Killed on time-out and on cancelling: its pipe is out of step then."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.to_thread(child.ask, request)
    except TimeoutError as error:
        child.kill()
        raise BadPayload(late) from error
    except BaseException:
        child.kill()
        raise


def _opened(answer: bytes) -> Any:
    outcome, value = pickle.loads(answer)  # noqa: S301 - written by our own child
    if outcome == "done":
        return value
    if isinstance(value, CollectorError):
        raise value
    raise BadPayload(f"not readable: {value}")
