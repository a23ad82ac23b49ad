from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Narrowing, Term
from collectors.gdelt import places, rules
from collectors.gdelt.rules import Walk
from collectors.instants import instant, seconds

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def narrowing(*clauses: str) -> Narrowing:
    return Narrowing(tuple(tuple(Term(word) for word in clause.split()) for clause in clauses))


def asked(wanted: Narrowing, *, tail: str = "", most: int = 240) -> list[str]:
    return rules.render(wanted, tail=tail, most=most)


def left_out(wanted: Narrowing) -> bool:
    return rules.is_left_out(wanted, tail="", most=240)


def test_alternatives_stand_in_parentheses_and_a_single_word_without() -> None:
    assert asked(narrowing("nova", "nouva")) == ["(nova OR nouva)"]
    assert asked(narrowing("nova")) == ["nova"]
    assert asked(narrowing("nova parfum", "nouva")) == ["nova parfum", "nouva"]


def test_words_with_signs_are_quoted_and_short_ones_left_to_the_match_here() -> None:
    phrase = Narrowing(((Term("Maison Lune", "phrase"),), (Term("f-16"),)))
    assert asked(phrase) == ['("Maison Lune" OR "f-16")']
    assert asked(narrowing("nova ab")) == ["nova"]
    assert not left_out(narrowing("nova ab"))
    assert asked(narrowing("ab")) == []
    assert left_out(narrowing("ab", "nova"))
    assert left_out(Narrowing())


def test_signs_of_the_syntax_are_taken_out_of_words() -> None:
    wild = Narrowing(((Term('no(va) "x" tone:5 <b>', "phrase"),), (Term("@lune", "handle"),)))
    assert asked(wild) == ['("no va x tone 5 b" OR lune)']


def test_too_many_clauses_are_widened_to_a_term_each() -> None:
    many = narrowing(*(f"parfum{n} eau" for n in range(8)))
    assert asked(many) == ["(" + " OR ".join(f"parfum{n}" for n in range(8)) + ")"]
    assert not left_out(many)


def test_languages_and_countries_end_each_query_where_gdelt_names_them() -> None:
    assert rules.filters(["fr"], []) == "sourcelang:french"
    both = rules.filters(["fr", "en"], ["GB"])
    assert both == "(sourcelang:french OR sourcelang:english) sourcecountry:unitedkingdom"
    assert rules.filters(["fr", "xx"], []) == ""
    assert rules.filters(["fr", "en", "de", "it"], []) == ""
    assert asked(narrowing("nova"), tail="sourcelang:french") == ["nova sourcelang:french"]


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=80), max_size=4), max_size=9), st.integers(100, 400))
def test_queries_keep_to_their_length_and_syntax(clauses: list[list[str]], most: int) -> None:
    wanted = Narrowing(tuple(tuple(Term(word) for word in clause) for clause in clauses))
    found = rules.render(wanted, tail="sourcelang:french", most=most)
    assert len(found) <= rules.QUERIES
    for one in found:
        assert len(one.encode("utf-8", "replace")) <= most
        bare = re.sub(r'"[^"]*"', "w", one)
        assert '"' not in bare
        assert bare.count("(") == bare.count(")") <= 1
        assert ("(" in bare) == (" OR " in bare)


@pytest.mark.parametrize(
    ("name", "code"), [("French", "fr"), ("Chinese", "zh"), ("Klingon", None), ("", None)]
)
def test_names_of_languages_become_codes(name: str, code: str | None) -> None:
    assert places.language_code(name) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("United States", "US"), ("france", "FR"), ("Slovak Republic", "SK"), ("Atlantis", None)],
)
def test_names_of_countries_become_codes(name: str, code: str | None) -> None:
    assert places.country_code(name) == code


def test_codes_have_their_shape_and_lead_back_to_themselves() -> None:
    for code in places._names(places._LANGUAGES):
        assert re.fullmatch("[a-z]{2}", code)
        assert places.language_code(places.language_name(code) or "") == code
    for code in places._names(places._COUNTRIES):
        assert re.fullmatch("[A-Z]{2}", code)
        assert places.country_code(places.country_name(code) or "") == code


def test_a_window_begins_before_what_is_known_and_is_never_too_short() -> None:
    assert Walk().window(NOW, first_days=7) == (NOW - timedelta(days=7), NOW)
    known = Walk(since=seconds(NOW - timedelta(minutes=5)))
    assert known.window(NOW, first_days=7) == (NOW - timedelta(hours=2, minutes=5), NOW)
    down = Walk(since=seconds(NOW), began=1, before=seconds(NOW - timedelta(hours=2)))
    start, end = down.window(NOW, first_days=7)
    assert end - start == timedelta(hours=1)


def test_a_full_answer_goes_on_at_its_oldest_and_never_stands_still() -> None:
    oldest = NOW - timedelta(hours=3)
    once, stuck = Walk().after(oldest, full=True, now=NOW)
    assert (instant(once.before), stuck) == (oldest, False)
    twice, stuck = once.after(oldest, full=True, now=NOW)
    assert (instant(twice.before), stuck) == (oldest - timedelta(seconds=1), True)
    done, stuck = twice.after(oldest, full=False, now=NOW + timedelta(hours=1))
    assert (instant(done.since), done.before, stuck) == (NOW, 0, False)


@pytest.mark.parametrize("value", [None, 3, [], [1, 2, 3, 4], ["a", 0, 0, 0, 0], {"x": 1}])
def test_an_unreadable_state_begins_anew(value: object) -> None:
    assert Walk.from_json(value) == Walk()  # type: ignore[arg-type]
