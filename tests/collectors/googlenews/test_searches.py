"""A narrowing becomes searches that find all of it."""

from __future__ import annotations

import pytest

from collectors.api import Narrowing, Term
from collectors.errors import NeedsAttention
from collectors.googlenews.collector import MAX_REQUESTS, GoogleNews, GoogleNewsConfig, render
from collectors.http import Http, Policy


def words(*clauses: tuple[str, ...]) -> Narrowing:
    return Narrowing(tuple(tuple(Term(text) for text in clause) for clause in clauses))


@pytest.mark.parametrize(
    ("narrowing", "searches"),
    [
        (words(), []),
        (words(("acme",)), ["acme"]),
        (words(("acme",), ("globex",)), ["acme OR globex"]),
        (words(("acme",), ("a", "b")), ["a b", "acme"]),
        (words(('say "hi"',), ("L’Oréal",)), ['"say hi" OR "L’Oréal"']),
    ],
)
def test_single_words_share_a_search_and_clauses_have_their_own(
    narrowing: Narrowing, searches: list[str]
) -> None:
    assert render(narrowing) == searches


def test_too_many_clauses_are_widened_to_their_longest_word() -> None:
    many = words(*((f"brand{n}", "x") for n in range(MAX_REQUESTS + 10)))
    searches = render(many)
    assert len(searches) <= MAX_REQUESTS
    assert all(f"brand{n}" in " ".join(searches) for n in range(MAX_REQUESTS + 10))


def test_a_phrase_longer_than_google_reads_is_cut_behind_a_word() -> None:
    phrase = Term(" ".join(f"w{n}" for n in range(40)), "phrase")
    (search,) = render(Narrowing(((phrase, Term("acme")),)))
    assert len(search.split()) <= 24
    assert search.startswith('"w0 w1 ')
    assert search.endswith('"')


def test_no_search_is_too_long_for_an_address() -> None:
    many = words(*((letter * 90,) for letter in "abcdefghijkl"))
    searches = render(many)
    assert all(len(search) <= 600 for search in searches)
    assert all(letter * 90 in " ".join(searches) for letter in "abcdefghijkl")


def test_a_word_too_long_for_any_search_is_left_out_of_its_clause() -> None:
    assert render(words(("x" * 700, "acme"), ("globex",))) == ["acme OR globex"]
    assert render(words(("x" * 700,))) == []


async def test_without_words_a_person_must_act() -> None:
    async with Http(Policy()) as http:
        with pytest.raises(NeedsAttention, match="needs words"):
            [page async for page in GoogleNews(GoogleNewsConfig()).poll(Narrowing(), {}, http)]
