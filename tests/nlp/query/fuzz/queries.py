"""Queries drawn from the grammar, in both languages: a plan with its source and its tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from nlp.query import parse
from nlp.query.ast import And, Near, Node, Not, Or, Words
from tests.nlp.query.fuzz import vocabulary as v
from tests.nlp.query.fuzz.draws import Draws
from tests.nlp.query.fuzz.properties import property_leaf

Kind = Literal["leaf", "and", "or", "not", "near"]
# What is drawn → how often.
ANDS = {" ": 3, " AND ": 1, " ET ": 1}
ORS = {" OR ": 1, " OU ": 1}
NOTS = {"-": 1, "NOT ": 1, "SAUF ": 1}
NEARS = {"NEAR": 3, "ONEAR": 3, "PRES": 1, "PRÈS": 1}
QUOTES = [('"', '"'), ('"', '"'), ("“", "”"), ("« ", " »")]
TEXT_FIELDS = ["title", "body", "author", "hashtag", "mention"]
TERMS = {
    "word": 10,
    "phrase": 5,
    "slop": 4,
    "prefix": 2,
    "?": 2,
    "lone *": 2,
    "case=": 2,
    "lemma:": 2,
}


@dataclass(frozen=True)
class Plan:
    """A query as it was drawn.

    words: what a text needs to hold for a leaf, as written in the query; scope: where; settings:
    properties that satisfy it; distance and ordered: of a near.
    """

    kind: Kind
    source: str
    node: Node
    children: tuple[Plan, ...] = ()
    words: tuple[str, ...] = ()
    scope: str = ""
    slop: int = 0
    settings: dict[str, object] = field(default_factory=dict)
    grouped: bool = False


def draw_query(draws: Draws, depth: int = 3) -> Plan:
    shapes: list[Kind] = ["leaf", "and", "or", "not", "near"]
    kind = draws.choices(shapes, [4, 5, 4, 2, 4] if depth else [1, 0, 0, 0, 0])[0]
    plan = {"leaf": leaf, "and": both, "or": either, "not": negated, "near": near}[kind](
        draws, depth
    )
    return grouped(draws, plan) if draws.chance(0.1) else plan


def grouped(draws: Draws, plan: Plan) -> Plan:
    draws.note("inside ( )")
    source = draws.choice(["({})", "( {} )"]).format(plan.source)
    return Plan(**{**vars(plan), "source": source, "grouped": True})


def inside(draws: Draws, plan: Plan, *, loose: tuple[Kind, ...]) -> Plan:
    """In parentheses where the plan binds more loosely than what stands around it."""
    return grouped(draws, plan) if plan.kind in loose and not plan.grouped else plan


def both(draws: Draws, depth: int) -> Plan:
    children = [draw_query(draws, depth - 1) for _ in range(draws.randint(2, 3))]
    children = [inside(draws, child, loose=("or",)) for child in children]
    source = children[0].source
    for child in children[1:]:
        source += draws.named("and", ANDS) + child.source
    node = And(tuple(child.node for child in children), 0, 0)
    return Plan("and", source, node, tuple(children))


def either(draws: Draws, depth: int) -> Plan:
    children = [draw_query(draws, depth - 1) for _ in range(draws.randint(2, 3))]
    source = children[0].source
    for child in children[1:]:
        source += draws.named("or", ORS) + child.source
    node = Or(tuple(child.node for child in children), 0, 0)
    return Plan("or", source, node, tuple(children))


def negated(draws: Draws, depth: int) -> Plan:
    child = inside(draws, draw_query(draws, depth - 1), loose=("and", "or"))
    sign = draws.named("not", NOTS)
    if sign == "-" and child.kind == "not" and not child.grouped:
        sign = "NOT "
    return Plan("not", sign + child.source, Not(child.node, 0, 0), (child,))


def near(draws: Draws, depth: int) -> Plan:
    left = operand(draws, depth - 1, loose=("or",))
    right = operand(draws, depth - 1, loose=("or", "near"))
    name = draws.named("near", NEARS)
    distance = draws.choice([0, 0, 1, 1, 2, 3, 5, 20])
    if name in ("NEAR", "ONEAR") and draws.chance(0.1):
        draws.note(f"near {name} alone")
        written, distance = name, 4
    else:
        written = f"{name}/{distance}"
    node = Near(left.node, right.node, distance, name == "ONEAR", 0, 0)  # type: ignore[arg-type]  # operand() draws only operands
    source = f"{left.source} {written} {right.source}"
    return Plan("near", source, node, (left, right), slop=distance)


def operand(draws: Draws, depth: int, *, loose: tuple[Kind, ...]) -> Plan:
    shape = draws.choices(["words", "or", "near"], [6, 2, 1] if depth > 0 else [1, 0, 0])[0]
    draws.note(f"operand {shape}")
    if shape == "near":
        return inside(draws, near(draws, depth), loose=loose)
    if shape == "words":
        return words_leaf(draws)
    children = [operand(draws, depth - 1, loose=("or",)) for _ in range(draws.randint(2, 3))]
    source = draws.choice([" OR ", " OU "]).join(child.source for child in children)
    node = Or(tuple(child.node for child in children), 0, 0)
    return grouped(draws, Plan("or", source, node, tuple(children)))


def leaf(draws: Draws, depth: int) -> Plan:
    if draws.chance(0.7):
        return words_leaf(draws)
    if draws.chance(0.5):
        return field_leaf(draws)
    source, node, settings = property_leaf(draws)
    return Plan("leaf", source, node, settings=settings)


def of_words(source: str, *words: str, scope: str = "", slop: int = 0) -> Plan:
    """A leaf of the language's words: its tree is what the parser reads in this source alone."""
    return Plan("leaf", source, parse(source).root, words=words, scope=scope, slop=slop)


