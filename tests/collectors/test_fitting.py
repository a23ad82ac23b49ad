"""A clause is made short enough by widening it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Term
from collectors.fitting import AROUND, count_bytes, count_words, fitting

LONG = Term("x" * 50)


@pytest.mark.parametrize(
    ("clause", "most", "fits"),
    [
        ([Term("ab"), Term("cd")], 100, ["ab", "cd"]),
        ([Term("ab"), Term("cd")], 2 + AROUND, ["ab"]),
        ([LONG, Term("cd")], 20, ["cd"]),
        ([Term("air france retard", "phrase")], 10 + AROUND, ["air france"]),
        ([Term("air france retard", "phrase")], 9 + AROUND, ["air"]),
        ([Term("é" * 5), Term("e" * 5)], 9 + AROUND, ["eeeee"]),
        ([LONG], 20, []),
        ([], 20, []),
    ],
)
def test_what_does_not_fit_is_cut_behind_a_word_or_left_out(
    clause: list[Term], most: int, fits: list[str]
) -> None:
    assert [term.text for term in fitting(clause, most, count_bytes)] == fits


def test_words_are_counted_too() -> None:
    clause = [Term("a b c d", "phrase"), Term("e")]
    (kept,) = fitting(clause, 3, count_words, around=0)
    assert kept == Term("a b c", "phrase")


@given(
    st.lists(st.builds(Term, st.text("ab é京", min_size=1, max_size=30)), max_size=6),
    st.integers(0, 60),
)
@settings(max_examples=300, deadline=None)
def test_what_is_left_fits_and_each_term_is_the_beginning_of_one(
    clause: list[Term], most: int
) -> None:
    kept = fitting(clause, most, count_bytes)
    assert sum(count_bytes(term.text) + AROUND for term in kept) <= most or not kept
    starts = [term.text.split() for term in clause]
    for term in kept:
        words = term.text.split()
        assert any(start[: len(words)] == words for start in starts)
