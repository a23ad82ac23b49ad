"""Every place has its turn."""

from __future__ import annotations

from collectors.rotation import rotated


def test_the_place_behind_the_last_one_comes_first() -> None:
    assert rotated(["a", "b", "c"], "a") == ["b", "c", "a"]
    assert rotated(["a", "b", "c"], "c") == ["a", "b", "c"]


def test_a_place_that_is_not_there_any_more_changes_nothing() -> None:
    assert rotated(["a", "b"], "gone") == ["a", "b"]
    assert rotated([], "") == []
