"""Where texts are judged and matched: beside the event loop, never in it.

Two child processes at most, each started at its first use: one for the fast analysis of
everything, one for entities of matched mentions, so that spaCy never holds up the other.
A text that kills or stalls a child is found by halving and set aside (R-16); the rest go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

import structlog

from app.enrich.values import Analysed, Match, QuerySet, TextIn, failed
from app.enrich.worker import Worker, WorkerDied, WorkerFailed
from nlp.api import NOBODY, Abstain, Doc, ModelRef, Verdict

BATCH = 500
"""Texts given to a child at once."""

T = TypeVar("T")
R = TypeVar("R")
Entities = tuple[Verdict | Abstain, ModelRef]


class Thinks(Protocol):
    """What the pipeline asks of a brain."""

    async def analyse(self, texts: Sequence[TextIn], queries: QuerySet) -> Sequence[Analysed]: ...

    async def match(
        self,
        texts: Sequence[TextIn],
        sources: Mapping[int, str],
        *,
        now: datetime | None = None,
        zone: str = "UTC",
    ) -> Sequence[tuple[Match, ...]]: ...

    async def entities(self, docs: Sequence[Doc]) -> Sequence[Entities]: ...

    async def close(self) -> None: ...


class Brain:
    """Judges and matches in child processes.

    languages: ISO 639-1 codes to tell apart. seconds_for: how long a child may take for a number
    of texts; the first of them pays for the loading of models too.
    """

    def __init__(
        self,
        languages: Sequence[str],
        *,
        seconds_for: Callable[[int], float] = lambda texts: 10.0 + texts * 0.05,
    ) -> None:
        self._fast = Worker(languages)
        self._slow = Worker(languages)
        self._turn: dict[Worker, asyncio.Lock] = {}
        self._taught: tuple[int, int] | None = None
        self._seconds = seconds_for

    async def analyse(self, texts: Sequence[TextIn], queries: QuerySet) -> Sequence[Analysed]:
        """Language, tone and matches of each text, in order. Never raises for a text's sake."""

        async def ask(batch: Sequence[TextIn]) -> Sequence[Analysed]:
            await self._teach(queries)
            done: Sequence[Analysed] = await self._fast.ask(
                "analyse", batch, queries.now, seconds=self._seconds(len(batch))
            )
            return done

        return await self._halving(self._fast, texts, ask, lambda text: failed(text.lang))

    async def match(
        self,
        texts: Sequence[TextIn],
        sources: Mapping[int, str],
        *,
        now: datetime | None = None,
        zone: str = "UTC",
    ) -> Sequence[tuple[Match, ...]]:
        """Which of these queries (key → text) each text satisfies; its `lang` is believed.

        now, zone (IANA): the present and the days of `published:`.
        """

        async def ask(batch: Sequence[TextIn]) -> Sequence[tuple[Match, ...]]:
            done: Sequence[tuple[Match, ...]] = await self._fast.ask(
                "match", batch, dict(sources), now, zone, seconds=self._seconds(len(batch))
            )
            return done

        return await self._halving(self._fast, texts, ask, lambda _: ())

    async def entities(self, docs: Sequence[Doc]) -> Sequence[Entities]:
        """Named things in each text, in order; `lang` of the docs is believed."""

        async def ask(batch: Sequence[Doc]) -> Sequence[Entities]:
            # A pipeline takes seconds to load and milliseconds a text.
            seconds = self._seconds(len(batch)) * 6
            done: Sequence[Entities] = await self._slow.ask("entities", batch, seconds=seconds)
            return done

        return await self._halving(self._slow, docs, ask, lambda _: (Abstain("failed"), NOBODY))

    async def close(self) -> None:
        """End the child processes."""
        self._fast.kill()
        self._slow.kill()

    async def _teach(self, queries: QuerySet) -> None:
        """Send the queries when they changed, or when the child is a new one."""
        if self._taught != (self._fast.generation, queries.epoch):
            await self._fast.ask("learn", queries, seconds=self._seconds(BATCH))
            self._taught = (self._fast.generation, queries.epoch)

    async def _halving(
        self,
        worker: Worker,
        texts: Sequence[T],
        ask: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        give_up: Callable[[T], R],
    ) -> Sequence[R]:
        done: list[R] = []
        for start in range(0, len(texts), BATCH):
            async with self._turn.setdefault(worker, asyncio.Lock()):
                done += await _halved(texts[start : start + BATCH], ask, give_up)
        return done


async def _halved(
    texts: Sequence[T],
    ask: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
    give_up: Callable[[T], R],
) -> list[R]:
    """Ask for all; where that fails, for each half, down to the culprit."""
    try:
        answers = await ask(texts)
    except (WorkerDied, WorkerFailed) as error:
        if len(texts) == 1:
            structlog.get_logger().warning("brain.text_failed", reason=str(error))
            return [give_up(texts[0])]
        middle = len(texts) // 2
        first = await _halved(texts[:middle], ask, give_up)
        return first + await _halved(texts[middle:], ask, give_up)
    return list(answers)
