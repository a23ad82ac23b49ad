"""The core of `vigie score`: JSON Lines in, verdicts out, in order and in bounded memory.

Tiers: `fast` is language and sentiment; `best` adds entities where a spaCy pipeline is installed.
The sentiment heads are the same in both for now: `model` names what spoke.

Sentiment towards a target is the same head's verdict on the clauses that name it ("clause.<head>"):
measured on news that is two or three points better than the whole text, no more. A clause ends
at . ! ? ; : , a dash, a line end, or before "but", "while", "mais", "alors que" and the like.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from nlp.api import NOBODY, Abstain, Doc, ModelRef, Verdict
from nlp.registry import Registry
from nlp.router import DEFAULT_LANGUAGES, FastJudge, Judged, Router, base_language

Tier = Literal["fast", "best"]
TIERS: tuple[Tier, ...] = ("fast", "best")
BATCH = 256
OnError = Callable[[int, str], None]
"""Told of a line that cannot be judged: its number (from 1) and why."""

_CLAUSE_END = re.compile(
    r"[.!?;:,…]+(?=\s|$)|\s[–—-]\s|\n+"
    r"|\s(?=(?:but|while|whereas|although|though|however|mais|alors\ que|tandis\ que|cependant"
    r"|pourtant|quoique|bien\ que)\b)",
    re.IGNORECASE,
)
_NO_TEXT = Abstain("failed", "no text")


class _BadLine(ValueError):
    """This line cannot be judged; the others go on."""


class _Number(str):
    """A JSON number with a point or an exponent, kept as written so that an id stays unchanged."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One record to judge. `id_json` is the id as JSON, `lang` a given language (believed)."""

    id_json: str
    text: str | None
    lang: str | None
    target: str | None
    start: int | None
    end: int | None


class Scorer:
    """Judges records in batches. Keep one: its models are read once."""

    def __init__(
        self,
        *,
        tier: Tier = "best",
        languages: tuple[str, ...] = DEFAULT_LANGUAGES,
        registry: Registry | None = None,
    ) -> None:
        registry = registry or Registry()
        self._judge = FastJudge(languages, registry=registry)
        self._sentiment = Router(registry.table("sentiment"))
        self._entities = Router(registry.table("entities")) if tier == "best" else None

    def score(self, lines: Sequence[Line]) -> list[str]:
        """One JSON object a record, in order."""
        texts = [line.text or "" for line in lines]
        langs, sentiments = self._overall(lines, texts)
        targets = self._towards(lines, langs)
        entities = self._named(texts, langs)
        return [
            _dump(line, lang, sentiment, target, named)
            for line, lang, sentiment, target, named in zip(
                lines, langs, sentiments, targets, entities, strict=True
            )
        ]

    def _overall(
        self, lines: Sequence[Line], texts: Sequence[str]
    ) -> tuple[list[str | None], list[Judged]]:
        langs: list[str | None] = [line.lang for line in lines]
        judged = [Judged(_NO_TEXT, NOBODY)] * len(lines)
        given = [n for n, line in enumerate(lines) if line.lang and line.text is not None]
        asked = [n for n, line in enumerate(lines) if not line.lang and line.text is not None]
        told = self._sentiment.judge_texts([texts[n] for n in given], [langs[n] for n in given])
        for place, answer in zip(given, told, strict=True):
            judged[place] = answer
        fast = self._judge.judge([texts[n] for n in asked], [None] * len(asked))
        for place, found in zip(asked, fast, strict=True):
            langs[place] = found.lang
            judged[place] = Judged(found.sentiment, found.ref)
        return langs, judged

    def _towards(self, lines: Sequence[Line], langs: Sequence[str | None]) -> list[Judged | None]:
        answers: list[Judged | None] = [None] * len(lines)
        asked: list[int] = []
        clauses: list[str] = []
        for place, line in enumerate(lines):
            if line.target is None and line.start is None:
                continue
            clause = clause_round(line)
            if clause is None:
                answers[place] = Judged(Abstain("no_target"), NOBODY)
            else:
                asked.append(place)
                clauses.append(clause)
        told = self._sentiment.judge_texts(clauses, [langs[place] for place in asked])
        for place, (answer, ref) in zip(asked, told, strict=True):
            named = ref if ref is NOBODY else replace(ref, name=f"clause.{ref.name}")
            answers[place] = Judged(answer, named)
        return answers

    def _named(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Judged | None]:
        if self._entities is None:
            return [None] * len(texts)
        docs = [Doc("", text, lang) for text, lang in zip(texts, langs, strict=True)]
        return list(self._entities.analyze(docs))


def score_lines(
    lines: Iterable[str],
    *,
    tier: str | None = None,
    target: str | None = None,
    on_error: OnError,
    scorer: Scorer | None = None,
) -> Iterator[str]:
    """Judge JSON Lines. One line out (without its line end) per JSON object in, in order.

    target: judged in every line that names none itself. A line that is no JSON object is told to
    `on_error` and yields nothing; an object without text is told and yields an abstention.
    Raises ValueError for an unknown tier.
    """
    if tier is not None and tier not in TIERS:
        raise ValueError(f"unknown tier {tier!r}: use fast or best")
    scorer = scorer or Scorer(tier=tier or "best")
    records = _records(lines, target, on_error)
    while batch := list(islice(records, BATCH)):
        yield from scorer.score(batch)


