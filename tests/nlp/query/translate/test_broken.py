"""Broken text is refused where it is broken, with what to do."""

from __future__ import annotations

import pytest

from nlp.query.translate import AskedDialect, translate


@pytest.mark.parametrize(
    ("pasted", "dialect", "start", "fr"),
    [
        ("", "auto", 0, "collez une requête"),
        ("  ", "auto", 0, "collez une requête"),
        ("a AND (b", "auto", 6, "jamais fermée"),
        ("a AND b)", "auto", 7, "sans avoir été ouverte"),
        ('a "b', "auto", 2, "Guillemet"),
        ("a » b", "auto", 2, "Guillemet"),
        ("a {b", "brandwatch", 2, "Accolade"),
        ("a <<<b", "brandwatch", 2, "Commentaire"),
        ("a AND", "auto", 2, "attend un terme"),
        ("OR a", "auto", 0, "attend un terme"),
        ("a AND OR b", "auto", 2, "attend un terme"),
        ("a NEAR/3", "brandwatch", 2, "attend un terme"),
        ("NOT", "auto", 0, "attend un terme"),
    ],
)
def test_broken_text_is_refused_where_it_is_broken(
    pasted: str, dialect: AskedDialect, start: int, fr: str
) -> None:
    made = translate(pasted, dialect)
    (part,) = made.parts
    assert (made.query, made.readable, made.exact) == ("", False, False)
    assert (part.start, part.kind) == (start, "unsupported")
    assert fr in part.fr


def test_a_result_that_vigie_refuses_is_not_given() -> None:
    made = translate(" OR ".join(f"m{n}" for n in range(2_001)), "mention")
    assert (made.query, made.readable) == ("", True)
    assert "2 000" in made.parts[-1].fr or "10 000" in made.parts[-1].fr


def test_a_field_without_a_value_is_named_and_the_rest_carried_over() -> None:
    made = translate("apple AND site: OR pear", "brandwatch")
    assert made.query == "apple OR pear"
    assert any("Champ sans valeur" in part.fr for part in made.parts)
