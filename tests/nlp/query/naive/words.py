"""Where a word, a phrase or a phrase with slop occurs in a text: every place, one by one."""

from __future__ import annotations

import functools
from itertools import product
from typing import NamedTuple

from nlp.query.ast import Part, Unit, Words
from nlp.query.values import Text
from tests.nlp.query.naive.reading import Piece, Token, read
from tests.nlp.query.naive.world import World


class Occurrence(NamedTuple):
    """Code points of the text, and the first and last token it touches."""

    start: int
    end: int
    first: int
    last: int


def scope(words: Words, text: Text) -> tuple[str, ...]:
    match words.scope:
        case "title":
            return (text.title,)
        case "body":
            return (text.body,)
        case "author":
            return (text.author,)
    return (text.title, text.body)


@functools.lru_cache(maxsize=1024)
def occurrences(words: Words, text: str, world: World) -> frozenset[Occurrence]:
    tokens = read(text)
    found: set[Occurrence] = set()
    for parts in variants(words.units):
        for at, token in enumerate(tokens):
            if token.kind in tag_kinds(words):
                found |= in_tag(parts, token, at, world)
            if words.scope in ("hashtag", "mention"):
                continue
            if words.slop is None:
                found |= in_row(parts, tokens, at, world)
        if words.slop is not None and words.scope not in ("hashtag", "mention"):
            found |= in_any_order(parts, tokens, words.slop, world)
    return frozenset(found)


def tag_kinds(words: Words) -> tuple[str, ...]:
    return {"hashtag": ("hashtag",), "mention": ("handle",)}.get(words.scope, ("hashtag", "handle"))


def variants(units: tuple[Unit, ...]) -> list[list[Part]]:
    """Every way to write the words: each unit in its parts or joined."""
    ways = [[list(unit.parts)] + ([[unit.joined]] if unit.joined else []) for unit in units]
    return [[part for unit in way for part in unit] for way in product(*ways)]


def in_row(
    parts: list[Part], tokens: tuple[Token, ...], first: int, world: World
) -> set[Occurrence]:
    """The parts one after the other, from this token on."""
    if first + len(parts) > len(tokens):
        return set()
    row = tokens[first : first + len(parts)]
    for step, (part, token) in enumerate(zip(parts, row, strict=True)):
        if not fits(part, token, world):
            return set()
        if step and part.glued and token.gap:
            return set()
    last = first + len(parts) - 1
    return {Occurrence(begin(parts[0], row[0]), row[-1].end, first, last)}


def begin(part: Part, token: Token) -> int:
    """A tag asked for as a tag occurs with its sign."""
    return token.start - (part.kind in ("hashtag", "handle"))


def in_any_order(
    parts: list[Part], tokens: tuple[Token, ...], slop: int, world: World
) -> set[Occurrence]:
    """A token of its own for each part, and at most `slop` others among them."""
    found = set()
    for choice in choices(blocks(parts), tokens, frozenset(), len(parts) + slop, world):
        first, last = min(choice), max(choice)
        others = [
            token for at, token in enumerate(tokens) if first <= at <= last and at not in choice
        ]
        if len(others) <= slop and not any(o.kind in ("barrier", "handle") for o in others):
            found.add(Occurrence(tokens[first].start, tokens[last].end, first, last))
    return found


def blocks(parts: list[Part]) -> list[list[Part]]:
    """What stays together: the characters of a term in a script without spaces."""
    together: list[list[Part]] = []
    for part in parts:
        if part.glued and together:
            together[-1].append(part)
        else:
            together.append([part])
    return together


def choices(
    todo: list[list[Part]],
    tokens: tuple[Token, ...],
    taken: frozenset[int],
    width: int,
    world: World,
) -> list[frozenset[int]]:
    if not todo:
        return [taken]
    found = []
    for at in range(len(tokens)):
        own = frozenset(range(at, at + len(todo[0])))
        wide = taken and max(taken | own) - min(taken | own) >= width
        if own & taken or wide or not in_row(todo[0], tokens, at, world):
            continue
        found += choices(todo[1:], tokens, taken | own, width, world)
    return found


def fits(part: Part, token: Token, world: World) -> bool:
    """Whether the part is this whole token."""
    if token.kind == "barrier":
        return False
    if part.wild == "any":
        return token.kind != "handle"
    if not kind_fits(part, token):
        return False
    if part.exact is not None:
        if token.kind == "handle" or token.exact != part.exact.lstrip("#"):
            return False
    elif not said(part, token.form, token.host, world):
        return False
    return signed(part.signs, token.behind)


def kind_fits(part: Part, token: Token) -> bool:
    if part.kind == "word":
        return token.kind in ("word", "character", "hashtag", "handle")
    return token.kind == part.kind


def said(part: Part, form: str, host: str, world: World) -> bool:
    wanted = part.form[1:] if part.kind in ("hashtag", "handle") else part.form
    if part.lemma:
        return form in world.inflections(wanted)
    if part.wild == "pattern":
        return like(wanted, form)
    if part.kind == "handle" and "@" in wanted:
        return form + host == wanted
    return form == wanted


def like(pattern: str, form: str) -> bool:
    """`?` is one letter or digit, a star at the end any ending."""
    if pattern == "*":
        return True
    if not pattern or not form:
        return pattern == form
    same = form[0].isalnum() if pattern[0] == "?" else form[0] == pattern[0]
    return same and like(pattern[1:], form[1:])


def signed(signs: str, behind: str) -> bool:
    """The signs follow, at most one space before them, and no more of the same."""
    if not signs:
        return True
    if signs[0] != "#" and behind[:1].isspace():
        behind = behind[1:]
    rest = behind[len(signs) :]
    return behind.startswith(signs) and not rest.startswith(signs[-1])


def in_tag(parts: list[Part], token: Token, at: int, world: World) -> set[Occurrence]:
    """The words inside one tag or handle: its split words in a row, or the whole of it."""
    if any(part.kind != "word" or part.signs for part in parts[:-1]) or parts[-1].kind != "word":
        return set()
    if not signed(parts[-1].signs, token.behind):
        return set()
    whole = Occurrence(token.start, token.end, at, at)
    if parts[0].exact is not None:
        exact = "".join(part.exact or "" for part in parts)
        return {whole} if token.kind == "hashtag" and token.exact == exact else set()
    found = {whole} if is_whole(parts, token, world) else set()
    for first in range(len(token.pieces) - len(parts) + 1):
        row = token.pieces[first : first + len(parts)]
        ends = first + len(parts) == len(token.pieces)
        if pieces_fit(parts, row, world) and (ends or not parts[-1].signs):
            found.add(Occurrence(row[0].start, row[-1].end, at, at))
    return found


def is_whole(parts: list[Part], token: Token, world: World) -> bool:
    if len(parts) == 1:
        return parts[0].wild != "any" and said(parts[0], token.form, "", world)
    # A star before the last word would swallow the others: such a phrase is not looked for joined.
    open_end = any(part.wild == "pattern" and part.form.endswith("*") for part in parts[:-1])
    if open_end or any(part.lemma or part.wild == "any" for part in parts):
        return False
    return like_or_equal(parts, token.form)


def like_or_equal(parts: list[Part], form: str) -> bool:
    joined = "".join(part.form for part in parts)
    return like(joined, form) if any(part.wild for part in parts) else joined == form


def pieces_fit(parts: list[Part], row: tuple[Piece, ...], world: World) -> bool:
    for step, (part, piece) in enumerate(zip(parts, row, strict=True)):
        if part.wild != "any" and not said(part, piece.form, "", world):
            return False
        if step and part.glued and not piece.glued:
            return False
    return True
