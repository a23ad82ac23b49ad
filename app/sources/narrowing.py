"""What to ask a platform for: one superset of everything that the queries want. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collectors.api import Narrowing, Term

MAX_CLAUSES = 100
"""More than that no platform takes in one poll; then the clauses are widened, never dropped."""

Clause = tuple[Term, ...]


def union(wanted: Iterable[Sequence[Clause]]) -> Narrowing:
    """One narrowing for many queries, each given as its own any-of clauses.

    A query without clauses wants everything, and so does the union. The result may ask for more
    than the queries want, never for less: the local match always decides.
    """
    clauses: list[Clause] = []
    for one in wanted:
        if not one or any(not clause for clause in one):
            return Narrowing()
        clauses += one
    kept = _without_redundant(clauses)
    if len(kept) > MAX_CLAUSES:
        kept = _without_redundant([(_most_telling(clause),) for clause in kept])
    return Narrowing(any_of=tuple(kept) if len(kept) <= MAX_CLAUSES else ())


def _without_redundant(clauses: Iterable[Clause]) -> list[Clause]:
    """Each clause once; one that needs all the terms of another and more adds nothing."""
    distinct = list(dict.fromkeys(tuple(dict.fromkeys(clause)) for clause in clauses))
    sets = [frozenset(clause) for clause in distinct]
    singles = {next(iter(terms)) for terms in sets if len(terms) == 1}
    kept: list[Clause] = []
    seen: set[frozenset[Term]] = set()
    for clause, terms in zip(distinct, sets, strict=True):
        covered = len(terms) > 1 and not terms.isdisjoint(singles)
        if not covered and terms not in seen:
            seen.add(terms)
            kept.append(clause)
    return kept


def _most_telling(clause: Clause) -> Term:
    """The term that fewest posts hold, as far as its form tells: the longest."""
    return max(clause, key=lambda term: len(term.text))
