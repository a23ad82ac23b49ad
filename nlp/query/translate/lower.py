"""From the pasted query's tree to Vigie's, by meaning.

Where a part has no equivalent, what is around it decides what leaving it out does: one of several
that must all hold: the query finds more; one of several of which any will do: it finds less; and
behind a NOT the other way round. So a lost part travels up to where something is kept beside it,
and is reported there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nlp.query.translate import fields, plain, wording
from nlp.query.parser import MAX_CHAIN
from nlp.query.translate.dialect import Dialect, Rule
from nlp.query.translate.lexer import Token
from nlp.query.translate.plain import Plain, Term
from nlp.query.translate.tree import Atom, Distance, Joined, Lost, Negated, Scoped, Source
from nlp.query.translate.values import Effect, Issue, IssueKind, Said, effect_on
from nlp.query.translate.words import Made, Remark, accented, bare, exact, phrase, without_fuzzy

MAX_DISTANCE = 20
_KINDS: dict[Effect, IssueKind] = {"": "changed", "more": "widened", "less": "narrowed"}
# Signs that read like operators of some other tool.
_SIGNS = frozenset("{}[]<>^~|!")
# What Vigie's parser says against a term, None where it reads it.
Check = Callable[[str], Said | None]


@dataclass(frozen=True, slots=True)
class Gone:
    """A lost part on its way up."""

    start: int
    end: int
    said: Said
    unsupported: bool


Result = tuple[Plain | None, list[Gone]]


class Lowering:
    """One walk over the tree; `issues` grows as it goes."""

    def __init__(self, dialect: Dialect, check: Check) -> None:
        self.dialect = dialect
        self.check = check
        self.issues: list[Issue] = []

    def node(self, node: Source, *, negative: bool = False, name: Token | None = None) -> Result:
        match node:
            case Atom():
                return self.atom(node, negative, name)
            case Lost(said, start, end):
                return None, [Gone(start, end, said, unsupported=True)]
            case Scoped(field, child):
                return self.node(child, negative=negative, name=field)
            case Joined(slop=None):
                return self.joined(node, negative, name)
            case Joined():
                return self.slop_group(node, negative, name)
            case Negated(child, start, end):
                inner, gone = self.node(child, negative=not negative, name=name)
                return (plain.No(inner, start, end) if inner else None), gone
            case Distance():
                return self.distance(node, negative, name)

    # Reports.

    def report(self, start: int, end: int, said: Said, effect: Effect, *, negative: bool) -> None:
        felt = effect_on(effect, negative=negative)
        whole = wording.with_effect(said, felt)
        self.issues.append(Issue(start, end, _KINDS[felt], whole.fr, whole.en))

    def unsure(self, start: int, end: int, said: Said) -> None:
        whole = wording.with_effect(said, "")
        self.issues.append(Issue(start, end, "unsupported", whole.fr, whole.en))

    def flush(self, gone: list[Gone], effect: Effect) -> None:
        """Lost parts have come to where something is kept beside them."""
        for each in gone:
            whole = wording.with_effect(each.said, effect)
            kind: IssueKind = "unsupported" if each.unsupported else "dropped"
            self.issues.append(Issue(each.start, each.end, kind, whole.fr, whole.en))

    # Groups.

    def joined(self, node: Joined, negative: bool, name: Token | None) -> Result:
        kept: list[Plain] = []
        gone: list[Gone] = []
        for child in node.children:
            made, lost = self.node(child, negative=negative, name=name)
            gone.extend(lost)
            if made is not None:
                kept.append(made)
        if not kept:
            return None, gone
        self.flush(gone, effect_on("more" if node.how == "and" else "less", negative=negative))
        make = plain.all_of if node.how == "and" else plain.any_of
        return make(kept, node.start, node.end), []

    def slop_group(self, node: Joined, negative: bool, name: Token | None) -> Result:
        """`((a OR b) AND (c OR d))~5` is `(a OR b) NEAR/5 (c OR d)`."""
        assert node.slop is not None
        if node.how != "and":
            self.unsure(node.slop.start + 1, node.slop.end, wording.GROUP_SLOP)
            return self.joined(node, negative, name)
        first, *others = node.children
        chain = tuple((node.slop, other) for other in others)
        return self.distance(Distance(first, chain, node.start, node.end), negative, name)

    def distance(self, node: Distance, negative: bool, name: Token | None) -> Result:
        kept: list[Plain] = []
        operators: list[Token] = []
        gone: list[Gone] = []
        for operator, child in ((None, node.first), *node.rest):
            made, lost = self.near_operand(child, negative, name)
            gone.extend(lost)
            if made is None:
                continue
            if kept and operator is not None:
                operators.append(operator)
            kept.append(made)
        if not kept:
            return None, gone
        self.flush(gone, effect_on("more", negative=negative))
        if len(kept) == 1:
            return kept[0], []
        if (instead := self.why_not_near(operators, kept)) is not None:
            return self.as_all(node, operators, kept, instead, negative=negative), []
        rest = tuple(
            (self.written(op, negative), x) for op, x in zip(operators, kept[1:], strict=True)
        )
        return plain.Near(kept[0], rest, node.start, node.end), []

    def near_operand(self, child: Source, negative: bool, name: Token | None) -> Result:
        if isinstance(child, Negated):
            return None, [Gone(child.start, child.end, wording.NEAR_NOT, unsupported=True)]
        return self.node(child, negative=negative, name=name)

    def why_not_near(self, operators: list[Token], kept: list[Plain]) -> Said | None:
        if any(operator.kind == "odd" for operator in operators):
            odd = next(operator for operator in operators if operator.kind == "odd")
            return wording.unknown_operator(self.dialect.title, odd.text)
        if any(operator.number is None for operator in operators):
            return wording.SAME_SENTENCE
        if plain.near_field(kept) is None:
            return wording.NEAR_OPERAND
        return wording.NEAR_CHAIN if len(operators) > MAX_CHAIN else None

    def as_all(
        self, node: Distance, operators: list[Token], kept: list[Plain], said: Said,
        *, negative: bool,
    ) -> Plain:  # fmt: skip
        for operator in operators:
            if operator.kind == "odd":
                self.unsure(operator.start, operator.end, said)
            else:
                self.report(operator.start, operator.end, said, "more", negative=negative)
        return plain.all_of(kept, node.start, node.end)

    def written(self, operator: Token, negative: bool) -> str:
        """`NEAR/5`, as Vigie writes it."""
        number = self.within_reach(operator, operator.number or 0, negative)
        if operator.kind == ")":
            self.report(operator.start + 1, operator.end, wording.GROUP_NEAR, "", negative=negative)
        elif operator.flag and operator.text.endswith("f"):
            self.report(operator.start, operator.end, wording.ORDERED, "", negative=negative)
        if self.dialect.jumps and operator.number == number:
            self.report(operator.start, operator.end, wording.JUMPS, "more", negative=negative)
        return f"{'ONEAR' if operator.flag == 'ordered' else 'NEAR'}/{number}"

    def within_reach(self, token: Token, number: int, negative: bool) -> int:
        if number > MAX_DISTANCE:
            self.report(token.start, token.end, wording.TOO_FAR, "less", negative=negative)
        return min(number, MAX_DISTANCE)

    # Terms.

    def atom(self, atom: Atom, negative: bool, name: Token | None) -> Result:
        name = atom.name or name
        if name is None:
            return self.term(atom, negative, field="")
        rule = self.dialect.rules.get(name.text.lower())
        if rule is None:
            said = wording.unknown_field(self.dialect.title, name.text)
            return None, [Gone(atom.start, atom.end, said, unsupported=True)]
        if rule.reader == "raw":
            return self.term(atom, negative, field="", rule=rule)
        if rule.reader == "words":
            return self.term(atom, negative, field=rule.to, rule=rule)
        return self.property(atom, rule, negative)

    def property(self, atom: Atom, rule: Rule, negative: bool) -> Result:
        """A value that is not searched like words."""
        if rule.reader == "none":
            said = Said(rule.fr, rule.en)
            return None, [Gone(atom.start, atom.end, said, unsupported=False)]
        found = fields.value(rule, atom.token.text)
        if found is None and rule.reader == "choice":
            return None, [Gone(atom.start, atom.end, Said(rule.fr, rule.en), unsupported=False)]
        if found is None:
            return None, [Gone(atom.start, atom.end, wording.BAD_VALUE, unsupported=True)]
        terms: list[Plain] = [
            Term(text, atom.start, atom.end, field) for field, text in found.pairs
        ]
        if fault := self.fault(terms):
            return None, [Gone(atom.start, atom.end, fault, unsupported=True)]
        effect = found.effect or rule.effect
        if rule.fr:
            self.report(atom.start, atom.end, Said(rule.fr, rule.en), effect, negative=negative)
        if found.said:
            self.report(atom.start, atom.end, found.said, found.effect, negative=negative)
        return plain.any_of(terms, atom.start, atom.end), []

    def fault(self, terms: list[Plain]) -> Said | None:
        for term in terms:
            if said := self.check(plain.written(term)):
                return said
        return None

    def term(self, atom: Atom, negative: bool, *, field: str, rule: Rule | None = None) -> Result:
        """A word, a phrase or an exact text, bare or in a field that is searched like words."""
        made = self.made(atom.token, field, raw=rule is not None and rule.reader == "raw")
        if made.text is None:
            return None, [Gone(atom.start, atom.end, made.said, made.unsupported)]
        where = made.where or field
        term = Term(made.text, atom.start, atom.end, where)
        if atom.token.number is not None and atom.token.kind == "phrase":
            term = self.with_slop(term, atom, negative)
        if said := self.check(plain.written(term)):
            return None, [Gone(atom.start, atom.end, said, unsupported=True)]
        if rule is not None and rule.fr:
            made.remarks.append((Said(rule.fr, rule.en), rule.effect))
        self.remarks(atom, made, negative)
        return term, []

    def remarks(self, atom: Atom, made: Made, negative: bool) -> None:
        for said, effect in dict.fromkeys(made.remarks):
            if made.unsupported and not effect:
                self.unsure(atom.start, atom.end, said)
            else:
                self.report(atom.start, atom.end, said, effect, negative=negative)

    def with_slop(self, term: Term, atom: Atom, negative: bool) -> Term:
        token = atom.token
        number = self.within_reach(token, token.number or 0, negative)
        if self.dialect.jumps and token.number == number:
            self.report(token.start, token.end, wording.JUMPS, "more", negative=negative)
        return Term(f"{term.text}~{number}", term.start, term.end, term.field)

    def made(self, token: Token, field: str, *, raw: bool) -> Made:
        if token.kind == "exact" or token.flag == "exact":
            return self.exact(token, field)
        if token.kind == "range":
            return Made(None, said=wording.BAD_VALUE, unsupported=True)
        extra: list[Remark] = []
        if token.kind == "phrase":
            made = phrase(token.text)
        else:
            text = token.text
            if "word~n" in self.dialect.forms:
                text, extra = without_fuzzy(text)
            made = bare(text.lstrip("@") if field == "author:" else text)
        made.remarks.extend(extra)
        if token.flag == "raw":
            made.remarks.append((wording.RAW_SEARCH, ""))
        if token.kind == "word" and (signs := _SIGNS - self.dialect.signs) & set(token.text):
            said = wording.unknown_sign(
                self.dialect.title, "".join(sorted(signs & set(token.text)))
            )
            self.unsure(token.start, token.end, said)
        if not raw:
            made.remarks.extend(self.folding(token.text))
        return made

    def folding(self, text: str) -> list[Remark]:
        """Where Brandwatch looks at accents and signs otherwise than Vigie does."""
        remarks: list[Remark] = []
        if "é" in self.dialect.forms and accented(text):
            remarks.append((wording.ACCENT, "more"))
        if "+ &" in self.dialect.forms and any(
            sign in text.lstrip("+&") and any(c.isalnum() for c in text) for sign in "+&"
        ):
            remarks.append((wording.SIGN, "less"))
        return remarks

    def exact(self, token: Token, field: str) -> Made:
        text = exact(token.text)
        if text is None:
            return Made(None)
        if field:
            return Made(text, remarks=[(wording.EXACT_IN_FIELD, "more")])
        said = wording.NO_OPERATORS_CASE if token.flag == "alone" else wording.EXACT_CASE
        return Made(text, "case=", [(said, "")])
