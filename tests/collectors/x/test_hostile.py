"""Whatever an answer holds, each record is read or skipped, and the one beside it survives."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.x.posts import read_answer

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=20),
    st.just("12"),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
FIELDS = [
    "id",
    "text",
    "author_id",
    "created_at",
    "edit_history_tweet_ids",
    "lang",
    "note_tweet",
    "referenced_tweets",
    "entities",
    "attachments",
    "public_metrics",
]
GOOD = {"id": "1578516068309794817", "text": "t"}
RECORDS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING).map(lambda given: GOOD | given)


@settings(deadline=None, max_examples=60)
@given(st.lists(max_size=4, elements=ANYTHING | RECORDS), ANYTHING, ANYTHING, ANYTHING)
def test_no_record_stops_an_answer(
    records: list[Any], includes: Any, errors: Any, meta: Any
) -> None:
    data = [*records, GOOD]
    found = read_answer({"data": data, "includes": includes, "errors": errors, "meta": meta})
    assert GOOD["id"] in {item.external_id for item in found.items}
    assert found.found == len(data)
    for item in found.items:
        (item.text + (item.author.name if item.author else "")).encode()
        assert item.published_at


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(["data", "includes", "errors", "meta"]), ANYTHING))
def test_no_answer_is_too_odd(found: dict[str, Any]) -> None:
    assert read_answer(found).found >= 0
