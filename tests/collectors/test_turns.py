"""Every place has its turn."""

from __future__ import annotations

from collectors.turns import in_turn


def test_the_place_behind_the_last_one_comes_first() -> None:
    assert in_turn(["a", "b", "c"], "a") == ["b", "c", "a"]
    assert in_turn(["a", "b", "c"], "c") == ["a", "b", "c"]


def test_a_place_that_is_not_there_any_more_changes_nothing() -> None:
    assert in_turn(["a", "b"], "gone") == ["a", "b"]
    assert in_turn([], "") == []
