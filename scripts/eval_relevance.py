"""Quality of the relevance filter and of the suggested exclusions on ambiguous names.

    .venv/bin/python scripts/eval_relevance.py [--draws 20] [--name go] [--choose]

Labels: tests/nlp/relevance/labels (ids of the replay files, read in place; how they were made is in
its README) and tests/nlp/relevance/french (invented sentences, shown apart). How marks are drawn:
scripts/relevance_draws.py.

Every figure is of a name that had no say in the constants: `--choose` scores the candidates below
on every name, in draws of their own, and writes tests/nlp/relevance/choices.json; the report picks,
for each name, the candidate that is best on the other eight, and judges the name with that. The
French names are judged with the best of all nine, which is what Vigie ships. Exit 0 whatever comes
out: the targets are printed as reached or missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nlp.relevance import Neighbours
from nlp.relevance.settings import DEFAULT, Picking, Settings
from scripts import relevance_draws as draws_of
from scripts.relevance_draws import MARKS, REPLAY, ROOT, Named, Rates

CHOICES = ROOT / "tests" / "nlp" / "relevance" / "choices.json"
PRECISION, RECALL = 0.95, 0.90
TUNING, APART = 4, 1_000
"""Draws that a candidate is scored on, and where their seeds begin: none is one of the report's."""


def _counts(**changed: float) -> Mapping[str, float]:
    return {**DEFAULT.counts, **{name.replace("_", " "): one for name, one in changed.items()}}


_START = Settings(echoes=0.6, echo=0.3, lift=0.5, middle=0.5)
FILTERS: Mapping[str, Settings] = {
    "start": _START,
    "marks only": replace(_START, echoes=0.0),
    "more echoes": replace(_START, echoes=0.9, echo=0.5),
    "doubt only": replace(_START, middle=0.0),
    "middle": replace(_START, middle=1.0),
    "no lift": replace(_START, lift=0.0),
    "whole lift": replace(_START, lift=1.0),
    "near company": replace(_START, counts=_counts(company_near=4.0)),
    "even": replace(_START, counts=_counts(company_near=1.0)),
    "sign": replace(_START, counts=_counts(sign=2.0)),
    "edge": replace(_START, counts=_counts(edge=2.0)),
    "near": replace(_START, counts=_counts(near=2.0)),
}
PICKINGS: Mapping[str, Picking] = {
    f"price {price}, least {least}, unsure {unsure}": Picking(price, least, 0.8, unsure)
    for price in (1.5, 2.0, 3.0)
    for least in (0.6, 1.4)
    for unsure in (0.3, 0.45)
}

Table = Mapping[str, Mapping[str, Sequence[float]]]
"""Candidate → name → precision, recall, precision without anything."""


@dataclass(frozen=True)
class Result:
    """Means over the draws."""

    base: float
    exclusions: Rates
    as_it_comes: Rates
    proposed: Rates

    @property
    def exact(self) -> bool:
        return self.proposed[0] >= PRECISION and self.proposed[1] >= RECALL

    @property
    def closed(self) -> float:
        """The share of the gap that the exclusions close."""
        return (self.exclusions[0] - self.base) / (1 - self.base)


