"""The query in plain French or English.

A term is a noun ("the word “a”"), a property of the item a verb ("are in French"); a group of terms
alone is said as a noun under one verb: *contain a and (b or c)*. What a group holds beyond a few
parts is counted, and the few become fewer until the whole has at most MAX_LENGTH characters. Each
try walks the tree once: linear.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlp.query.ast import And, Near, Node, Not, Or, Query, Words
from nlp.query.normal import push_not
from nlp.query.speech import Speech, speech
from nlp.query.speech.base import Group, is_plain_word
from nlp.query.values import Lang
from nlp.query.walk import near_chain, terms

MAX_LENGTH = 2_000
_SHOWN = (20, 8, 3)
"""Parts of a group that are said, from try to try."""
_FEW = 3
"""So many plain words are said as a list: the words “a”, “b” and “c”."""


def explain(query: Query, lang: Lang) -> str:
    """One sentence that says what the query finds."""
    said = speech(lang)
    text = ""
    for shown in _SHOWN:
        text = said.finds + _Sentence(query.root, said, shown).whole() + "."
        if len(text) <= MAX_LENGTH:
            return text
    tail = said.cut(sum(1 for _ in terms(query.root)))
    return text[: MAX_LENGTH - len(tail)].rstrip() + tail


class _Sentence:
    def __init__(self, root: Node, said: Speech, shown: int) -> None:
        self.root = root
        self.said = said
        self.shown = shown
        self.nouns: dict[int, tuple[Node, bool]] = {}

    def whole(self) -> str:
        return self.verb(self.root, top=True)

    def is_noun(self, node: Node) -> bool:
        """Whether the node is made of terms alone.

        Kept, as it is asked again on each level; with the node, so that its id stays its own.
        """
        if id(node) not in self.nouns:
            self.nouns[id(node)] = node, self._is_noun(node)
        return self.nouns[id(node)][1]

    def _is_noun(self, node: Node) -> bool:
        match node:
            case And(children) | Or(children):
                return all(self.is_noun(child) for child in children)
            case Not(child):
                return self.is_noun(child)
            case _:
                return isinstance(node, (Words, Near))

    # Nouns

    def noun(self, node: Node, *, top: bool = False) -> str:
        match node:
            case Words():
                return self.said.term(node)
            case Near():
                return _grouped(self.near(node), top=top)
            case Not(child):
                return self.without(child)
            case And(children) | Or(children):
                plain = _plain_words(children)
                if plain:
                    return self.listed("and" if isinstance(node, And) else "or", plain)
                joint = self.said.also if isinstance(node, And) else self.said.either
                ordered = _positives_first(children) if isinstance(node, And) else children
                return _grouped(self.joined(ordered, joint), top=top)
            case _:
                raise AssertionError(node)

    def joined(self, children: Sequence[Node], joint: str) -> str:
        said = [self.noun(child) for child in children[: self.shown]]
        left_out = len(children) - len(said)
        return joint.join([*said, self.said.more(left_out)] if left_out else said)

    def listed(self, group: Group, words: Sequence[Words]) -> str:
        return self.said.words(group, words[: self.shown], max(0, len(words) - self.shown))

    def near(self, near: Near) -> str:
        """`A NEAR B NEAR C`: each distance behind the terms that it binds."""
        operands, operators = near_chain(near)
        text = self.noun(operands[0])
        for number, (operator, operand) in enumerate(zip(operators, operands[1:], strict=True)):
            before = _grouped(text, top=number == 0)
            text = self.said.near(before + self.said.also + self.noun(operand), operator)
        return text

    def without(self, child: Node) -> str:
        match child:
            case Or(children) if plain := _plain_words(children):
                return self.listed("none", plain)
            case Or(children):
                return self.said.without_any(self.few(children))
            case And(children):
                return self.said.without_all(self.noun(child))
            case Not(inner):
                return self.noun(inner)
            case _:
                return self.said.without(self.noun(child))

    def few(self, children: Sequence[Node]) -> list[str]:
        said = [self.noun(child) for child in children[: self.shown]]
        left_out = len(children) - len(said)
        return [*said, self.said.more(left_out)] if left_out else said

    # Verbs

    def verb(self, node: Node, *, top: bool = False) -> str:
        if self.is_noun(node):
            return self.lack(node.child) if isinstance(node, Not) else self.contain(node)
        match node:
            case Not(And() | Or() as child):
                return self.verb(push_not(child, negative=True), top=top)
            case Not(Not(child)):
                return self.verb(child, top=top)
            case Not(child):
                assert not isinstance(child, (Words, Near, And, Or, Not))
                return self.said.property(child).no
            case And() | Or():
                return _grouped(self.mixed(node), top=top)
            case Words() | Near():
                return self.contain(node)
            case _:
                return self.said.property(node).yes

    def contain(self, node: Node) -> str:
        return self.said.contain(self.noun(node, top=True))

    def lack(self, child: Node) -> str:
        match child:
            case Or(children) if plain := _plain_words(children):
                return self.said.contain_none(self.listed("none", plain))
            case Or(children):
                return self.said.lack_any(self.few(children))
            case And():
                return self.said.lack_all(self.noun(child))
            case Not(inner):
                return self.contain(inner)
            case _:
                return self.said.lack(self.noun(child))

    def mixed(self, node: And | Or) -> str:
        """Terms and properties in one group: the terms come first, under one verb."""
        nouns = [child for child in node.children if self.is_noun(child)]
        verbs = [child for child in node.children if not self.is_noun(child)]
        joint = self.said.also if isinstance(node, And) else self.said.either
        found = [child for child in nouns if not isinstance(child, Not)]
        lacking = [child for child in nouns if isinstance(child, Not)]
        if isinstance(node, Or) or not found:
            verbs = [*verbs, *lacking]
            lacking = []
        said = []
        if found:
            group = (*found, *lacking)
            merged = type(node)(group, node.start, node.end) if len(group) > 1 else group[0]
            said.append(self.contain(merged))
        said += [self.verb(child) for child in verbs[: self.shown]]
        left_out = len(verbs) - min(len(verbs), self.shown)
        return joint.join([*said, self.said.more(left_out)] if left_out else said)


def _grouped(text: str, *, top: bool) -> str:
    return text if top else f"({text})"


def _plain_words(children: Sequence[Node]) -> list[Words]:
    """The children where all are plain words of one scope, and more than a few; else none."""
    words = [child for child in children if isinstance(child, Words) and is_plain_word(child)]
    alike = len(words) == len(children) and len({word.scope for word in words}) == 1
    return words if alike and len(words) >= _FEW else []


def _positives_first(children: Sequence[Node]) -> list[Node]:
    return sorted(children, key=lambda child: isinstance(child, Not))
