"""Prices in a line, what each belongs to, and which of them moved. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import Final

PRICES_LIMIT: Final = 12
"""Prices of one line that are looked at."""
LABEL_WORDS: Final = 8
_PARAGRAPH_WORDS: Final = 4
"""Of a label in running text: more of them are a sentence."""
LABEL_LIMIT: Final = 60
_NEAR: Final = 48
"""Characters behind a price in which its period and tax are looked for."""

_CENTS: Final = r"(?:[.,]\d{1,2})?(?!\d)"
_AMOUNT: Final = rf"\d{{1,3}}(?:[ .,'’\u00a0\u202f]\d{{3}}){{1,3}}(?!\d){_CENTS}|\d{{1,7}}{_CENTS}"
_SIGN: Final = r"(?:US|CA|C|A)?\$|€|£|CHF\b|EUR\b|USD\b|GBP\b"
_PRICE: Final = re.compile(
    rf"(?P<before>{_SIGN})[ \u00a0\u202f]?(?P<first>{_AMOUNT})(?![ \u00a0]?[kKMB]\b)"
    rf"|(?<![\d.,])(?P<second>{_AMOUNT})[ \u00a0\u202f]?"
    rf"(?P<after>{_SIGN}|euros?\b|dollars?\b|francs?\b)(?P<cents>\d\d(?!\d))?",
    re.IGNORECASE,
)
_FREE: Final = frozenset({"gratuit", "gratuite", "gratuitement", "free", "offert", "0"})
_CURRENCIES: Final = {
    "€": "€", "eur": "€", "euro": "€", "euros": "€", "£": "£", "gbp": "£", "chf": "CHF",
    "franc": "CHF", "francs": "CHF", "$": "$", "usd": "$", "us$": "$", "dollar": "$",
    "dollars": "$", "ca$": "CA$", "c$": "CA$", "a$": "A$",
}  # fmt: skip
_PERIODS: Final = {
    "mois": "month", "month": "month", "mo": "month", "mth": "month", "mensuel": "month",
    "an": "year", "ans": "year", "année": "year", "year": "year", "yr": "year", "annum": "year",
    "semaine": "week", "week": "week", "jour": "day", "day": "day", "heure": "hour", "h": "hour",
    "hour": "hour", "hr": "hour",
}  # fmt: skip
_PERIOD: Final = re.compile(
    r"(?:/|\bpar\b|\bper\b|\ban?\b) ?(mois|month|mth|mo|ans?|année|year|yr|annum|semaine|week|jour"
    r"|day|heure|hour|hr|h)\b",
    re.IGNORECASE,
)
_TAX: Final = re.compile(
    r"\b(?:(?P<net>HT|hors taxes?|H\.T\.|excl?\.? (?:VAT|tax)|excluding (?:VAT|tax)|\+ ?(?:VAT|TVA)"
    r"|ex\.? VAT)|(?P<gross>TTC|T\.T\.C\.|incl?\.? (?:VAT|tax)|including (?:VAT|tax)))\b",
    re.IGNORECASE,
)
_FROM: Final = re.compile(
    r"(?:à partir de|a partir de|à partir d['’]|dès|des|depuis|starting at|starts at|starting from"
    r"|from|as low as)[ :]*$",
    re.IGNORECASE,
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_EDGES: Final = " \t:;,.–—-|·•/()=→*"
_FILLERS: Final = re.compile(
    r"\b(?:pour|seulement|only|just|now|soit|or|ou|and|et|at|à|is|est|de|costs?|coûte|price|prix"
    r"|tarif)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One price. per: month, year …, "" where it is not said; amount 0 means free."""

    label: str
    amount: Decimal
    currency: str
    per: str = ""
    tax: str = ""
    least: bool = False
    """From this amount on."""

    @property
    def said(self) -> tuple[Decimal, str, str]:
        """What makes two prices the same price."""
        return self.amount, self.currency, self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A price that changed, came (old is None) or went (new is None)."""

    label: str
    old: Offer | None
    new: Offer | None


def offers_of(
    text: str,
    *,
    label: str = "",
    header: str = "",
    following: str = "",
    structured: bool = True,
) -> tuple[Offer, ...]:
    """The prices of one line.

    label: of the lines above, for a price without words of its own; header: of the table's
    columns; following: the next line, where cards put "/ mois"; structured: False in running text.
    """
    if _is_free(text):
        return (Offer(label=label[:LABEL_LIMIT], amount=Decimal(0), currency=""),) if label else ()
    found = list(islice(_PRICE.finditer(text), PRICES_LIMIT))
    if not found:
        return ()
    before = text[: found[0].start()]
    words = LABEL_WORDS if structured or before.rstrip().endswith(":") else _PARAGRAPH_WORDS
    own = _label(before, words=words) or label[:LABEL_LIMIT]
    columns = [cell.strip() for cell in header.split("|")]
    apart = len({text.count("|", 0, one.start()) for one in found}) > 1
    offers = []
    for number, one in enumerate(found):
        until = found[number + 1].start() if number + 1 < len(found) else len(text)
        offer = _offer(text, one, until=until, following=following)
        column = text.count("|", 0, one.start())
        name = columns[column] if apart and 0 < column < len(columns) else ""
        offers.append(replace(offer, label=f"{own} ({name})" if name and own else own or name))
    return tuple(offers)


def canonical(text: str) -> str:
    """The text with its prices and periods in one spelling: "49 EUR per month" is "€49 / month"."""

    def spelled(found: re.Match[str]) -> str:
        offer = _offer(text, found, until=len(text), following="")
        return f"{offer.amount.normalize():f}{offer.currency} "

    plain = _PRICE.sub(spelled, text)
    if plain != text:
        plain = _PERIOD.sub(lambda found: f" /{_PERIODS[found[1].casefold()]}", plain)
    return plain


def _is_free(text: str) -> bool:
    return len(text) < 20 and text.casefold().strip(_EDGES + "!0€$£ ") in _FREE


def _offer(text: str, found: re.Match[str], *, until: int, following: str) -> Offer:
    behind = text[found.end() : min(found.end() + _NEAR, until)]
    if not _LETTER.search(behind) and following[:1] in "/(phPHteTE":
        behind = f"{behind} {following[:_NEAR]}"
    period, tax = _PERIOD.search(behind), _TAX.search(behind)
    sign = (found["before"] or found["after"]).casefold()
    amount = _amount(found["first"] or found["second"])
    if found["cents"]:  # 29€90
        amount += Decimal(found["cents"]) / 100
    return Offer(
        label="",
        amount=amount,
        currency=_CURRENCIES[sign],
        per=_PERIODS[period[1].casefold()] if period else "",
        tax=("net" if tax["net"] else "gross") if tax else "",
        least=_FROM.search(text[max(0, found.start() - 24) : found.start()]) is not None,
    )


def _amount(written: str) -> Decimal:
    """1 299,00 and 1,299.00 and 1.299 are one number; 29,9 is none of them."""
    plain = "".join(char for char in written if char.isdigit() or char in ".,")
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return Decimal(plain)
    whole, cents = plain[:last], plain[last + 1 :]
    kinds = {char for char in plain if char in ".,"}
    if len(cents) == 3 and len(kinds) == 1:  # a mark of thousands
        whole, cents = whole + cents, ""
    whole = whole.replace(".", "").replace(",", "")
    return Decimal(f"{whole or '0'}.{cents or '0'}")


def _label(before: str, *, words: int) -> str:
    """The words in front of a price, where they are a name rather than a sentence."""
    cell = before.split("|")[0] if "|" in before else before
    text = _FROM.sub("", cell).strip(_EDGES)
    text = _FILLERS.sub("", text).strip(_EDGES)
    if not _LETTER.search(text) or len(text) > LABEL_LIMIT or len(text.split()) > words:
        return ""
    return text


def moved(old: Iterable[Offer], new: Iterable[Offer]) -> list[Moved]:
    """The prices that differ, in the order of the new page, then those that went.

    Prices are paired by label and period, several of one pair in their order; what is left is
    paired by label alone, where that is a single one on both sides (a price by the month becomes
    one by the year).
    """
    new = list(new)
    before, after = _grouped(old), _grouped(new)
    changes: list[Moved] = []
    loose: list[Offer] = []
    for key, offers in after.items():
        known = _take_same(before.get(key, []), offers)
        for offer in offers:
            if known:
                changes.append(Moved(label=offer.label, old=known.pop(0), new=offer))
            else:
                loose.append(offer)
        before[key] = known
    gone = [offer for offers in before.values() for offer in offers]
    for offer in loose:
        was = _single(gone, offer) if _single(loose, offer) is offer else None
        if was is not None:
            gone.remove(was)
        changes.append(Moved(label=offer.label, old=was, new=offer))
    place = {id(offer): at for at, offer in enumerate(new)}
    changes.sort(key=lambda one: place[id(one.new)])
    changes += [Moved(label=offer.label, old=offer, new=None) for offer in gone]
    return [one for one in changes if one.old is None or one.new is None or _differs(one)]


def _differs(one: Moved) -> bool:
    assert one.old is not None
    assert one.new is not None
    if one.old.amount == 0 == one.new.amount:
        return False
    if one.old.said[:2] != one.new.said[:2]:
        return True
    if one.old.per and one.new.per and one.old.per != one.new.per:
        return True
    return bool(one.old.tax and one.new.tax and one.old.tax != one.new.tax)


def _take_same(known: Sequence[Offer], offers: list[Offer]) -> list[Offer]:
    """Take equal prices out of both lists, so that an order never counts; the rest of `known`."""
    rest = list(known)
    for offer in list(offers):
        same = next((one for one in rest if one.said == offer.said), None)
        if same is not None:
            rest.remove(same)
            offers.remove(offer)
    return rest


def _single(offers: Sequence[Offer], like: Offer) -> Offer | None:
    same = [one for one in offers if one.label.casefold() == like.label.casefold()]
    return same[0] if len(same) == 1 else None


def _grouped(offers: Iterable[Offer]) -> dict[tuple[str, str], list[Offer]]:
    groups: defaultdict[tuple[str, str], list[Offer]] = defaultdict(list)
    for offer in offers:
        groups[offer.label.casefold(), offer.per].append(offer)
    return dict(groups)
