"""The matcher against the naive evaluator on generated pairs, and proof that the pairs bite.

A bounded form of `make fuzz-query`, which compares 100,000 pairs."""

from __future__ import annotations

import functools

import pytest

from nlp.query import Matcher, Text, parse
from tests.nlp.query.examples import EXAMPLES, FOUND, NOW, POSITIVE, ZONE, Example
from tests.nlp.query.fuzz.compare import compare, drawn_pairs, slow
from tests.nlp.query.fuzz.draws import Draws
from tests.nlp.query.fuzz.inflected import inflections, small_table
from tests.nlp.query.fuzz.queries import Plan
from tests.nlp.query.fuzz.summary import lines, missed
from tests.nlp.query.mutants import MUTANTS, broken
from tests.nlp.query.naive import World, matches, only_negative

PAIRS = 5_000
SEED = 1


@pytest.mark.parametrize("one", FOUND, ids=lambda one: one.query)
def test_the_matcher_answers_what_generated_pairs_once_found_wrong(one: Example) -> None:
    hits = Matcher.compile({0: parse(one.query)}, zone=ZONE).match(one.text, now=NOW)
    assert bool(hits) == one.matches
    fields = {"title": one.text.title, "text": one.text.body}
    spans = [span for hit in hits for span in hit.spans]
    assert all(span.end <= len(fields[span.field]) for span in spans)
    if one.stretches is not None:
        assert tuple(fields[span.field][span.start : span.end] for span in spans) == one.stretches


def test_the_matcher_equals_the_naive_evaluator_on_generated_pairs() -> None:
    draws = Draws(SEED)
    with small_table():
        report = compare(draws, PAIRS, inflections=inflections)
    print("\n".join(lines(report, draws.counts)))
    assert [mismatch.as_case() for mismatch in report.mismatches] == []
    assert report.faults == []
    assert missed(draws.counts, report.pairs) == []
    # Pairs that hardly ever match, or nearly always, would say little.
    assert 0.35 < report.matched / report.pairs < 0.65


@pytest.mark.parametrize(
    "one",
    [one for examples in (*EXAMPLES.values(), FOUND) for one in examples],
    ids=lambda one: one.query[:30],
)
def test_the_naive_evaluator_agrees_with_the_reference_page(one: Example) -> None:
    query = parse(one.query)
    assert matches(query.root, one.text, World(ZONE, NOW, inflections)) == one.matches
    assert not only_negative(query.root)


@pytest.mark.parametrize("source", POSITIVE)
def test_the_naive_evaluator_knows_a_branch_that_finds_something(source: str) -> None:
    assert not only_negative(parse(source).root)


@functools.cache
def judged(count: int) -> list[tuple[Plan, Text, World, bool]]:
    """Pairs of the bounded run with what the right evaluator says of them."""
    pairs = drawn_pairs(Draws(SEED), count, inflections)
    return [(plan, text, world, slow(plan, text, world)) for plan, text, world in pairs]


@pytest.mark.parametrize("name", MUTANTS)
def test_the_pairs_tell_a_wrong_evaluator_from_the_right_one(name: str) -> None:
    pairs = judged(PAIRS)
    with broken(name):
        assert any(slow(plan, text, world) is not right for plan, text, world, right in pairs)
