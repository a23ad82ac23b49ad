"""The difference of two readings: complete, indifferent to order, bounded, readable."""

from __future__ import annotations

import random
import time
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.webpage.changes import difference, marked, readable
from collectors.webpage.compare import compare
from collectors.webpage.lines import Line, read_lines

words = st.lists(
    st.sampled_from(["prix", "pro", "équipe", "29 €", "39 €", "v1.2", "support", "il", "mois"]),
    min_size=1,
    max_size=6,
).map(" ".join)
marks = st.sampled_from(["", "- ", "# ", "## ", "| "])
pages = st.lists(st.builds(lambda mark, text: mark + text, marks, words), max_size=14)
wild = st.lists(st.text(max_size=40), max_size=8)


def keys(lines: list[Line]) -> Counter[str]:
    return Counter(line.key for line in lines if line.key)


@given(pages, pages)
@settings(deadline=None)
def test_the_difference_applied_to_the_old_page_gives_the_new(
    old: list[str], new: list[str]
) -> None:
    before, after = read_lines(old), read_lines(new)
    found = difference(before, after)
    applied = keys(before) - keys(list(found.removed)) + keys(list(found.added))
    assert applied == keys(after)


@given(pages, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_cards_in_another_order_are_no_difference(page: list[str], luck: random.Random) -> None:
    cards = [["## " + f"plan {at}", line.lstrip("#-| ")] for at, line in enumerate(page)]
    shuffled = list(cards)
    luck.shuffle(shuffled)
    old = [line for card in cards for line in card]
    new = [line for card in shuffled for line in card]
    found = compare(old, new, seen=(), restless=(), role="price", lang="fr")
    assert found.said == ""
    assert not found.moved


@given(wild, wild, st.sampled_from(["price", "changelog", "careers", "legal", "other"]))
@settings(deadline=None)
def test_any_two_pages_can_be_compared(old: list[str], new: list[str], role: str) -> None:
    for lang in ("fr", "en"):
        found = compare(old, new, seen=(), restless=(), role=role, lang=lang)  # type: ignore[arg-type]
        assert bool(found.said) == bool(found.text)
        assert len(found.text.splitlines()) <= 4 * 61


@given(words, words)
@settings(deadline=None)
def test_what_is_marked_holds_all_words_of_both_lines(old: str, new: str) -> None:
    left, right = marked(old, new)
    assert left.replace("[", "").replace("]", "").split() == old.split()
    assert right.replace("[", "").replace("]", "").split() == new.split()


def test_a_line_that_comes_back_is_no_news_unless_it_bears_a_price() -> None:
    quote = "« Un outil simple », dit Ada"
    seen = {line.digest for line in read_lines([quote, "Pro : 29 €"])}
    come = difference([], read_lines([quote, "Pro : 29 €"]), seen=seen).come
    assert [line.text for line in come] == ["Pro : 29 €"]


def test_a_line_known_to_come_and_go_is_not_missed() -> None:
    lines = read_lines(["« Un outil simple », dit Ada", "Contact"])
    restless = {lines[0].digest}
    found = difference(lines, lines[1:], restless=restless)
    assert not found
    assert found.rotated


def test_the_text_shows_words_in_their_section() -> None:
    old = ["# Tarifs", "## Pro", "10 utilisateurs", "29 € / mois", "- Support", "## Team", "Fin"]
    new = ["# Tarifs", "## Pro", "10 utilisateurs", "39 € / mois", "- Support", "- SSO", "## Team"]
    text = compare(old, new, seen=(), restless=(), role="price", lang="fr").text
    assert text.splitlines() == [
        "  Pro",
        "  10 utilisateurs",
        "− [29] € / mois",
        "+ [39] € / mois",
        "  Support",
        "+ SSO",
        "  Team",
        "− Fin",
    ]


def test_a_long_paragraph_is_shown_around_what_changed() -> None:
    start, end = " ".join(f"a{n}" for n in range(90)), " ".join(f"b{n}" for n in range(90))
    left, right = marked(f"{start} trente jours {end}", f"{start} soixante jours {end}")
    assert "[trente] jours b0" in left
    assert "[soixante] jours b0" in right
    assert len(right) < 200


def test_a_long_difference_is_cut_and_says_how_much_is_left() -> None:
    new = [f"- ligne {'x' * n}" for n in range(1, 101)]
    text = compare([], new, seen=(), restless=(), role="other", lang="fr").text
    assert text.splitlines()[-1] == "… et 40 autres lignes"
    text = compare([], ["y" * 1_900 + f" {n}x" for n in range(20)], seen=(), restless=(),
                   role="other", lang="en").text  # fmt: skip
    assert len(text.encode()) <= 8_192 + 40
    assert text.splitlines()[-1].endswith("more lines")


def test_hostile_pages_are_compared_in_bounded_time() -> None:
    started = time.process_time()
    for old, new in (  # a third of what a reading may be
        (["a " * 1_000] * 50, ["a " * 999 + "b"] * 50),
        ([f"a {'b ' * 300}{n}" for n in range(120)], [f"c {'b ' * 299}{n}" for n in range(120)]),
        ([f"{n} € " * 12 for n in range(1_000)], [f"{n + 1} € " * 12 for n in range(1_000)]),
        (["# " + "x" * 1_900] * 150, []),
        (["1 " * 49] * 1_000, ["2 " * 49] * 1_000),
    ):
        compare(old, new, seen=(), restless=(), role="price", lang="fr")
    assert time.process_time() - started < 15


def test_readable_of_nothing_is_nothing() -> None:
    assert readable(difference([], []), []) == ""
