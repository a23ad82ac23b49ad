"""Whatever a record holds, it is read or skipped; nothing else happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Item
from collectors.facebook.posts import comment_reader, read_post
from collectors.linkedinads.records import reader as linkedin_ad
from collectors.meta.values import UNREADABLE
from collectors.metaads.records import reader as meta_ad
from collectors.threads.posts import figures_of
from collectors.threads.posts import read_post as read_thread
from tests.collectors.meta.test_graph import NOW

PARENT = Item(external_id="1", url="https://x.example", text="", published_at=NOW)
READERS: list[Callable[[Any], Any]] = [
    read_post,
    comment_reader(PARENT),
    read_thread,
    meta_ad(NOW, "fr"),
    linkedin_ad(NOW, "en", timedelta(days=3)),
]
GOOD: dict[str, Any] = {
    "id": "12",
    "created_time": "2026-11-24T08:00:00+0000",
    "timestamp": "2026-11-24T08:00:00+0000",
    "message": "m",
    "ad_delivery_start_time": "2026-11-24",
    "adUrl": "https://www.linkedin.com/ad-library/detail/12",
}
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
FIELDS = [
    "from", "parent", "shares", "reactions", "comments", "full_picture", "permalink_url", "story",
    "text", "topic_tag", "username", "replied_to", "link_attachment_url", "media_url", "languages",
    "ad_creative_bodies", "ad_creative_link_captions", "ad_delivery_stop_time", "eu_total_reach",
    "publisher_platforms", "page_name", "details", "isRestricted", *GOOD,
]  # fmt: skip
RECORDS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING).map(lambda given: GOOD | given)


@pytest.mark.parametrize("read", READERS)
def test_a_good_record_is_read(read: Callable[[Any], Any]) -> None:
    assert read(GOOD)


@pytest.mark.parametrize("read", READERS)
@settings(deadline=None, max_examples=60)
@given(record=ANYTHING | RECORDS)
def test_an_odd_record_is_read_or_refused(read: Callable[[Any], Any], record: Any) -> None:
    try:
        got = read(record)
    except UNREADABLE:
        return
    got.text.encode()
    got.url.encode()


@settings(deadline=None, max_examples=60)
@given(st.lists(ANYTHING, max_size=4))
def test_odd_figures_are_no_figures(records: list[Any]) -> None:
    assert all(value >= 0 for value in figures_of(records).values())
