"""Which analyzer judges which text, and the guard that keeps one bad text from stopping a batch."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

from nlp.api import NOBODY, Abstain, Analyzer, Doc, ModelRef, Verdict
from nlp.language.analyzer import ANOTHER_LANGUAGE, LangId
from nlp.registry import Registry

log = logging.getLogger(__name__)

DEFAULT_LANGUAGES = ("fr", "en", "de", "es", "it", "pt")

Answer = Verdict | Abstain
_T = TypeVar("_T")

_CODE = re.compile(r"[a-z]{2,3}\Z")
# ISO 639 codes (and X's own) that name no language: undetermined, no content, several …
_NO_LANGUAGE = frozenset(("und", "zxx", "mul", "mis", "art", "qam", "qct", "qht", "qme", "qst"))
_UNSUPPORTED = Abstain("unsupported_language")
_UNKNOWN = Abstain("unknown_language")


@runtime_checkable
class JudgesTexts(Protocol):
    """Optional ability: judge bare texts already known to be in a language it was made for.

    Same answers as `analyze`; spares the hot path two objects a text.
    """

    def judge_texts(self, texts: Sequence[str]) -> Sequence[Answer]: ...


class Judged(NamedTuple):
    """An answer and who gave it (NOBODY where no analyzer was made for the text)."""

    answer: Answer
    ref: ModelRef


class Fast(NamedTuple):
    """The fast verdict of one text.

    lang: detected, or a plausible hint where detection abstained, or None.
    language: what the language analyzer itself said.
    """

    lang: str | None
    language: Answer
    sentiment: Answer
    ref: ModelRef


def base_language(code: str | None) -> str | None:
    """Give "en" for "en-GB", "EN_us"; None for what names no language."""
    if not code:
        return None
    base = code.replace("_", "-").split("-", 1)[0].strip().lower()
    return base if _CODE.match(base) and base not in _NO_LANGUAGE else None


def guarded(judge: Callable[[Sequence[_T]], Sequence[Answer]], items: Sequence[_T]) -> list[Answer]:
    """Judge a batch; where it fails, halve it until only the culprit abstains ("failed").

    A wrong number of answers is a failure too: they could not be told apart.
    """
    if not items:
        return []
    # Analyzers may be foreign code: this is the boundary where any of their errors stops.
    try:
        answers = _counted(judge(items), len(items))
    except Exception as error:
        return _halve(judge, items, error)
    return list(answers)


def _counted(answers: Sequence[Answer], expected: int) -> Sequence[Answer]:
    if len(answers) != expected:
        raise ValueError(f"{len(answers)} answers to {expected} texts")
    return answers


def _halve(
    judge: Callable[[Sequence[_T]], Sequence[Answer]], items: Sequence[_T], error: Exception
) -> list[Answer]:
    if len(items) == 1:
        log.warning("analyzer failed on a text", exc_info=error)
        return [Abstain("failed", type(error).__name__)]
    middle = len(items) // 2
    return guarded(judge, items[:middle]) + guarded(judge, items[middle:])


class Router:
    """Sends each document to the analyzer of its language, in batches; keeps the order.

    table: base language → analyzer, None for "nobody on purpose"; "*" catches every other
    language and also a text whose language is not known.
    """

    def __init__(self, table: Mapping[str, Analyzer | None]) -> None:
        self._table = dict(table)

    def analyzer_for(self, lang: str | None) -> Analyzer | None:
        base = base_language(lang)
        if base is not None and base in self._table:
            return self._table[base]
        return self._table.get("*")

    def analyze(self, docs: Sequence[Doc]) -> list[Judged]:
        return self._dispatch(docs, [doc.lang for doc in docs], _judge_docs)

    def judge_texts(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Judged]:
        """As `analyze`, for bare texts and their languages."""
        return self._dispatch(list(zip(texts, langs, strict=True)), langs, _judge_pairs)

    def _dispatch(
        self,
        items: Sequence[_T],
        langs: Sequence[str | None],
        judge: Callable[[Analyzer, Sequence[_T]], Sequence[Answer]],
    ) -> list[Judged]:
        groups: dict[str | None, list[int]] = {}
        for index, lang in enumerate(langs):
            groups.setdefault(lang, []).append(index)
        answers: list[Judged] = [Judged(_UNKNOWN, NOBODY)] * len(items)
        for lang, places in groups.items():
            reply, ref = self._reply(lang, [items[place] for place in places], judge)
            for place, answer in zip(places, reply, strict=True):
                answers[place] = Judged(answer, ref)
        return answers

    def _reply(
        self,
        lang: str | None,
        batch: Sequence[_T],
        judge: Callable[[Analyzer, Sequence[_T]], Sequence[Answer]],
    ) -> tuple[Sequence[Answer], ModelRef]:
        analyzer = self.analyzer_for(lang)
        if analyzer is None:
            return [_UNSUPPORTED if base_language(lang) else _UNKNOWN] * len(batch), NOBODY
        return guarded(partial(judge, analyzer), batch), analyzer.ref


def _judge_docs(analyzer: Analyzer, docs: Sequence[Doc]) -> Sequence[Answer]:
    return analyzer.analyze(docs)


def _judge_pairs(analyzer: Analyzer, pairs: Sequence[tuple[str, str | None]]) -> Sequence[Answer]:
    if isinstance(analyzer, JudgesTexts):
        return analyzer.judge_texts([text for text, _ in pairs])
    return analyzer.analyze([Doc(str(n), text, lang) for n, (text, lang) in enumerate(pairs)])


class FastJudge:
    """Language, then sentiment: what every item gets at once. Keep one per child process.

    languages: the languages to tell apart (ISO 639-1).
    registry: where the analyzers come from; default: the installed ones.
    """

    def __init__(
        self,
        languages: tuple[str, ...] = DEFAULT_LANGUAGES,
        *,
        registry: Registry | None = None,
    ) -> None:
        # Built directly, not through the registry, because its languages are the caller's choice.
        self._languages = frozenset(languages)
        self._identify = LangId(languages=languages)
        self._router = Router((registry or Registry()).table("sentiment"))

    def judge(self, texts: Sequence[str], hints: Sequence[str | None]) -> list[Fast]:
        """One answer a text, in order. hints: what the platform says of the language, or None."""
        spoken = guarded(self._identify.judge_texts, texts)
        langs = [
            said.label if isinstance(said, Verdict) else self._plausible(hint, said)
            for said, hint in zip(spoken, hints, strict=True)
        ]
        judged = self._router.judge_texts(texts, langs)
        return [
            Fast(lang, said, *_explained(answer, said, lang))
            for lang, said, answer in zip(langs, spoken, judged, strict=True)
        ]

    def _plausible(self, hint: str | None, said: Abstain) -> str | None:
        """Platforms often send the account's language: believed only where nothing speaks against
        it. A text that reads as none of ours is not French because its author's account is."""
        base = base_language(hint)
        if base is None or said.reason == "too_short":
            return base
        if said.detail == ANOTHER_LANGUAGE:
            return None if base in self._languages else base
        return base if base in self._languages else None


def _explained(judged: Judged, said: Answer, lang: str | None) -> Judged:
    """Without a language, the reason why there is none says more than "unknown"."""
    if lang is None and judged.ref is NOBODY and isinstance(said, Abstain):
        return Judged(said, NOBODY)
    return judged
