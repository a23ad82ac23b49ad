"""From tokens to the tree: recursive descent over the whole grammar.

    query := or ; or := and (OR and)* ; and := unary ([AND] unary)*
    unary := (NOT | -) unary | near ; near := operand ((NEAR | ONEAR) operand)*

Depth counts parentheses as written (at most 50), so the recursion is bounded; a run of NOT is
counted, not recursed. Time is linear in the source.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, cast

from nlp.query.ast import And, Near, Node, Not, Operand, Or, Query, Scope, Words
from nlp.query.errors import QueryError
from nlp.query.lexer import WORD_FIELDS, Token, read
from nlp.query.normal import check_positive
from nlp.query.properties import read_property
from nlp.query.units import read_phrase, read_unit
from nlp.query.wildcards import check_wildcards

MAX_LENGTH = 10_000
MAX_DEPTH = 50
MAX_TERMS = 2_000
MAX_CHAIN = 5
"""NEAR in one chain: their cost multiplies, and nobody means more."""
_STARTS_OPERAND = frozenset({"(", "unit", "phrase", "field", "value", "not"})


def parse(source: str) -> Query:
    """Read a query. Raises QueryError, which says where and what to do."""
    if len(source) > MAX_LENGTH:
        raise QueryError("too_long", MAX_LENGTH, source, what=f"{len(source)}")
    root = _Parser(source, read(source)).query()
    check_positive(root, source)
    return Query(source, root)


class _Parser:
    def __init__(self, source: str, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.terms = 0
        self.manner = PLAIN
        self.values_of: Token | None = None

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def error(self, code: str, token: Token, **values: str) -> QueryError:
        return QueryError(code, token.start, self.source, **values)

    def query(self) -> Node:
        if self.token.kind == "end":
            raise QueryError("empty", 0, self.source)
        root = self.or_()
        if self.token.kind == ")":
            raise self.error("unbalanced_parenthesis", self.token)
        return root

    def or_(self) -> Node:
        children = [self.and_()]
        while self.token.kind == "or":
            operator = self.take()
            self.need_operand(operator)
            children.append(self.and_())
        if len(children) == 1:
            return children[0]
        return Or(tuple(children), children[0].start, children[-1].end)

    def and_(self) -> Node:
        children = [self.unary()]
        while True:
            if self.token.kind == "and":
                operator = self.take()
                self.need_operand(operator)
            elif self.token.kind not in _STARTS_OPERAND:
                break
            children.append(self.unary())
        if len(children) == 1:
            return children[0]
        return And(tuple(children), children[0].start, children[-1].end)

    def need_operand(self, operator: Token) -> None:
        if self.token.kind not in _STARTS_OPERAND:
            raise self.error("missing_operand", operator, what=operator.text)

    def unary(self) -> Node:
        first = self.token
        negations = 0
        while self.token.kind == "not":
            operator = self.take()
            self.need_operand(operator)
            negations += 1
        node = self.near()
        return Not(node, first.start, node.end) if negations % 2 else node

    def near(self) -> Node:
        left = self.operand()
        chain = 0
        while self.token.kind == "near":
            operator = self.take()
            self.need_operand(operator)
            self.refuse_not(operator)
            right = self.operand()
            chain += 1
            if chain > MAX_CHAIN:
                raise self.error("too_many_near", operator)
            left = self.near_of(operator, left, right)
        return left

    def refuse_not(self, operator: Token) -> None:
        if self.token.kind == "not":
            raise self.error("near_operand", self.token, what=operator.text)

    def near_of(self, operator: Token, left: Node, right: Node) -> Near:
        for side in (left, right):
            if (wrong := not_near(side, self.manner.scope)) is not None:
                raise QueryError("near_operand", wrong.start, self.source, what=operator.text)
        if near_depth(left) + near_depth(right) >= MAX_CHAIN:
            raise self.error("too_many_near", operator)
        assert operator.number is not None
        ordered = operator.text.startswith("ONEAR")
        return Near(
            cast(Operand, left), cast(Operand, right), operator.number, ordered, left.start,
            right.end,
        )  # fmt: skip

    def operand(self) -> Node:
        token = self.take()
        if token.kind == "(":
            return self.group(token)
        if token.kind == "field":
            return self.scoped(token) if token.text in WORD_FIELDS else self.values(token)
        if token.kind == "value":
            return self.property(token)
        if token.kind in ("unit", "phrase"):
            return self.words(token, start=token.start)
        if token.kind == ")":
            code = "unbalanced_parenthesis" if self.depth == 0 else "empty"
            raise self.error(code, token)
        if token.kind == "end":
            # Only an open parenthesis leads here: operators check for their operand.
            raise self.error("unbalanced_parenthesis", self.opening())
        raise self.error("missing_operand", token, what=token.text)

    def opening(self) -> Token:
        """The innermost parenthesis still open."""
        closed = 0
        for token in reversed(self.tokens[: self.at]):
            closed += token.kind == ")"
            if token.kind == "(":
                if closed == 0:
                    return token
                closed -= 1
        return self.tokens[0]

    def group(self, opening: Token) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error("too_deep", opening)
        inner = self.or_()
        closing = self.take()
        if closing.kind != ")":
            raise self.error("unbalanced_parenthesis", opening)
        self.depth -= 1
        return _widened(inner, opening.start, closing.end)

    def scoped(self, name: Token) -> Node:
        """A word, phrase or group that is searched in one part, or in one manner."""
        outer = self.manner
        self.manner = self.narrowed(name)
        if self.token.start != name.end or self.token.kind not in ("unit", "phrase", "field", "("):
            raise self.error("field_without_value", name, what=name.text + name.sign)
        following = self.take()
        if following.kind == "(":
            inner = self.group(following)
            node = _widened(inner, name.start, inner.end)
        elif following.kind == "field":
            node = self.field_in_field(following, name)
        else:
            node = self.words(following, start=name.start)
        self.manner = outer
        return node

    def narrowed(self, name: Token) -> Manner:
        """The manner in force, with what the field adds. One part within another is an error."""
        if name.text == "case":
            return self.manner._replace(exact=True)
        if name.text == "lemma":
            return self.manner._replace(lemma=True)
        if self.manner.scope:
            raise self.error("field_in_field", name, what=name.text + name.sign)
        return self.manner._replace(scope=cast(Scope, name.text))

    def field_in_field(self, inner: Token, outer: Token) -> Node:
        """`title:case=Orange`: the manner of the words within their part."""
        if inner.text not in ("case", "lemma"):
            raise self.error("field_in_field", inner, what=inner.text + inner.sign)
        node = self.scoped(inner)
        return _widened(node, outer.start, node.end)

    def values(self, name: Token) -> Node:
        """A group of values: `lang:(fr OR de)`."""
        if self.manner != PLAIN or self.token.kind != "(":
            raise self.error("field_in_field", name, what=name.text + name.sign)
        self.values_of = name
        inner = self.group(self.take())
        self.values_of = None
        return _widened(inner, name.start, inner.end)

    def property(self, value: Token) -> Node:
        name = value.field or self.values_of
        assert name is not None  # The lexer makes values behind or inside a field only.
        if self.manner != PLAIN:
            raise self.error("field_in_field", name, what=name.text + name.sign)
        self.count_term(value)
        start = value.start if value.field is None else name.start
        return read_property(name, value, self.source, start=start)

    def count_term(self, token: Token) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise self.error("too_many_terms", token)

    def words(self, token: Token, *, start: int) -> Words:
        self.count_term(token)
        scope, exact, lemma = self.manner
        check_wildcards(token, self.source, plain=not (exact or lemma))
        quoted = token.kind == "phrase"
        text = _unsigned(token.text) if scope in ("hashtag", "mention") else token.text
        if quoted:
            units = read_phrase(text, exact=exact, lemma=lemma)
        else:
            unit = read_unit(text, exact=exact, lemma=lemma)
            units = (unit,) if unit else ()
        if not units:
            raise self.error("empty", token)
        slop = token.number if len([p for u in units for p in u.parts]) > 1 else None
        return Words(units, quoted, start, token.end, slop, scope)


class Manner(NamedTuple):
    """How words are read within a field: in which part, letter for letter, in any inflection."""

    scope: Scope = ""
    exact: bool = False
    lemma: bool = False


PLAIN = Manner()


def _unsigned(text: str) -> str:
    """`hashtag:#rentree` means the tag `rentree`."""
    return " ".join(piece.lstrip("#@＃＠") for piece in text.split())


def not_near(node: Node, scope: Scope) -> Node | None:
    """What keeps a node from being an operand of NEAR: the node at fault, or None. A field stands
    around the whole distance (`title:(a NEAR/2 b)`), never within."""
    match node:
        case Words():
            return None if node.scope == scope else node
        case Near():
            return None
        case Or(children):
            return next((wrong for one in children if (wrong := not_near(one, scope))), None)
        case _:
            return node


def near_depth(node: Node) -> int:
    """How many NEAR stand one inside the other."""
    if isinstance(node, Near):
        return 1 + near_depth(node.left) + near_depth(node.right)
    if isinstance(node, Or):
        return max(near_depth(child) for child in node.children)
    return 0


def _widened(node: Node, start: int, end: int) -> Node:
    """The node with its parentheses: its clause is what was written, and the linter sees that
    the author grouped it."""
    return replace(node, start=start, end=end)
