"""Whatever a record holds, it is read or skipped, and the one beside it survives."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Item
from collectors.stackexchange.posts import created, read_records

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=20),
    st.sampled_from(["2026-11-25T11:00:00Z", "https://a.example/x", "http://[", "//b.example"]),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
GOOD = {"question_id": 7, "creation_date": 1_795_600_000, "title": "t", "body": "<p>b"}
FIELDS = ["question_id", "answer_id", "creation_date", "last_edit_date", "title", "body", "excerpt",
          "link", "owner", "score", "view_count", "answer_count"]  # fmt: skip
RECORDS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING).map(lambda given: GOOD | given)


def sound(item: Item) -> None:
    """What every item keeps, whatever it was made of."""
    author = (item.author.name, item.author.id or "") if item.author else ()
    told = (item.external_id, item.url, item.title, item.text, *item.links, *item.media)
    for text in (*told, *author):
        text.encode()  # no half of a surrogate pair
    for link in (item.url, *item.links, *item.media):
        assert link.startswith(("http://", "https://"))
    assert all(type(value) is int for value in item.metrics.values())
    assert item.published_at is not None
    assert item.published_at.utcoffset() is not None


@settings(deadline=None, max_examples=60)
@given(RECORDS | ANYTHING, ANYTHING)
def test_a_record_is_read_or_skipped(record: Any, owner: Any) -> None:
    odd = (
        {**record, "owner": {"display_name": owner, "user_id": owner}} if record == GOOD else record
    )
    items, skipped = read_records([odd, {**GOOD, "question_id": 999_999}], "unix")
    assert "unix/q999999" in {item.external_id for item in items}
    assert len(items) + len(skipped) >= 1
    created(record)
    for item in items:
        sound(item)
