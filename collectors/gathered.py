"""Listening to several streams at once, a handful at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Any, Final, Generic, TypeVar

from collectors.errors import CollectorError

T = TypeVar("T")
_END: Final = object()


async def gathered(
    streams: Sequence[AsyncGenerator[T]], *, seconds: float, most: int
) -> AsyncGenerator[list[tuple[int, T]]]:
    """Yield what the streams yield, each with its stream's number, in handfuls.

    A handful comes after `seconds`, empty where there was nothing, or as soon as it holds `most`.
    It ends when all streams have ended. An error of one is raised once all that came before it
    has been yielded. Closing it closes the streams.
    """
    clock = asyncio.get_running_loop().time
    hands = _Hands(streams)
    try:
        ends = clock() + seconds
        while hands.waiting and hands.failure is None:
            left = max(ends - clock(), 0)
            done, _ = await asyncio.wait(
                hands.waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            hands.take(done)
            if len(hands.got) >= most or clock() >= ends:
                yield hands.emptied()
                ends = clock() + seconds
        if hands.got:
            yield hands.emptied()
        if hands.failure is not None:
            raise hands.failure
    finally:
        await hands.close()


class _Hands(Generic[T]):
    """One task a stream, waiting for its next; never cut off, so that nothing is lost."""

    def __init__(self, streams: Sequence[AsyncGenerator[T]]) -> None:
        self._streams = streams
        self.waiting: dict[asyncio.Task[Any], int] = {}
        self.got: list[tuple[int, T]] = []
        self.failure: CollectorError | None = None
        for number in range(len(streams)):
            self._wait_for(number)

    def take(self, done: Iterable[asyncio.Task[Any]]) -> None:
        for task in done:
            number = self.waiting.pop(task)
            try:
                found = task.result()
            except CollectorError as error:
                self.failure = self.failure or error
                continue
            if found is not _END:
                self.got.append((number, found))
                self._wait_for(number)

    def emptied(self) -> list[tuple[int, T]]:
        got, self.got = self.got, []
        return got

    async def close(self) -> None:
        for task in self.waiting:
            task.cancel()
        await asyncio.gather(*self.waiting, return_exceptions=True)
        for stream in self._streams:
            await stream.aclose()

    def _wait_for(self, number: int) -> None:
        self.waiting[asyncio.create_task(self._next(self._streams[number]))] = number

    @staticmethod
    async def _next(stream: AsyncGenerator[T]) -> Any:
        return await anext(stream, _END)
