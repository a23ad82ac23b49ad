from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Narrowing, Term
from collectors.desk import Quota
from collectors.instants import instant, seconds
from collectors.youtube import rules
from collectors.youtube.rules import Round

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def narrowing(*clauses: str) -> Narrowing:
    return Narrowing(tuple(tuple(Term(word) for word in clause.split()) for clause in clauses))


def test_words_of_one_term_share_a_search_and_clauses_have_their_own() -> None:
    assert rules.render(narrowing("nova", "nova parfum", "nouva")) == ["nova parfum", "nova|nouva"]


def test_signs_that_youtube_understands_are_taken_out_of_words() -> None:
    asked = Narrowing(((Term("-nova"),), (Term('a"b|c'),), (Term("lune", "hashtag"),)))
    assert rules.render(asked) == ['nova|"a b c"|lune']
    assert rules.render(Narrowing(((Term("lune \ud83c"),),))) == ["lune"]


def test_too_many_clauses_are_widened_to_a_word_each() -> None:
    asked = narrowing(*(f"parfum{n} x" for n in range(6)))
    assert rules.render(asked) == ["|".join(f"parfum{n}" for n in range(6))]
    assert not rules.is_left_out(asked)


def test_what_no_search_can_ask_for_is_told() -> None:
    endless = Narrowing(((Term("x" * 400),), (Term("nova"),)))
    assert rules.render(endless) == ["nova"]
    assert rules.is_left_out(endless)
    assert rules.is_left_out(Narrowing())
    assert rules.render(Narrowing()) == []
    assert rules.is_left_out(narrowing(*(f"{n:0100d}" for n in range(30))))
    assert not rules.is_left_out(narrowing("nova"))


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=60), max_size=4), max_size=8))
def test_searches_stay_short_and_few_whatever_the_words(clauses: list[list[str]]) -> None:
    asked = Narrowing(tuple(tuple(Term(word) for word in clause) for clause in clauses))
    found = rules.render(asked)
    assert len(found) <= rules.QUERIES
    # A clause of several words is bounded with its quotes.
    assert all(0 < len(one.encode("utf-8", "replace")) <= rules.BYTES + 16 for one in found)
    assert not any(one.startswith("-") for one in found)


@settings(deadline=None)
@given(st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=9), min_size=1, max_size=9))
def test_each_word_is_asked_for(words: list[str]) -> None:
    asked = rules.render(narrowing(*words))
    assert set("|".join(asked).split("|")) == set(words)


def test_the_language_is_the_chosen_one_or_the_only_one() -> None:
    assert rules.language(Narrowing(languages=("fr",)), "") == "fr"
    assert rules.language(Narrowing(languages=("fr", "en")), "") == ""
    assert rules.language(Narrowing(languages=("fr",)), "en") == "en"


def test_the_searches_of_a_day_are_spread_over_it() -> None:
    assert rules.wait_after(1, 1, 48) == timedelta(minutes=30)
    assert rules.wait_after(2, 3, 48) == timedelta(hours=3)
    one = Round().after(None, full=False, now=NOW).waiting(NOW, timedelta(minutes=30))
    assert not one.is_due(NOW + timedelta(minutes=28))
    assert one.is_due(NOW + timedelta(minutes=29))


@settings(deadline=None)
@given(
    st.integers(1, 4),
    st.integers(1, 300),
    st.lists(st.integers(1, 2), min_size=400, max_size=400),
)
def test_no_day_sees_more_searches_than_the_share(queries: int, own: int, pages: list[int]) -> None:
    """Polls every 15 minutes for two days; each query's first turn is free to begin at once."""
    due, spent, turns = [NOW] * queries, [0, 0], iter(pages * 4)
    for poll in range(192):
        now = NOW + timedelta(minutes=15) * poll
        for number in range(queries):
            if now >= due[number]:
                asked = next(turns)
                spent[poll // 96] += asked
                due[number] = now + rules.wait_after(asked, queries, own) - timedelta(minutes=1)
    # The last turn of a day may count for the next one, and a minute early adds a little.
    assert max(spent) <= own * 1.08 + 2 * queries


def test_a_walk_goes_down_and_ends_at_what_was_known() -> None:
    one = Round(since=seconds(NOW - timedelta(hours=1)))
    assert one.floor(NOW, first_days=7) == NOW - timedelta(hours=7)
    down = one.after(NOW - timedelta(minutes=20), full=True, now=NOW)
    assert instant(down.before) == NOW - timedelta(minutes=20) + timedelta(seconds=1)
    ended = down.after(NOW - timedelta(minutes=40), full=False, now=NOW + timedelta(hours=1))
    assert ended == Round(since=seconds(NOW))


def test_a_walk_never_stands_still() -> None:
    oldest = NOW - timedelta(minutes=20)
    once = Round().after(oldest, full=True, now=NOW)
    twice = once.after(oldest, full=True, now=NOW)
    thrice = twice.after(oldest, full=True, now=NOW)
    assert thrice.before < twice.before < once.before


def test_a_walk_that_lasts_a_day_is_given_up() -> None:
    one = Round().after(NOW, full=True, now=NOW)
    assert not one.given_up(NOW + timedelta(hours=23))
    assert one.given_up(NOW + timedelta(hours=25))


@pytest.mark.parametrize("value", [None, 3, [], [1, 2, 3], ["a", 0, 0, 0], {"x": 1}])
def test_an_unreadable_state_begins_anew(value: object) -> None:
    assert Round.from_json(value) == Round()  # type: ignore[arg-type]


def test_history_leaves_the_polls_their_share_of_the_rest_of_the_day() -> None:
    quota = Quota(name="searches", limit=100, window="day", zone="America/Los_Angeles")
    morning = datetime(2026, 11, 25, 8, tzinfo=UTC)  # midnight there
    assert rules.kept_for_polls(quota, 48, morning) == 49
    assert rules.kept_for_polls(quota, 48, morning + timedelta(hours=12)) == 25
