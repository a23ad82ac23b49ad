"""Suggested terms separate what people marked, and fit the query language."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.query import Matcher, Text, parse
from nlp.relevance import suggest

SHOP = ["Carrefour magasin ouvert", "le drive Carrefour en retard", "promo Carrefour magasin"]
ROAD = ["accident au carrefour Pleyel", "au carrefour à gauche", "feux du carrefour en panne"]


def test_an_exclusion_stands_in_noise_and_in_no_relevant_text() -> None:
    found = suggest([text.lower() for text in SHOP], ROAD, own=["carrefour"])
    assert found.exclusions[0].text == '"au carrefour"'
    assert (found.exclusions[0].noise, found.exclusions[0].relevant) == (2, 0)
    assert found.relevant_lost == 0


def test_how_the_name_is_written_is_proposed_where_it_tells_the_senses_apart() -> None:
    found = suggest(SHOP, ROAD, own=["carrefour"])
    assert [term.text for term in found.exclusions] == ["case=carrefour"]
    assert (found.exclusions[0].noise, found.exclusions[0].relevant) == (3, 0)


def test_the_query_with_the_exclusions_removes_what_was_promised() -> None:
    found = suggest(SHOP, ROAD, own=["carrefour"])
    matcher = Matcher.compile({0: parse(found.applied("carrefour"))})
    left = [text for text in ROAD if matcher.match(Text(body=text))]
    assert len(left) == found.noise - found.noise_removed
    assert all(matcher.match(Text(body=text)) for text in SHOP)


def test_context_terms_keep_relevant_texts_and_are_counted() -> None:
    relevant = [f"orange fibre panne numéro{n}" for n in range(4)]
    noise = [f"orange {fruit}" for fruit in ("pressée", "amère", "mûre", "douce")]
    found = suggest(relevant, noise, own=["orange"])
    query = found.applied("orange", context=True)
    matcher = Matcher.compile({0: parse(query)})
    assert all(matcher.match(Text(body=text)) for text in relevant)
    assert found.noise_removed_with_context == 4


def test_a_word_that_is_in_both_sides_is_not_proposed() -> None:
    found = suggest(["prix orange"] * 3, ["prix orange"] * 3, own=["orange"])
    assert found.exclusions == ()
    assert "both sides" in found.sentence("en")
    assert "deux côtés" in found.sentence("fr")


def test_a_written_sign_is_proposed_with_it() -> None:
    found = suggest(["fixing C code"], ["modern C++ here", "C++ rants"], own=["c"])
    assert "c++" in {term.text for term in found.exclusions}


def test_a_sign_in_the_middle_of_a_name_is_no_term() -> None:
    found = suggest(["fixing C code"] * 2, ["modern C++11 here", "C++14 rants"], own=["c"])
    assert not [term for term in found.exclusions if "+" in term.text]


def test_sure_guesses_of_the_filter_count_in_the_choice_but_not_in_the_figures() -> None:
    unmarked = ["orange mécanique"] * 3 + ["orange fibre"] * 3
    found = suggest(
        ["orange fibre"], ["orange amère"], unmarked, chances=[0.1] * 3 + [0.9] * 3,
        own=["orange"],
    )  # fmt: skip
    term = next(one for one in found.exclusions if "mecanique" in one.text)
    assert (term.noise, term.unmarked) == (0, 3)


def test_the_sentences_say_the_counts() -> None:
    found = suggest(SHOP, ROAD, own=["carrefour"])
    assert f"{found.noise_removed} of 3" in found.sentence("en")
    assert f"{found.noise_removed} des 3" in found.sentence("fr")


@given(st.lists(st.text(max_size=80), max_size=4), st.lists(st.text(max_size=80), max_size=4))
@settings(deadline=None)
def test_whatever_is_proposed_can_be_parsed(one: list[str], two: list[str]) -> None:
    found = suggest(one, two, own=["orange"])
    parse(found.applied("orange", context=True))
