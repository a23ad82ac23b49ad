"""The replay texts as the app would store them, read in place, and which terms they hold.

A term is counted as the query language reads it: a word also inside a tag or handle, a phrase also
inside one or joined (`"air france"` in `#AirFrance`, `@airfrance`). Counted here from `nlp.text`
alone, not by the matcher that is to be measured.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from collectors.text import one_line, plain_text
from nlp.query import Text
from nlp.text import ReadText

REPLAY = Path("../shared/data/replay")
Kind = Literal["word", "tag", "phrase"]

_WORD = re.compile(r"(?=[^\W\d]*[^\W\d_])[^\W_]{2,}")


def replay_texts(folder: Path = REPLAY) -> list[Text]:
    """Title and body of every record, in the order of the files; empty where there are none."""
    return [
        text_of(json.loads(line))
        for file in sorted(folder.glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]


def text_of(record: dict[str, Any]) -> Text:
    """Reddit keeps a post's text under `selftext` and a comment's under `body`."""
    body = record.get("text") or record.get("selftext") or record.get("body") or ""
    return Text(one_line(record.get("title") or ""), plain_text(body))


@dataclass(slots=True)
class Counts:
    """In how many texts each term stands, as it is written in a query.

    capitals: how often a word is written with a capital, of `seen` times; prose: how often a phrase
    stands between words proper, not beside or inside a tag; example: a text that holds the term.
    """

    texts: Counter[str] = field(default_factory=Counter)
    capitals: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    prose: Counter[str] = field(default_factory=Counter)
    example: dict[str, int] = field(default_factory=dict)

    def is_name(self, word: str) -> bool:
        return self.capitals[word] * 2 > self.seen[word]


def kind_of(term: str) -> Kind:
    if term.startswith('"'):
        return "phrase"
    return "tag" if term[0] in "#@" else "word"


def count(texts: Sequence[Text]) -> Counts:
    """One pass over the texts, and a second look at those with tags for joined phrases."""
    counts = Counts()
    tagged: list[tuple[set[str], set[str]]] = []
    for number, text in enumerate(texts):
        terms: set[str] = set()
        names: set[str] = set()
        for read in _fields(text):
            terms |= _terms(read)
            names |= {read.forms[at][1:] for at in read.tags}
            _count_capitals(read, counts)
            counts.prose.update(term for term in _words_and_phrases(read.forms) if term[0] == '"')
        counts.texts.update(terms)
        for term in terms:
            counts.example.setdefault(term, number)
        if names:
            tagged.append((names, terms))
    _add_joined(counts, tagged)
    return counts


def terms_of(text: Text) -> set[str]:
    """Words, tags, handles and two-word phrases that find this text (joined phrases apart)."""
    return {term for read in _fields(text) for term in _terms(read)}


def _fields(text: Text) -> Iterator[ReadText]:
    return (ReadText(part) for part in (text.title, text.body) if part)


def _terms(read: ReadText) -> set[str]:
    """What finds one field."""
    row = [form[1:] if form[:1] in ("#", "@") else form for form in read.forms]
    found = set(_words_and_phrases(row))
    for at in read.tags:
        found.add(read.forms[at])
        found.update(_words_and_phrases([piece.form for piece in read.pieces(at)]))
    return found


def _words_and_phrases(row: list[str]) -> Iterator[str]:
    plain = [bool(_WORD.fullmatch(word)) for word in row]
    yield from (word for word, good in zip(row, plain, strict=True) if good)
    for (first, good), (second, fine) in pairwise(zip(row, plain, strict=True)):
        if good and fine:
            yield f'"{first} {second}"'


def _count_capitals(read: ReadText, counts: Counts) -> None:
    for at, form in enumerate(read.forms):
        if form[:1].isalpha():
            counts.seen[form] += 1
            counts.capitals[form] += read.raw(at)[:1].isupper()


def _add_joined(counts: Counts, tagged: Iterable[tuple[set[str], set[str]]]) -> None:
    """`#airfrance` is found by `"air france"`, which has to be known as a phrase first."""
    tagged = list(tagged)
    names = {name for found, _ in tagged for name in found}
    phrases: dict[str, list[str]] = {}
    for term in list(counts.texts):
        if term[0] == '"' and (joined := term[1:-1].replace(" ", "")) in names:
            phrases.setdefault(joined, []).append(term)
    for found, terms in tagged:
        more = {phrase for name in found for phrase in phrases.get(name, ())}
        counts.texts.update(more - terms)
