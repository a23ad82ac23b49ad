"""The matcher against every example of the reference page."""

from __future__ import annotations

import pytest

from nlp.query import Matcher, QueryError, parse
from tests.nlp.query.examples import EXAMPLES, NOW, POSITIVE, REFUSED, ZONE, Example, Refused

EVERY = [
    pytest.param(
        one,
        id=f"{group}-{number}-{one.query[:30]}",
    )
    for group, examples in EXAMPLES.items()
    for number, one in enumerate(examples)
]


@pytest.mark.parametrize("one", EVERY)
def test_an_example_of_the_reference_page_holds(one: Example) -> None:
    hits = Matcher.compile({0: parse(one.query)}, zone=ZONE).match(one.text, now=NOW)
    assert bool(hits) == one.matches
    if hits and one.stretches is not None:
        fields = {"title": one.text.title, "text": one.text.body, "author": one.text.author}
        shown = [fields[span.field][span.start : span.end] for span in hits[0].spans]
        assert shown == list(one.stretches)


@pytest.mark.parametrize("one", REFUSED, ids=lambda one: repr(one.source[:30]))
def test_a_source_of_the_reference_page_is_refused(one: Refused) -> None:
    with pytest.raises(QueryError) as caught:
        parse(one.source)
    assert caught.value.code == one.code
    if one.position is not None:
        assert caught.value.position == one.position


@pytest.mark.parametrize("source", POSITIVE)
def test_a_branch_that_finds_something_is_accepted(source: str) -> None:
    assert parse(source).source == source
