"""Spans of plain words: what the quick way finds is what the careful one finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.query import Matcher, Text, parse
from nlp.query.reading import Reading
from nlp.query.simple import lowered

BITS = [
    *(
        "air",
        "Air",
        "AIR",
        "france",
        "#AirFrance",
        "@air",
        "@air_france",
        "#air",
        "@a",
        "airs",
        "_",
    ),
    *(
        " ",
        " ",
        "\n",
        "\n\n",
        "-",
        "'",
        "#",
        "@",
        "1",
        "a#air",
        "air@x.fr",
        "http://air.fr",
        "é",
        "😀",
    ),
]


@given(
    st.lists(st.sampled_from(BITS), max_size=8).map("".join),
    st.lists(st.sampled_from(BITS), max_size=3).map("".join),
    st.sampled_from(
        [
            "air",
            "@air",
            "#air",
            "france",
            "air OR @air_france OR #airfrance",
            '"air france"',
            '"a air" OR "air 1 a"',
        ]
    ),
)
@settings(max_examples=2_000, deadline=None)
def test_the_quick_way_shows_what_the_careful_one_shows(body: str, title: str, query: str) -> None:
    matcher = Matcher.compile({0: parse(query)})
    text = Text(title=title, body=body)
    quick = [hit.spans for hit in matcher.match(text)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reading, "plain_stretches", lambda *_: None)
        assert [hit.spans for hit in matcher.match(text)] == quick


def test_the_quick_way_is_taken_for_plain_texts_only() -> None:
    assert lowered("Chez @Air France") == "chez @air france"
    assert lowered("é") is None
    assert lowered("see http://a.fr") is None
    assert lowered("see www.a.fr") is None
    assert lowered("a@b.fr") is None
