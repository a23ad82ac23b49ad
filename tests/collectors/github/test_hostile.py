"""Whatever a record holds, it is read or skipped, and the one beside it survives."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Item
from collectors.github.records import created, read_records

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
REST = {"node_id": "I_good", "html_url": "https://github.com/a/b/issues/1", "title": "t",
        "created_at": "2026-11-25T11:00:00Z"}  # fmt: skip
GRAPH = {"id": "D_good", "url": "https://github.com/a/b/discussions/1", "title": "t",
         "createdAt": "2026-11-25T11:00:00Z"}  # fmt: skip
FIELDS = ["node_id", "html_url", "title", "body", "body_html", "user", "created_at", "comments",
          "reactions"]  # fmt: skip
OTHERS = ["id", "url", "title", "bodyHTML", "author", "createdAt", "lastEditedAt", "comments",
          "reactions", "upvoteCount"]  # fmt: skip
RECORDS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING).map(lambda given: REST | given)
TALKS = st.dictionaries(st.sampled_from(OTHERS), ANYTHING).map(lambda given: GRAPH | given)


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
@given(RECORDS | TALKS | ANYTHING)
def test_a_record_is_read_or_skipped(record: Any) -> None:
    items, _ = read_records([record, {**REST, "node_id": "I_beside"}])
    assert "I_beside" in {item.external_id for item in items}
    created(record)
    for item in items:
        sound(item)
