"""The work of the processor, for a thread: reading, training, judging, suggesting. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nlp import relevance
from nlp.relevance import HashedWords, Sample, Suggestions, suggest
from nlp.text.fold import fold

if TYPE_CHECKING:
    from nlp.relevance import Filter, Neighbours

WORDS = HashedWords()


@dataclass(frozen=True, slots=True)
class Learned:
    """A filter as it is stored."""

    model: bytes
    digest: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A filter's word on one text."""

    keeps: bool
    chance: float


@lru_cache(maxsize=64)
def read(model: bytes) -> Filter | None:
    """The filter; None where this version does not read it (it is trained anew)."""
    try:
        found = relevance.from_bytes(model)
    except relevance.NotAFilter:
        return None
    return found if found.featurizer == WORDS.name else None


def learned(
    marks: Sequence[tuple[Sample, bool]], unlabelled: Sequence[Sample], neighbours: Neighbours
) -> Learned | None:
    """A filter out of marks, newest first; None where they are too few."""
    try:
        made = relevance.train(
            [WORDS.features(sample) for sample, _ in marks], [label for _, label in marks],
            unlabelled=[WORDS.features(sample) for sample in unlabelled], neighbours=neighbours,
        )  # fmt: skip
    except relevance.TooFewMarks:
        return None
    assert made.figures is not None
    model, digest = made.filter.packed()
    return Learned(model, digest, asdict(made.figures))


def judge(asked: Sequence[tuple[bytes, Sample]]) -> list[Judged | None]:
    """What a filter says of each text; None where the filter cannot be read."""
    return [_judged(read(model), sample) for model, sample in asked]


def _judged(one: Filter | None, sample: Sample) -> Judged | None:
    if one is None:
        return None
    score = one.score(WORDS.features(sample))
    return Judged(score >= one.threshold, round(one.chance(score), 4))


def ask_next(model: bytes, samples: Sequence[Sample], *, count: int) -> Sequence[int]:
    """The places of the texts whose mark would teach most."""
    one = read(model)
    if one is None:
        return ()
    return relevance.mark_next(one, [WORDS.features(sample) for sample in samples], count=count)


def suggested(
    marks: Sequence[tuple[str, bool]],
    unmarked: Sequence[tuple[str, Sample]],
    model: bytes | None,
    own: Sequence[str],
) -> Suggestions:
    """Terms that separate the marks, with the filter's word on the rest where there is one."""
    found = read(model) if model else None
    chances = [found.probability(WORDS.features(sample)) for _, sample in unmarked] if found else []
    return suggest(
        [text for text, label in marks if label], [text for text, label in marks if not label],
        [text for text, _ in unmarked], chances=chances, own={fold(word) for word in own},
    )  # fmt: skip
