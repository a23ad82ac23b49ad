"""Texts and queries written to make a matcher slow, by size; and a count of steps.

A step is a line of `nlp` that Python executes, a turn of a loop on one line among them. What runs
inside `re` and other C is not counted; that its patterns are linear is argued where they stand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

HERE = "/nlp/"


def groups(count: int, size: int) -> str:
    """NEARs of OR groups, each in the other's parentheses."""
    words = iter(range(count * size))
    group = ["(" + " OR ".join(f"w{next(words)}" for _ in range(size)) + ")" for _ in range(count)]
    nested = group[0]
    for other in group[1:]:
        nested = f"({nested} NEAR/20 {other})"
    return nested


def repeated(piece: str) -> Callable[[int], str]:
    return lambda size: (piece * (size // len(piece) + 1))[:size]


def counted(piece: str, different: int = 40) -> Callable[[int], str]:
    """`piece` with numbers, again from 0 after so many: all of them are in the smallest text."""
    return lambda size: "".join(
        piece.format(n % different) for n in range(size // len(piece.format(10)))
    )


@dataclass(frozen=True)
class Hostile:
    """A query and a text of a given number of code points."""

    query: str
    text: Callable[[int], str]


TEXTS: dict[str, Hostile] = {
    "one word again and again": Hostile('"a a a a b"', repeated("a ")),
    "a phrase that is nearly there": Hostile('"' + "a " * 40 + 'b"', repeated("a ")),
    "one long word": Hostile("aaa* OR ?aaa?* OR nike", repeated("a")),
    "question marks on a long word": Hostile("a?a?a?a?a?a?b* OR a?a?a?*", repeated("a")),
    "signs of tags": Hostile("#x OR @x", repeated("#")),
    "signs of handles": Hostile("#x OR @x", repeated("@")),
    "handles with half a host": Hostile("@a OR a", repeated("@a@")),
    "half e-mail addresses": Hostile("a OR a@a", repeated("a@")),
    "a local part without an end": Hostile("a", lambda n: "a." * (n // 2) + "@"),
    "hosts without an end": Hostile("a", lambda n: "a@" + "a." * (n // 2)),
    "starts of addresses": Hostile("http OR www OR url:x", repeated("http://www.")),
    "one long address": Hostile("url:" + "a" * 50 + "b", lambda n: "https://" + "a" * n),
    "hyphens": Hostile("a-a-a-a-a-a-a-b", repeated("a-")),
    "apostrophes": Hostile("l'a", repeated("l'")),
    "underscores": Hostile("a_b OR #a_b", repeated("_")),
    "combining marks": Hostile("a OR ab", lambda n: "a" + "\u0301" * n),
    "marks of other scripts": Hostile("हि", lambda n: "ह" + "\u093f" * n),
    "zero-width characters": Hostile("ab", lambda n: "a" + "\u200b" * n + "b"),
    "joiners": Hostile("👩 OR 👩\u200d👧", repeated("👩\u200d")),
    "skin tones": Hostile("👍🏽", lambda n: "👍" + "🏽" * n),
    "flags": Hostile("🇫🇷", repeated("🇫")),
    "half surrogates": Hostile("a", repeated("\ud800")),
    "characters of a script without spaces": Hostile('東東東京 OR "東 京"~20', repeated("東")),
    "a tag of many words": Hostile('"aa aa aa ab" OR aa', lambda n: "#" + "Aa" * (n // 2)),
    "a tag of many characters": Hostile("東東東京 OR 京", lambda n: "#" + "東" * n),
    "a tag of many capitals": Hostile("aaa OR a", lambda n: "#" + "A" * n),
    "many tags": Hostile('#a OR "a b" OR hashtag:b', repeated("#ABa ")),
    "empty lines": Hostile('"a b" OR a NEAR b', repeated("a\n \n")),
    "white space": Hostile('"a b"', lambda n: "a" + " \n" * (n // 2) + "b"),
    "signs behind words": Hostile("a+++ OR a%", repeated("a+ ")),
    "slop on two words": Hostile('"a b"~20', repeated("a b ")),
    "slop that never fits": Hostile('"a a a b"~20', repeated("a ")),
    "slop with many of the same": Hostile('"a a b b c c d"~20', repeated("a b c ")),
    "slop with units": Hostile('"a-b b-a a-b c"~20', repeated("a b ")),
    "many phrases with slop": Hostile(
        " OR ".join(f'"a w{n}"~20' for n in range(100)), repeated("a w1 w2 ")
    ),
    "near everywhere": Hostile("a NEAR/20 b", repeated("a b ")),
    "near that never fits": Hostile("a NEAR/20 b", lambda n: "a " * (n // 2) + "x " * 30 + "b"),
    "a chain of nears": Hostile(" NEAR/20 ".join(["a"] * 6), repeated("a ")),
    "an ordered chain": Hostile(" ONEAR/20 ".join("ab" * 3), repeated("a b ")),
    "nears inside nears": Hostile("a NEAR/20 (" * 5 + "b" + ")" * 5, repeated("a b ")),
    "nears of groups of 20": Hostile(groups(3, 20), counted("w{} ", different=60)),
    "nears of slop phrases": Hostile('"a b"~20 NEAR/20 "b a"~20', repeated("a b ")),
    "2,000 terms": Hostile(
        " OR ".join(f"{n:x}" for n in range(1, 1400)), counted("{:x} ", different=100)
    ),
    "2,000 exclusions": Hostile("a " + " ".join(f"-x{n:x}" for n in range(1400)), repeated("a ")),
    "a prefix with many hits": Hostile("aaa* bbb*", counted("aaa{} ")),
    "many prefixes": Hostile(" OR ".join(f"aaa{n}*" for n in range(500)), counted("aaa{} ")),
    "lone stars": Hostile('"a * * * * * * b"', repeated("a ")),
    "inflections": Hostile("lemma:être lemma:go", repeated("était went ")),
    "fields": Hostile("title:a author:a hashtag:a mention:a url:a site:a", repeated("#a @a ")),
}

# Those that take hundreds of steps for each character: 50 KB of them are left to patience.
HEAVY = (
    "nears of slop phrases",
    "a chain of nears",
    "slop on two words",
    "nears inside nears",
    "a phrase that is nearly there",
    "an ordered chain",
    "many phrases with slop",
    "characters of a script without spaces",
)

# Sources that are scaled themselves; refused or not.
QUERIES: dict[str, Callable[[int], str]] = {
    "parentheses": repeated("("),
    "closed parentheses": repeated(")"),
    "quotes": repeated('"'),
    "escapes": repeated('"\\'),
    "hyphens": lambda n: "-" * n + " a",
    "negations": lambda n: "NOT " * (n // 8 * 2) + "a",
    "a long unit": repeated("a-"),
    "a long phrase": lambda n: '"' + "a " * (n // 2) + '"',
    "a long slop phrase": lambda n: '"' + "a " * (n // 2) + '"~20',
    "a long word": repeated("a"),
    "words": repeated("a "),
    "groups": repeated("(a) "),
    "or": lambda n: "a" + " OR a" * (n // 5),
    "near": lambda n: "a" + " NEAR/2 a" * (n // 9),
    "near alone": lambda n: "a" + " ONEAR a" * (n // 8),
    "fields": repeated("title:a "),
    "field names": repeated("title:"),
    "unknown fields": repeated("titl:a "),
    "numbers": repeated("likes>1 "),
    "one long number": lambda n: "likes>" + "9" * n,
    "dots": lambda n: "likes:" + "." * n,
    "one long date": lambda n: "published:" + "2026-11-01" * (n // 10),
    "stars": repeated("*"),
    "prefixes": repeated("aaa* "),
    "question marks": repeated("?"),
    "signs": repeated("a+%&"),
    "tags": repeated("#a@"),
    "marks": lambda n: "a" + "\u0301" * n,
    "joiners": repeated("👩\u200d"),
    "characters": repeated("東"),
    "or over and": lambda n: " ".join(["(a OR -b)"] * (n // 10)) + " a",
    "nested negations": lambda n: "a " + "-(a OR " * min(n // 7, 48) + "a" + ")" * min(n // 7, 48),
}


class Steps:
    """Counts lines and calls of `nlp` while it is entered."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Steps:
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _trace(self, frame: FrameType, event: str, arg: Any) -> Any:
        if HERE not in frame.f_code.co_filename or "/tests/" in frame.f_code.co_filename:
            return None
        self.count += 1
        return self._trace
