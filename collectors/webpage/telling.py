"""One line that says what changed, in French or English, by the role of the page. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from collectors.webpage.changes import Difference, words_changed
from collectors.webpage.lines import Line
from collectors.webpage.prices import Moved, Offer, moved
from collectors.webpage.roles import Jobs, jobs_of
from collectors.webpage.versions import News, news_of

Role = Literal["price", "changelog", "careers", "product", "legal", "other"]
Lang = Literal["fr", "en"]

_NARROW: Final = "\u202f"
_FIXED: Final = "\u00a0"
_NAMED: Final = 3
"""Prices, jobs or versions that a line names; the rest is counted."""
_TITLE: Final = 300

LABELS: Final = {
    "fr": {
        "price": "tarifs", "changelog": "nouveautés", "careers": "recrutement",
        "product": "produit", "legal": "conditions", "other": "page",
    },
    "en": {
        "price": "pricing", "changelog": "changelog", "careers": "careers",
        "product": "product", "legal": "legal", "other": "page",
    },
}  # fmt: skip
_PERIODS: Final = {
    "fr": {"month": "mois", "year": "an", "week": "semaine", "day": "jour", "hour": "heure"},
    "en": {"month": "month", "year": "year", "week": "week", "day": "day", "hour": "hour"},
}
_TAXES: Final = {
    "fr": {"net": "HT", "gross": "TTC"},
    "en": {"net": "excl. VAT", "gross": "incl. VAT"},
}
_MONTHS: Final = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}


def titled(about: str, role: Role, said: str, lang: Lang) -> str:
    """ "Acme, tarifs : Pro 29 € → 39 €". The brand leads, so that its query finds the change."""
    line = f"{about}, {LABELS[lang][role]}{colon(lang)} {said}"
    return line if len(line) <= _TITLE else line[: _TITLE - 1].rstrip() + "…"


def what_changed(
    found: Difference, old: Sequence[Line], new: Sequence[Line], *, role: Role, lang: Lang
) -> str:
    """The most telling thing about a difference, for a page of this role."""
    said = ""
    if role in ("price", "product", "other"):
        said = tell_prices(moved_on(old, new), lang)
    elif role == "careers":
        said = tell_jobs(jobs_of(found), lang)
    elif role == "changelog":
        said = tell_news(news_of(found.added, old, lang=lang), lang)
    elif role == "legal":
        said = _tell_clauses(found, lang)
    return said or tell_words(found, lang)


def moved_on(old: Sequence[Line], new: Sequence[Line]) -> list[Moved]:
    """The prices that moved between two readings."""
    return moved(
        (offer for line in old for offer in line.offers),
        (offer for line in new for offer in line.offers),
    )


def tell_prices(changes: Sequence[Moved], lang: Lang) -> str:
    """ "Pro 29 € → 39 € / mois (+34 %)"; new and withdrawn prices after the changed ones."""
    if not changes:
        return ""
    ordered = sorted(changes, key=lambda one: (one.old is None) + 2 * (one.new is None))
    said = [_tell_price(one, lang) for one in ordered[:_NAMED]]
    rest = len(ordered) - _NAMED
    line = f"{';' if lang == 'en' else _NARROW + ';'} ".join(said)
    if rest <= 0:
        return line
    if lang == "fr":
        return f"{line} et {_counted(rest, 'autre prix', 'autres prix', lang)}"
    return f"{line} and {_counted(rest, 'other price', 'other prices', lang)}"


def _tell_price(one: Moved, lang: Lang) -> str:
    label = f"{one.label} " if one.label else ""
    if one.old is None:
        assert one.new is not None
        head = "nouveau prix" if lang == "fr" else "new price"
        return f"{head}{colon(lang)} {label}{price(one.new, lang)}"
    if one.new is None:
        head = "prix retiré" if lang == "fr" else "price withdrawn"
        return f"{head}{colon(lang)} {label}{price(one.old, lang)}"
    same_terms = (one.old.per, one.old.tax) == (one.new.per, one.new.tax) or not one.old.per
    was = money(one.old, lang) if same_terms else price(one.old, lang)
    least = _least(one.new, lang)
    return f"{label}{least}{was} → {price(one.new, lang, least=False)}{_percent(one, lang)}"


def _percent(one: Moved, lang: Lang) -> str:
    """By how much, where the two can be compared."""
    old, new = one.old, one.new
    if (
        old is None
        or new is None
        or old.currency != new.currency
        or not old.amount
        or not new.amount
    ):
        return ""
    if old.per and new.per and old.per != new.per:
        return ""
    share = ((new.amount - old.amount) * 100 / old.amount).quantize(Decimal(1), ROUND_HALF_UP)
    sign = "+" if share > 0 else "−" if share < 0 else ""
    if not share:
        return ""
    return f" ({sign}{number(abs(share), lang)}{_NARROW if lang == 'fr' else ''}%)"


def price(offer: Offer, lang: Lang, *, least: bool = True) -> str:
    """ "à partir de 29,90 € HT / mois", "from €29.90 excl. VAT/month"."""
    said = (_least(offer, lang) if least else "") + money(offer, lang)
    if offer.tax:
        said += f" {_TAXES[lang][offer.tax]}"
    if offer.per:
        period = _PERIODS[lang][offer.per]
        said += f" / {period}" if lang == "fr" else f"/{period}"
    return said


def _least(offer: Offer, lang: Lang) -> str:
    if not offer.least:
        return ""
    return "à partir de " if lang == "fr" else "from "


def money(offer: Offer, lang: Lang) -> str:
    """ "1 299,50 €" or "€1,299.50"; cents only where there are any."""
    if not offer.amount:
        return "gratuit" if lang == "fr" else "free"
    figure = number(offer.amount, lang)
    if lang == "fr":
        return f"{figure}{_FIXED}{offer.currency}"
    return f"CHF {figure}" if offer.currency == "CHF" else f"{offer.currency}{figure}"


def number(value: Decimal, lang: Lang) -> str:
    """Two decimals, or none where they are zero."""
    whole = value == value.to_integral_value()
    shown = f"{value:,.0f}" if whole else f"{value:,.2f}"
    return shown.replace(",", _NARROW).replace(".", ",") if lang == "fr" else shown


def tell_jobs(jobs: Jobs, lang: Lang) -> str:
    """ "3 postes ouverts : A, B, C ; 1 fermé : D"."""
    words = {
        "fr": (("poste ouvert", "postes ouverts"), ("poste fermé", "postes fermés"),
               ("poste modifié", "postes modifiés")),
        "en": (("job opened", "jobs opened"), ("job closed", "jobs closed"),
               ("job changed", "jobs changed")),
    }  # fmt: skip
    parts: list[str] = []
    for names, (one, many) in zip(
        (jobs.opened, jobs.closed, jobs.altered), words[lang], strict=True
    ):
        if names:
            if parts:  # "3 postes ouverts … ; 1 fermé"
                one, many = one.split(" ", 1)[1], many.split(" ", 1)[1]
            parts.append(f"{_counted(len(names), one, many, lang)}{colon(lang)} {_some(names)}")
    return f"{';' if lang == 'en' else _NARROW + ';'} ".join(parts)


def tell_news(news: News, lang: Lang) -> str:
    """ "version 4.2.0"; where there is no number, the date or the heading of the entry."""
    if news.versions:
        word = "version" if len(news.versions) == 1 else "versions"
        return f"{word} {_some(news.versions)}"
    if news.dates:
        days = _some([day(one, lang) for one in news.dates])
        if lang == "fr":
            return f"entrée du {days}" if len(news.dates) == 1 else f"entrées du {days}"
        return f"entry of {days}" if len(news.dates) == 1 else f"entries of {days}"
    if news.headings:
        head = "nouveau" if lang == "fr" else "new"
        return f"{head}{colon(lang)} {_some([quoted(one, lang) for one in news.headings])}"
    return ""


def day(value: date, lang: Lang) -> str:
    """ "1er novembre 2026" or "1 November 2026"."""
    number_ = "1er" if lang == "fr" and value.day == 1 else str(value.day)
    return f"{number_} {_MONTHS[lang].split()[value.month - 1]} {value.year}"


def _tell_clauses(found: Difference, lang: Lang) -> str:
    count = len(found.pairs) + len(found.come) + len(found.gone)
    if lang == "fr":
        head = f"clauses modifiées{colon(lang)} {_counted(count, 'ligne', 'lignes', lang)}"
    else:
        head = f"clauses changed{colon(lang)} {_counted(count, 'line', 'lines', lang)}"
    return head + _where(found, lang)


def tell_words(found: Difference, lang: Lang) -> str:
    """ "12 mots modifiés dans « Section »"; a single line that came or went is quoted."""
    alone = (*found.come, *found.gone)
    if len(alone) == 1 and not found.pairs:
        came = bool(found.come)
        head = (
            ("ajouté" if came else "retiré") if lang == "fr" else ("added" if came else "removed")
        )
        return f"{head}{colon(lang)} {quoted(alone[0].text, lang)}"
    count = words_changed(found)
    if lang == "fr":
        return _counted(count, "mot modifié", "mots modifiés", lang) + _where(found, lang)
    return _counted(count, "word changed", "words changed", lang) + _where(found, lang)


def _where(found: Difference, lang: Lang) -> str:
    """The section with the most of it, and how many others."""
    touched = Counter(
        line.section for line in (*found.added, *found.gone) if line.section
    ).most_common()
    if not touched:
        return ""
    said = f" {'dans' if lang == 'fr' else 'in'} {quoted(touched[0][0], lang)}"
    others = len(touched) - 1
    if not others:
        return said
    if lang == "fr":
        return f"{said} et {_counted(others, 'autre section', 'autres sections', lang)}"
    return f"{said} and {_counted(others, 'other section', 'other sections', lang)}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _counted(count: int, one: str, many: str, lang: Lang) -> str:
    shown = number(Decimal(count), lang)
    # French counts 0 and 1 as one; a count of nothing is never told here.
    return f"{shown} {one if count == 1 else many}"


def quoted(text: str, lang: Lang) -> str:
    """« text » or “text”, shortened."""
    text = text if len(text) <= 80 else text[:79].rstrip() + "…"
    return f"«{_FIXED}{text}{_FIXED}»" if lang == "fr" else f"“{text}”"


def colon(lang: Lang) -> str:
    """The colon with the blank before it that French wants."""
    return f"{_FIXED}:" if lang == "fr" else ":"
