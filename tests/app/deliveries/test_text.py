"""Foreign text is inert before it reaches any channel."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.deliveries.text import cut, inert, one_line, paragraph, safe_url


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
@settings(max_examples=150)
def test_nothing_invisible_is_left(text: str) -> None:
    left = inert(text)
    kinds = {unicodedata.category(c) for c in left if c not in "\n\u200d"}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(left) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b")
    assert "\n" not in one_line(text)
    left.encode()


def test_emoji_made_of_several_stay_whole_and_accents_too() -> None:
    assert inert("👩‍🚒 é 👍🏽 ❤️") == "👩‍🚒 é 👍🏽 ❤️"
    assert inert("pay\u200dpal") == "paypal"


def test_direction_marks_cannot_turn_what_follows() -> None:
    assert one_line("facture\u202efdp.exe") == "facturefdp.exe"


def test_empty_lines_are_dropped() -> None:
    assert paragraph("a \r\n\r\n\r\n  b\tc") == "a\nb c"


@given(st.text(max_size=100), st.integers(1, 50))
@settings(max_examples=100)
def test_a_cut_text_is_never_longer_than_allowed(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://a.example/|x", "https://a.example/<b>", "ftp://a.example",
     "https://", "https://a.example/\"onclick", "https://[::1", "data:text/html,x", ""],
)  # fmt: skip
def test_an_address_that_could_end_its_link_is_left_out(url: str) -> None:
    assert safe_url(url) == ""


def test_an_ordinary_address_is_kept() -> None:
    assert safe_url("https://a.example/p?a=1&b=2#c") == "https://a.example/p?a=1&b=2#c"
