"""A slow evaluator of the query language, written apart from `nlp.query`'s own: loops over code
points and plain regular expressions, no automaton, no token index. It shares `fold`, the parser and
the tree with the fast one, nothing else."""

from __future__ import annotations

import re
import unicodedata
from itertools import product

from nlp.query.ast import And, Node, Not, Or, Part, Unit, Words
from nlp.query.values import Text
from nlp.text import fold

CJK = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\u0e00-\u0e3a\u0e40-\u0e4e]")
EMOJI = "👩👧👍😀❤"


def matches(node: Node, text: Text) -> bool:
    match node:
        case And(children):
            return all(matches(child, text) for child in children)
        case Or(children):
            return any(matches(child, text) for child in children)
        case Not(child):
            return not matches(child, text)
        case Words():
            return any(found(node.units, field) for field in (text.title, text.body))


def word_char(c: str) -> bool:
    return c.isalnum() or unicodedata.category(c).startswith("M")


def tokens(  # noqa: C901  one plain loop is what makes it easy to believe
    text: str,
) -> list[tuple[str, str, str, str]]:
    """(kind, raw, gap before, text behind): read one code point after the other."""
    text = re.sub("[\u200b\u00ad]", "", text)
    out = []
    at, gap = 0, ""
    while at < len(text):
        address = re.compile(r"https?://\S*", re.IGNORECASE).match(text, at)
        nearest = re.compile(r"https?://", re.IGNORECASE).search(text, at)
        limit = nearest.start() if nearest else len(text)
        tag = re.compile(r"[#@]\w+").match(text, at, limit)
        before = text[at - 1 : at]
        if address:
            out.append(("x", address[0], gap, ""))
            at, gap = address.end(), ""
        elif (
            tag
            and tag[0].strip("#@_")
            and not (before and (word_char(before) or before == "_") and not CJK.match(before))
        ):
            end = tag.end()
            while end < limit and word_char(text[end]):
                end += 1
            out.append((text[at], text[at + 1 : end], gap, text[end:]))
            at, gap = end, ""
        elif text[at] in EMOJI:
            end = at + 1
            while end < len(text) and (
                text[end] in "\ufe0f🏽"
                or (text[end] == "\u200d" and text[end + 1 : end + 2] in {*EMOJI})
                or (text[end - 1] == "\u200d" and text[end] in EMOJI)
            ):
                end += 1
            out.append(("e", text[at:end], gap, text[end:]))
            at, gap = end, ""
        elif CJK.match(text[at]):
            out.append(("c", text[at], gap, text[at + 1 :]))
            at, gap = at + 1, ""
        elif word_char(text[at]):
            end = at
            while end < len(text) and word_char(text[end]) and not CJK.match(text[end]):
                if re.compile(r"https?://", re.IGNORECASE).match(text, end) and end > at:
                    break
                end += 1
            out.append(("w", text[at:end], gap, text[end:]))
            at, gap = end, ""
        else:
            gap += text[at]
            at += 1
    return out


def pieces(name: str) -> list[str]:
    name = unicodedata.normalize("NFC", name)
    marked = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", "_", name)
    out = ""
    for at, c in enumerate(marked):
        before, after = marked[at - 1 : at], marked[at + 1 : at + 2]
        if (c.isupper() and (before.islower() or (before.isupper() and after.islower()))) or (
            CJK.match(c) or (before and CJK.match(before))
        ):
            out += "_"
        out += c
    return [fold(piece) for piece in out.split("_") if piece]


def variants(units: tuple[Unit, ...]) -> list[list[Part]]:
    """Every way to write the phrase: each unit split or joined."""
    ways = [[list(u.parts)] + ([[u.joined]] if u.joined else []) for u in units]
    return [[part for unit in way for part in unit] for way in product(*ways)]


def found(units: tuple[Unit, ...], text: str) -> bool:
    toks = tokens(text)
    return any(
        in_prose(parts, toks, start) for parts in variants(units) for start in range(len(toks))
    ) or any(in_tag(units, tok) for tok in toks if tok[0] in "#@")


def in_prose(parts: list[Part], toks: list[tuple[str, str, str, str]], start: int) -> bool:
    for step, part in enumerate(parts):
        at = start + step
        if at >= len(toks):
            return False
        kind, raw, gap, behind = toks[at]
        if step and re.search(r"\n[^\S\n]*\n", gap.replace("\r\n", "\n")):
            return False
        if part.glued and gap:
            return False
        form = fold(raw)
        wanted = part.form[1:] if part.kind in ("hashtag", "handle") else part.form
        kinds = {"hashtag": "#", "handle": "@", "emoji": "e"}.get(part.kind, "wc#@")
        if kind not in kinds or form != wanted or kind == "x":
            return False
        if part.exact is not None:
            clean = unicodedata.normalize("NFC", raw)
            if kind == "@" or clean != part.exact:
                return False
        if part.signs and not signed(part.signs, behind):
            return False
    return True


def signed(signs: str, behind: str) -> bool:
    space = "" if signs[0] == "#" else r"\s?"
    return (
        re.match(rf"{space}{re.escape(signs)}(?!{re.escape(signs[-1])})", fold(behind)) is not None
    )


def in_tag(units: tuple[Unit, ...], tok: tuple[str, str, str, str]) -> bool:
    kind, raw, _, behind = tok
    flat = [part for unit in units for part in unit.parts]
    if any(part.kind != "word" for part in flat) or any(part.signs for part in flat[:-1]):
        return False
    signs = flat[-1].signs
    if signs and not signed(signs, behind):
        return False
    if flat[0].exact is not None:
        wanted = "".join(part.exact or "" for part in flat)
        return kind == "#" and unicodedata.normalize("NFC", raw) == wanted
    if fold(raw) == "".join(part.form for part in flat):
        return True
    words = pieces(raw)
    for parts in variants(units):
        forms = [part.form for part in parts]
        for at in range(len(words)):
            fits = words[at : at + len(forms)] == forms
            if fits and not (signs and at + len(forms) != len(words)):
                return True
    return False
