"""The labelled ambiguous names and one draw of marks on them; `eval_relevance` reports on these.

A draw deals the items of a name: three in four are the stored mentions, where marks are made and
which the filter and the suggestions may look at without label; one in four is unseen and judged at
the end. Twenty marks, in two ways. `proposed`: six as they come, three a side, then fourteen that
Vigie asks for, two at a time (`mark_next`). `as it comes`: ten a side out of the shuffle. The
exclusions follow from the proposed marks. The word neighbours are learned from all replay texts
without labels, as a running Vigie learns them from what it stores.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlp.query import Matcher, Text, parse
from nlp.relevance import (
    Features,
    Filter,
    HashedWords,
    Neighbours,
    Sample,
    learn,
    mark_next,
    suggest,
    train,
)
from nlp.relevance.settings import Picking, Settings

ROOT = Path(__file__).parents[1]
REPLAY = ROOT.parent / "shared" / "data" / "replay"
LABELS = ROOT / "tests" / "nlp" / "relevance" / "labels"
FRENCH = ROOT / "tests" / "nlp" / "relevance" / "french"
MARKS, FIRST, AT_ONCE = 20, 6, 2
STORED = 0.75
"""The share of a name's items that is there when marks are made; the rest comes later."""
ACROSS_FILES = frozenset({"american", "gold", "jobs", "united"})
"""Names whose two senses come from different files: handles, hashtags and links, which tell the
file, are taken out of their texts."""
_TELLTALE = re.compile(r"[@#$]\w+")

Stored = dict[tuple[str, str], tuple[str, str, str]]
Rates = tuple[float, float]
"""Precision of what is kept, and the share of the relevant that is kept."""


@dataclass(frozen=True)
class Named:
    """A name with its labelled texts."""

    name: str
    texts: list[str]
    features: list[Features]
    labels: np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Dealt:
    """One draw: the items that are stored, in the order they are met, and those to come."""

    named: Named
    stored: list[int]
    unseen: list[int]

    @property
    def base(self) -> float:
        """Precision without anything."""
        return float(self.named.labels[self.unseen].mean())

    def rest(self, marks: Sequence[int]) -> list[int]:
        marked = set(marks)
        return [at for at in self.stored if at not in marked]

    def features(self, places: Sequence[int]) -> list[Features]:
        return [self.named.features[at] for at in places]

    def rates(self, kept: Sequence[int]) -> Rates:
        labels = self.named.labels
        right = sum(bool(labels[at]) for at in kept)
        return right / max(len(kept), 1), right / max(int(labels[self.unseen].sum()), 1)


def stored_texts() -> Stored:
    """Every text of the replay files by file and id."""
    return dict(_stored())


def neighbours_of(stored: Stored) -> Neighbours:
    return learn(f"{title}\n\n{body}" for title, body, _ in stored.values())


def read_names(stored: Stored) -> Iterator[Named]:
    """Those labelled by reading."""
    for path in sorted(LABELS.glob("*.jsonl")):
        rows = list(_rows(path))
        texts = [stored[row["file"], row["id"]] for row in rows]
        if path.stem in ACROSS_FILES:
            texts = [(_TELLTALE.sub(" ", t), _TELLTALE.sub(" ", b), "") for t, b, _ in texts]
        yield _named(path.stem, texts, [row["relevant"] for row in rows])


def invented_names() -> Iterator[Named]:
    for path in sorted(FRENCH.glob("*.jsonl")):
        rows = list(_rows(path))
        yield _named(path.stem, [("", row["text"], "") for row in rows],
                     [row["relevant"] for row in rows])  # fmt: skip


def deal(named: Named, seed: int) -> Dealt:
    order = [int(at) for at in np.random.default_rng(seed).permutation(len(named.labels))]
    there = round(len(order) * STORED)
    return Dealt(named, order[:there], sorted(order[there:]))


def as_it_comes(dealt: Dealt, a_side: int = MARKS // 2) -> list[int]:
    taken: dict[bool, list[int]] = {True: [], False: []}
    for at in dealt.stored:
        side = taken[bool(dealt.named.labels[at])]
        if len(side) < a_side:
            side.append(at)
    return taken[True] + taken[False]


def proposed(dealt: Dealt, neighbours: Neighbours, settings: Settings) -> list[int]:
    marks = as_it_comes(dealt, FIRST // 2)
    while len(marks) < MARKS:
        rest = dealt.rest(marks)
        made = trained(dealt, neighbours, marks, settings, measured=False)
        asked = mark_next(made, dealt.features(rest), count=AT_ONCE, settings=settings)
        marks += [rest[at] for at in asked]
    return marks


def trained(
    dealt: Dealt,
    neighbours: Neighbours,
    marks: Sequence[int],
    settings: Settings,
    *,
    measured: bool = True,
) -> Filter:
    return train(
        dealt.features(marks), [bool(dealt.named.labels[at]) for at in marks],
        unlabelled=dealt.features(dealt.rest(marks)), neighbours=neighbours, measured=measured,
        settings=settings,
    ).filter  # fmt: skip


def filtered(dealt: Dealt, made: Filter) -> Rates:
    """What the filter does to the unseen."""
    return dealt.rates([at for at in dealt.unseen if made.keeps(dealt.named.features[at])])


def excluded(dealt: Dealt, made: Filter, marks: Sequence[int], picking: Picking) -> Rates:
    """What the suggested exclusions alone do to the unseen."""
    named, rest = dealt.named, dealt.rest(marks)
    found = suggest(
        [named.texts[at] for at in marks if named.labels[at]],
        [named.texts[at] for at in marks if not named.labels[at]],
        [named.texts[at] for at in rest],
        chances=[made.probability(one) for one in dealt.features(rest)],
        own=(named.name,), picking=picking,
    )  # fmt: skip
    matcher = Matcher.compile({0: parse(found.applied(named.name))})
    return dealt.rates([at for at in dealt.unseen if matcher.match(Text(body=named.texts[at]))])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def _stored() -> Iterator[tuple[tuple[str, str], tuple[str, str, str]]]:
    for path in sorted(REPLAY.glob("*.jsonl")):
        for one in _rows(path):
            body = one.get("selftext") or one.get("body") or one.get("text") or ""
            text = (one.get("title") or "", body, one.get("url") or "")
            yield (path.stem, str(one["id"])), text


def _named(name: str, texts: Sequence[tuple[str, str, str]], labels: Sequence[bool]) -> Named:
    matcher = Matcher.compile({0: parse(name)})
    words = HashedWords()
    features = []
    for title, body, url in texts:
        hits = matcher.match(Text(title=title, body=body))
        spans = [(s.field, s.start, s.end) for hit in hits for s in hit.spans]
        assert spans, f"{name}: the query does not match a labelled text"
        features.append(words.features(Sample(title, body, spans, url)))
    whole = [f"{title}\n\n{body}" if title else body for title, body, _ in texts]
    return Named(name, whole, features, np.array(labels, bool))
