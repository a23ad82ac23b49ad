"""What is asked for, and where a page leaves a walk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.api import Narrowing, Term
from collectors.bluesky.posts import Read
from collectors.bluesky.walks import CLAUSES, LIMIT, Walk, after, notes, paging, stamp, targets

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
BOTTOM = NOON - timedelta(days=1)


def asked(*clauses: tuple[Term, ...]) -> list[object]:
    return [dict(one.query) for one in targets(Narrowing(clauses), (), search=True)]


def test_a_clause_is_asked_for_in_the_platforms_words() -> None:
    phrase, tag = Term("café lumen", "phrase"), Term("#CafeLumen", "hashtag")
    assert asked((phrase,)) == [{"q": '"café lumen"'}]
    assert asked((phrase, Term("carte"))) == [{"q": '"café lumen" carte'}]
    assert asked((tag, Term("carte"))) == [{"q": "carte", "tag": ("CafeLumen",)}]
    assert asked((tag, tag)) == [{"q": "#CafeLumen #CafeLumen"}]
    assert asked((Term("l'oréal"),)) == [{"q": '"l\'oréal"'}]


def test_a_handle_is_a_mention_where_it_has_the_platforms_form_and_else_a_word() -> None:
    known, other = Term("@Acme.example", "handle"), Term("@acme", "handle")
    assert asked((known,)) == [{"q": "@acme.example"}]
    assert asked((known, Term("bad"))) == [{"q": "bad", "mentions": "acme.example"}]
    assert asked((other,)) == [{"q": "acme"}]


def test_what_cannot_be_asked_for_is_told() -> None:
    many = Narrowing(tuple((Term(f"word{n}"),) for n in range(CLAUSES + 3)))
    assert len(targets(many, (), search=True)) == CLAUSES
    assert "only 12 of 15" in next(notes(many, search=True))
    long = Narrowing(((Term("x" * 500),),))
    assert targets(long, (), search=True) == []
    assert "cannot be searched" in next(notes(long, search=True))
    assert "no word" in next(notes(Narrowing(), search=True))
    assert list(notes(many, search=False)) == []


def test_each_listing_has_its_own_place_in_the_cursor() -> None:
    narrowing = Narrowing(((Term("a"),), (Term("b"),), (Term("a"),)))
    found = targets(narrowing, ("a", "@A"), search=True)
    assert [(one.handle, dict(one.query)) for one in found] == [
        ("a", {}), ("", {"q": "a"}), ("", {"q": "b"}),
    ]  # fmt: skip
    assert len({one.key for one in found}) == 3


def page(*hours: float) -> Read:
    return Read([], [], [NOON - timedelta(hours=hour) for hour in hours])


def test_a_walk_goes_down_by_the_cursor_and_ends_at_what_is_known() -> None:
    walk, more = after(Walk(), page(1, 2), "c1", count=2, bottom=BOTTOM)
    assert more
    assert walk == Walk(
        top=stamp(NOON - timedelta(hours=1)), before="c1", floor=stamp(NOON - timedelta(hours=2))
    )
    ended, more = after(walk, page(20, 30), "c2", count=2, bottom=BOTTOM)
    assert not more
    assert ended == Walk(since=stamp(NOON - timedelta(hours=1)))


@pytest.mark.parametrize(("cursor", "count"), [("", 2), ("c1", 2), ("c2", 0)])
def test_no_cursor_the_same_one_or_an_empty_page_is_the_end(cursor: str, count: int) -> None:
    walk = Walk(top="2026-11-25T11:00:00.000Z", before="c1", floor="2026-11-25T10:00:00.000Z")
    ended, more = after(walk, page(3), cursor, count=count, bottom=BOTTOM)
    assert not more
    assert ended == Walk(since="2026-11-25T11:00:00.000Z")


def test_a_full_page_without_a_cursor_goes_on_by_time_while_it_moves() -> None:
    walk, more = after(Walk(), page(1, 2), "", count=LIMIT, bottom=BOTTOM)
    assert more
    target = targets(Narrowing(((Term("a"),),)), (), search=True)[0]
    asked = paging(target, walk, BOTTOM)
    assert asked["until"] == "2026-11-25T10:00:01.000Z"
    assert "cursor" not in asked
    _, more = after(walk, page(1, 2), "", count=LIMIT, bottom=BOTTOM)
    assert not more


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_a_cursor_of_any_shape_is_read(value: object) -> None:
    walk = Walk.from_json(value)  # type: ignore[arg-type]
    assert Walk.from_json(walk.to_json()) == walk or len(walk.before) > 150
