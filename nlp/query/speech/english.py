"""The query in English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from nlp.query.ast import Ago, Bound, Dates, Flag, Near, Range, Value, Words
from nlp.query.speech.base import (
    Group,
    Said,
    exactly,
    has_gap,
    kind_of,
    number,
    one_day,
    parts_of,
    same_age,
    shown,
    written,
)

_TERMS = {
    "word": "the word “{}”",
    "phrase": "the phrase “{}”",
    "hashtag": "the hashtag {}",
    "handle": "the handle {}",
    "emoji": "the emoji {}",
    "exact": "exactly “{}” (capitals and accents included)",
    "lemma": "any form of the word “{}”",
    "pattern": "a word of the form “{}” (“?” is one letter or digit)",
}
_PREFIXES = {
    "word": "a word that starts with “{}”",
    "hashtag": "a hashtag that starts with {}",
    "handle": "a handle that starts with {}",
}
_SCOPES = {
    "": "",
    "title": " in the title",
    "body": " in the text",
    "author": " in the author's name",
    "hashtag": " in a hashtag",
    "mention": " in a mentioned handle",
}
_LANGUAGES = {
    "ar": "Arabic", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
_FLAGS = {
    ("is", "reply"): Said("are replies", "are not replies"),
    ("is", "repost"): Said("are reposts", "are not reposts"),
    ("is", "quote"): Said("quote another post", "do not quote another post"),
    ("is", "own"): Said("are the brand's own", "are not the brand's own"),
    ("has", "link"): Said("contain a link", "do not contain a link"),
    ("has", "media"): Said("have a picture or a video", "have neither picture nor video"),
    ("has", "geo"): Said("carry a place", "do not carry a place"),
}
_COUNTS = {
    "likes": ("like", "likes"),
    "reposts": ("repost", "reposts"),
    "replies": ("reply", "replies"),
    "views": ("view", "views"),
    "stars": ("star", "stars"),
}
_MEASURES = {"engagement": "an engagement", "score": "a score"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_UNITS = {"h": "hour", "d": "day", "w": "week"}


class English:
    """English, as `Speech` wants it."""

    finds = "Finds posts that "
    also = " and "
    either = " or "

    def contain(self, what: str) -> str:
        return f"contain {what}"

    def lack(self, what: str) -> str:
        return f"do not contain {what}"

    def contain_none(self, what: str) -> str:
        return f"contain {what}"

    def lack_any(self, whats: Sequence[str]) -> str:
        return f"contain {self.without_any(whats)}"

    def lack_all(self, what: str) -> str:
        return f"do not contain {what} together"

    def without(self, what: str) -> str:
        return f"not {what}"

    def without_any(self, whats: Sequence[str]) -> str:
        return f"neither {' nor '.join(whats)}"

    def without_all(self, what: str) -> str:
        return f"not {what} together"

    def more(self, count: int) -> str:
        return f"{_number(count)} more"

    def term(self, words: Words) -> str:
        return _term(words) + _SCOPES[words.scope]

    def words(self, group: Group, terms: Sequence[Words], left_out: int) -> str:
        """“a”, “b” and 3 more: words of one scope as a list."""
        named = [f"“{written(term)}”" for term in terms]
        if left_out:
            named.append(self.more(left_out))
        joint = self.also if group == "and" or left_out else self.either
        listed = joint.join([", ".join(named[:-1]), named[-1]])
        heads = {"and": "the words", "or": "one of the words", "none": "none of the words"}
        return f"{heads[group]} {listed}{_SCOPES[terms[0].scope]}"

    def near(self, what: str, near: Near) -> str:
        words = "word" if near.distance == 1 else "words"
        apart = f"at most {near.distance} {words} apart" if near.distance else "side by side"
        return f"{what}, {apart}" + ", in this order" * near.ordered

    def property(self, leaf: Value | Flag | Range | Dates) -> Said:
        match leaf:
            case Value():
                return _value(leaf)
            case Flag(field, value):
                return _FLAGS.get((field, value)) or _said("carry", f"the mark “{value}”")
            case Range():
                return _range(leaf)
            case Dates():
                return _said("were", f"published {_dates(leaf)}")

    def cut(self, terms: int) -> str:
        return f"… (a query of {_number(terms)} terms, too long to be said in full)"


def _said(verb: str, rest: str) -> Said:
    auxiliary = verb in {"are", "were"}
    return Said(f"{verb} {rest}", f"{verb} not {rest}" if auxiliary else f"do not {verb} {rest}")


def _term(words: Words) -> str:
    kind = kind_of(words)
    text = written(words)
    if kind == "prefix":
        return _PREFIXES.get(parts_of(words)[0].kind, _PREFIXES["word"]).format(text.rstrip("*"))
    if kind == "slop":
        return f"the words “{text}” in any order, {_among(words.slop or 0)}"
    gap = " (“*” is any one word)" if has_gap(words) else ""
    return _TERMS[kind].format(text) + gap


def _among(slop: int) -> str:
    if slop == 0:
        return "with no other word among them"
    return f"with at most {slop} other {'word' if slop == 1 else 'words'} among them"


def _value(leaf: Value) -> Said:
    value = shown(leaf.value)
    match leaf.field:
        case "lang":
            return _lang(value, prefix=leaf.prefix)
        case "country":
            return _said("are", f"from the country {value.upper()}" + "…" * leaf.prefix)
        case "site":
            place = f"from a site whose name starts with “{value}”"
            return _said("come", place if leaf.prefix else f"from the site {value}")
        case "source":
            place = f"from a source whose name starts with “{value}”"
            return _said("come", place if leaf.prefix else f"from the source “{value}”")
        case "url":
            held = f"that contains “{value}”"
            return Said(f"have an address or a link {held}", f"have no address or link {held}")
        case "cluster":
            return _said("are", f"in the group of copies “{value}{'*' * leaf.prefix}”")
        case "list":
            author = f"by someone on the list “{value}{'*' * leaf.prefix}”"
            return _said("are", author)


def _lang(code: str, *, prefix: bool) -> Said:
    base, _, region = code.partition("-")
    name = _LANGUAGES.get(base)
    if prefix:
        return _said("are", f"in a language whose code starts with “{code}”")
    if name is None:
        return _said("are", f"in the language “{code}”")
    return _said("are", f"in {name}" + (f" ({code})" if region else ""))


def _range(leaf: Range) -> Said:
    low, high = leaf.low, leaf.high
    if leaf.metric == "followers":
        names = ("follower", "followers")
        return _said("have", f"an author with {_amount(low, high)} {_some(low, high, names)}")
    if leaf.metric in _MEASURES:
        return _said("have", f"{_MEASURES[leaf.metric]} of {_amount(low, high)}")
    names = _COUNTS.get(leaf.metric, (leaf.metric, leaf.metric))
    return _said("have", f"{_amount(low, high)} {_some(low, high, names)}")


def _amount(low: Bound | None, high: Bound | None) -> str:
    if low is not None and exactly(low, high):
        return f"exactly {_number(low.value)}"
    if low is not None and high is not None and not low.open and not high.open:
        return f"{_number(low.value)} to {_number(high.value)}"
    ends = []
    if low is not None:
        ends.append(f"{'more than' if low.open else 'at least'} {_number(low.value)}")
    if high is not None:
        ends.append(f"{'less than' if high.open else 'at most'} {_number(high.value)}")
    return " and ".join(ends)


def _some(low: Bound | None, high: Bound | None, names: tuple[str, str]) -> str:
    """Singular or plural, as the last number says."""
    last = high or low
    return names[last is None or last.value != 1]


def _dates(leaf: Dates) -> str:
    if day := one_day(leaf):
        return f"on {_day(day)}"
    if age := same_age(leaf):
        return _ago(age)
    low, high = leaf.low, leaf.high
    if isinstance(low, date) and isinstance(high, date):
        return f"from {_day(low)} to {_day(high)}"
    said = [_from(low)] if low is not None else []
    said += [_until(high)] if high is not None else []
    return " and ".join(said)


def _from(low: date | Ago) -> str:
    if isinstance(low, Ago):
        return f"{_ago(low)} or later" if low.number <= 0 else f"at most {_ago(low)}"
    return f"on or after {_day(low)}"


def _until(high: date | Ago) -> str:
    if isinstance(high, Ago):
        return f"{_ago(high)} or earlier" if high.number <= 0 else f"at least {_ago(high)}"
    return f"on or before {_day(high)}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _ago(age: Ago) -> str:
    if age.number <= 0:  # `published>-0d` begins tomorrow.
        return "today" if age.number == 0 else "tomorrow"
    return f"{age.number} {_UNITS[age.unit]}{'' if age.number == 1 else 's'} ago"


def _number(value: float) -> str:
    return number(value, thousands=",", point=".")