def words_leaf(draws: Draws) -> Plan:
    makers: dict[str, Callable[[Draws], Plan]] = {
        "word": word,
        "phrase": phrase,
        "slop": slop_phrase,
        "prefix": prefix,
        "?": question,
        "lone *": lone_star,
        "case=": exact,
        "lemma:": lemma,
    }
    name = draws.named("term", TERMS)
    return makers[name](draws)


def any_word(draws: Draws) -> str:
    kind = draws.named("word", dict(zip(v.KINDS, v.WEIGHTS, strict=True)))
    return draws.choice(v.KINDS[kind])


def word(draws: Draws) -> Plan:
    written = any_word(draws)
    return of_words(written, written)


def phrase_words(draws: Draws) -> list[str]:
    return [any_word(draws) for _ in range(draws.choices([1, 2, 3, 4], [1, 6, 3, 1])[0])]


def quoted(draws: Draws, content: str) -> str:
    opening, closing = draws.choice(QUOTES)
    draws.note(f"quotes {opening.strip()}")
    if draws.chance(0.05):
        draws.note('quotes \\"')
        content = rf"\"{content}\""
    return opening + content + closing


def phrase(draws: Draws) -> Plan:
    words = phrase_words(draws)
    return of_words(quoted(draws, " ".join(words)), *words)


def slop_phrase(draws: Draws) -> Plan:
    words, slop = phrase_words(draws), draws.choice([0, 0, 1, 2, 3, 20])
    return of_words(quoted(draws, " ".join(words)) + f"~{slop}", *words, slop=slop)


def prefix(draws: Draws) -> Plan:
    written = draws.choice([*v.PREFIXES, *v.TAG_PREFIXES])
    if draws.chance(0.2):
        draws.note("inside prefix in phrase")
        before = any_word(draws)
        return of_words(f'"{before} {written}"', before, written)
    return of_words(written, written)


def question(draws: Draws) -> Plan:
    written = draws.choice(v.QUESTIONS)
    if draws.chance(0.2):
        draws.note("inside ? in phrase")
        after = any_word(draws)
        return of_words(f'"{written} {after}"', written, after)
    return of_words(written, written)


def lone_star(draws: Draws) -> Plan:
    words = [any_word(draws), *["*"] * draws.choice([1, 1, 2]), any_word(draws)]
    if draws.chance(0.2):
        draws.note("inside lone * in slop")
        return of_words(f'"{" ".join(words)}"~1', *words, slop=1)
    return of_words(quoted(draws, " ".join(words)), *words)


def exact(draws: Draws) -> Plan:
    kinds = ["latin", "accented", "elided", "compound", "signed", "cyrillic", "chinese"]
    words = [draws.choice(v.KINDS[draws.choice(kinds)]) for _ in range(draws.choice([1, 1, 2]))]
    words = [draws.choice([word, word.upper(), word.capitalize()]) for word in words]
    written = " ".join(words)
    spaced = len(words) > 1 or written in ("OR", "ET")
    return of_words(f'case="{written}"' if spaced else f"case={written}", *words)


def lemma(draws: Draws) -> Plan:
    written = draws.choice(v.LEMMAS)
    return of_words(f"lemma:{written}", f"lemma:{written}")


def field_leaf(draws: Draws) -> Plan:
    name = draws.named("field", dict.fromkeys(TEXT_FIELDS, 1))
    group = draws.chance(0.2)
    plans = [field_term(draws, name) for _ in range(2 if group else 1)]
    if not group:
        return plans[0]
    draws.note("inside field:( OR )")
    inner = draws.choice([" OR ", " OU "]).join(
        plan.source.removeprefix(f"{name}:") for plan in plans
    )
    node = Or(tuple(plan.node for plan in plans), 0, 0)
    return Plan("or", f"{name}:({inner})", node, tuple(plans), grouped=True)


def field_term(draws: Draws, name: str) -> Plan:
    if name in ("hashtag", "mention"):
        words = [draws.choice(["air", "France", "AirFrance", "united", "École", "東京", "nike"])]
        if draws.chance(0.4):
            words = ["air", "france"]
    elif name == "author" and draws.chance(0.7):
        words = draws.choice(v.AUTHORS).split()
    else:
        words = phrase_words(draws)
    content = " ".join(words)
    spaced = len(words) > 1 or draws.chance(0.1)
    if name in ("hashtag", "mention") and not spaced and draws.chance(0.3):
        content = "#@"[name == "mention"] + content
    written = f'{name}:"{content}"' if spaced else f"{name}:{content}"
    plan = of_words(written, *words, scope=name)
    assert isinstance(plan.node, Words)
    return plan
