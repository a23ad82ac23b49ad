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


async def test_without_words_a_person_must_act() -> None:
    async with Http(Policy()) as http:
        with pytest.raises(NeedsAttention, match="needs words"):
            [page async for page in GoogleNews(GoogleNewsConfig()).poll(Narrowing(), {}, http)]
