"""Reviews are read or skipped one by one, in the words that were written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Item
from collectors.errors import BadPayload
from collectors.googlebusiness.reviews import is_name, original, read_review, read_reviews

NAME = "accounts/1/locations/2/reviews/AbC-_"
GOOD = {"name": NAME, "starRating": "FIVE", "createTime": "2026-11-24T09:30:00Z"}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
FIELDS = ["name", "starRating", "comment", "createTime", "updateTime", "reviewer", "reviewReply"]
FIELDS += ["reviewMediaItems"]


@settings(deadline=None, max_examples=80)
@given(st.lists(ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING), max_size=4))
def test_no_review_stops_an_answer(odd: list[Any]) -> None:
    told = [GOOD | {"name": f"{NAME}x"} | one if isinstance(one, dict) else one for one in odd]
    found = read_reviews({"reviews": [*told, GOOD]}, "https://business.example")
    assert NAME in {one.external_id for one in found.items}
    for one in found.items:
        (one.text + (one.author.name if one.author else "")).encode()


@pytest.mark.parametrize("answer", [None, [], "text", {"reviews": None}, {"reviews": {}}])
def test_an_answer_without_a_list_is_refused(answer: Any) -> None:
    with pytest.raises(BadPayload):
        read_reviews(answer, "")


def test_a_place_without_reviews_is_no_fault() -> None:
    assert not read_reviews({}, "").items


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("Bien", "Bien"),
        ("(Translated by Google) Good\n\n(Original)\nBien", "Bien"),
        ("Bien\n\n(Translated by Google)\nGood", "Bien"),
        ("(Translated by Google) Good", "(Translated by Google) Good"),
        ("Voir (Original) ici", "Voir (Original) ici"),
    ],
)
def test_googles_translation_is_left_out(comment: str, words: str) -> None:
    assert original(comment) == words


def test_nine_digits_of_a_second_are_read() -> None:
    one = read_review(GOOD | {"createTime": "2026-11-24T09:30:00.123456789Z"}, "")
    assert isinstance(one, Item)
    assert one.published_at == datetime(2026, 11, 24, 9, 30, 0, 123_456, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["accounts/1/locations/2/reviews/..", "accounts/1/../2", "", "a?b"]
)
def test_a_name_that_is_none_is_not_asked_for(name: str) -> None:
    assert not is_name(name)