def main(argv: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--draws", type=int, default=20)
    options.add_argument("--name")
    options.add_argument("--choose", action="store_true", help="score the candidates anew")
    chosen = options.parse_args(argv)
    if not REPLAY.is_dir():
        print("relevance: skipped, the replay files are not here", file=sys.stderr)
        return 0
    stored = draws_of.stored_texts()
    neighbours = draws_of.neighbours_of(stored)
    names = list(draws_of.read_names(stored))
    if chosen.choose:
        CHOICES.write_text(json.dumps(_scored(names, neighbours), indent=1) + "\n")
    tables = json.loads(CHOICES.read_text())
    for title, group in (
        ("labelled by reading", names), ("invented French", draws_of.invented_names())
    ):  # fmt: skip
        _report(title, group, neighbours, tables, draws=chosen.draws, only=chosen.name)
    return 0


def _scored(names: Sequence[Named], neighbours: Neighbours) -> Mapping[str, Any]:
    """What each candidate reaches on each name. The pickings are scored with the first filter."""
    filters: dict[str, dict[str, list[float]]] = {}
    pickings: dict[str, dict[str, list[float]]] = {one: {} for one in PICKINGS}
    for title, settings in FILTERS.items():
        filters[title] = {}
        for named in names:
            rows, terms = [], []
            for seed in range(APART, APART + TUNING):
                dealt = draws_of.deal(named, seed)
                marks = draws_of.proposed(dealt, neighbours, settings)
                made = draws_of.trained(dealt, neighbours, marks, settings)
                rows.append((*draws_of.filtered(dealt, made), dealt.base))
                if settings is _START:
                    terms.append([(*draws_of.excluded(dealt, made, marks, one), dealt.base)
                                  for one in PICKINGS.values()])  # fmt: skip
            filters[title][named.name] = _mean(rows)
            for at, picking in enumerate(PICKINGS if terms else ()):
                pickings[picking][named.name] = _mean([row[at] for row in terms])
        print(f"{title:<14}", f"{-_missing(filters[title], ''):.4f}", file=sys.stderr, flush=True)
    return {"filters": filters, "pickings": pickings}


def best(tables: Mapping[str, Table], without: str = "") -> tuple[str, str]:
    """The candidates that are best on all names but one."""
    filters, pickings = tables["filters"], tables["pickings"]
    return (
        min(filters, key=lambda one: _missing(filters[one], without)),
        max(pickings, key=lambda one: _closing(pickings[one], without)),
    )


def _missing(row: Mapping[str, Sequence[float]], without: str) -> float:
    """How far from the target the names are, on the mean."""
    others = [one for name, one in row.items() if name != without]
    return float(np.mean([max(PRECISION - p, 0.0) + max(RECALL - r, 0.0) for p, r, _ in others]))


def _closing(row: Mapping[str, Sequence[float]], without: str) -> tuple[bool, float]:
    """The share of the gap that is closed; where the recall is kept first."""
    others = [one for name, one in row.items() if name != without]
    kept = float(np.mean([recall for _, recall, _ in others]))
    return kept >= RECALL, float(np.mean([(p - base) / (1 - base) for p, _, base in others]))


def _report(
    title: str, names: Iterable[Named], neighbours: Neighbours, tables: Mapping[str, Table], *,
    draws: int, only: str | None,
) -> None:  # fmt: skip
    print(f"\nRelevance, {title}: {MARKS} marks, {draws} draws, precision / recall on unseen items")
    print(
        f"{'name':<13}{'items':>6}{'none':>7}{'exclusions':>15}{'as it comes':>15}{'proposed':>15}"
    )
    found: list[Result] = []
    for named in names:
        if only in (None, named.name):
            filter_, picking = best(tables, without=named.name)
            result = _judged(named, neighbours, draws, FILTERS[filter_], PICKINGS[picking])
            found.append(result)
            print(
                _line(named.name, len(named.labels), result), f" [{filter_}; {picking}]", flush=True
            )
    if found:
        mean = Result(*(_over(found, field) for field in Result.__dataclass_fields__))
        print(_line("mean", sum(1 for _ in found), mean))
        exact, half = sum(r.exact for r in found), sum(r.closed >= 0.5 for r in found)
        closed = float(np.mean([r.closed for r in found]))
        print(f"precision ≥ {PRECISION} at recall ≥ {RECALL}: {exact} of {len(found)} names")
        print(f"exclusions alone close {closed:.3f} of the gap on the mean, half or more of it on "
              f"{half} of {len(found)} names")  # fmt: skip


def _line(name: str, items: int, one: Result) -> str:
    pairs = "".join(
        f"{p:>9.3f} /{r:.3f}" for p, r in (one.exclusions, one.as_it_comes, one.proposed)
    )
    said = f"  target {'reached' if one.exact else 'missed'}, gap closed {one.closed:.2f}"
    return f"{name:<13}{items:>6}{one.base:>7.3f}{pairs}{said}"


def _over(results: Sequence[Result], field: str) -> Any:
    values = np.array([getattr(result, field) for result in results])
    mean = values.mean(0)
    return float(mean) if values.ndim == 1 else tuple(float(one) for one in mean)


def _judged(
    named: Named, neighbours: Neighbours, draws: int, settings: Settings, picking: Picking
) -> Result:
    rows = []
    for seed in range(draws):
        dealt = draws_of.deal(named, seed)
        marks = draws_of.proposed(dealt, neighbours, settings)
        made = draws_of.trained(dealt, neighbours, marks, settings)
        plain = draws_of.trained(dealt, neighbours, draws_of.as_it_comes(dealt), settings)
        rows.append(
            (dealt.base, *draws_of.excluded(dealt, made, marks, picking),
             *draws_of.filtered(dealt, plain), *draws_of.filtered(dealt, made))
        )  # fmt: skip
    mean = _mean(rows)
    return Result(mean[0], (mean[1], mean[2]), (mean[3], mean[4]), (mean[5], mean[6]))


def _mean(rows: Sequence[Sequence[float]]) -> list[float]:
    return [round(float(one), 4) for one in np.mean(rows, 0)]


if __name__ == "__main__":
    raise SystemExit(main())
