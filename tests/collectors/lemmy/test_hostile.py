"""Whatever a record holds, it is read or skipped, and the one beside it survives."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Item
from collectors.lemmy.views import read_views

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
POST = {"ap_id": "https://a.example/post/1", "name": "n", "published": "2026-11-25T11:00:00Z"}
COMMENT = {"ap_id": "https://a.example/comment/1", "content": "c",
           "published_at": "2026-11-25T11:00:00Z"}  # fmt: skip
FIELDS = ["ap_id", "name", "url", "url_content_type", "body", "content", "published",
          "published_at", "updated", "updated_at", "deleted", "removed", "score"]  # fmt: skip
SAID = st.dictionaries(st.sampled_from(FIELDS), ANYTHING)
AROUND = st.dictionaries(st.sampled_from(["creator", "community", "counts"]), ANYTHING)
NAMED = st.fixed_dictionaries({"name": ANYTHING, "display_name": ANYTHING, "actor_id": ANYTHING})
VIEWS = st.builds(
    lambda said, around, named, comment: (
        {"post": POST | said, "creator": named, **around}
        | ({"comment": COMMENT | said} if comment else {})
    ),
    SAID, AROUND, NAMED, st.booleans(),
)  # fmt: skip


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
@given(VIEWS | ANYTHING)
def test_a_view_is_read_or_skipped(view: Any) -> None:
    beside = {"post": {**POST, "ap_id": "https://a.example/post/999"}}
    read = read_views([view, beside])
    assert "https://a.example/post/999" in {item.external_id for item in read.items}
    for item in read.items:
        sound(item)
