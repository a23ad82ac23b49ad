"""Lines that name a job or a version, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from collectors.webpage.roles import job_name, names_a_job
from collectors.webpage.versions import date_in, versions_in


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Développeuse Python (F/H) – Nantes – CDI", "Développeuse Python"),
        ("Chargé(e) de clientèle H/F", "Chargé(e) de clientèle"),
        ("Alternance – Assistant marketing", "Assistant marketing"),
        ("Responsable logistique, Lyon", "Responsable logistique"),
        ("Ingénieure réseaux | Paris | CDI", "Ingénieure réseaux"),
        ("Senior Backend Engineer – Remote", "Senior Backend Engineer"),
        ("Head of Sales (m/w/d)", "Head of Sales"),
        ("Product Designer · Full-time · Leeds", "Product Designer"),
        ("Data Analyst (Intern)", "Data Analyst"),
    ],
)
def test_a_job_is_known_by_its_name(text: str, name: str) -> None:
    assert names_a_job(text, structured=True)
    assert job_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "Pourquoi nous rejoindre",
        "Why join our engineers",
        "Nantes · CDI",
        "Télétravail deux jours par semaine",
        "Our head office is in Leeds.",
        "International team",
        "Mutuelle prise en charge à 100 %",
        "Nous cherchons des développeurs qui aiment les artisans et leur métier.",
        "",
    ],
)
def test_what_is_no_job_is_none(text: str) -> None:
    assert not names_a_job(text, structured=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Version 4.2.0 – 20 novembre 2026", ["4.2.0"]),
        ("v2.8.1-rc.1 (2026-11-21)", ["2.8.1-rc.1"]),
        ("Release 7", ["7"]),
        ("Nouveautés de la 2026.11", ["2026.11"]),
        ("Jusqu'à 2.5 GB de fichiers", []),
        ("29.90 € par mois", []),
        ("Plus rapide de 12.5 %", []),
        ("20.11.2026", []),
        ("Fichiers Excel", []),
    ],
)
def test_version_numbers_are_told_from_other_numbers(text: str, found: list[str]) -> None:
    assert versions_in(text) == found


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("1er novembre 2026", "fr", date(2026, 11, 1)),
        ("November 2nd, 2026", "en", date(2026, 11, 2)),
        ("2 Nov 2026", "en", date(2026, 11, 2)),
        ("03/04/2026", "fr", date(2026, 4, 3)),
        ("03/04/2026", "en", date(2026, 3, 4)),
        ("2026-11-20", "en", date(2026, 11, 20)),
        ("31/02/2026", "fr", None),
        ("12 pommes 2026", "fr", None),
        ("novembre", "fr", None),
    ],
)
def test_a_date_is_read_as_its_language_writes_it(text: str, lang: str, found: date | None) -> None:
    assert date_in(text, lang=lang) == found
