"""The naive evaluator made wrong on purpose, one rule at a time: the generated pairs must tell
each of these from the right one, else they would not notice the same fault in the matcher."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from unittest import mock

from nlp.query.ast import Near, Not, Or, Part, Range, Value, Words
from nlp.query.values import Text
from tests.nlp.query import naive
from tests.nlp.query.naive import near, properties, reading, words
from tests.nlp.query.naive.reading import Token
from tests.nlp.query.naive.words import Occurrence
from tests.nlp.query.naive.world import World

# The right functions, kept before any is replaced.
MATCHES, SAID, LIKE, FITS = naive.matches, words.said, words.like, words.fits
ARE_NEAR, ANY_ORDER, IN_TAG = near.are_near, words.in_any_order, words.in_tag
NUMBER, VALUE, NOT_AFTER, NOT_BEFORE = (
    properties.number,
    properties.value,
    properties.not_after,
    properties.not_before,
)
ENDS, IS_EMOJI_END = reading.tag_end, reading.emoji_end


def bare(form: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", form) if not unicodedata.combining(c))


def said_inside(part: Part, form: str, host: str, world: World) -> bool:
    return SAID(part, form, host, world) or (part.kind == "word" and part.form in form)


def said_without_marks(part: Part, form: str, host: str, world: World) -> bool:
    return SAID(replace(part, form=bare(part.form)), bare(form), host, world)


def like_with_nothing_for_a_letter(pattern: str, form: str) -> bool:
    return LIKE(pattern, form) or LIKE(pattern.replace("?", ""), form)


def like_with_an_ending(pattern: str, form: str) -> bool:
    return LIKE(pattern, form) and not (pattern.endswith("*") and LIKE(pattern[:-1], form))


def fits_any_case(part: Part, token: Token, world: World) -> bool:
    return FITS(replace(part, exact=None), token, world)


def fits_a_handle(part: Part, token: Token, world: World) -> bool:
    return FITS(part, token, world) or (part.wild == "any" and token.kind == "handle")


def fits_a_handle_as_a_tag(part: Part, token: Token, world: World) -> bool:
    return FITS(replace(part, kind="handle") if part.kind == "hashtag" else part, token, world)


def one_word_more(node: Near, *rest: Any) -> bool:
    return ARE_NEAR(replace(node, distance=node.distance + 1), *rest)


def one_word_less(node: Near, *rest: Any) -> bool:
    return ARE_NEAR(replace(node, distance=node.distance - 1), *rest)


def in_either_order(node: Near, *rest: Any) -> bool:
    return ARE_NEAR(replace(node, ordered=False), *rest)


def across_barriers(node: Near, left: Occurrence, right: Occurrence, tokens: Any) -> bool:
    open_ = tuple(replace(t, kind="word") if t.kind == "barrier" else t for t in tokens)
    return ARE_NEAR(node, left, right, open_)


def sharing_characters(node: Near, left: Occurrence, right: Occurrence, tokens: Any) -> bool:
    return left.start == right.start or ARE_NEAR(node, left, right, tokens)


def one_more_among(parts: list[Part], tokens: Any, slop: int, world: World) -> set[Occurrence]:
    return ANY_ORDER(parts, tokens, slop + 1, world)


def over_handles(parts: list[Part], tokens: Any, slop: int, world: World) -> set[Occurrence]:
    open_ = tuple(replace(t, kind="word") if t.kind == "handle" else t for t in tokens)
    return ANY_ORDER(parts, tokens, slop, world) | ANY_ORDER(parts, open_, slop, world)


def not_in_joined_tags(parts: list[Part], token: Token, world: World) -> bool:
    return len(parts) == 1 and SAID(parts[0], token.form, "", world)


def without_not(node: Any, text: Text, world: World | None = None) -> bool:
    return True if isinstance(node, Not) else MATCHES(node, text, world)


def or_as_first(node: Any, text: Text, world: World | None = None) -> bool:
    return MATCHES(node.children[0] if isinstance(node, Or) else node, text, world)


def open_bounds(node: Range, text: Text) -> bool:
    low = node.low and replace(node.low, open=True)
    high = node.high and replace(node.high, open=True)
    return NUMBER(replace(node, low=low, high=high), text)


def unknown_is_zero(node: Range, text: Text) -> bool:
    return NUMBER(node, replace(text, metrics={node.metric: 0, **text.metrics}))


def end_left_out(moment: datetime, high: date | datetime | None, world: World) -> bool:
    if type(high) is date:
        return moment.astimezone(world.zone).date() < high
    return NOT_AFTER(moment, high, world)


def start_in_utc(moment: datetime, low: date | datetime | None, world: World) -> bool:
    return NOT_BEFORE(moment, low, replace(world, zone=UTC))


def any_ending_is_a_site(node: Value, host: str) -> bool:
    return host.endswith(node.value.removeprefix("www."))


def language_to_the_letter(node: Value, text: Text) -> bool:
    return VALUE(node, replace(text, lang=None) if text.lang != node.value else text)


def no_tone(folded: str, at: int, limit: int) -> int:
    return at + 1 if IS_EMOJI_END(folded, at, limit) else 0


def every_field(_: Words, text: Text) -> tuple[str, ...]:
    return (text.title, text.body)


# What is broken → the function and what stands in its place.
MUTANTS: dict[str, tuple[Any, str, Callable[..., Any] | object]] = {
    "word boundaries ignored": (words, "said", said_inside),
    "marks removed in every script": (words, "said", said_without_marks),
    "? may be no letter": (words, "like", like_with_nothing_for_a_letter),
    "a prefix needs an ending": (words, "like", like_with_an_ending),
    "case= in any case": (words, "fits", fits_any_case),
    "a lone star is a handle": (words, "fits", fits_a_handle),
    "#tag is @handle": (words, "fits", fits_a_handle_as_a_tag),
    "NEAR one word too far": (near, "are_near", one_word_more),
    "NEAR one word too close": (near, "are_near", one_word_less),
    "ONEAR in either order": (near, "are_near", in_either_order),
    "NEAR across addresses and empty lines": (near, "are_near", across_barriers),
    "NEAR of one word with itself": (near, "are_near", sharing_characters),
    "slop one word too many": (words, "in_any_order", one_more_among),
    "slop over handles": (words, "in_any_order", over_handles),
    "slop in order": (words, "in_any_order", lambda *_: set()),
    "signs ignored": (words, "signed", lambda *_: True),
    "joined forms ignored": (
        words,
        "variants",
        lambda units: [[p for u in units for p in u.parts]],
    ),
    "tags not split": (reading, "pieces", lambda *_: ()),
    "joined tags ignored": (words, "is_whole", not_in_joined_tags),
    "hashtag: and mention: are the same": (
        words,
        "tag_kinds",
        lambda _: ("hashtag", "handle"),
    ),
    "title:, body: and author: ignored": (words, "scope", every_field),
    "words inside addresses": (reading, "addresses", lambda _: []),
    "e-mail addresses are words": (reading, "MAIL", re.compile("(?!)")),
    "phrases across empty lines": (reading, "EMPTY_LINE", re.compile("(?!)")),
    "CJK characters need not touch": (
        words,
        "in_row",
        lambda parts, *rest, real=words.in_row: real(
            [replace(part, glued=False) for part in parts], *rest
        ),
    ),
    "CJK like other scripts": (reading, "unspaced", lambda _: False),
    "skin tones ignored": (reading, "emoji_end", no_tone),
    "lemma: as written": (
        words,
        "said",
        lambda part, *rest: SAID(replace(part, lemma=False), *rest),
    ),
    "NOT dropped": (naive, "matches", without_not),
    "OR is its first branch": (naive, "matches", or_as_first),
    "ranges without their ends": (properties, "number", open_bounds),
    "an unknown metric is zero": (properties, "number", unknown_is_zero),
    "the last day left out": (properties, "not_after", end_left_out),
    "days of UTC": (properties, "not_before", start_in_utc),
    "site: by its ending": (properties, "is_site", any_ending_is_a_site),
    "lang: to the letter": (properties, "value", language_to_the_letter),
    "links are not looked at": (properties, "links", lambda _: []),
}


@contextmanager
def broken(name: str) -> Iterator[None]:
    """The naive evaluator with one rule wrong."""
    module, attribute, wrong = MUTANTS[name]
    with mock.patch.object(module, attribute, wrong):
        forget()
        yield
    forget()


def forget() -> None:
    reading.read.cache_clear()
    words.occurrences.cache_clear()
