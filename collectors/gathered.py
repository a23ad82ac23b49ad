"""Listening to several streams at once, a handful at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Generic, TypeVar

from collectors.errors import CollectorError

T = TypeVar("T")


async def gathered(
    streams: Sequence[AsyncGenerator[T]], *, seconds: float, most: int
) -> AsyncGenerator[list[tuple[int, T]]]:
    """Yield what the streams yield, each with its stream's number, in handfuls.

    A handful comes after `seconds`, empty where there was nothing, or as soon as it holds `most`.
    It ends when all streams have ended. An error of one is raised once all that came before it
    has been yielded. Closing it closes the streams.
    """
    clock = asyncio.get_running_loop().time
    hands = _Hands(streams, most=most)
    try:
        ends = clock() + seconds
        while hands.reading and hands.failure is None:
            # At least once a handful, so that the streams always get their turn.
            await hands.wait(max(ends - clock(), 0))
            if hands.full.is_set() or clock() >= ends:
                yield hands.emptied()
                ends = clock() + seconds
        if hands.got:
            yield hands.emptied()
        if hands.failure is not None:
            raise hands.failure
    finally:
        await hands.close()


class _Hands(Generic[T]):
    """One task a stream, which puts what comes here and waits while the hands are full."""

    def __init__(self, streams: Sequence[AsyncGenerator[T]], *, most: int) -> None:
        self._streams = streams
        self._most = most
        self._room = asyncio.Event()
        self.full = asyncio.Event()
        self.got: list[tuple[int, T]] = []
        self.failure: CollectorError | None = None
        self.reading = {
            asyncio.create_task(self._read(number, stream)) for number, stream in enumerate(streams)
        }

    async def _read(self, number: int, stream: AsyncGenerator[T]) -> None:
        async for one in stream:
            self.got.append((number, one))
            if len(self.got) >= self._most:
                self._room.clear()
                self.full.set()
                await self._room.wait()

    async def wait(self, seconds: float) -> None:
        """Until the hands are full, a stream has ended or the time is over."""
        full = asyncio.create_task(self.full.wait())
        try:
            done, _ = await asyncio.wait(
                {full, *self.reading}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            full.cancel()
        for task in self.reading & done:
            self.reading.discard(task)
            try:
                task.result()
            except CollectorError as error:
                self.failure = self.failure or error

    def emptied(self) -> list[tuple[int, T]]:
        got, self.got = self.got, []
        self.full.clear()
        self._room.set()
        return got

    async def close(self) -> None:
        for task in self.reading:
            task.cancel()
        await asyncio.gather(*self.reading, return_exceptions=True)
        for stream in self._streams:
            await stream.aclose()
