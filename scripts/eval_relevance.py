"""Quality of the relevance filter and of the suggested exclusions on ambiguous names.

    .venv/bin/python scripts/eval_relevance.py [--draws 20] [--name go]

Labels: tests/nlp/relevance/labels (ids of the replay files, read in place; how they were made is in
its README) and tests/nlp/relevance/french (invented sentences, shown apart).

A draw deals the items of a name: three in four are the stored mentions, where marks are made and
which the filter and the suggestions may look at without label; one in four is unseen and judged at
the end. Twenty marks, in two ways. `proposed`: six as they come, three a side, then fourteen that
Vigie asks for, two at a time (`mark_next`). `as it comes`: ten a side out of the shuffle. The
exclusions follow from the proposed marks. The word neighbours are learned from all replay texts
without labels, as a running Vigie learns them from what it stores. The constants were chosen on
means over all names, never on one; nothing is fitted to a name but its twenty marks. Exit 0
whatever comes out: the targets are printed as reached or missed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
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

ROOT = Path(__file__).parents[1]
REPLAY = ROOT.parent / "shared" / "data" / "replay"
LABELS = ROOT / "tests" / "nlp" / "relevance" / "labels"
FRENCH = ROOT / "tests" / "nlp" / "relevance" / "french"
MARKS, FIRST, AT_ONCE = 20, 6, 2
STORED = 0.75
"""The share of a name's items that is there when marks are made; the rest comes later."""
PRECISION, RECALL = 0.95, 0.90
ACROSS_FILES = frozenset({"american", "gold", "jobs", "united"})
"""Names whose two senses come from different files: handles, hashtags and links, which tell the
file, are taken out of their texts."""
_TELLTALE = re.compile(r"[@#$]\w+")


@dataclass(frozen=True)
class Named:
    """A name with its labelled texts."""

    name: str
    texts: list[str]
    features: list[Features]
    labels: np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Result:
    """Means over the draws: precision of what is kept and share of the relevant that is kept."""

    base: float
    exclusions: tuple[float, float]
    proposed: tuple[float, float]
    as_it_comes: tuple[float, float]

    @property
    def exact(self) -> bool:
        return self.proposed[0] >= PRECISION and self.proposed[1] >= RECALL

    @property
    def half_the_gap(self) -> bool:
        return self.exclusions[0] >= self.base + (1 - self.base) / 2


