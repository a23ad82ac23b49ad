"""Inflected forms of French and English words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.query.lemma import inflections, known
from nlp.text import fold


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("acheter", "achète achetons achetée achèterais acheté achetant"),
        ("achetons", "acheter achètent achetées"),
        ("être", "suis es est sommes êtes sont étais sera fût été"),
        ("suis", "être suivre suivi étaient"),
        ("avoir", "a ai eu auront"),
        ("aller", "vais irai allons aille va"),
        ("cheval", "chevaux"),
        ("œil", "yeux"),
        ("yeux", "œil"),
        ("beau", "belle bel belles beaux"),
        ("commencer", "commençons commença"),
        ("mange", "manger mangeons"),
        ("buy", "bought buying buys"),
        ("bought", "buy"),
        ("mice", "mouse"),
        ("run", "ran running runs"),
        ("be", "is was been"),
        ("good", "better best"),
        ("city", "cities"),
    ],
)
def test_any_form_finds_the_others(asked: str, found: str) -> None:
    assert {fold(word) for word in found.split()} <= inflections(asked)


@pytest.mark.parametrize(
    ("asked", "not_found"),
    [("porte", "porter"), ("orange", "oranger"), ("achat", "acheter"), ("run", "runner")],
)
def test_a_dictionary_form_is_that_word_only(asked: str, not_found: str) -> None:
    assert not_found not in inflections(asked)


def test_an_unknown_word_is_itself_and_a_language_can_be_chosen() -> None:
    assert inflections("Décathlonix") == {"decathlonix"}
    assert "bought" not in inflections("buy", ("fr",))
    assert inflections("chevaux", ("en",)) == {"chevaux"}


@pytest.mark.parametrize("word", ["vélo", "ACHÈTERAIENT", "orange", "went", "shoes", "œuvre"])
def test_what_a_dictionary_has_is_known(word: str) -> None:
    assert known(word)


@pytest.mark.parametrize("word", ["sncf", "xqzrtk", "京都", "", "a" * 10_000, "\ud800"])
def test_what_no_dictionary_has_is_not_known(word: str) -> None:
    assert not known(word)


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_the_word_itself_is_among_its_forms_and_all_are_folded(word: str) -> None:
    found = inflections(word)
    assert fold(word) in found
    assert all(fold(form) == form for form in found)


def test_forms_of_a_form_of_one_word_are_those_of_the_word() -> None:
    assert inflections("achetons") == inflections("acheter")
