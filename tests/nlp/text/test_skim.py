"""The haystack of a text, held against the careful reading of the same text."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlp.text import END, fold, haystacks, split
from nlp.text.remember import Remembered
from nlp.text.skim import _APART as APART
from nlp.text.skim import BREAK, _read, _tail

REPLAY = Path(__file__).parents[4] / "shared" / "data" / "replay"
BITS = [
    *(
        "air",
        "France",
        "École",
        "a",
        "B2",
        "東京",
        "กรุง",
        "Москва",
        "😀",
        "👩\u200d👧",
        "❤\ufe0f",
        "1️⃣",
    ),
    *(
        "#AirFrance",
        "@air_france",
        "#été2024",
        "@a@b.fr",
        "#東京",
        "#",
        "@",
        "_",
        "a_b",
        "snake_case",
    ),
    *("http://a.fr/x#y", "HTTPS://b.fr", "www.c.fr", "WWW.d.fr", "x://y", "http://", "me@mail.fr"),
    *(
        " ",
        " ",
        " ",
        ", ",
        "\n",
        "\n\n",
        "\n \n",
        "-",
        "’",
        "…",
        "€",
        "«",
        "\u200b",
        "\u0301",
        "\u2028",
    ),
    *("\x00", "\ud800", "ß", "œ", "™", "½", "＃x", "ﬁ", "٣", "हिन्दी", "العربية", "\u202b", "🇫🇷"),
]


def facts(*hay: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The words and the neighbours that can be found in a haystack of one text."""
    for part in hay:
        assert part.startswith(" ")
        assert part.endswith(f" {END} ")
        assert "  " not in part
    whole = " ".join(part.replace(END, BREAK) for part in hay)
    rows = [row.strip(" ").split(" ") for row in whole.split(BREAK)]
    words = {word for row in rows for word in row if word}
    neighbours = {two for row in rows for two in pairwise(row)}
    return words, neighbours


def careful(text: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The same, of the text read as a whole."""
    parts = _read(text, fold(text)).split(APART)
    return facts(*(f" {part.strip()} {END} " for part in parts if part.strip()))


def both(*texts: str) -> None:
    """Each text, among the others and alone."""
    words, added = (hay.split(f" {END}") for hay in haystacks(texts))
    assert len(words) == len(added) == len(texts) + 1
    for text, *parts in zip(texts, words, added, strict=False):
        among = facts(*(part + f" {END} " for part in parts))
        assert among == careful(text), ascii(texts)
        assert facts(*haystacks([text])) == among, ascii(text)


@given(st.lists(st.lists(st.sampled_from(BITS), max_size=9).map("".join), min_size=1, max_size=3))
@example(["Francehttp://a.fr/air "])
@example(["@a_b a_b c"])
@example(["½"])
@settings(max_examples=3_000, deadline=None)
def test_a_haystack_holds_what_the_careful_reading_finds(texts: list[str]) -> None:
    both(*texts)


@given(st.text(max_size=30))
@settings(max_examples=1_000, deadline=None)
def test_any_text_has_the_haystack_of_its_careful_reading(text: str) -> None:
    both(text)


@given(st.text(alphabet="abXY12_", min_size=1, max_size=9))
@settings(deadline=None)
def test_the_pieces_of_a_plain_tag_are_those_of_its_split(name: str) -> None:
    words = [piece.form for piece in split(name)]
    row = _tail(f"#{name}").split(BREAK)[3]
    assert row.split() == (words if words != [name.lower()] else [])


def test_words_of_one_text_are_not_taken_for_those_of_the_next() -> None:
    words, added = haystacks(["a #b", "c", "", "d @e"])
    assert words == f" a b {END} c {END} {END} d e {END} "
    assert [len(part.split()) > 0 for part in added.split(END)] == [True, False, False, True, False]


def test_what_is_remembered_of_words_is_bounded() -> None:
    memory = Remembered(str.upper)
    assert memory["x" * 41] == "X" * 41
    assert not memory
    for number in range(20_001):
        assert memory[str(number)] == str(number)
    assert len(memory) == 1


def test_a_lost_word_would_be_noticed() -> None:
    words, added = haystacks(["vol #AirFrance"])
    assert facts(words, added) != facts(words, added.replace(" air france", " air"))


@pytest.mark.skipif(not REPLAY.exists(), reason="the replay data is not beside this checkout")
@pytest.mark.parametrize("name", ["airline-tweets-2015", "reddit-items-2005-2026"])
def test_real_posts_have_the_haystack_of_their_careful_reading(name: str) -> None:
    lines = (REPLAY / f"{name}.jsonl").read_text().splitlines()
    rows = map(json.loads, lines[::25])
    fields = ("text", "title", "selftext", "body")
    both(*(row.get(field) or "" for row in rows for field in fields))
