"""Folding, its way back, tokens and tags."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.text import OffsetMap, ReadText, addresses, fold, split
from nlp.text.chars import DROPPED, MARKS, UNSPACED

HOSTILE = st.text(
    st.sampled_from([*"aAéÉoeœßİıΣς1 _.-'’#@\n", "\u0301", "\u200b", "\u200d", "\ufe0f", "👩", "👧",
                     "🏽", "京", "ｶ", "ﾞ", "й", "и", "\u0306", "™", "…", "\u00ad", "한", "ᅡ", "ﷺ"]),
    max_size=30,
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("École", "ecole"),
        ("e\u0301cole", "ecole"),
        ("ŒUVRE ÆON straße", "oeuvre aeon strasse"),
        ("L’Oréal", "l'oreal"),
        ("coca–cola", "coca-cola"),
        ("zero\u200bwidth", "zerowidth"),
        ("ΟΔΟΣ ά", "οδοσ α"),
        ("й", "й"),
        ("и\u0306", "й"),
        ("ｶﾞ", "ガ"),
        ("❤️", "❤"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("İstanbul", "istanbul"),
        ("Nike™", "nike "),
    ],
)
def test_folding_gives_one_spelling(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(HOSTILE | st.text(max_size=20))
@settings(max_examples=300)
def test_folding_twice_changes_nothing_and_case_does_not_matter(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(HOSTILE, HOSTILE)
@settings(max_examples=300)
def test_folded_positions_map_back_to_the_letters_they_came_from(before: str, after: str) -> None:
    # A space on each side keeps the word from composing with its neighbours.
    text = f"{before} Œuvré {after}"
    at = len(fold(f"{before} "))
    places = OffsetMap(text)
    assert fold(text)[at : at + 6] == "oeuvre"
    assert text[places.start(at) : places.end(at + 6)] == "Œuvré"


@given(HOSTILE)
@settings(max_examples=300)
def test_every_token_stands_where_it_says(text: str) -> None:
    read = ReadText(text)
    for form, span in zip(read.forms, read.spans, strict=True):
        start, end = read.place(*span)
        assert 0 <= start < end <= len(text)
        if form and form[0] not in "#@":
            assert form in fold(text[start:end])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AirFrance2024", ["air", "france", "2024"]),
        ("XMLHttp", ["xml", "http"]),
        ("air_france", ["air", "france"]),
        ("iPhones", ["i", "phones"]),
        ("E\u0301coleNormale", ["ecole", "normale"]),
        ("东京Trip", ["东", "京", "trip"]),
        ("airfrance", ["airfrance"]),
    ],
)
def test_a_tag_splits_at_its_capitals_digits_and_underscores(name: str, words: list[str]) -> None:
    assert [piece.form for piece in split(name)] == words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.fr/x?y=1 and www.b.fr.", ["https://a.fr/x?y=1", "www.b.fr."]),
        ("write to foo.bar@mail.example.com now", ["foo.bar@mail.example.com"]),
        ("@bob@mast.social is a handle", []),
        ("merci.@united.com", []),
        ("booking.com in prose", []),
        ("glued:http://t.co/x", ["http://t.co/x"]),
    ],
)
def test_addresses_are_found(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in addresses(text)] == found


def test_hostile_runs_cost_one_pass() -> None:
    # Each of these made a naive e-mail or URL pattern quadratic; 200,000 signs end at once.
    for run in ("a" * 200_000, "a." * 100_000, "@a" * 100_000, "a@" * 100_000, "\n " * 100_000):
        assert ReadText(run).forms is not None


def test_the_literal_classes_agree_with_this_python() -> None:
    dropped = re.compile(f"[{DROPPED}{UNSPACED}\u20e3]")
    marks = re.compile(f"[{MARKS}]")
    if unicodedata.unidata_version != "14.0.0":
        pytest.skip(f"the table is of Unicode 14, Python {sys.version} has another")
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        is_mark = unicodedata.category(character).startswith("M")
        if marks.match(character) or (is_mark and not dropped.match(character)):
            assert is_mark
            assert marks.match(character)
