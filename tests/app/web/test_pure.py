"""Charts, excerpts, formats, words: pure functions of the pages."""

from __future__ import annotations

import re
import string
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app.web
from app.lang import accepted, choose
from app.web.charts import line_chart, nice_step, spark, stacked
from app.web.excerpt import excerpt
from app.web.formats import Formats, host_of, safe_link
from app.web.words import WORDS, count, say

FOLDER = Path(app.web.__file__).parent


@given(
    st.text(max_size=900),
    st.lists(st.tuples(st.integers(-5, 900), st.integers(-5, 900)), max_size=6),
)
@settings(max_examples=80, deadline=None)
def test_an_excerpt_is_a_stretch_of_the_text_with_its_matches_marked(
    text: str, spans: list[tuple[int, int]]
) -> None:
    pieces = excerpt(text, [("text", low, high) for low, high in spans], field="text")
    shown = "".join(piece.text for piece in pieces)
    assert shown.removeprefix("… ").removesuffix(" …") in text or shown in text
    assert len(shown) <= 330
    whole = {text[low:high] for low, high in spans}
    for piece in pieces:
        assert not piece.marked or any(one.startswith(piece.text) for one in whole)


def test_a_long_text_is_cut_around_its_first_match() -> None:
    text = "mot " * 200 + "Decathlon" + " fin" * 200
    at = text.index("Decathlon")
    pieces = excerpt(text, [("text", at, at + 9)], field="text")
    assert [piece.text for piece in pieces if piece.marked] == ["Decathlon"]
    assert pieces[0].text == "… "


def test_spans_of_another_field_or_shape_are_left_out() -> None:
    spans: list[tuple[object, ...]] = [("title", 0, 1), ("text", 0), ("text", "a", 2)]
    assert [p.marked for p in excerpt("abc", spans, field="text")] == [False]


def test_a_gap_breaks_the_line_and_is_not_drawn_as_zero() -> None:
    chart = line_chart(
        [[1, 2, None, 4]], list("abcd"), list("abcd"), width=300, height=100, every=1
    )
    assert len(chart.curves[0].stretches) == 1
    assert len(chart.curves[0].dots) == 1
    assert [column.blind for column in chart.columns] == [False, False, True, False]


@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 10**7)), min_size=5, max_size=5), max_size=4
    )
)
@settings(max_examples=60, deadline=None)
def test_every_point_lies_inside_the_chart(series: list[list[int | None]]) -> None:
    chart = line_chart(series, list("abcde"), list("abcde"), width=340, height=200, every=2)
    for curve in chart.curves:
        points = [tuple(map(float, p.split(","))) for s in curve.stretches for p in s.split()]
        for x, y in [*points, *curve.dots]:
            assert chart.left <= x <= chart.right
            assert chart.top <= y <= chart.floor
    assert chart.x_ticks[0].label == "e"  # the newest is always named


@pytest.mark.parametrize(("highest", "step"), [(0, 1), (3, 1), (7, 2), (85, 50), (1000, 500)])
def test_axis_steps_are_round_numbers(highest: float, step: float) -> None:
    assert nice_step(highest) == step


def test_parts_of_a_bar_fill_it() -> None:
    parts = stacked([("a", 1), ("b", 0), ("c", 3)])
    assert [(part.kind, part.x, part.width) for part in parts] == [("a", 0, 25), ("c", 25, 75)]
    assert stacked([("a", 0)]) == []


def test_a_spark_of_nothing_is_empty_and_one_of_a_single_day_is_a_dot() -> None:
    assert spark([None, None]).curves[0].stretches == []
    assert len(spark([3]).curves[0].dots) == 1


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://www.lemonde.fr/a", "lemonde.fr"), ("javascript:x", ""), ("http://[", ""), ("", "")],
)
def test_only_links_to_hosts_are_shown(url: str, host: str) -> None:
    assert host_of(url) == host
    assert bool(safe_link(url)) == bool(host)


