"""Prices as sites write them, in both languages, and how a moved one is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from collectors.webpage.prices import Offer, moved, offers_of
from collectors.webpage.telling import Lang, price, tell_prices


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("text", "label", "amount", "currency", "per", "tax", "least"),
    [
        ("Pro : 29 € / mois", "Pro", "29", "€", "month", "", False),
        ("Pro – 29,90 €/mois HT", "Pro", "29.90", "€", "month", "net", False),
        (
            "Abonnement annuel 1 299,00 € TTC",
            "Abonnement annuel",
            "1299.00",
            "€",
            "",
            "gross",
            False,
        ),
        ("Abonnement 1\u202f299 € par an", "Abonnement", "1299", "€", "year", "", False),
        ("Team: €1,299.00 per year", "Team", "1299.00", "€", "year", "", False),
        ("Team $1,299/yr excl. VAT", "Team", "1299", "$", "year", "net", False),
        ("Basic from £4.50 a month", "Basic", "4.50", "£", "month", "", True),
        ("Solo à partir de 9 € HT par mois", "Solo", "9", "€", "month", "net", True),
        ("Forfait dès 49 € / jour", "Forfait", "49", "€", "day", "", True),
        ("Coaching CHF 120.- / heure", "Coaching", "120", "CHF", "hour", "", False),
        ("Coaching 120 CHF", "Coaching", "120", "CHF", "", "", False),
        ("Menu 29€90", "Menu", "29.90", "€", "", "", False),
        ("Licence : 1.299 EUR", "Licence", "1299", "€", "", "", False),
        ("Licence : 12.99 EUR", "Licence", "12.99", "€", "", "", False),
        ("Forfait 300 euros", "Forfait", "300", "€", "", "", False),
    ],
)
def test_a_price_is_read_with_what_belongs_to_it(
    text: str, label: str, amount: str, currency: str, per: str, tax: str, *, least: bool
) -> None:
    assert offers_of(text) == (
        Offer(
            label=label,
            amount=Decimal(amount),
            currency=currency,
            per=per,
            tax=tax,
            least=least,
        ),
    )


@pytest.mark.parametrize(
    "text", ["10 utilisateurs", "Levée de 10 M€", "raised $12M", "5 k€", "+34 %", "v2.9.1", "", "€"]
)
def test_what_is_no_price_is_none(text: str) -> None:
    assert offers_of(text, label="Pro") == ()


def test_a_bare_price_takes_the_label_above_and_the_period_below() -> None:
    (offer,) = offers_of("29 €", label="Pro", following="/ mois")
    assert (offer.label, offer.per) == ("Pro", "month")


def test_the_prices_of_a_row_are_named_by_its_columns() -> None:
    offers = offers_of("Pro | 29 € | 290 €", header="Formule | Mois | An")
    assert [offer.label for offer in offers] == ["Pro (Mois)", "Pro (An)"]


def test_a_sentence_is_no_label() -> None:
    text = "Our service helps small teams everywhere to write better for $8"
    assert offers_of(text, label="Notes", structured=False)[0].label == "Notes"


def offer(label: str, amount: str, currency: str = "€", **more: str) -> Offer:
    return Offer(label=label, amount=Decimal(amount), currency=currency, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "fr", "en"),
    [
        (
            [offer("Pro", "29", per="month")],
            [offer("Pro", "39", per="month")],
            "Pro 29 € → 39 € / mois (+34 %)",
            "Pro €29 → €39/month (+34%)",
        ),
        (
            [offer("Pro", "1299.50")],
            [offer("Pro", "999")],
            "Pro 1 299,50 € → 999 € (−23 %)",
            "Pro €1,299.50 → €999 (−23%)",
        ),
        (
            [offer("Pro", "29", per="month")],
            [offer("Pro", "290", per="year")],
            "Pro 29 € / mois → 290 € / an",
            "Pro €29/month → €290/year",
        ),
        (
            [offer("Pro", "29")],
            [offer("Pro", "32", "$")],
            "Pro 29 € → 32 $",
            "Pro €29 → $32",
        ),
        (
            [offer("Pro", "0", "")],
            [offer("Pro", "5", per="month", tax="net")],
            "Pro gratuit → 5 € HT / mois",
            "Pro free → €5 excl. VAT/month",
        ),
        (
            [],
            [offer("Duo", "19", per="month")],
            "nouveau prix : Duo 19 € / mois",
            "new price: Duo €19/month",
        ),
        (
            [offer("Duo", "19", "CHF")],
            [],
            "prix retiré : Duo 19 CHF",
            "price withdrawn: Duo CHF 19",
        ),
        (
            [offer(f"P{n}", "1") for n in range(4)],
            [offer(f"P{n}", "2") for n in range(4)],
            "P0 1 € → 2 € (+100 %) ; P1 1 € → 2 € (+100 %) ; P2 1 € → 2 € (+100 %) et 1 autre prix",
            "P0 €1 → €2 (+100%); P1 €1 → €2 (+100%); P2 €1 → €2 (+100%) and 1 other price",
        ),
    ],
)
def test_a_moved_price_is_told_in_both_languages(
    old: list[Offer], new: list[Offer], fr: str, en: str
) -> None:
    assert plain(tell_prices(moved(old, new), "fr")) == fr
    assert plain(tell_prices(moved(old, new), "en")) == en


def test_two_plans_that_swap_their_prices_both_moved() -> None:
    old = [offer("Pro", "29"), offer("Team", "39")]
    new = [offer("Pro", "39"), offer("Team", "29")]
    assert [one.label for one in moved(old, new)] == ["Pro", "Team"]


def test_the_same_prices_in_another_order_did_not_move() -> None:
    old = [offer("", "1"), offer("", "2"), offer("Pro", "3")]
    assert moved(old, old[::-1]) == []


@pytest.mark.parametrize(
    ("lang", "said"), [("fr", "à partir de 29,90 € TTC / an"), ("en", "from €29.90 incl. VAT/year")]
)
def test_a_price_says_its_terms(lang: Lang, said: str) -> None:
    whole = Offer(
        label="", amount=Decimal("29.9"), currency="€", per="year", tax="gross", least=True
    )
    assert plain(price(whole, lang)) == said


def test_a_line_of_nothing_but_prices_is_bounded() -> None:
    assert len(offers_of("1 € " * 500, label="x")) <= 12
