"""The translation: read the pasted query, carry it over, and make sure that Vigie reads it."""

from __future__ import annotations

import re
from dataclasses import replace

from nlp.query.errors import QueryError
from nlp.query.parser import parse as parse_vigie
from nlp.query.translate import plain, wording
from nlp.query.translate.detect import choose
from nlp.query.translate.dialect import Dialect
from nlp.query.translate.lexer import Read, Token, read
from nlp.query.translate.lower import Lowering
from nlp.query.translate.tree import Source, parse
from nlp.query.translate.values import (
    AskedDialect,
    Effect,
    Issue,
    IssueKind,
    Said,
    Translation,
    Unreadable,
)

MAX_LENGTH = 20_000
# What no store and no JSON takes; one character for one, so that positions hold.
_HOSTILE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def translate(text: str, dialect: AskedDialect = "auto") -> Translation:
    """A query of another tool in Vigie's language. Never raises: broken text gives an empty query
    and the one part that says where."""
    text = _HOSTILE.sub(_harmless, text) if len(text) <= MAX_LENGTH else text
    chosen, because = choose(text[:MAX_LENGTH], dialect)
    try:
        root, remarks = _read(text, chosen)
    except Unreadable as error:
        part = Issue(error.start, error.end, "unsupported", error.said.fr, error.said.en)
        return Translation(chosen.name, "", (part,), False, because, readable=False)
    query, issues = _carry(root, chosen, len(text))
    parts = tuple(sorted((*remarks, *issues), key=lambda part: (part.start, part.end)))
    exact = bool(query) and all(part.kind == "changed" for part in parts)
    return Translation(chosen.name, query, parts, exact, because)


def _harmless(found: re.Match[str]) -> str:
    return "\ufffd" if found[0] > "\x7f" else " "


def _read(text: str, dialect: Dialect) -> tuple[Source, tuple[Issue, ...]]:
    if len(text) > MAX_LENGTH:
        raise Unreadable(MAX_LENGTH, len(text), wording.TOO_LONG)
    tokens = read(text, dialect)
    if dialect.name == "talkwalker":
        tokens = _without_operators(tokens)
    return parse(tokens, dialect)


def _carry(root: Source, dialect: Dialect, length: int) -> tuple[str, list[Issue]]:
    lowering = Lowering(dialect, _fault)
    made, gone = lowering.node(root)
    whole = (0, length)
    if made is None:
        gone_parts = [
            _part(each.start, each.end, "unsupported" if each.unsupported else "dropped",
                  Said(each.said.fr + wording.NOTE_NOTHING_LEFT.fr,
                       each.said.en + wording.NOTE_NOTHING_LEFT.en))
            for each in gone
        ]  # fmt: skip
        return "", [*lowering.issues, *gone_parts]
    lonely: list[plain.Plain] = []
    fixed = plain.repaired(made, lonely)
    if fixed is None:
        return "", [*lowering.issues, _part(*whole, "unsupported", wording.EXCLUSIONS_ONLY)]
    issues = [
        *lowering.issues,
        *(_part(x.start, x.end, "dropped", wording.ONLY_NEGATIVE, "less") for x in lonely),
    ]
    query = plain.written(fixed)
    if (fault := _fault(query)) is not None:
        return "", [*issues, _part(*whole, "unsupported", fault)]
    return query, issues


def _part(start: int, end: int, kind: IssueKind, said: Said, effect: Effect = "") -> Issue:
    sentence = wording.with_effect(said, effect)
    return Issue(start, end, kind, sentence.fr, sentence.en)


def _fault(query: str) -> Said | None:
    """What Vigie's parser says against it, None where it reads it."""
    try:
        parse_vigie(query)
    except QueryError as error:
        if error.code == "empty":
            return wording.NO_WORDS
        return wording.refused(Said(error.message("fr"), error.message("en")))
    return None


def _without_operators(tokens: Read) -> Read:
    """Talkwalker reads words without any operator otherwise: several in proximity, one in capitals
    with its case (see the package's page list, "special transformations")."""
    words, end = tokens.tokens[:-1], tokens.tokens[-1]
    if not words or any(token.kind != "word" or token.flag for token in words):
        return tokens
    texts = [token.text for token in words]
    if len(texts) == 1 and _capitals(texts[0]):
        (word,) = words
        return Read((replace(word, kind="exact", flag="alone"), end), tokens.remarks)
    if len(texts) < 2 or "".join(texts).isupper() or not all(map(_simple, texts)):
        return tokens
    start, stop, jumps = words[0].start, words[-1].end, 10 * (len(texts) - 1)
    phrase = Token("phrase", " ".join(texts), start, stop, number=jumps)
    remark = _part(start, stop, "changed", wording.NO_OPERATORS_NEAR)
    return Read((phrase, end), (*tokens.remarks, remark))


def _simple(text: str) -> bool:
    return any(c.isalnum() for c in text) and not set(text) & set("#$@+-&*?~{}[]<>^|!:")


def _capitals(text: str) -> bool:
    return text.isupper() and all(c.isalpha() or c in "+-&" for c in text)
