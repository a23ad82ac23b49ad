"""What is asked of Reddit, and how far a listing is read."""

from __future__ import annotations

import pytest

from collectors.api import Narrowing, Term
from collectors.reddit.listings import (
    OVERLAP,
    SEARCHES,
    Place,
    advance,
    floor_of,
    left_out,
    listings,
    render,
)
from collectors.reddit.things import Things
from collectors.walk import Walk

SINCE = 1_795_000_000
KNOWN = Place(Walk(since=str(SINCE)))


def words(*clauses: tuple[str, ...]) -> Narrowing:
    return Narrowing(tuple(tuple(Term(text) for text in clause) for clause in clauses))


def things(*times: int) -> Things:
    return Things(times=times, names=tuple(f"t3_{n}" for n in range(len(times))))


@pytest.mark.parametrize(
    ("narrowing", "searches"),
    [
        (words(), []),
        (words(("acme",)), ["acme"]),
        (words(("acme",), ("a", "b c")), ['acme OR (a "b c")']),
        (words(("OR",), ("title:x",)), ['"OR" OR "title:x"']),
        (Narrowing(((Term("go", "hashtag"),), (Term("@acme", "handle"),))), ["go OR acme"]),
        (words(('"',), ("x" * 600,)), []),
    ],
)
def test_clauses_share_a_search(narrowing: Narrowing, searches: list[str]) -> None:
    assert render(narrowing, length=512) == searches


def test_no_search_is_longer_than_reddit_reads_and_none_of_the_words_is_lost() -> None:
    many = words(*((f"brand{n:03}", f"other{n:03}") for n in range(100)))
    searches = render(many, length=512)
    assert len(searches) <= SEARCHES
    assert all(len(one) <= 512 for one in searches)
    assert all(f"brand{n:03}" in " ".join(searches) for n in range(100))
    assert not left_out(many, length=512)


def test_words_beyond_all_searches_are_said_to_be_left_out() -> None:
    assert left_out(words(*((f"{n:03}" + "x" * 300,) for n in range(40))), length=512)
    assert left_out(words(("x" * 600,)), length=512)


def test_subreddits_are_read_together() -> None:
    found = listings(words(("acme",)), subreddits=("b", "a", "b"), comments=True, search=True,
                     length=512)  # fmt: skip
    assert [one.path for one in found] == ["/r/b+a/new", "/r/b+a/comments", "/search"]
    assert len({one.key for one in found}) == 3


def test_a_walk_ends_where_a_page_comes_down_to_what_is_known() -> None:
    step = advance(KNOWN, things(SINCE + 50, SINCE - OVERLAP), "t3_1", floor=SINCE - OVERLAP)
    assert (step.place, step.more) == (Place(Walk(since=str(SINCE + 50))), False)
    assert not step.ended_short


def test_a_walk_goes_on_below_a_page_that_does_not() -> None:
    step = advance(KNOWN, things(SINCE + 50, SINCE + 40), "t3_1", floor=SINCE - OVERLAP)
    assert step.more
    assert step.place == Place(Walk(since=str(SINCE), top=str(SINCE + 50), before="t3_1"), 2)
    ended = advance(step.place, things(SINCE + 30, 0), "t3_9", floor=SINCE - OVERLAP)
    assert ended.place == Place(Walk(since=str(SINCE + 50)))


def test_a_long_listing_that_ends_above_what_is_known_ended_short() -> None:
    full = things(*range(SINCE + 1_000, SINCE + 900, -1))
    below = advance(KNOWN, full, "t3_99", floor=SINCE - OVERLAP)
    assert advance(below.place, things(SINCE + 10), "", floor=SINCE - OVERLAP).ended_short
    assert advance(below.place, things(), "", floor=SINCE - OVERLAP).more is False
    # A short one is simply whole: what was known there was deleted meanwhile.
    assert not advance(KNOWN, things(SINCE + 5), "", floor=SINCE - OVERLAP).ended_short


def test_an_empty_listing_keeps_what_is_known() -> None:
    assert advance(KNOWN, things(), "", floor=0).place == KNOWN


def test_the_floor_is_a_little_below_what_is_known() -> None:
    assert floor_of(KNOWN, first=7) == SINCE - OVERLAP
    assert floor_of(Place(), first=7) == 7
    assert floor_of(Place(Walk(since="garbage")), first=7) == 7


@pytest.mark.parametrize("value", [None, 5, [], ["a"], ["", "", "", "x"], {"a": 1}])
def test_an_unreadable_place_is_a_new_one(value: object) -> None:
    assert Place.from_json(value) == Place()  # type: ignore[arg-type]  # anything may come
