"""From tokens to the tree: recursive descent over the whole grammar.

    query := or ; or := and (OR and)* ; and := unary ([AND] unary)*
    unary := (NOT | -) unary | near ; near := operand ((NEAR | ONEAR) operand)*

Depth counts parentheses as written (at most 50), so the recursion is bounded; a run of NOT is
counted, not recursed. Time is linear in the source.
"""

from __future__ import annotations

from nlp.query.ast import And, Node, Not, Or, Query, Words
from nlp.query.errors import QueryError
from nlp.query.lexer import Token, TokenKind, read
from nlp.query.normal import check_positive
from nlp.query.units import read_phrase, read_unit
from nlp.text import unspaced

MAX_LENGTH = 10_000
MAX_DEPTH = 50
MAX_TERMS = 2_000
_STARTS_OPERAND = frozenset({"(", "unit", "phrase", "field", "not"})


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
        if self.token.kind == "near":
            operator = self.take()
            self.need_operand(operator)
            raise self.error("not_supported_yet", operator, what=operator.text)
        return left

    def operand(self) -> Node:
        token = self.take()
        if token.kind == "(":
            return self.group(token)
        if token.kind == "field":
            return self.field(token)
        if token.kind in ("unit", "phrase"):
            return self.words(token, start=token.start, exact=False)
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

    def field(self, name: Token) -> Node:
        if name.text != "case" or name.sign != "=":
            raise self.error("not_supported_yet", name, what=name.text + name.sign)
        kinds: tuple[TokenKind, ...] = ("unit", "phrase")
        if self.token.kind not in kinds or self.token.start != name.end:
            raise self.error("field_without_value", name, what=name.text + name.sign)
        return self.words(self.take(), start=name.start, exact=True)

    def words(self, token: Token, *, start: int, exact: bool) -> Words:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise self.error("too_many_terms", token)
        if token.number is not None:
            raise self.error("not_supported_yet", token, what=f'"…"~{token.number}')
        self.refuse_wildcards(token)
        quoted = token.kind == "phrase"
        if quoted:
            units = read_phrase(token.text, exact=exact)
        else:
            unit = read_unit(token.text, exact=exact)
            units = (unit,) if unit else ()
        return Words(units, quoted, start, token.end)

    def refuse_wildcards(self, token: Token) -> None:
        where = min((at for sign in "*?" if (at := token.text.find(sign)) >= 0), default=-1)
        if where < 0:
            return
        star = token.text[where] == "*"
        head = token.text[:where]
        before = "" if head[-1:].isspace() else "".join(head.split()[-1:])
        after = token.text[where + 1 : where + 2]
        alone = token.kind == "phrase" and not before and (not after or after.isspace())
        position = self.source.index(token.text[where], token.start)
        if star and not alone and (not before or after.isalnum()):
            raise QueryError("wildcard_place", position, self.source, what=token.text[:40])
        letters = sum(c.isalnum() for c in before)
        least = 2 if before and unspaced(before[-1]) else 3
        if star and not alone and letters < least:
            values = {"what": f"{before}*", "hint": str(least)}
            raise QueryError("short_prefix", position, self.source, **values)
        shown = "*" if alone else f"{before}{token.text[where]}"
        raise QueryError("not_supported_yet", position, self.source, what=shown)


def _widened(node: Node, start: int, end: int) -> Node:
    """The node with its parentheses: its clause is what was written, and the linter sees that
    the author grouped it."""
    match node:
        case And(children):
            return And(children, start, end)
        case Or(children):
            return Or(children, start, end)
        case Not(child):
            return Not(child, start, end)
        case Words(units, quoted):
            return Words(units, quoted, start, end)
