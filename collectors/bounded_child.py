"""What runs inside a child of collectors/bounded.py. Imports little: its start is waited for."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import sys
import threading
from io import RawIOBase
from typing import IO, Final

_LENGTH: Final = 8
_MEMORY: Final = 2 * 1024**3
"""Bytes of address space. A 15 MiB body needs a tenth of it; a bomb shall not take the host."""
_GRACE: Final = 5.0
"""Seconds after which the kernel ends a child that its parent should have ended."""


def write_frame(pipe: IO[bytes] | RawIOBase, data: bytes) -> None:
    """Write data with its length in front. Raises OSError where the other end is closed."""
    view = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
    while view:
        written = pipe.write(view)
        view = view[written or 0 :]


def read_frame(pipe: IO[bytes] | RawIOBase) -> bytes | None:
    """Read one frame; None where the other end is closed."""
    head = _read(pipe, _LENGTH)
    return _read(pipe, int.from_bytes(head, "big")) if head is not None else None


def _read(pipe: IO[bytes] | RawIOBase, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        piece = pipe.read(min(size - len(data), 1 << 20))
        if not piece:
            return None
        data += piece
    return bytes(data)


def main() -> None:
    """Answer requests until the parent's end of the pipe closes."""
    requests, answers = _private_pipes()
    _limit()
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, inbox), daemon=True).start()
    write_frame(answers, b"ready")
    while True:
        write_frame(answers, _answer(inbox.get()))


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Our two pipes under new numbers; a library that prints must not garble the answers."""
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _limit() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; we see its pipe close
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):  # a lower limit is set already
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _listen(requests: IO[bytes], inbox: queue.SimpleQueue[bytes]) -> None:
    while (frame := read_frame(requests)) is not None:
        inbox.put(frame)
    os._exit(0)


def _answer(request: bytes) -> bytes:
    """The pickled outcome. Any failure is an answer too: hostile input finds every kind."""
    from collectors.errors import CollectorError

    try:
        func, args, seconds = pickle.loads(request)  # noqa: S301 - written by our own parent
        _alarm(seconds + _GRACE)
        return pickle.dumps(("done", func(*args)))
    except CollectorError as error:
        return pickle.dumps(("failed", error))
    except Exception as error:
        return pickle.dumps(("failed", f"{type(error).__name__} in the parser"))
    finally:
        _alarm(0)


def _alarm(seconds: float) -> None:
    """Ask the kernel to end us then. Its default action needs no help of a busy interpreter."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
