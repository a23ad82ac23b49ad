"""Quality of the relevance filter and of the suggested exclusions on ambiguous names.

    .venv/bin/python scripts/eval_relevance.py [--draws 20] [--name go]

Labels: tests/nlp/relevance/labels (ids of the replay files, read in place; how they were made is in
its README) and tests/nlp/relevance/french (invented sentences, shown apart: they are easier).
Twenty marks a draw, in two ways. `proposed`: six marks as they come, three a side, then fourteen
that Vigie asks for, two at a time (`mark_next`). `as it comes`: ten a side out of a seeded shuffle.
All other items of the name are unseen by the marks (their words are not: the word neighbours are
learned from all stored texts, without labels, as a running Vigie does). No setting is tuned on a
name: the constants were chosen on the mean over all names, and `--without` shows the means with
each name left out. Exit 0 whatever comes out: the targets are printed as reached or missed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
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
        proposed = _proposed(named, neighbours, seed)
        plain = _draw(named, seed, MARKS // 2)
        rows.append(
            [
                *_excluded(named, neighbours, proposed),
                *_filtered(named, neighbours, plain),
                *_filtered(named, neighbours, proposed),
            ]
        )
    mean = [float(one) for one in np.mean(rows, 0)]
    return Result(
        float(named.labels.mean()), (mean[0], mean[1]), (mean[4], mean[5]), (mean[2], mean[3])
    )


def _draw(named: Named, seed: int, a_side: int) -> list[int]:
    taken: dict[bool, list[int]] = {True: [], False: []}
    for at in np.random.default_rng(seed).permutation(len(named.labels)):
        side = taken[bool(named.labels[at])]
        if len(side) < a_side:
            side.append(int(at))
    return sorted(taken[True] + taken[False])


def _proposed(named: Named, neighbours: Neighbours, seed: int) -> list[int]:
    marks = _draw(named, seed, FIRST // 2)
    while len(marks) < MARKS:
        rest = _rest(named, marks)
        made = train(
            [named.features[at] for at in marks], [bool(named.labels[at]) for at in marks],
            unlabelled=[named.features[at] for at in rest], neighbours=neighbours, measured=False,
        )  # fmt: skip
        asked = mark_next(made.filter, [named.features[at] for at in rest], count=AT_ONCE)
        marks += [rest[at] for at in asked]
    return sorted(marks)


def _rest(named: Named, marks: Sequence[int]) -> list[int]:
    return [at for at in range(len(named.labels)) if at not in set(marks)]


def _filtered(named: Named, neighbours: Neighbours, marks: Sequence[int]) -> tuple[float, float]:
    made = _trained(named, neighbours, marks)
    return _rates(named, _rest(named, marks), lambda at: made.keeps(named.features[at]))


def _trained(named: Named, neighbours: Neighbours, marks: Sequence[int]) -> Filter:
    return train(
        [named.features[at] for at in marks], [bool(named.labels[at]) for at in marks],
        unlabelled=[named.features[at] for at in _rest(named, marks)], neighbours=neighbours,
    ).filter  # fmt: skip


def _excluded(named: Named, neighbours: Neighbours, marks: Sequence[int]) -> tuple[float, float]:
    rest = _rest(named, marks)
    made = _trained(named, neighbours, marks)
    found = suggest(
        [named.texts[at] for at in marks if named.labels[at]],
        [named.texts[at] for at in marks if not named.labels[at]],
        [named.texts[at] for at in rest],
        chances=[made.probability(named.features[at]) for at in rest],
        own=(named.name,),
    )
    matcher = Matcher.compile({0: parse(found.applied(named.name))})
    return _rates(named, rest, lambda at: bool(matcher.match(Text(body=named.texts[at]))))


def _rates(named: Named, rest: Sequence[int], keeps: Callable[[int], bool]) -> tuple[float, float]:
    kept = [at for at in rest if keeps(at)]
    right = sum(bool(named.labels[at]) for at in kept)
    return right / max(len(kept), 1), right / max(int(named.labels[list(rest)].sum()), 1)


def _stored() -> Iterator[tuple[tuple[str, str], tuple[str, str, str]]]:
    for path in sorted(REPLAY.glob("*.jsonl")):
        for line in path.open(encoding="utf-8"):
            one = json.loads(line)
            body = one.get("selftext") or one.get("body") or one.get("text") or ""
            text = (one.get("title") or "", body, one.get("url") or "")
            yield (path.stem, str(one["id"])), text


def _read(stored: dict[tuple[str, str], tuple[str, str, str]]) -> Iterator[Named]:
    for path in sorted(LABELS.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.open(encoding="utf-8")]
        texts = [stored[row["file"], row["id"]] for row in rows]
        if path.stem in ACROSS_FILES:
            texts = [(_TELLTALE.sub(" ", t), _TELLTALE.sub(" ", b), "") for t, b, _ in texts]
        yield _named(path.stem, texts, [row["relevant"] for row in rows])


def _invented() -> Iterator[Named]:
    for path in sorted(FRENCH.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.open(encoding="utf-8")]
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
