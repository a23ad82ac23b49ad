"""What a run says: pairs, matches, how often everything was drawn, and what differs."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from nlp.query.ast import ValueField
from tests.nlp.query.fuzz import vocabulary as v
from tests.nlp.query.fuzz.compare import Report
from tests.nlp.query.fuzz.properties import DATE_FORMS, HAS, IS, NUMBER_FORMS
from tests.nlp.query.fuzz.queries import ANDS, NEARS, NOTS, ORS, QUOTES, TERMS, TEXT_FIELDS
from tests.nlp.query.fuzz.texts import BENDS, FILLERS, GAPS, TAG_STYLES

# Everything that can be drawn, by kind. A name that is missing here is still printed.
EVERY: dict[str, list[str]] = {
    "and": list(ANDS),
    "or": list(ORS),
    "not": list(NOTS),
    "near": [*NEARS, "NEAR alone", "ONEAR alone"],
    "operand": ["words", "or", "near"],
    "term": list(TERMS),
    "quotes": [opening.strip() for opening, _ in QUOTES] + ['\\"'],
    "inside": [
        "prefix in phrase",
        "? in phrase",
        "lone * in slop",
        "field:( OR )",
        "( )",
        "value*",
    ],
    "field": [*TEXT_FIELDS, *get_args(ValueField)],
    "flag": [*IS, *HAS],
    "metric": v.METRICS,
    "number": NUMBER_FORMS,
    "date": [*DATE_FORMS, "-nh", "-nd", "-nw"],
    "word": list(v.KINDS),
    "gap": list(GAPS),
    "bend": list(BENDS),
    "tag": list(TAG_STYLES),
    "filler": list(FILLERS),
    "text": ["naive time"],
}


def floor(pairs: int) -> int:
    """How often everything must be drawn at the least in a run of so many pairs."""
    return max(1, pairs // 1_000)


def missed(counts: Counter[str], pairs: int) -> list[str]:
    """What was drawn too rarely for the run to say anything about it."""
    return [
        f"{kind} {name}: {counts[f'{kind} {name}']}"
        for kind, names in EVERY.items()
        for name in names
        if counts[f"{kind} {name}"] < floor(pairs)
    ]


def lines(report: Report, counts: Counter[str]) -> list[str]:
    share = 100 * report.matched / max(1, report.pairs)
    said = [
        f"{report.pairs:,} pairs, {report.matched:,} match ({share:.0f} %)",
        f"{report.queries:,} queries, {report.refused:,} of them refused as only negative",
        "drawn, how often:",
    ]
    for kind in EVERY:
        mine = {
            name[len(kind) + 1 :]: n for name, n in counts.items() if name.startswith(f"{kind} ")
        }
        drawn = sorted(mine.items(), key=lambda pair: -pair[1])
        said.append(
            f"  {kind}: " + ", ".join(f"{name.strip() or 'space'} {n:,}" for name, n in drawn)
        )
    said.append(f"mismatches: {len(report.mismatches)}, other faults: {len(report.faults)}")
    return said
