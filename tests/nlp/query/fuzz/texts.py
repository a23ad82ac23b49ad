"""Items built from a drawn query: its words and properties, bent and mixed with others."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nlp.query.values import Text
from tests.nlp.query.fuzz import vocabulary as v
from tests.nlp.query.fuzz.draws import Draws
from tests.nlp.query.fuzz.properties import property_leaf
from tests.nlp.query.fuzz.queries import Plan, any_word

GAPS = {
    "space": " ",
    "comma": ", ",
    "line break": "\n",
    "CRLF": "\r\n",
    "empty line": "\n\n",
    "CRLF empty line": "\r\n \r\n",
    "dash": " – ",
    "brackets": " (",
    "tab": "\t",
    "no-break space": "\u00a0",
    "nothing": "",
    "hyphen": "-",
    "underscore": "_",
    "ideographic stop": "。",
    "line separator": "\u2028",
}
GAP_WEIGHTS = [60, 4, 3, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1]
FILLERS = {"word": 6, "url": 2, "mail": 1, "handle": 2, "tag": 2, "symbol": 1}
TAG_STYLES = {"Camel": 1, "snake": 1, "joined": 1, "CAPS": 1}


@dataclass
class Draft:
    """The item while it is written: pieces of title, text and author, and its properties."""

    pieces: dict[str, list[str]] = field(
        default_factory=lambda: {"title": [], "body": [], "author": []}
    )
    properties: dict[str, Any] = field(default_factory=dict)


def draw_text(draws: Draws, plan: Plan) -> Text:
    draft = Draft()
    fill(draws, plan, draft)
    for _ in range(draws.choice([0, 0, 1, 2])):
        draft.pieces["body"].append(filler(draws))
    if draws.chance(0.15):
        draft.properties = {**property_leaf(draws)[2], **draft.properties}
    if draws.chance(0.1):
        draws.shuffle(draft.pieces["body"])
    return finished(draws, draft)


def finished(draws: Draws, draft: Draft) -> Text:
    properties = dict(draft.properties)
    if link := properties.pop("body", None):
        draft.pieces["body"].append(str(link))
    return Text(
        title=joined(draws, draft.pieces["title"]),
        body=joined(draws, draft.pieces["body"]),
        author=joined(draws, draft.pieces["author"]) or draws.choice(["", *v.AUTHORS]),
        **properties,
    )


def fill(draws: Draws, plan: Plan, draft: Draft) -> None:
    """Write what the plan asks for: most of the time, so that near misses are drawn as well."""
    if plan.kind == "not":
        if draws.chance(0.25):
            fill(draws, plan.children[0], draft)
    elif plan.kind == "and":
        for child in plan.children:
            if draws.chance(0.97):
                fill(draws, child, draft)
    elif plan.kind == "or":
        fill(draws, draws.choice(plan.children), draft)
    elif not plan.words and plan.kind == "leaf":
        merge(draft.properties, plan.settings)
    else:
        where = (
            plan.scope if plan.scope in draft.pieces else draws.choice(["body", "body", "title"])
        )
        draft.pieces[where].append(written(draws, plan))


def merge(known: dict[str, Any], more: dict[str, object]) -> None:
    for name, said in more.items():
        if name == "metrics" and name in known:
            known[name] = {**known[name], **said}  # type: ignore[dict-item]  # both are metrics
        elif name == "flags" and name in known:
            known[name] = known[name] | said
        else:
            known[name] = said


def written(draws: Draws, plan: Plan) -> str:
    """A stretch of text that has the words of a leaf or a near, perhaps."""
    if plan.kind == "or":
        return written(draws, draws.choice(plan.children))
    if plan.kind == "near":
        sides = [written(draws, child) for child in plan.children]
        if draws.chance(0.3):
            sides.reverse()
        return sides[0] + between(draws, plan.slop) + sides[1]
    words = [bent(draws, literal(draws, word)) for word in plan.words]
    if plan.scope in ("hashtag", "mention") or draws.chance(0.15):
        return tagged(draws, words, plan.scope)
    if plan.slop or draws.chance(0.06):
        draws.shuffle(words)
    text = words[0]
    for word in words[1:]:
        text += between(draws, plan.slop if draws.chance(0.4) else 0) + word
    return text


def between(draws: Draws, slop: int) -> str:
    """Other words, as many as may stand there, sometimes one more."""
    count = min(slop, 4) if slop < 20 else draws.choice([0, 3, 20])
    count = draws.choice([0, count, count, count]) + draws.chance(0.08)
    others = [filler(draws) if draws.chance(0.3) else "x" for _ in range(count)]
    return gap(draws) + "".join(other + gap(draws) for other in others)


def gap(draws: Draws) -> str:
    return GAPS[draws.named("gap", dict(zip(GAPS, GAP_WEIGHTS, strict=True)))]


def literal(draws: Draws, word: str) -> str:
    """A word of the text for a term of the query."""
    name = word.removeprefix("lemma:")
    if name != word:
        return draws.choice(v.INFLECTED[name])
    if word == "*":
        return draws.choice(["x", "été", "😀", "#tag", "京", "@united", "https://x.fr/a"])
    if word in v.LIKE:
        return draws.choice(v.LIKE[word])
    if word.endswith("*"):
        return word[:-1] + draws.choice(["", "s", "board", "Day", "2", "é"])
    return word


def filler(draws: Draws) -> str:
    name = draws.named("filler", FILLERS)
    word = any_word(draws)
    if name == "url":
        return draws.choice(["https://{}.fr/{}", "http://x.fr/?q={}#{}", "www.{}.com/{}"]).format(
            word.strip("@#"), word
        )
    if name == "mail":
        return draws.choice(["bob@nike.com", "air.france@x.fr", "c+a@b-c.co.uk"])
    if name == "handle":
        return draws.choice(["@x", "@nike", "@air_france", "@b@mast.social"])
    if name == "tag":
        return tagged(draws, [word, any_word(draws)], "")
    if name == "symbol":
        return draws.choice(
            ["…", "™", "\ud800", "½", "#", "@", "\u0301", "\ufffd", "·", "+", "%", "&"]
        )
    return bent(draws, word)


def tagged(draws: Draws, words: list[str], scope: str) -> str:
    """The words as one hashtag or handle."""
    style = draws.named("tag", TAG_STYLES)
    bare = [word.strip("#@") for word in words]
    name = {
        "Camel": "".join(word[:1].upper() + word[1:] for word in bare),
        "snake": "_".join(bare),
        "joined": "".join(bare).lower(),
        "CAPS": "".join(word.upper() for word in bare),
    }[style]
    if draws.chance(0.15):
        name += draws.choice(["2024", "FR", "_", "X", "s"])
    sign = {"hashtag": "#", "mention": "@"}.get(scope) or draws.choice("##@")
    return sign + name


def full_width(word: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)


def with_accent(word: str) -> str:
    return "".join(c + "\u0301" if c in "aeiouyAEIOU" else c for c in word)


def without_accents(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


BENDS: dict[str, Callable[[Draws, str], str]] = {
    "as it is": lambda _, w: w,
    "upper": lambda _, w: w.upper(),
    "lower": lambda _, w: w.lower(),
    "title": lambda _, w: w.title(),
    "NFD": lambda _, w: unicodedata.normalize("NFD", w),
    "NFKC": lambda _, w: unicodedata.normalize("NFKC", w),
    "full-width": lambda _, w: full_width(w),
    "accent added": lambda _, w: with_accent(w),
    "accents removed": lambda _, w: without_accents(w),
    "zero-width inside": lambda d, w: w[:1] + d.choice("\u200b\u00ad\u2060\ufeff\u200d") + w[1:],
    "apostrophe": lambda d, w: w.replace("'", d.choice("’‘ʼ´")),
    "dash": lambda d, w: w.replace("-", d.choice(["–", "‑", " ", "", "—", "_", "-\n"])),
    "spaces in": lambda _, w: " ".join(w) if len(w) < 4 else w.replace("&", " & "),
    "spelled out": lambda _, w: w.replace("œ", "oe").replace("ß", "ss").replace("æ", "ae"),
    "plural": lambda _, w: w + "s",
    "glued in front": lambda d, w: d.choice(["x", "l'", "1", "_", "京", "."]) + w,
    "glued behind": lambda d, w: (
        w + d.choice(["x", "'s", "1", "_", "京", ".", "+", "%", "é", "😀"])
    ),
    "sign spaced": lambda _, w: w[:-1] + " " + w[-1] if w[-1:] in "+%€#" else w,
    "sign lost": lambda _, w: w.rstrip("+%€#$"),
    "tone": lambda _, w: w + "🏽" if w == "👍" else w,
    "surrogate": lambda _, w: w + "\udc00",
    "right to left": lambda _, w: "\u202b" + w + "\u202c",
    "quoted": lambda _, w: f"« {w} »",
}
BEND_WEIGHTS = [80, 5, 4, 4, 3, 1, 2, 2, 3, 3, 2, 3, 1, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1]


def bent(draws: Draws, word: str) -> str:
    return BENDS[draws.named("bend", dict(zip(BENDS, BEND_WEIGHTS, strict=True)))](draws, word)


def joined(draws: Draws, pieces: list[str]) -> str:
    text = ""
    for piece in pieces:
        text += (gap(draws) if text else "") + piece
    return text
