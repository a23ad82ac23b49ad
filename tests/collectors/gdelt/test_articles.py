from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import BadPayload, CollectorError, RateLimited
from collectors.gdelt.articles import Refused, read_answer, read_articles


def record(**more: Any) -> dict[str, Any]:
    return {
        "url": "https://www.gazette.example/eco/lune?id=3&utm_source=x",
        "title": "Maison Lune , la suite",
        "seendate": "20261125T101500Z",
        "domain": "gazette.example",
        "language": "French",
        "sourcecountry": "France",
        "socialimage": "https://www.gazette.example/i.jpg",
    } | more


def test_an_article_has_its_place_time_language_and_country() -> None:
    (item,) = read_articles([record()]).items
    assert item.title == "Maison Lune , la suite"
    assert item.published_at
    assert item.published_at.isoformat() == "2026-11-25T10:15:00+00:00"
    assert (item.lang, item.country) == ("fr", "FR")
    assert item.author
    assert item.author.name == "gazette.example"
    assert item.media == ("https://www.gazette.example/i.jpg",)


def test_papers_that_share_a_path_and_a_title_stay_apart() -> None:
    urls = [f"https://{paper}.example/sport/match-123" for paper in ("nord", "sud")]
    items = read_articles([record(url=url, title="Le match") for url in urls]).items
    assert len({item.external_id for item in items}) == 2
    assert not any("/" in item.external_id for item in items)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Please limit requests to one every 5 seconds or contact us.", RateLimited),
        ("Your query was too short or too long.", Refused),
        ("The specified phrase is too short.", Refused),
        ("Parentheses may only be used around OR'd statements.", Refused),
        ("<html>busy</html>", BadPayload),
        ("", BadPayload),
        ("[]", BadPayload),
    ],
)
def test_errors_sent_as_text_become_ours(text: str, error: type[CollectorError]) -> None:
    with pytest.raises(error) as caught:
        read_answer(text.encode())
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after


@pytest.mark.parametrize("body", ["{}", '{"articles": []}'])
def test_nothing_found_is_no_error(body: str) -> None:
    assert read_answer(body.encode()).items == ()


@pytest.mark.parametrize("body", ['{"articles": {}}', '{"articles": [', '{"articles": "no"}'])
def test_a_broken_answer_is_refused(body: str) -> None:
    with pytest.raises(BadPayload):
        read_answer(body.encode())


def test_titles_with_backslashes_and_control_signs_are_read() -> None:
    text = json.dumps({"articles": [record(title="Lune TITLE")]})
    body = text.replace("TITLE", "\\é\\' \t fin").encode()
    (item,) = read_answer(body).items
    assert item.title == "Lune \\é\\' fin"


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["url", "title", "seendate", "domain", "language", "sourcecountry"]),
        st.none() | st.integers() | st.text() | st.lists(st.integers(), max_size=2),
    )
)
def test_whatever_a_record_holds_the_others_survive(strange: dict[str, Any]) -> None:
    found = read_articles([record(), strange, record(url="https://b.example/x") | strange])
    assert found.items[0].title == "Maison Lune , la suite"
    assert found.total == 3
