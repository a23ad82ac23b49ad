"""Which words to add to a query, measured on what people marked.

Exclusions are words that stand in noise and hardly ever in relevant texts; context terms the other
way round. Both are chosen greedily, the one that settles most marks first, a lost relevant mark
costing as much as several noise ones. Words next to the brand's name and pairs of words count as
well as single ones: `"star wars"` says more than `star`; and so does how the name is written:
`case=go` is the verb.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.relevance.common import COMMON
from nlp.relevance.settings import PICKING, Picking
from nlp.text.field import ReadText

MAX_EXCLUSIONS: Final = 25
MAX_CONTEXT: Final = 12
MAX_CHARS: Final = 6_000
_SIGNED = re.compile(r"(?<!\w)[^\W_]{1,20}[+#]{1,2}(?![\w+#])")
_PLAIN = re.compile(r"[^\W_]+(?: [^\W_]+)?")


@dataclass(frozen=True, slots=True)
class Term:
    """A term to add. noise: marked noise it settles; relevant: marked relevant it touches (lost by
    an exclusion, kept by a context term); unmarked: other texts of the brand it stands in."""

    text: str
    noise: int
    relevant: int
    unmarked: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """context: one of them must stand in the text (AND). exclusions: none may (NOT).

    noise, relevant: how many were marked. *_removed, *_lost: of them, what the query would no
    longer find with all the exclusions (and with the context terms besides).
    """

    context: tuple[Term, ...]
    exclusions: tuple[Term, ...]
    noise: int
    relevant: int
    noise_removed: int
    relevant_lost: int
    noise_removed_with_context: int
    relevant_lost_with_context: int

    def applied(self, query: str, *, context: bool = False) -> str:
        """The query with the exclusions, and with the context terms where asked for."""
        made = f"({query})"
        if context and self.context:
            made += f" AND ({' OR '.join(term.text for term in self.context)})"
        return made + "".join(f" NOT {term.text}" for term in self.exclusions)

    def sentence(self, lang: str) -> str:
        """What the terms would do to the marked texts, in French or English."""
        french = lang == "fr"
        if not self.exclusions and not self.context:
            return (
                "Marquez d’abord quelques mentions des deux côtés : rien ne les sépare encore."
                if french
                else "Mark a few mentions on both sides first: nothing tells them apart yet."
            )
        removed, lost = self.noise_removed, self.relevant_lost
        if not self.exclusions:
            removed, lost = self.noise_removed_with_context, self.relevant_lost_with_context
        if french:
            what = "Les exclusions retirent" if self.exclusions else "Le contexte retire"
            return (
                f"{what} {removed} des {self.noise} mentions hors sujet et font perdre {lost} "
                f"des {self.relevant} bonnes."
            )
        what = "The exclusions remove" if self.exclusions else "The context terms remove"
        return (
            f"{what} {removed} of {self.noise} noise mentions and lose {lost} of {self.relevant} "
            "relevant ones."
        )


_Terms = set[str]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A text's terms, and how much it counts as noise and as relevant."""

    terms: _Terms
    noise: float
    relevant: float


def suggest(
    relevant: Sequence[str],
    noise: Sequence[str],
    unmarked: Sequence[str] = (),
    *,
    chances: Sequence[float] = (),
    own: Collection[str] = (),
    picking: Picking = PICKING,
) -> Suggestions:
    """Terms that separate relevant texts from noise.

    chances: of each unmarked text, how likely a filter holds it to be relevant; those it is sure
    of count in the choice, less than a mark, and never in the figures. own: the brand's
    names, folded, which are never proposed by themselves but as they are written.
    """
    kept = [_terms(text, own) for text in relevant]
    dropped = [_terms(text, own) for text in noise]
    others = [_terms(text, own) for text in unmarked]
    seen = [_Seen(terms, 0.0, 1.0) for terms in kept] + [_Seen(t, 1.0, 0.0) for t in dropped]
    guesses = zip(others, chances, strict=False)
    seen += [_guessed(terms, chance, picking) for terms, chance in guesses]
    out = _chosen(seen, MAX_EXCLUSIONS, picking)
    left = [_Seen(one.terms, one.relevant, one.noise) for one in seen if not one.terms & set(out)]
    need = _chosen(left, MAX_CONTEXT, picking) if any(one.relevant for one in left) else []
    left_kept = [terms for terms in kept if not terms & set(out)]
    left_noise = [terms for terms in dropped if not terms & set(out)]
    spread = Counter(term for terms in others for term in terms & {*out, *need})
    return Suggestions(
        tuple(_term(t, dropped, kept, spread) for t in need),
        tuple(_term(t, dropped, kept, spread) for t in out),
        len(noise),
        len(relevant),
        len(noise) - len(left_noise),
        len(relevant) - len(left_kept),
        len(noise) - (_count(left_noise, need) if need else len(left_noise)),
        len(relevant) - (_count(left_kept, need) if need else len(left_kept)),
    )


