"""How the query is written: operators, parentheses, addresses, doubles, lemmas, long terms."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from nlp.query.ast import And, Node, Not, Or, Query, Words
from nlp.query.lemma import known
from nlp.query.lint.limits import LIMITS
from nlp.query.speech.base import printable, shown
from nlp.query.values import Note
from nlp.query.walk import flattened, identity, terms
from nlp.text import addresses, fold

_OPERATORS = {
    "and": "AND",
    "et": "ET",
    "or": "OR",
    "ou": "OU",
    "not": "NOT",
    "sauf": "SAUF",
    "near": "NEAR",
}


def form_notes(query: Query) -> Iterator[Note]:
    for words in terms(query.root):
        written = query.source[words.start : words.end]
        yield from _operator_note(words, written)
        yield from _address_note(words, written)
        yield from _lemma_note(words)
        yield from _length_note(words)
    yield from _mixed(query.root)
    yield from _doubles(query.root, query.source, set())


def _operator_note(words: Words, written: str) -> Iterator[Note]:
    operator = _OPERATORS.get(written)
    if operator:
        yield Note(
            "lower_case_operator",
            words.start,
            f"« {written} » est cherché comme un mot ; pour l'opérateur, écrivez {operator}.",
            f"“{written}” is searched as a word; for the operator, write {operator}.",
            words.end,
            operator,
        )


def _address_note(words: Words, written: str) -> Iterator[Note]:
    if not written.isalnum() and addresses(fold(written)):
        yield Note(
            "address_as_words",
            words.start,
            "Les mots ne sont pas cherchés dans les adresses : ce terme ne trouvera rien. Pour les "
            "liens, écrivez url:",
            "Words are not searched inside addresses: this term will find nothing. For links, "
            "write url:",
            words.end,
            f"url:{printable(written)}" if not words.quoted and not words.scope else None,
        )


def _lemma_note(words: Words) -> Iterator[Note]:
    for part in (part for unit in words.units for part in unit.parts):
        if part.lemma and not known(part.form):
            word = shown(part.written or part.form)
            yield Note(
                "unknown_lemma",
                words.start,
                f"« {word} » n'est ni un mot français ni un mot anglais connu : seul ce mot exact "
                "est cherché.",
                f"“{word}” is no known word of French or English: only that very word is searched.",
                words.end,
            )


def _length_note(words: Words) -> Iterator[Note]:
    asked = " ".join(unit.written for unit in words.units)
    over = [limit for limit in LIMITS if limit.size(asked) > limit.most]
    if over:
        fr = ", ".join(f"{limit.platform_fr} : {limit.most} {limit.unit_fr}" for limit in over)
        en = ", ".join(f"{limit.platform_en}: {limit.most} {limit.unit}" for limit in over)
        yield Note(
            "long_term",
            words.start,
            f"Ce terme est plus long que ne l'acceptent des plateformes ({fr}) : elles le refusent "
            "ou sont interrogées plus largement.",
            f"This term is longer than platforms accept ({en}): they refuse it, or are asked more "
            "widely.",
            words.end,
        )


def _mixed(node: Node) -> Iterator[Note]:
    """One remark for each OR that has a bare AND in it."""
    match node:
        case Not(child):
            yield from _mixed(child)
        case And(children) | Or(children):
            # A group in parentheses begins before its first child.
            bare = [
                child
                for child in children
                if isinstance(child, And) and child.start == child.children[0].start
            ]
            if isinstance(node, Or) and bare:
                yield Note(
                    "mixed_operators",
                    bare[0].start,
                    "AND passe avant OR : ajoutez des parenthèses pour montrer ce qui va ensemble.",
                    "AND binds tighter than OR: add parentheses to show what belongs together.",
                    bare[0].end,
                )
            for child in children:
                yield from _mixed(child)
        case _:
            return


def _doubles(node: Node, source: str, above: set[Hashable]) -> Iterator[Note]:
    """Parts given twice in one group, or again inside it: the second adds nothing.

    `(orange mobile) OR (orange box)` is no double: each group needs its own. above: what the groups
    around ask; a group takes out what it put in, so that each part is put in once.
    """
    if not isinstance(node, (And, Or, Not)):
        return
    children = [node.child] if isinstance(node, Not) else list(flattened(node))
    inside: set[Hashable] = set()
    # A NOT turns what the parts around it mean.
    around = set() if isinstance(node, Not) else above
    for child in (one for one in children if not isinstance(one, (And, Or))):
        asked = identity(child)
        if asked in around:
            written = shown(source[child.start : child.end])
            yield Note(
                "duplicate_term",
                child.start,
                f"{written} est déjà dans la requête.",
                f"{written} is in the query already.",
                child.end,
            )
        elif not isinstance(node, Not):
            around.add(asked)
            inside.add(asked)
    for part in children:
        yield from _doubles(part, source, around)
    around -= inside
