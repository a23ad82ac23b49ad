"""A narrowing becomes searches that find all of it, in X's own syntax."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from collectors.api import Narrowing, Term
from collectors.x.config import XConfig
from collectors.x.searches import SEARCHES, left_out, render

TOKEN = SecretStr("t")


def config(**options: Any) -> XConfig:
    return XConfig(bearer_token=TOKEN, **({"reposts": True, "monthly_cap": 1_000} | options))


def words(*clauses: tuple[str, ...]) -> Narrowing:
    return Narrowing(tuple(tuple(Term(text) for text in clause) for clause in clauses))


@pytest.mark.parametrize(
    ("narrowing", "searches"),
    [
        (words(), []),
        (words(("acme",)), ["acme"]),
        (words(("acme",), ("a", "b c")), ['(acme OR (a "b c"))']),
        (words(("OR",), ("and",)), ['("OR" OR "and")']),
        (words(("from:x",), ("L’Oréal",)), ['("from:x" OR "L’Oréal")']),
        (Narrowing(((Term("#velo", "hashtag"),),)), ["#velo"]),
        (Narrowing(((Term("go-go", "hashtag"),),)), ['"go-go"']),
        (Narrowing(((Term("@acme", "handle"),),)), ["(@acme OR from:acme)"]),
        (Narrowing(((Term("acme.bsky.social", "handle"),),)), ['"acme.bsky.social"']),
        (words(('"',), ("x" * 600,)), []),
    ],
)
def test_clauses_share_a_search(narrowing: Narrowing, searches: list[str]) -> None:
    assert render(narrowing, config()) == searches


def test_what_is_not_wanted_is_not_paid_for() -> None:
    found = Narrowing(words(("acme",), ("globex",)).any_of, languages=("fr", "en"))
    assert render(found, config(reposts=False)) == ["(acme OR globex) -is:retweet"]
    narrow = config(reposts=False, by_language=True, extra=" -is:reply  -from:acme ")
    assert render(found, narrow) == [
        "(acme OR globex) -is:retweet (lang:fr OR lang:en OR lang:und) -is:reply -from:acme"
    ]


@pytest.mark.parametrize("length", [64, 128, 512])
def test_no_search_is_longer_than_x_reads(length: int) -> None:
    handles = tuple((Term(f"handle{n:08}", "handle"), Term("w" * 20)) for n in range(12))
    phrases = tuple((Term(" ".join(["mot"] * 200), "phrase"),) for _ in range(2))
    asked = config(query_length=length, reposts=False)
    searches = render(Narrowing((*handles, *phrases)), asked)
    assert searches
    assert all(len(one) <= length for one in searches)


def test_no_word_is_lost_as_long_as_the_searches_hold_them() -> None:
    many = words(*((f"brand{n:03}", f"other{n:03}") for n in range(60)))
    searches = render(many, config())
    assert len(searches) <= SEARCHES
    assert all(f"brand{n:03}" in " ".join(searches) for n in range(60))
    assert not left_out(many, config())


def test_words_beyond_all_searches_are_said_to_be_left_out() -> None:
    assert left_out(words(*((f"{n:03}" + "x" * 300,) for n in range(40))), config())
    assert left_out(words(("x" * 600,)), config())
