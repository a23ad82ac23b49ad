"""Foreign text becomes plain, whatever is in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.text import FIELD_LIMIT, markup_line, markup_text, one_line, plain_text, web_url


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>x</li><li>y</li></ul>", "x\n\ny"),
        ("a\n  b&nbsp;c", "a b c"),
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
        ("<style>p{}</style><script>x()</script>kept", "kept"),
        ('<p onclick="x()">a<img src=x onerror=y></p>', "a"),
        ("<b>un</b>broken", "unbroken"),
    ],
)
def test_markup_keeps_paragraphs_and_nothing_else(markup: str, text: str) -> None:
    assert markup_text(markup)[0] == text


def test_links_are_kept_once_and_only_those_of_the_web() -> None:
    markup = '<a href="/a?x=1&amp;y=2">1</a><a href="java&#10;script:x">2</a><a href="/a?x=1&y=2">'
    assert markup_text(markup, base="https://e.example/b/")[1] == ("https://e.example/a?x=1&y=2",)


def test_a_field_is_cut_before_it_is_cleaned() -> None:
    assert len(markup_text("x" * (FIELD_LIMIT + 10))[0]) == FIELD_LIMIT
    assert markup_text("<div>" * 1_000_000)[0] == ""


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=200))
def test_whatever_comes_in_can_be_stored(text: str) -> None:
    made = (
        markup_text(f"<p>{text}</p>")[0],
        markup_line(text),
        plain_text(text),
        one_line(text),
        web_url(text, base="https://e.example/"),
        web_url(text),
    )
    for one in made:
        one.encode()
        assert "\x00" not in one


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="javscript:\n\t\x00 /\\ht p&#;data", max_size=30))
def test_an_address_is_of_the_web_or_relative(text: str) -> None:
    absolute = web_url(text, base="https://e.example/")
    assert absolute == "" or absolute.startswith(("https://", "http://"))
    scheme, colon, _ = re.split(r"[/?#]", web_url(text), maxsplit=1)[0].partition(":")
    assert not colon or scheme in ("http", "https")
