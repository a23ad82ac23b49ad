from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.narrowing import MAX_CLAUSES, union
from app.sources.rules import GAP_WORDS, HOUR, Ear, Gap, Heard, find_gaps, poll_interval
from collectors.api import Narrowing, Term

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
NOW = START + timedelta(hours=10, minutes=20)
EAR = Ear(
    id=1, name="Blog", state="active", interval=timedelta(minutes=15), since=START - HOUR,
    last_polled_at=NOW - timedelta(minutes=5), next_poll_at=NOW + timedelta(minutes=10),
)  # fmt: skip
OK = Heard(asked=4, refused=0, failed=0, truncated=0, missed=0)
ALL_HEARD = {START + HOUR * n: OK for n in range(11)}


def gaps(
    log: Mapping[datetime, Heard], ear: Ear = EAR, hours: int = 24
) -> list[tuple[int, int, str]]:
    found = find_gaps(ear, log, start=START, end=START + HOUR * hours, now=NOW)
    return [((g.start - START) // HOUR, (g.end - START) // HOUR, g.why) for g in found]


def test_a_source_that_answered_each_hour_has_no_gap() -> None:
    assert gaps(ALL_HEARD) == []


def test_hours_in_which_nobody_asked_are_one_gap() -> None:
    log = {hour: heard for hour, heard in ALL_HEARD.items() if hour not in
           (START + 3 * HOUR, START + 4 * HOUR)}  # fmt: skip
    assert gaps(log) == [(3, 5, "not_asked")]


def test_the_hour_in_progress_is_not_judged_silent() -> None:
    log = {hour: heard for hour, heard in ALL_HEARD.items() if hour != START + 10 * HOUR}
    assert gaps(log) == []


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        (replace(OK, asked=2, refused=2), "refused"),
        (replace(OK, asked=2, failed=2), "failed"),
        (replace(OK, asked=0), "not_asked"),
        (replace(OK, missed=1), "missed"),
        (replace(OK, truncated=1), "truncated"),
    ],
)
def test_an_hour_without_a_good_answer_names_the_reason(heard: Heard, why: str) -> None:
    assert gaps({**ALL_HEARD, START + 2 * HOUR: heard}) == [(2, 3, why)]


def test_a_failure_that_a_retry_made_good_is_no_gap() -> None:
    assert gaps({**ALL_HEARD, START: replace(OK, asked=3, failed=1, refused=1)}) == []


def test_two_reasons_in_a_row_are_two_gaps() -> None:
    log = {**ALL_HEARD, START: replace(OK, missed=1), START + HOUR: replace(OK, truncated=2)}
    assert gaps(log) == [(0, 1, "missed"), (1, 2, "truncated")]


def test_a_source_asked_every_six_hours_is_not_deaf_in_between() -> None:
    slow = replace(EAR, interval=timedelta(hours=6))
    assert gaps({START: OK, START + 6 * HOUR: OK}, slow) == []
    assert gaps({START: OK, START + 9 * HOUR: OK}, slow) == [(1, 9, "not_asked")]


def test_waiting_until_the_moment_that_the_platform_named_is_no_gap() -> None:
    patient = replace(
        EAR,
        last_polled_at=START + HOUR * 5,
        next_poll_at=NOW + HOUR,
        interval=timedelta(minutes=15),
    )
    log = {START + HOUR * n: OK for n in range(6)}
    assert gaps(log, patient) == []
    assert gaps(log, replace(patient, next_poll_at=NOW - HOUR)) == [(6, 10, "not_asked")]


@pytest.mark.parametrize("state", ["paused", "needs_attention"])
def test_a_source_that_waits_for_a_person_is_blind_until_now(state: str) -> None:
    log = {START + HOUR * n: OK for n in range(4)}
    assert gaps(log, replace(EAR, state=state)) == [(4, 10, state)]


def test_nothing_is_held_against_a_source_before_it_was_added_or_after_it_was_removed() -> None:
    ear = replace(EAR, since=START + 4 * HOUR, until=START + 6 * HOUR)
    assert gaps({}, ear) == [(4, 6, "not_asked")]


def test_each_reason_has_words_in_both_languages() -> None:
    for why in GAP_WORDS:
        gap = Gap(1, "x", START, NOW, why)
        assert gap.words("fr") != gap.words("en")


@given(st.sets(st.integers(0, 9)))
def test_gaps_are_exactly_the_silent_hours(silent: set[int]) -> None:
    log = {START + HOUR * n: OK for n in range(11) if n not in silent}
    found = {hour for start, end, _ in gaps(log) for hour in range(start, end)}
    assert found == silent


def test_a_platform_is_never_asked_more_often_than_it_bears() -> None:
    least = timedelta(minutes=15)
    assert poll_interval(wanted=timedelta(minutes=1), least=least) == least
    assert poll_interval(wanted=timedelta(hours=2), least=least) == timedelta(hours=2)
    assert poll_interval(wanted=timedelta(days=9), least=least) == timedelta(days=1)
    assert poll_interval(wanted=None, least=least) == least


A, B, C = Term("a"), Term("b"), Term("c")


def test_the_union_of_queries_holds_each_clause_once_and_no_redundant_one() -> None:
    found = union([[(A, B), (C,)], [(C,), (B, A)], [(A, C)]])
    assert found == Narrowing(any_of=((A, B), (C,)))


@pytest.mark.parametrize("wanted", [[[]], [[(A,)], []], [[(A,), ()]]])
def test_one_query_that_wants_everything_widens_the_union_to_everything(
    wanted: list[list[tuple[Term, ...]]],
) -> None:
    assert union(wanted) == Narrowing()


def test_too_many_clauses_are_widened_to_one_term_each_and_never_dropped() -> None:
    pairs = [(Term(f"word{n % 40}"), Term(str(n))) for n in range(MAX_CLAUSES + 20)]
    found = union([pairs])
    assert len(found.any_of) == 40
    assert all(any(set(clause) <= set(pair) for clause in found.any_of) for pair in pairs)
    assert union([[(Term(str(n)),) for n in range(MAX_CLAUSES + 1)]]) == Narrowing()


terms = st.builds(Term, st.sampled_from("abcdef"))
clauses = st.lists(st.lists(terms, min_size=1, max_size=3).map(tuple), min_size=1, max_size=6)


@given(st.lists(clauses, min_size=1, max_size=4), st.sets(terms))
def test_the_union_lets_through_whatever_a_query_wants(
    wanted: list[list[tuple[Term, ...]]], text: set[Term]
) -> None:
    wants = any(set(clause) <= text for one in wanted for clause in one)
    lets = any(set(clause) <= text for clause in union(wanted).any_of)
    assert lets == wants
