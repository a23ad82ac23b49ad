"""Whatever a record holds, it is read or skipped, and the one beside it survives."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Item
from collectors.reddit.things import is_name, read_entries, read_things

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=20),
    st.just("t3_a"),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
FIELDS = [
    "name",
    "id",
    "title",
    "author",
    "selftext",
    "selftext_html",
    "body",
    "body_html",
    "url",
    "permalink",
    "created_utc",
    "edited",
    "score",
    "num_comments",
    "num_crossposts",
    "removed_by_category",
    "crosspost_parent",
    "parent_id",
    "link_id",
    "crosspost_parent_list",
    "post_hint",
    "media",
    "media_metadata",
    "score_hidden",
    "subreddit",
]
GOOD = {
    "name": "t3_good", "title": "t", "author": "a", "created_utc": 1.0, "permalink": "/r/a/b/",
}  # fmt: skip
RECORDS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING).map(lambda given: GOOD | given)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        max_size=4,
        elements=ANYTHING | st.fixed_dictionaries({"kind": ANYTHING, "data": RECORDS | ANYTHING}),
    )
)
def test_no_record_stops_a_listing(children: list[Any]) -> None:
    found = read_things([*children, {"kind": "t3", "data": GOOD}])
    assert "t3_good" in {item.external_id for item in found.items} | set(found.removed)
    assert len(found.items) + len(found.removed) + len(found.skipped) <= len(children) + 1
    for item in found.items:
        assert is_name(item.external_id)
        assert "\x00" not in item.title + item.text
        (item.title + item.text + (item.author.name if item.author else "")).encode()


TEXT = st.text(st.characters(), max_size=80)


@settings(deadline=None, max_examples=60)
@given(TEXT, TEXT, TEXT, TEXT)
def test_no_entry_stops_a_feed(identity: str, path: str, title: str, text: str) -> None:
    entry = Item(
        external_id=identity, url=f"https://r.example/{path}", title=title, text=text,
        published_at=None,
    )  # fmt: skip
    assert not read_entries([entry]).items