def main(argv: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--draws", type=int, default=20)
    options.add_argument("--name")
    chosen = options.parse_args(argv)
    if not REPLAY.is_dir():
        print("relevance: skipped, the replay files are not here", file=sys.stderr)
        return 0
    stored = dict(_stored())
    neighbours = learn(f"{title}\n\n{body}" for title, body, _ in stored.values())
    for title, names in (("labelled by reading", _read(stored)), ("invented French", _invented())):
        _report(title, names, neighbours, draws=chosen.draws, only=chosen.name)
    return 0


def _report(
    title: str, names: Iterator[Named], neighbours: Neighbours, *, draws: int, only: str | None
) -> None:
    print(f"\nRelevance, {title}: {MARKS} marks, {draws} draws, precision / recall on unseen items")
    print(
        f"{'name':<13}{'items':>6}{'none':>7}{'exclusions':>15}{'as it comes':>15}{'proposed':>15}"
    )
    found: list[Result] = []
    for named in names:
        if only in (None, named.name):
            result = _judged(named, neighbours, draws)
            found.append(result)
            print(_line(named.name, len(named.labels), result), flush=True)
    if found:
        mean = Result(*(_mean(found, field) for field in Result.__dataclass_fields__))
        print(_line("mean", sum(1 for _ in found), mean))
        exact, half = sum(r.exact for r in found), sum(r.half_the_gap for r in found)
        print(f"precision ≥ {PRECISION} at recall ≥ {RECALL}: {exact} of {len(found)} names")
        print(f"exclusions alone close half the gap: {half} of {len(found)} names")


def _line(name: str, items: int, one: Result) -> str:
    pairs = "".join(
        f"{p:>9.3f} /{r:.3f}" for p, r in (one.exclusions, one.as_it_comes, one.proposed)
    )
    said = f"  target {'reached' if one.exact else 'missed'}"
    said += f", half the gap {'closed' if one.half_the_gap else 'open'}"
    return f"{name:<13}{items:>6}{one.base:>7.3f}{pairs}{said}"


def _mean(results: Sequence[Result], field: str) -> Any:
    values = np.array([getattr(result, field) for result in results])
    mean = values.mean(0)
    return float(mean) if values.ndim == 1 else tuple(float(one) for one in mean)


def _judged(named: Named, neighbours: Neighbours, draws: int) -> Result:
    rows = []
    for seed in range(draws):
        dealt = _deal(named, seed)
        proposed = _proposed(dealt, neighbours)
        plain = _draw(dealt, MARKS // 2)
        made = _trained(dealt, neighbours, proposed)
        rows.append(
            [
                *_rates(dealt, _excluding(dealt, made, proposed)),
                *_rates(dealt, _keeping(dealt, made)),
                *_rates(dealt, _keeping(dealt, _trained(dealt, neighbours, plain))),
                float(named.labels[dealt.unseen].mean()),
            ]
        )
    mean = [float(one) for one in np.mean(rows, 0)]
    return Result(mean[6], (mean[0], mean[1]), (mean[2], mean[3]), (mean[4], mean[5]))


@dataclass(frozen=True)
class Dealt:
    """One draw: the items that are stored, in the order they are met, and those to come."""

    named: Named
    stored: list[int]
    unseen: list[int]

    def rest(self, marks: Sequence[int]) -> list[int]:
        marked = set(marks)
        return [at for at in self.stored if at not in marked]

    def features(self, places: Sequence[int]) -> list[Features]:
        return [self.named.features[at] for at in places]


def _deal(named: Named, seed: int) -> Dealt:
    order = [int(at) for at in np.random.default_rng(seed).permutation(len(named.labels))]
    there = round(len(order) * STORED)
    return Dealt(named, order[:there], sorted(order[there:]))


def _draw(dealt: Dealt, a_side: int) -> list[int]:
    taken: dict[bool, list[int]] = {True: [], False: []}
    for at in dealt.stored:
        side = taken[bool(dealt.named.labels[at])]
        if len(side) < a_side:
            side.append(at)
    return taken[True] + taken[False]


def _proposed(dealt: Dealt, neighbours: Neighbours) -> list[int]:
    marks = _draw(dealt, FIRST // 2)
    while len(marks) < MARKS:
        rest = dealt.rest(marks)
        made = _trained(dealt, neighbours, marks, measured=False)
        marks += [rest[at] for at in mark_next(made, dealt.features(rest), count=AT_ONCE)]
    return marks


def _trained(
    dealt: Dealt, neighbours: Neighbours, marks: Sequence[int], *, measured: bool = True
) -> Filter:
    return train(
        dealt.features(marks), [bool(dealt.named.labels[at]) for at in marks],
        unlabelled=dealt.features(dealt.rest(marks)), neighbours=neighbours, measured=measured,
    ).filter  # fmt: skip


def _keeping(dealt: Dealt, made: Filter) -> list[int]:
    return [at for at in dealt.unseen if made.keeps(dealt.named.features[at])]


def _excluding(dealt: Dealt, made: Filter, marks: Sequence[int]) -> list[int]:
    named, rest = dealt.named, dealt.rest(marks)
    found = suggest(
        [named.texts[at] for at in marks if named.labels[at]],
        [named.texts[at] for at in marks if not named.labels[at]],
        [named.texts[at] for at in rest],
        chances=[made.probability(one) for one in dealt.features(rest)],
        own=(named.name,),
    )
    matcher = Matcher.compile({0: parse(found.applied(named.name))})
    return [at for at in dealt.unseen if matcher.match(Text(body=named.texts[at]))]


def _rates(dealt: Dealt, kept: Sequence[int]) -> tuple[float, float]:
    labels = dealt.named.labels
    right = sum(bool(labels[at]) for at in kept)
    return right / max(len(kept), 1), right / max(int(labels[dealt.unseen].sum()), 1)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def _stored() -> Iterator[tuple[tuple[str, str], tuple[str, str, str]]]:
    for path in sorted(REPLAY.glob("*.jsonl")):
        for one in _rows(path):
            body = one.get("selftext") or one.get("body") or one.get("text") or ""
            text = (one.get("title") or "", body, one.get("url") or "")
            yield (path.stem, str(one["id"])), text


def _read(stored: dict[tuple[str, str], tuple[str, str, str]]) -> Iterator[Named]:
    for path in sorted(LABELS.glob("*.jsonl")):
        rows = list(_rows(path))
        texts = [stored[row["file"], row["id"]] for row in rows]
        if path.stem in ACROSS_FILES:
            texts = [(_TELLTALE.sub(" ", t), _TELLTALE.sub(" ", b), "") for t, b, _ in texts]
        yield _named(path.stem, texts, [row["relevant"] for row in rows])


def _invented() -> Iterator[Named]:
    for path in sorted(FRENCH.glob("*.jsonl")):
        rows = list(_rows(path))
        yield _named(path.stem, [("", row["text"], "") for row in rows],
                     [row["relevant"] for row in rows])  # fmt: skip


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


if __name__ == "__main__":
    raise SystemExit(main())