def clause_round(line: Line) -> str | None:
    """The clauses that name the target, joined; None where the text does not name it."""
    text = line.text or ""
    spans = list(_occurrences(line, text))
    if not spans:
        return None
    kept = [
        text[start:end]
        for start, end in _clauses(text)
        if any(first < end and last > start for first, last in spans)
    ]
    return " ".join(kept).strip()


def _occurrences(line: Line, text: str) -> Iterator[tuple[int, int]]:
    if line.start is not None:
        end = len(line.target or "") + line.start if line.end is None else line.end
        if 0 <= line.start < end <= len(text):
            yield line.start, end
    elif line.target and line.target.strip():
        name = re.escape(line.target.strip())
        for found in re.finditer(rf"(?<!\w){name}(?!\w)", text, re.IGNORECASE):
            yield found.span()


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for stop in _CLAUSE_END.finditer(text):
        yield start, stop.end()
        start = stop.end()
    if start < len(text):
        yield start, len(text)


def _records(lines: Iterable[str], target: str | None, on_error: OnError) -> Iterator[Line]:
    for number, raw in enumerate(lines, start=1):
        if not raw.strip("\ufeff \t\r\n"):
            continue
        try:
            record = _parsed(raw)
            line = _line(record, target)
        except ValueError as error:
            on_error(number, str(error))
            continue
        if line.text is None:
            on_error(number, "`text` is missing or is no string")
        yield line


def _parsed(raw: str) -> dict[str, Any]:
    try:
        raw.encode()
    except UnicodeEncodeError as error:
        raise ValueError("not UTF-8") from error
    try:
        record = json.loads(raw.lstrip("\ufeff"), parse_float=_Number, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(record, dict):
        raise _BadLine("not a JSON object")
    return record


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _line(record: dict[str, Any], target: str | None) -> Line:
    given = record.get("id")
    if isinstance(given, dict | list):
        raise _BadLine("`id` must be a string, a number, true, false or null")
    text, lang, own = record.get("text"), record.get("lang"), record.get("target")
    start, end = record.get("start"), record.get("end")
    return Line(
        str(given) if isinstance(given, _Number) else json.dumps(given),
        _string(text),
        _string(lang) if base_language(_string(lang)) else None,
        _string(own) if _string(own) is not None else target,
        _index(start),
        _index(end),
    )


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and not isinstance(value, _Number) else None


def _index(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _dump(
    line: Line, lang: str | None, sentiment: Judged, target: Judged | None, named: Judged | None
) -> str:
    told: dict[str, Any] = {"lang": lang, "sentiment": _sentiment(sentiment)}
    if target is not None:
        told["target_sentiment"] = _sentiment(target)
    told |= _entities(named)
    told["topics"] = []
    rest = json.dumps(told, ensure_ascii=False)
    if not _encodes(rest):
        rest = json.dumps(told)
    return f'{{"id": {line.id_json}, {rest[1:]}'


def _encodes(text: str) -> bool:
    # A lone surrogate can arrive by a \\ud800 escape; it can leave only the same way.
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _sentiment(judged: Judged) -> dict[str, Any]:
    answer, ref = judged
    told: dict[str, Any]
    if isinstance(answer, Verdict):
        told = {"label": answer.label, "score": answer.score}
        if answer.unsure:
            told["unsure"] = True
    else:
        told = {"label": None, "score": None, "abstain": answer.reason}
    told["model"] = _model(ref)
    return told


def _model(ref: ModelRef) -> str | None:
    return None if ref == NOBODY else str(ref)


def _entities(named: Judged | None) -> dict[str, Any]:
    """`entities` is always a list; an empty one that means "not judged" says so beside it."""
    if named is None:
        return {"entities": [], "entities_abstain": "not_asked"}
    if isinstance(named.answer, Abstain):
        return {"entities": [], "entities_abstain": named.answer.reason}
    return {
        "entities": [
            {"text": e.text, "label": e.label, "start": e.start, "end": e.end}
            for e in named.answer.entities
        ]
    }


def main() -> int:
    """A filter from standard input to standard output, as `vigie score` is."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m nlp.score", description="Judge JSON Lines.")
    parser.add_argument("--tier", choices=TIERS)
    parser.add_argument("--target")
    chosen = parser.parse_args()
    bad = 0

    def told(number: int, reason: str) -> None:
        nonlocal bad
        bad += 1
        print(f"line {number}: {reason}", file=sys.stderr)

    # An ill-encoded byte must cost one line, not the run.
    lines = (raw.decode("utf-8", "surrogateescape") for raw in sys.stdin.buffer)
    for judged in score_lines(lines, tier=chosen.tier, target=chosen.target, on_error=told):
        sys.stdout.buffer.write(judged.encode() + b"\n")
    sys.stdout.buffer.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
