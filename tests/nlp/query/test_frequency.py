"""How common words and names are."""

from __future__ import annotations

import pytest

from nlp.query.frequency import common_name, rank


def test_the_more_frequent_word_comes_first_in_either_language() -> None:
    order = [rank(word) for word in ("the", "orange", "yaourt")]
    assert order == sorted(order, key=lambda place: (place is None, place))
    assert rank("de") is not None
    assert rank("de") < 100  # type: ignore[operator]  # not None: the line above


def test_a_word_is_asked_for_in_any_spelling() -> None:
    assert rank("ÉTÉ") == rank("ete") is not None


@pytest.mark.parametrize("word", ["xqzrtk", "", "京都", "decathlonix", "#orange"])
def test_a_rare_word_has_no_rank(word: str) -> None:
    assert rank(word) is None


def test_common_names_are_told_from_other_words() -> None:
    assert common_name("Martin")
    assert common_name("smith")
    assert not common_name("vélo")
    assert not common_name("xqzrtk")
