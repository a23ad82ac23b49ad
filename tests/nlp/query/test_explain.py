"""The explanation of every part of the language, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from nlp.query import explain, parse
from nlp.query.explain import MAX_LENGTH
from tests.nlp.query.test_language import HOSTILE, attempt

EXAMPLES = [
    block.split("\n")
    for block in (Path(__file__).parent / "explained.txt")
    .read_text(encoding="utf-8")
    .strip()
    .split("\n\n")
]
"""A query, and what follows FR and EN."""
FR, EN = "Trouve les publications qui ", "Finds posts that "


@pytest.mark.parametrize(("source", "fr", "en"), EXAMPLES)
def test_every_part_is_said_in_both_languages(source: str, fr: str, en: str) -> None:
    query = parse(source)
    assert explain(query, "fr") == f"{FR}{fr}."
    assert explain(query, "en") == f"{EN}{en}."


def test_a_long_list_is_counted() -> None:
    query = parse(" OR ".join(f"w{n}" for n in range(1_200)))
    assert explain(query, "fr").endswith("« w18 », « w19 » et 1 180 autres.")
    assert explain(query, "en").endswith("“w18”, “w19” and 1,180 more.")


def test_a_long_query_is_told_in_short() -> None:
    query = parse(" ".join(f"(#w{n} OR a{n} lang:fr)" for n in range(200)))
    said = explain(query, "en")
    assert len(said) <= MAX_LENGTH
    assert said.endswith("and 180 more.")


def test_a_query_too_long_for_any_of_that_says_how_long_it_is() -> None:
    deep = "a"
    for number in range(49):
        deep = f"({deep} OR #{'x' * 50}{number}) b{number}"
    said = explain(parse(deep), "fr")
    assert len(said) <= MAX_LENGTH
    assert said.endswith("… (requête de 99 termes, trop longue pour être dite en entier)")


@given(HOSTILE)
@settings(max_examples=300, deadline=None)
def test_any_query_is_said_within_the_length_and_can_be_printed(source: str) -> None:
    query, _ = attempt(source)
    if query is not None:
        for said in (explain(query, "fr"), explain(query, "en")):
            assert len(said) <= MAX_LENGTH
            assert said.encode()
