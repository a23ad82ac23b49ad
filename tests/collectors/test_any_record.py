"""Whatever a platform sends, a record is an item that a store takes, or skipped with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.api import Item, Skipped
from collectors.casefiles import as_json, assert_sound
from collectors.desk import Document
from collectors.errors import BadPayload
from collectors.hackernews.records import read_hit, read_story
from collectors.itunes.podcasts import NAME, Followed
from collectors.itunes.searches import read_found
from collectors.newsapi.articles import read_article
from collectors.producthunt.posts import read_node, read_posts
from collectors.wikipedia.articles import Article
from collectors.wikipedia.edits import Last, read_edits
from collectors.wikipedia.views import read_days

NOVA = Article("fr", "Nova")
START = Last("2026-11-01T00:00:00Z", 1, 5)
AT = "2026-11-25T08:00:00Z"
ODD = (
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "12", "-1", "https://nova.example/a",
    "javascript:alert(1)", "//[", "\ud83c", "\x00", "<p>a<b>", "[Removed]", "2026112400", 1e300,
    2**70, float("nan"), -1, True, None, "", [], {}, [None], {"name": 3, "username": "\ud83c"},
    {"edges": [None, {"node": 3}]}, {"url": "\x00"},
)  # fmt: skip
VALUES = (
    st.sampled_from(ODD) | st.integers() | st.floats() | st.text("aé/:<>&0\x00\ud83c ", max_size=8)
)


def _revision(record: Any) -> Item | Skipped:
    edits = read_edits({"query": {"pages": [{"revisions": [record]}]}}, NOVA, START, "fr")
    return [*edits.items, *edits.skipped, Skipped("known already")][0]


def _day(record: Any) -> Item | Skipped:
    return [*read_days([record]).skipped, Skipped("a day")][0]


STORY = {"by": "a", "id": 7, "text": "t", "title": "t", "type": "story", "time": 1_795_000_000,
         "url": "https://e.example", "score": 1, "descendants": 2, "parent": 3}  # fmt: skip
HIT = {"objectID": "7", "author": "a", "created_at_i": 1_795_000_000, "title": "t", "url": "u",
       "story_text": "t", "comment_text": None, "parent_id": 3, "points": 1,
       "num_comments": 2}  # fmt: skip
NEWS = {"source": {"id": None, "name": "S"}, "title": "t", "url": "https://e.example/1",
        "description": "d", "content": "c", "urlToImage": None, "publishedAt": AT}  # fmt: skip
POST = {"id": "1", "name": "n", "tagline": "t", "description": "d", "url": "https://e.example/1",
        "website": "https://e.example", "createdAt": AT, "votesCount": 1, "commentsCount": 2,
        "thumbnail": {"url": "https://e.example/i"},
        "user": {"name": "n", "username": "u"}}  # fmt: skip
COMMENT = {"id": "1", "body": "b", "url": "https://e.example/1", "createdAt": AT,
           "votesCount": 1, "parentId": "3", "user": {"name": "n", "username": "u"}}  # fmt: skip
REVISION = {"revid": 9, "timestamp": AT, "size": 7, "user": "u", "comment": "c", "anon": False}
RECORDS: dict[str, tuple[dict[str, Any], Callable[[Any], Item | Skipped]]] = {
    "a hit of Algolia": (HIT, read_hit),
    "a story of Hacker News": (STORY, lambda record: read_story(record, "7")),
    "an article of NewsAPI": (NEWS, lambda record: read_article(record, lang=None)),
    "a post of Product Hunt": (POST, lambda record: read_node(record, "post")),
    "a comment of Product Hunt": (COMMENT, lambda record: read_node(record, "comment")),
    "a revision of Wikipedia": (REVISION, _revision),
    "a day of Wikipedia": ({"timestamp": "2026112400", "views": 3}, _day),
}


@pytest.mark.parametrize("what", RECORDS)
def test_a_record_as_it_should_be_is_an_item(what: str) -> None:
    record, read = RECORDS[what]
    assert isinstance(read(record), Item) or what == "a day of Wikipedia"


@pytest.mark.parametrize("what", RECORDS)
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_record_with_odd_values_is_an_item_or_is_skipped(what: str, data: st.DataObject) -> None:
    record, read = RECORDS[what]
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(record)), VALUES, max_size=3))
    one = read({**record, **changes})
    if isinstance(one, Item):
        assert_sound(one)
    else:
        assert one.reason
    # No store takes half a surrogate pair, and PostgreSQL no NUL.
    told = json.dumps(asdict(one), default=as_json, ensure_ascii=False)
    assert b"\\u0000" not in told.encode()


@pytest.mark.parametrize("what", RECORDS)
@pytest.mark.parametrize("record", [None, 3, "x", [], {}, [{}]])
def test_what_is_no_record_is_skipped(what: str, record: object) -> None:
    assert isinstance(RECORDS[what][1](record), Skipped)


ANSWERS: dict[str, Callable[[Any], object]] = {
    "posts": read_posts,
    "podcasts": read_found,
    "revisions": lambda answer: read_edits(answer, NOVA, START, "fr"),
}
NAMES = st.sampled_from(["data", "posts", "edges", "node", "results", "feedUrl", "query", "pages",
    "revisions", "feeds", "searched", "found", "asked", "seen", "failed"])  # fmt: skip
TREES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("what", ANSWERS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(answer=TREES)
def test_an_answer_of_any_shape_is_read_or_refused(what: str, answer: Any) -> None:
    with suppress(BadPayload):
        ANSWERS[what](answer)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(kept=TREES)
def test_a_kept_list_of_podcasts_is_read_or_begun_anew(kept: Any) -> None:
    followed = Followed.of(Document(name=NAME, text=json.dumps(kept)))
    assert Followed.of(followed.document()) == followed
