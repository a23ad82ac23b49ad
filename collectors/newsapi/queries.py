"""The words of the queries in NewsAPI's syntax, packed into few searches. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collectors.api import Narrowing, Term
from collectors.text import one_line

OR = " OR "


@dataclass(frozen=True, slots=True)
class Asked:
    """The searches. left_out: not all the words could be asked for."""

    queries: tuple[str, ...]
    left_out: bool = False


def render(narrowing: Narrowing, *, length: int, most: int) -> Asked:
    """As few searches as hold all clauses. Where they are too many, each clause is widened to its
    longest term; what does not fit even then is left out."""
    exact = [_clause(clause) for clause in narrowing.any_of]
    packed = _packed(exact, length=length)
    if len(packed.queries) <= most and not packed.left_out:
        return packed
    wide = [_quoted(max(clause, key=lambda term: len(term.text))) for clause in narrowing.any_of
            if clause]  # fmt: skip
    packed = _packed(wide, length=length)
    return Asked(packed.queries[:most], packed.left_out or len(packed.queries) > most)


def _packed(clauses: Sequence[str], *, length: int) -> Asked:
    packs: list[str] = []
    wanted = list(dict.fromkeys(clause for clause in clauses if clause))
    fitting = [clause for clause in wanted if len(clause) <= length]
    for clause in fitting:
        if packs and len(packs[-1]) + len(OR) + len(clause) <= length:
            packs[-1] += OR + clause
        else:
            packs.append(clause)
    return Asked(tuple(packs), len(fitting) < len(wanted))


def _clause(clause: Sequence[Term]) -> str:
    terms = list(dict.fromkeys(quoted for term in clause if (quoted := _quoted(term))))
    return f"({' AND '.join(terms)})" if len(terms) > 1 else "".join(terms)


def _quoted(term: Term) -> str:
    """Always in quotes, so that no word of it is taken for an operator."""
    text = one_line(term.text.replace('"', " ").lstrip("#@"))
    return f'"{text}"' if text else ""
