"""A child process that can be asked, waited for and killed."""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from collectors.bounded_child import read_frame, write_frame

START_SECONDS: Final = 60.0


class WorkerDied(Exception):
    """The child was killed, crashed or did not answer in time; the next call starts another."""


class WorkerFailed(Exception):
    """The child lives and answered with an error."""


class Worker:
    """One child, started at first use, one question at a time."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._languages = ",".join(languages)
        self._process: subprocess.Popen[bytes] | None = None
        self.generation = 0
        """Raised by each start: what an earlier child was taught is gone."""

    async def ask(self, operation: str, *arguments: object, seconds: float) -> Any:
        """The child's result. Raises WorkerDied or WorkerFailed. Callers take turns themselves."""
        if self._process is None or self._process.poll() is not None:
            await self.start()
        request = pickle.dumps((operation, arguments), protocol=pickle.HIGHEST_PROTOCOL)
        answer = await self._within(seconds, request)
        outcome, value = pickle.loads(answer)  # noqa: S301 - written by our own child
        if outcome == "failed":
            raise WorkerFailed(value)
        return value

    async def start(self) -> None:
        """Start the child, ending what is left of an earlier one. Raises WorkerDied."""
        self.kill()
        self._process = _spawn(self._languages)
        self.generation += 1
        await self._within(START_SECONDS, None)

    def kill(self) -> None:
        """End the child at once."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()

    async def _within(self, seconds: float, request: bytes | None) -> bytes:
        """The answer. On time-out or cancelling the child dies: its pipe is out of step then."""
        process = self._process
        assert process is not None
        try:
            async with asyncio.timeout(seconds):
                answer = await asyncio.to_thread(_exchange, process, request)
        except TimeoutError as error:
            _end(process)
            raise WorkerDied(f"no answer within {seconds:g} s") from error
        except BaseException:
            _end(process)
            raise
        if answer is None:
            self.kill()
            raise WorkerDied("the analysing process died")
        return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill and reap, so that the next question starts another; a thread may still read its pipes,
    which are closed then."""
    process.kill()
    process.wait()


def _spawn(languages: str) -> subprocess.Popen[bytes]:
    # Secrets of the service are none of the child's business.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_")}
    environment["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    boot = f"from app.enrich.child import main; main({languages!r})"
    return subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", boot],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        bufsize=0,
    )


def _exchange(process: subprocess.Popen[bytes], request: bytes | None) -> bytes | None:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if request is not None:
            write_frame(process.stdin, request)
        return read_frame(process.stdout)
    except (OSError, ValueError):  # killed while we wrote, or its pipes were closed meanwhile
        return None
