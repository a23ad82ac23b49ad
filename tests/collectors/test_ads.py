"""Ads: what is told when they come, stop, return and vanish."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.ads import (
    STATE,
    Ad,
    Place,
    State,
    Teller,
    as_document,
    listed,
    noticed,
    rounded,
    state_of,
)
from collectors.desk import Document

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SAY = Teller(about="Acme", lang="fr")
AD = Ad(id="1", url="https://x.example/1", advertiser="Olea", text="Buy", started=NOW)


def test_the_title_begins_with_whom_it_is_about_once() -> None:
    assert SAY.title("started", "Olea") == "Acme : Olea a commencé une annonce"
    assert SAY.title("started", "ACME SAS") == "ACME SAS a commencé une annonce"
    assert Teller(about="", lang="en").title("gone", "Olea").startswith("An ad of Olea")


def test_the_first_round_does_not_tell_old_stops() -> None:
    old = replace(AD, stopped=NOW - timedelta(days=9))
    items, state = listed(State(), [old], "r1", NOW, SAY)
    assert [item.kind for item in items] == ["ad"]
    _, state = rounded(state, "r1", NOW, SAY)
    items, _ = listed(state, [replace(old, id="2")], "r2", NOW, SAY)
    assert [item.kind for item in items] == ["ad", "change"]


def test_a_stop_is_told_once_and_a_return_too() -> None:
    _, state = listed(State(complete=True), [AD], "r1", NOW, SAY)
    over = replace(AD, stopped=NOW)
    told, state = listed(state, [over], "r2", NOW, SAY)
    again, state = listed(state, [over], "r3", NOW, SAY)
    back, state = listed(state, [AD], "r4", NOW, SAY)
    assert [item.external_id for item in told] == ["1:stopped:2026-11-25"]
    assert not again
    assert [item.external_id for item in back] == ["1:again:2026-11-25"]


def test_gone_needs_two_rounds_and_no_doubt() -> None:
    _, state = listed(State(complete=True), [AD], "r1", NOW, SAY)
    told, state = rounded(state, "r2", NOW, SAY)
    assert not told
    doubtful = noticed(state, [""], "r3")
    told, doubtful = rounded(doubtful, "r3", NOW, SAY)
    assert not told
    assert not doubtful.doubt
    told, state = rounded(state, "r3", NOW, SAY)
    assert [item.external_id for item in told] == ["1:gone:2026-11-25"]
    told, _ = rounded(state, "r4", NOW, SAY)
    assert not told


def test_an_ad_that_cannot_be_read_is_there_none_the_less() -> None:
    _, state = listed(State(complete=True), [AD], "r1", NOW, SAY)
    for number in range(2, 6):
        state = noticed(state, ["1", "77"], f"r{number}")
        told, state = rounded(state, f"r{number}", NOW, SAY)
        assert not told


def test_an_ad_stopped_long_ago_is_forgotten() -> None:
    old = replace(AD, stopped=NOW - timedelta(days=500))
    _, state = listed(State(), [old], "r1", NOW, SAY)
    _, state = rounded(state, "r1", NOW, SAY)
    assert not state.ads


def test_the_state_is_kept_as_it_was() -> None:
    _, state = listed(State(complete=True), [AD, replace(AD, id="2", stopped=NOW)], "r1", NOW, SAY)
    assert state_of(as_document(state)) == state


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=30) | st.sampled_from(['{"ads": {"1": []}}', '{"ads": 3}', "[]", "{}"]))
def test_a_state_that_cannot_be_read_is_empty(text: str) -> None:
    assert state_of(Document(name=STATE, text=text)).ads == {}


def test_another_question_begins_a_new_round() -> None:
    place = Place.of({}, ["a"], NOW)
    later = NOW + timedelta(hours=1)
    assert Place.of(place.cursor(), ["a"], later) == place
    assert Place.of(place.cursor(), ["b"], later).round == later.isoformat()
    odd: dict[str, Any] = {"place": [1, 2]}
    assert Place.of(odd, ["a"], NOW) == place
