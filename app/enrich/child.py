"""What runs inside the brain's child process: models and compiled queries, kept warm.

Speaks the frames of `collectors.bounded_child` over its standard pipes. A request is the pickled
(operation, arguments); the answer the pickled result, or the error in one line.
"""

from __future__ import annotations

import gc
import os
import pickle
import queue
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from app.enrich.analysis import Analyst, compiled, match
from app.enrich.values import Analysed, Match, QuerySet, TextIn
from collectors.bounded_child import read_frame, write_frame
from nlp.api import Abstain, Doc, ModelRef, Verdict
from nlp.registry import Registry
from nlp.router import Router


class Faculties:
    """What a child can do. Loads each model at its first use."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._languages = tuple(languages)
        self._analyst: Analyst | None = None
        self._queries: QuerySet | None = None
        self._entities: Router | None = None

    def learn(self, queries: QuerySet) -> None:
        """Take the queries in force; they stay until the next call."""
        self._queries = queries

    def analyse(self, texts: Sequence[TextIn], now: datetime | None) -> list[Analysed]:
        assert self._queries is not None, "learn the queries first"
        queries = replace(self._queries, now=now)
        if self._analyst is None:
            self._analyst = Analyst(self._languages)
            found = self._analyst.analyse(texts, queries)
            settle()
            return found
        return self._analyst.analyse(texts, queries)

    def match(
        self, texts: Sequence[TextIn], sources: Mapping[int, str], now: datetime | None, zone: str
    ) -> list[tuple[Match, ...]]:
        """Match other queries than those in force; `lang` of the texts is believed."""
        return match(
            compiled(sources, zone=ZoneInfo(zone)), texts, [text.lang for text in texts], now=now
        )

    def entities(self, docs: Sequence[Doc]) -> list[tuple[Verdict | Abstain, ModelRef]]:
        if self._entities is None:
            self._entities = Router(Registry().table("entities"))
        return [(answer, ref) for answer, ref in self._entities.analyze(docs)]


def settle() -> None:
    """Models are loaded and stay: the garbage collector need not walk through them again."""
    gc.collect()
    gc.freeze()


def main(languages: str) -> None:
    """Answer requests until the parent's end of the pipe closes."""
    requests, answers = _private_pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; our pipe closes
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, inbox), daemon=True).start()
    faculties = Faculties(languages.split(","))
    write_frame(answers, b"ready")
    while True:
        write_frame(answers, _answer(faculties, inbox.get()))


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Our two pipes under new numbers; a library that prints must not garble the answers."""
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _listen(requests: IO[bytes], inbox: queue.SimpleQueue[bytes]) -> None:
    while (frame := read_frame(requests)) is not None:
        inbox.put(frame)
    os._exit(0)


def _answer(faculties: Faculties, request: bytes) -> bytes:
    try:
        operation, arguments = pickle.loads(request)  # noqa: S301 - written by our own parent
        act: Callable[..., Any] = getattr(faculties, operation)
        return pickle.dumps(("done", act(*arguments)), protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # any failure is an answer: the parent halves
        return pickle.dumps(("failed", f"{type(error).__name__}: {error}"[:500]))
