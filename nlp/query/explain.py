"""The query in plain French or English."""

from __future__ import annotations

from nlp.query.ast import And, Node, Not, Or, Query, Words
from nlp.query.values import Lang

_WORDS = {
    "fr": {
        "finds": "Trouve les publications qui contiennent ",
        "and": " et ",
        "or": " ou ",
        "not": "pas ",
        "word": "le mot « {} »",
        "phrase": "l'expression « {} »",
        "hashtag": "le hashtag {}",
        "handle": "le compte {}",
        "emoji": "l'emoji {}",
        "exact": "exactement « {} » (majuscules et accents compris)",
    },
    "en": {
        "finds": "Finds posts that contain ",
        "and": " and ",
        "or": " or ",
        "not": "not ",
        "word": "the word “{}”",
        "phrase": "the phrase “{}”",
        "hashtag": "the hashtag {}",
        "handle": "the handle {}",
        "emoji": "the emoji {}",
        "exact": "exactly “{}” (capitals and accents included)",
    },
}


def explain(query: Query, lang: Lang) -> str:
    """One sentence that says what the query finds."""
    return _WORDS[lang]["finds"] + _say(query.root, query.source, lang, top=True) + "."


def _say(node: Node, source: str, lang: Lang, *, top: bool = False) -> str:
    words = _WORDS[lang]
    match node:
        case And(children) | Or(children):
            joint = words["and"] if isinstance(node, And) else words["or"]
            said = joint.join(_say(child, source, lang) for child in children)
            return said if top else f"({said})"
        case Not(child):
            return words["not"] + _say(child, source, lang)
        case Words():
            return _say_words(node, source, lang)
        case _:
            return source[node.start : node.end]


def _say_words(node: Words, source: str, lang: Lang) -> str:
    words = _WORDS[lang]
    written = source[node.start : node.end].strip("()").strip()
    parts = [part for unit in node.units for part in unit.parts]
    if parts[0].exact is not None:
        return words["exact"].format(written.partition("=")[2].strip('"“”„«» '))
    kind = parts[0].kind if len(parts) == 1 else "phrase"
    return words[kind].format(written.strip('"“”„«» '))
