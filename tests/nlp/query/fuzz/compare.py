"""The fast matcher and the naive evaluator on the same pairs; a small example where they differ."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from nlp.query import Hit, Matcher, Query, QueryError, Span, Text, parse
from nlp.query.ast import And, Near, Node, Not, Or, Words
from tests.nlp.query.fuzz import vocabulary as v
from tests.nlp.query.fuzz.draws import Draws
from tests.nlp.query.fuzz.properties import NOW
from tests.nlp.query.fuzz.queries import Plan, draw_query
from tests.nlp.query.fuzz.texts import draw_text
from tests.nlp.query.naive import World, matches, only_negative

TEXTS_PER_QUERY = 5
QUERIES_TOGETHER = 20
SIGNS = re.compile(r"\s?[+&%$€#]+")
Evaluator = Callable[[Plan, Text, World], bool]


@dataclass(frozen=True)
class Mismatch:
    """expected: what the naive evaluator says."""

    plan: Plan
    text: Text
    zone: str
    expected: bool

    def as_case(self) -> str:
        """A row for the table of examples."""
        name = "yes" if self.expected else "no"
        said = {
            key: getattr(self.text, key)
            for key in Text.__dataclass_fields__
            if getattr(self.text, key) != getattr(Text(), key)
        }
        text = ", ".join(f"{key}={shown(value)}" for key, value in said.items())
        return f"{name}({shown(self.plan.source)}, Text({text})),  # zone {self.zone}"


def shown(value: object) -> str:
    """As written, or escaped where the eye could not tell it from its composed form."""
    written = repr(value)
    return written if unicodedata.is_normalized("NFC", written) else ascii(value)


@dataclass
class Report:
    pairs: int = 0
    matched: int = 0
    queries: int = 0
    refused: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def slow(plan: Plan, text: Text, world: World) -> bool:
    return matches(plan.node, text, world)


def fast(plan: Plan, text: Text, world: World) -> bool:
    matcher = Matcher.compile({0: parse(plan.source)}, zone=world.zone)
    return bool(matcher.match(text, now=NOW))


def batches(draws: Draws, pairs: int) -> Iterator[tuple[list[Plan], str]]:
    """Queries that are compiled together, and the zone they are read in."""
    left = pairs
    while left > 0:
        count = min(QUERIES_TOGETHER, -(-left // TEXTS_PER_QUERY))
        yield [draw_query(draws) for _ in range(count)], draws.choice(v.ZONES)
        left -= count * TEXTS_PER_QUERY


def accepted(plan: Plan, report: Report) -> Query | None:
    """The query as it is read; refused only where the naive evaluator would refuse it too."""
    report.queries += 1
    negative = only_negative(plan.node)
    try:
        query = parse(plan.source)
    except QueryError as error:
        if error.code != "only_negative" or not negative:
            report.faults.append(f"refused as {error.code}: {plan.source!r}")
        report.refused += 1
        return None
    if negative:
        report.faults.append(f"accepted, though only negative: {plan.source!r}")
    return query


def compare(draws: Draws, pairs: int, *, inflections: Callable[[str], frozenset[str]]) -> Report:
    """`pairs` pairs, of which those with a query that is refused are not evaluated."""
    report = Report()
    while report.pairs < pairs:
        for plans, zone in batches(draws, pairs - report.pairs):
            compare_batch(draws, plans, World(ZoneInfo(zone), NOW, inflections), report)
    return report


def drawn_pairs(
    draws: Draws, pairs: int, inflections: Callable[[str], frozenset[str]]
) -> Iterator[tuple[Plan, Text, World]]:
    """Pairs of which the naive evaluator alone is asked."""
    for plans, zone in batches(draws, pairs):
        world = World(ZoneInfo(zone), NOW, inflections)
        for plan in plans:
            for _ in range(TEXTS_PER_QUERY):
                yield plan, draw_text(draws, plan), world


def compare_batch(draws: Draws, plans: list[Plan], world: World, report: Report) -> None:
    read = {at: query for at, plan in enumerate(plans) if (query := accepted(plan, report))}
    matcher = Matcher.compile(read, zone=world.zone)
    for at in read:
        for _ in range(TEXTS_PER_QUERY):
            text = draw_text(draws, plans[at])
            hits = {hit.key: hit for hit in matcher.match(text, now=NOW)}
            expected = slow(plans[at], text, world)
            report.pairs += 1
            report.matched += expected
            if (at in hits) is not expected:
                report.mismatches.append(Mismatch(plans[at], text, str(world.zone), expected))
            elif at in hits:
                report.faults += span_faults(plans[at], text, hits[at], world)


def span_faults(plan: Plan, text: Text, hit: Hit[int], world: World) -> list[str]:
    """Spans are in order, not empty, inside their field, and each says something of the query."""
    fields = {"title": text.title, "text": text.body, "author": text.author, "url": text.url}
    order = list(fields)
    found = []
    if list(hit.spans) != sorted(set(hit.spans), key=lambda s: (order.index(s.field), s)):
        found.append("spans are not sorted")
    for span in hit.spans:
        if not 0 <= span.start < span.end <= len(fields[span.field]):
            found.append(f"{span} leaves its field")
        elif not any(
            says_something(plan.node, stretch, world)
            for stretch in stretches(fields[span.field], span)
        ):
            found.append(f"{span} satisfies no part of the query by itself")
    return [f"{fault}: {plan.source!r} on {text!r}" for fault in found]


def stretches(field: str, span: Span) -> list[str]:
    """What the span says, as a text of its own: also as a tag, and with the signs behind it."""
    said = field[span.start : span.end]
    signs = SIGNS.match(field, span.end)
    return [said, "#" + said, "@" + said, "#" + said + (signs[0] if signs else "")]


def says_something(node: Node, stretch: str, world: World) -> bool:
    """Whether the stretch, as a text of its own, satisfies a leaf of the query."""
    if isinstance(node, And | Or):
        return any(says_something(child, stretch, world) for child in node.children)
    if isinstance(node, Not):
        return says_something(node.child, stretch, world)
    if isinstance(node, Words) and node.scope not in ("hashtag", "mention"):
        node = replace(node, scope="body")
    return isinstance(node, Words | Near) and matches(node, Text(body=stretch), world)


def shrunk(mismatch: Mismatch, inflections: Callable[[str], frozenset[str]]) -> Mismatch:
    """A smaller query and text on which the two still differ."""
    world = World(ZoneInfo(mismatch.zone), NOW, inflections)
    plan, text = mismatch.plan, mismatch.text

    def differ(plan: Plan, text: Text) -> bool:
        try:
            return fast(plan, text, world) is not slow(plan, text, world)
        except QueryError:
            return False

    if not differ(plan, text):
        return mismatch  # It needs the other queries of its batch.
    smaller = True
    while smaller:
        smaller = False
        for child in plan.children:
            if differ(child, text):
                plan, smaller = child, True
                break
        for candidate in smaller_texts(text):
            if differ(plan, candidate):
                text, smaller = candidate, True
                break
    return Mismatch(plan, text, mismatch.zone, slow(plan, text, world))


def smaller_texts(text: Text) -> Iterator[Text]:
    nothing = Text()
    for name in Text.__dataclass_fields__:
        if getattr(text, name) != getattr(nothing, name):
            yield replace(text, **{name: getattr(nothing, name)})
    for name in ("title", "body", "author"):
        said = getattr(text, name)
        size = len(said)
        while size := size // 2:
            for start in range(0, len(said), size):
                yield replace(text, **{name: said[:start] + said[start + size :]})