def test_numbers_and_dates_are_written_as_each_language_does() -> None:
    fr, en = Formats("fr"), Formats("en")
    assert fr.number(1234567) == "1\u202f234\u202f567"
    assert en.number(1234.5) == "1,234.5"
    assert fr.percent(0.5) == "50\u202f%"
    assert en.percent(0.5) == "50%"
    assert fr.points(-0.042) == "−4,2\u202fpt"
    assert en.points(0) == "±0.0\u202fpt"
    assert fr.day(date(2026, 11, 23)) == "23 nov."
    assert fr.long_day(date(2026, 11, 23)) == "lundi 23 nov. 2026"
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert fr.moment(now, "Europe/Paris") == "23 nov., 10:00"
    assert fr.ago(now - timedelta(hours=3), now) == "il y a 3\u202fh"
    assert en.ago(now, now) == "just now"
    assert en.ago(now + timedelta(hours=1), now) == "just now"


@pytest.mark.parametrize(
    ("lang", "n", "text"),
    [
        ("fr", 0, "0 mention"),
        ("en", 0, "0 mentions"),
        ("fr", 2, "2 mentions"),
        ("en", 1, "1 mention"),
    ],
)
def test_plurals_follow_the_language(lang: str, n: int, text: str) -> None:
    assert count(lang, "alert_count", n, str(n)) == text


@pytest.mark.parametrize("key", sorted(WORDS))
def test_both_languages_say_the_same_with_the_same_blanks(key: str) -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english, french = WORDS[key]
    assert english
    assert french
    assert blanks(english) == blanks(french)
    assert english.count("|") == french.count("|")


def test_no_french_line_can_begin_with_a_sign() -> None:
    for key in WORDS:
        assert not re.search(r" [;:!?»]|« ", say("fr", key)), key


def test_every_word_a_template_asks_for_exists() -> None:
    for path in (FOLDER / "templates").iterdir():
        for key in re.findall(r"\btn?\('(\w+)'(?!\s*~)", path.read_text()):
            assert key in WORDS, (path.name, key)


def test_templates_hold_no_inline_script_style_or_foreign_address() -> None:
    for path in (FOLDER / "templates").iterdir():
        text = path.read_text()
        assert not re.search(r"\sstyle=|\son\w+=|<style|\|\s*safe\b", text), path.name
        assert not re.search(r"<script(?! src=\"\{\{ asset)", text), path.name
        assert not re.search(r"(?:href|src)=\"(?:https?:)?//", text), path.name
    for path in (FOLDER / "static").iterdir():
        assert not re.search(r"@import|url\((?!#)|https?://(?!www\.w3\.org)", path.read_text())


@pytest.mark.parametrize(
    ("header", "lang"),
    [("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("de, en;q=0.3", "en"), ("de", None), ("", None),
     ("en;q=0.2, fr;q=0.7", "fr"), ("fr;q=x, en;q=0", None), ("*", None)],
)  # fmt: skip
def test_the_browsers_languages_are_weighed(header: str, lang: str | None) -> None:
    assert accepted(header) == lang


def test_what_is_asked_for_wins_over_the_member_and_the_browser() -> None:
    assert choose(asked="en", member="fr", header="fr") == "en"
    assert choose(asked="xx", member="fr", header="en") == "fr"
    assert choose(header="de", default="en") == "en"


# Contrast (U-26): each ink on each ground it stands on, in light and in dark.

_GROUNDS = {"ink": ("bg", "card", "soft", "warn-soft", "bad-soft", "mark"), "muted": ("bg", "card"),
            "accent": ("bg", "card", "accent-soft"), "accent-ink": ("accent",),
            "good": ("bg", "card"), "bad": ("bg", "card", "bad-soft"),
            "warn": ("bg", "card", "warn-soft")}  # fmt: skip


def themes() -> list[dict[str, str]]:
    css = (FOLDER / "static" / "vigie.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks]
    return [found[0], {**found[0], **found[1]}]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_every_ground(dark: bool) -> None:
    theme = themes()[dark]
    for ink, grounds in _GROUNDS.items():
        for ground in grounds:
            ratio = contrast(theme[ink], theme[ground])
            assert ratio >= 4.5, (ink, ground, round(ratio, 2))
    for n in range(8):
        assert contrast(theme[f"s{n}"], theme["card"]) >= 3, n


def test_the_contrast_check_bites() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#999999", "#ffffff") < 4.5
