from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.desk import Document
from collectors.youtube import following
from collectors.youtube.following import (
    Descent,
    Followed,
    Following,
    Known,
    Waiting,
    read_document,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
numbers = st.integers(-1, 2**40)
names = st.text(max_size=12)
descents = st.builds(Descent, since=numbers, top=numbers, token=names, pages=numbers)
followed = st.builds(Followed, at=numbers, count=numbers, read=numbers, goal=numbers, walk=descents)
known = st.builds(Known, id=names, uploads=names, videos=descents, threads=descents)
waiting = st.builds(Waiting, thread=names, video=names, channel=names, token=names)


@settings(deadline=None)
@given(
    st.builds(
        Following,
        videos=st.dictionaries(names, followed, max_size=4),
        channels=st.dictionaries(names, known, max_size=4),
        waiting=st.lists(waiting, max_size=4),
        totals=st.dictionaries(names, numbers, max_size=4),
    )
)
def test_what_is_kept_is_what_is_read(one: Following) -> None:
    document = one.to_document()
    assert document.kind == "state"
    assert read_document(document) == one


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names, inner, max_size=3),
    )
)
def test_whatever_lies_on_the_shelf_is_read(kept: object) -> None:
    shape = {"videos": {"a": kept}, "channels": kept, "waiting": [kept], "totals": kept}
    document = Document(name=following.NAME, text=json.dumps(shape))
    assert isinstance(read_document(document), Following)


def test_only_young_videos_are_followed_the_newest_first() -> None:
    one = Following()
    ages = {"old": 15, "young": 1, "younger": 0, "middle": 9}
    found = [(name, NOW - timedelta(days=days)) for name, days in ages.items()]
    one.follow(found, now=NOW, days=14)
    assert set(one.videos) == {"young", "younger", "middle"}
    assert one.trim(now=NOW, days=14, most=2) == 1
    assert list(one.videos) == ["younger", "young"]
    assert one.trim(now=NOW + timedelta(days=20), days=14, most=2) == 0
    assert not one.videos


def test_a_first_walk_ends_at_its_depth_and_a_later_one_at_what_is_known() -> None:
    hours = [NOW - timedelta(hours=n) for n in range(3)]
    first = Descent().after(hours, "T", deepest=2)
    assert (first.token, first.pages) == ("T", 1)
    assert first.after([NOW - timedelta(hours=9)], "U", deepest=2) == Descent(since=first.top)
    known = Descent(since=first.top)
    assert known.after([NOW + timedelta(hours=1)], "T").token == "T"
    assert known.after([NOW + timedelta(hours=1), NOW - timedelta(hours=2)], "T").token == ""


@pytest.mark.parametrize("pages", [0, following.MOST_PAGES])
def test_pages_without_a_time_end_a_walk_only_when_there_are_too_many(pages: int) -> None:
    walk = Descent(since=5, top=9, token="T", pages=pages)
    assert bool(walk.after([], "U").token) is (pages == 0)


def test_a_thread_is_queued_once_for_each_number_of_replies() -> None:
    one = Following()
    assert one.await_replies(Waiting(thread="a"), 3)
    one.waiting = [Waiting(thread="a", token="T")]
    assert one.await_replies(Waiting(thread="a"), 3)
    assert one.waiting[0].token == "T"
    assert one.await_replies(Waiting(thread="a"), 4)
    assert one.waiting == [Waiting(thread="a")]
    one.waiting = [Waiting(thread=str(n)) for n in range(following.WAITING)]
    assert not one.await_replies(Waiting(thread="b"), 1)
    for number in range(following.TOTALS + 5):
        one.waiting = []
        one.await_replies(Waiting(thread=f"t{number}"), 1)
    assert len(one.totals) == following.TOTALS
