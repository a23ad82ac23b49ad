"""Whatever a record holds, it is read or skipped, and the one beside it survives."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Item
from collectors.discourse.posts import Forum, hit_of, is_wanted, read_posts

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
FORUM = Forum.at("https://forum.example")
GOOD = {"id": 7, "created_at": "2026-11-25T11:00:00Z", "topic_id": 3, "post_number": 1,
        "topic_title": "t", "cooked": "<p>c"}  # fmt: skip
FIELDS = ["id", "created_at", "updated_at", "version", "topic_id", "topic_slug", "topic_title",
          "post_number", "reply_to_post_number", "cooked", "blurb", "username", "name",
          "actions_summary", "like_count", "reads", "category_id", "hidden",
          "post_type"]  # fmt: skip
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
def test_a_post_is_read_or_skipped(record: Any, category: Any) -> None:
    hit = hit_of(record, {3: {"title": category, "slug": category, "category_id": category}})
    read = read_posts([hit, {**GOOD, "id": 999_999}], FORUM, frozenset({6}))
    assert "999999@forum.example" in {item.external_id for item in read.items}
    if isinstance(hit, dict):
        is_wanted(hit, frozenset({6}))
    for item in read.items:
        sound(item)
