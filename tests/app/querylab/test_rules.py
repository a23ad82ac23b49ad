"""Decisions about a trial."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.querylab.rules import (
    EXCERPT_LIMIT,
    Counts,
    Limits,
    Tally,
    cut,
    outcome,
    shown_spans,
    wrong_period,
)
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (True, True, "kept"), (True, False, "lost"), (False, True, "newly_caught"),
        (False, False, None),
    ],
)  # fmt: skip
def test_what_becomes_of_a_post(before: bool, after: bool, what: str | None) -> None:
    assert outcome(before=before, after=after) == what


def test_a_limit_is_reached_by_posts_or_by_seconds() -> None:
    limits = Limits(posts=10, seconds=2.0)
    assert not limits.reached(9, 1.9)
    assert limits.reached(10, 0.0)
    assert limits.reached(0, 2.0)


def test_the_parts_of_a_tally_add_up() -> None:
    tally = Tally(ZoneInfo("Europe/Paris"))
    for source, what in ((1, "kept"), (2, "lost"), (1, "newly_caught")):
        tally.add(what, source, NOW)  # type: ignore[arg-type]  # a literal in a loop
    assert tally.total == Counts(1, 1, 1)
    assert tally.by_source == {1: Counts(1, 0, 1), 2: Counts(0, 1, 0)}
    assert tally.by_day == {"2026-11-23": Counts(1, 1, 1)}


@given(length=st.integers(0, 5_000), at=st.integers(0, 5_000), wide=st.integers(1, 400))
def test_what_is_shown_of_a_text_holds_the_beginning_of_its_first_match(
    length: int, at: int, wide: int
) -> None:
    at = min(at, max(length - 1, 0))
    spans = [("text", at, min(at + wide, length)), ("title", 0, 1)]
    low, high = cut("x" * length, spans, "text")
    assert 0 <= low <= high <= length
    assert high - low == min(length, EXCERPT_LIMIT)
    if length:
        assert [span[1] for span in shown_spans(spans, "text", low, high)] == [at]
    assert all(
        low <= start < end <= high for _, start, end in shown_spans(spans, "text", low, high)
    )


@pytest.mark.parametrize(
    ("since", "until", "wrong"),
    [(None, None, False), (NOW, None, False), (None, NOW, False), (NOW, NOW, True)],
)
def test_a_period_must_not_be_empty(since: object, until: object, wrong: bool) -> None:
    assert wrong_period(since, until) == wrong  # type: ignore[arg-type]  # cases