def _guessed(terms: _Terms, chance: float, picking: Picking) -> _Seen:
    guess = picking.guess
    if chance <= picking.unsure:
        return _Seen(terms, guess * (1 - chance), 0.0)
    sure = chance >= 1 - picking.unsure
    return _Seen(terms, 0.0, guess * chance if sure else guess * guess * chance)


def _term(text: str, noise: Sequence[_Terms], kept: Sequence[_Terms], spread: Counter[str]) -> Term:
    return Term(text, _count(noise, [text]), _count(kept, [text]), spread[text])


def _count(texts: Iterable[_Terms], wanted: Iterable[str]) -> int:
    terms = set(wanted)
    return sum(bool(one & terms) for one in texts)


def _chosen(seen: Sequence[_Seen], most: int, picking: Picking) -> list[str]:
    """Terms of noise that are hardly in relevant texts, by what each adds."""
    cost: Counter[str] = Counter()
    for one in seen:
        if one.relevant:
            cost.update(dict.fromkeys(one.terms, one.relevant))
    left = [one for one in seen if one.noise]
    found: list[str] = []
    while len(found) < most:
        gains: Counter[str] = Counter()
        for one in left:
            gains.update(dict.fromkeys(one.terms, one.noise))
        best = max(gains, key=_ranked(gains, cost, picking.price), default=None)
        if best is None or gains[best] < picking.least or gains[best] <= picking.price * cost[best]:
            break
        found.append(best)
        left = [one for one in left if best not in one.terms]
    return found


def _ranked(
    gains: Counter[str], cost: Counter[str], price: float
) -> Callable[[str], tuple[float, int, str]]:
    """Ties go to the shorter term."""
    return lambda term: (gains[term] - price * cost[term], -len(term), term)


def _terms(text: str, own: Collection[str]) -> _Terms:
    """What a query could ask of this text, as it would be written."""
    read = ReadText(text[:MAX_CHARS])
    words = read.bare
    telling = [_tells(word, own) for word in words]
    found = {word for word, tells in zip(words, telling, strict=True) if tells}
    for at in range(len(words) - 1):
        one, two = words[at], words[at + 1]
        # Next to the brand's name even "to" tells something: `"to go"` is no programming language.
        named = (one in own) != (two in own)
        if one and two and (named or all(telling[at : at + 2])):
            pair = f"{one} {two}"
            if _PLAIN.fullmatch(pair):
                found.add(f'"{pair}"')
    return found | set(_SIGNED.findall(read.folded)) | set(_written(read, own))


def _written(read: ReadText, own: Collection[str]) -> Iterator[str]:
    """The brand's name as it stands here, letter for letter."""
    for word, span in zip(read.bare, read.spans, strict=True):
        if word in own:
            start, end = read.place(*span)
            exact = read.original[start:end]
            if exact.isalpha():
                yield f"case={exact}"


def _tells(word: str, own: Collection[str]) -> bool:
    return (
        len(word) > 1 and word not in own and word not in COMMON
        and not word.isdigit() and _PLAIN.fullmatch(word) is not None
    )  # fmt: skip
