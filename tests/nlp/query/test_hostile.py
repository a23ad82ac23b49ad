"""Hostile texts and queries take steps in proportion to their size, and never a crash."""

from __future__ import annotations

import pytest

from nlp.query import Matcher, QueryError, Text, parse
from tests.nlp.query.fuzz.inflected import small_table
from tests.nlp.query.fuzz.properties import NOW
from tests.nlp.query.hostile import HEAVY, QUERIES, TEXTS, Steps

TEXT_SIZES = (300, 600, 1_200)
QUERY_SIZES = (500, 1_000, 2_000)
# Twice the size may cost twice the steps and a little, for what is paid once.
GROWTH = 2.3
# The worst of the corpus, two slop phrases near each other on a text of nothing but their words,
# takes 2,784 steps for each character; most take under 100.
STEPS_PER_CHARACTER = 3_500


def match_steps(query: str, body: str) -> int:
    matcher = Matcher.compile({0: parse(query)})
    with Steps() as steps:
        hits = matcher.match(Text(title=body[:100], body=body), now=NOW)
        # Spans are found when they are asked for.
        assert all(hit.spans for hit in hits)
    return steps.count


@pytest.mark.parametrize("name", TEXTS)
def test_steps_of_a_match_grow_with_the_text_not_faster(name: str) -> None:
    case = TEXTS[name]
    with small_table():
        small, middle, large = (match_steps(case.query, case.text(n)) for n in TEXT_SIZES)
    assert middle <= GROWTH * small + 500, (small, middle, large)
    assert large <= GROWTH * middle + 500, (small, middle, large)
    assert large <= STEPS_PER_CHARACTER * TEXT_SIZES[-1]


def read_steps(source: str) -> int:
    with Steps() as steps:
        try:
            Matcher.compile({0: parse(source)})
        except QueryError as error:
            assert 0 <= error.position <= len(source)  # noqa: PT017  either outcome is fine
    return steps.count


@pytest.mark.parametrize("name", QUERIES)
def test_steps_of_reading_grow_with_the_query_not_faster(name: str) -> None:
    small, middle, large = (read_steps(QUERIES[name](n)) for n in QUERY_SIZES)
    assert middle <= GROWTH * small + 500, (small, middle, large)
    assert large <= GROWTH * middle + 500, (small, middle, large)


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_of_50_kb_is_matched(name: str) -> None:
    case = TEXTS[name]
    body = case.text(50_000 if name not in HEAVY else 5_000)
    with small_table():
        hits = Matcher.compile({0: parse(case.query)}).match(Text(body=body), now=NOW)
    assert all(0 <= span.start < span.end <= len(body) for hit in hits for span in hit.spans)


def test_steps_are_counted_in_the_library_only() -> None:
    with Steps() as steps:
        sum(n for n in range(1_000))
    assert steps.count == 0
    with Steps() as steps:
        parse("a b c")
    assert steps.count > 50
