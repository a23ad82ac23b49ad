"""From tokens to the tree of the pasted query: recursive descent, shared by the dialects.

    or := and (OR and)* ; and := unary ([AND] unary)* ; unary := (NOT | -)* distance
    distance := operand (NEAR operand)* ; operand := ( or ) [~n] | field value | word | phrase

Depth counts parentheses as written (at most 50), so the recursion is bounded; runs of NOT and of
NEAR are counted, not recursed. No vendor documents which of AND and OR comes first where they meet
without parentheses: that is remarked on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from nlp.query.translate import wording
from nlp.query.translate.dialect import Dialect
from nlp.query.translate.lexer import Read, Token, TokenKind
from nlp.query.translate.values import Issue, Said, Unreadable

MAX_DEPTH = 50
_OPERANDS = frozenset({"(", "word", "phrase", "exact", "field", "range", "not"})


@dataclass(frozen=True, slots=True)
class Atom:
    """A word, phrase or exact text; name: the field that it is the value of."""

    token: Token
    start: int
    end: int
    name: Token | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """What cannot be carried over, known while reading."""

    said: Said
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scoped:
    """`title:( … )`."""

    name: Token
    child: Source
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Joined:
    """grouped: stood in parentheses of its own; slop: the `~n` behind them."""

    how: Literal["and", "or"]
    children: tuple[Source, ...]
    start: int
    end: int
    grouped: bool = False
    slop: Token | None = None


@dataclass(frozen=True, slots=True)
class Negated:
    child: Source
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Distance:
    """A chain, left to right."""

    first: Source
    rest: tuple[tuple[Token, Source], ...]
    start: int
    end: int
    grouped: bool = False


Source: TypeAlias = Atom | Lost | Scoped | Joined | Negated | Distance


def parse(read: Read, dialect: Dialect) -> tuple[Source, tuple[Issue, ...]]:
    """The tree, and what was noticed. Raises Unreadable where the text is broken."""
    parser = _Parser(read.tokens, dialect)
    root = parser.query()
    return root, (*read.remarks, *parser.remarks)


class _Parser:
    def __init__(self, tokens: tuple[Token, ...], dialect: Dialect) -> None:
        self.tokens = tokens
        self.dialect = dialect
        self.at = 0
        self.open: list[Token] = []
        self.remarks: list[Issue] = []
        self.spaces = False

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def remark(self, start: int, end: int, said: Said, *, unsupported: bool = True) -> None:
        whole = wording.with_effect(said, "")
        kind: Literal["unsupported", "changed"] = "unsupported" if unsupported else "changed"
        self.remarks.append(Issue(start, end, kind, whole.fr, whole.en))

    def query(self) -> Source:
        if self.token.kind == "end":
            raise Unreadable(0, self.token.end, wording.EMPTY)
        root = self.or_()
        if self.token.kind == ")":
            raise Unreadable(self.token.start, self.token.end, wording.STRAY_PARENTHESIS)
        return root

    def need_operand(self, operator: Token) -> None:
        if self.token.kind not in _OPERANDS:
            raise Unreadable(operator.start, operator.end, wording.missing_operand(operator.text))

    def or_(self) -> Source:
        children = [self.and_()]
        while self.token.kind == "or":
            self.need_operand(self.take())
            children.append(self.and_())
        if len(children) == 1:
            return children[0]
        for child in children:
            self.remark_on_order(child)
        return Joined("or", tuple(children), children[0].start, children[-1].end)

    def remark_on_order(self, child: Source) -> None:
        if isinstance(child, Negated):
            child = child.child
        if isinstance(child, Joined | Distance) and not child.grouped:
            self.remark(child.start, child.end, wording.unsure_order(self.dialect.title))

    def and_(self) -> Source:
        children = [self.unary()]
        while True:
            if self.token.kind == "and":
                self.need_operand(self.take())
            elif self.token.kind not in _OPERANDS:
                break
            elif self.token.kind != "not" and self.beside(children):
                continue
            children.append(self.unary())
        if len(children) == 1:
            return children[0]
        # What one thing excludes from another is plain: `a NEAR/2 b NOT c`.
        alone = sum(not isinstance(child, Negated) for child in children) == 1
        for child in children:
            if not alone or isinstance(child, Negated):
                self.remark_on_order(child)
        return Joined("and", tuple(children), children[0].start, children[-1].end)

    def beside(self, children: list[Source]) -> bool:
        """Two terms with nothing but a space between. True where that was dealt with here."""
        before, here = children[-1], self.token
        if "space" not in self.dialect.forms:
            if not self.spaces:
                self.spaces = True
                end = max(here.start, before.end)
                self.remark(before.end, end, wording.unsure_space(self.dialect.title))
            return False
        if not (_is_site(before) and here.kind == "field" and here.text.lower() == "site"):
            return False
        following = self.distance()
        self.remark(before.start, following.end, wording.SITES, unsupported=False)
        sites = (*before.children, following) if isinstance(before, Joined) else (before, following)
        children[-1] = Joined("or", sites, before.start, following.end, grouped=True)
        return True

    def unary(self) -> Source:
        """NOT takes the whole distance behind it, as in Vigie."""
        first = self.token
        negated = self.negations()
        node = self.distance()
        return Negated(node, first.start, node.end) if negated else node

    def negations(self) -> bool:
        count = 0
        while self.token.kind == "not":
            self.need_operand(self.take())
            count += 1
        return count % 2 == 1

    def distance(self) -> Source:
        first = self.operand()
        rest: list[tuple[Token, Source]] = []
        while self.token.kind in ("near", "odd"):
            operator = self.take()
            self.need_operand(operator)
            start, negated = self.token.start, self.negations()
            operand = self.operand()
            rest.append((operator, Negated(operand, start, operand.end) if negated else operand))
        if not rest:
            return first
        return Distance(first, tuple(rest), first.start, rest[-1][1].end)

    def operand(self) -> Source:
        token = self.take()
        if token.kind == "(":
            return self.group(token)
        if token.kind == "field":
            return self.field(token)
        if token.kind in ("word", "phrase", "exact", "range"):
            return Atom(token, token.start, token.end)
        if token.kind == ")" and not self.open:
            raise Unreadable(token.start, token.end, wording.STRAY_PARENTHESIS)
        if token.kind == "end" and self.open:
            opening = self.open[-1]
            raise Unreadable(opening.start, opening.end, wording.OPEN_PARENTHESIS)
        raise Unreadable(token.start, token.end, wording.missing_operand(token.text or ")"))

    def group(self, opening: Token) -> Source:
        if self.token.kind == ")":
            return Lost(wording.EMPTY_GROUP, opening.start, self.take().end)
        self.open.append(opening)
        if len(self.open) > MAX_DEPTH:
            raise Unreadable(opening.start, opening.end, wording.TOO_DEEP)
        inner = self.or_()
        closing = self.take()
        if closing.kind != ")":
            raise Unreadable(opening.start, opening.end, wording.OPEN_PARENTHESIS)
        self.open.pop()
        return self.within(inner, opening, closing)

    def within(self, inner: Source, opening: Token, closing: Token) -> Source:
        start, end = opening.start, closing.end
        slop = closing if closing.number is not None else None
        if isinstance(inner, Joined) and inner.slop is None:
            return replace(inner, start=start, end=end, grouped=True, slop=slop)
        if slop is not None:
            self.remark(closing.start + 1, end, wording.GROUP_SLOP)
        if isinstance(inner, Distance | Joined):
            return replace(inner, start=start, end=end, grouped=True)
        return inner

    def field(self, name: Token) -> Source:
        kinds: tuple[TokenKind, ...] = ("word", "phrase", "exact", "range")
        following = self.token
        if following.kind == "(":
            child = self.group(self.take())
            return Scoped(name, child, name.start, child.end)
        if following.kind in kinds and (following.flag == "value" or following.kind == "exact"):
            value = self.take()
            return Atom(value, name.start, value.end, name)
        return Lost(wording.NO_VALUE, name.start, name.end)


def _is_site(node: Source) -> bool:
    if isinstance(node, Joined):
        return node.how == "or" and all(_is_site(child) for child in node.children)
    return isinstance(node, Atom) and node.name is not None and node.name.text.lower() == "site"
