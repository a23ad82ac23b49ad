"""The pages "Translate a query" say what the translation does."""

from __future__ import annotations

import re

import pytest

from nlp.query.translate import translate, underlined
from nlp.query.values import Lang
from scripts.translate_page import PAGES, page

_SHOWN = re.compile(r"<!-- shown: (.*?) -->\n```\n(.*?)\n```", re.DOTALL)


@pytest.mark.parametrize("lang", PAGES)
def test_the_tables_are_those_that_the_translation_reads(lang: Lang) -> None:
    stored = PAGES[lang].read_text("utf-8")
    assert stored == page(stored, lang), "write them anew: python -m scripts.translate_page"


@pytest.mark.parametrize("lang", PAGES)
def test_what_is_shown_is_what_comes_out(lang: Lang) -> None:
    found = _SHOWN.search(PAGES[lang].read_text("utf-8"))
    assert found is not None
    assert underlined(found[1], translate(found[1], "brandwatch"), lang) == found[2]


def test_the_table_check_bites_on_an_old_table() -> None:
    old = "<!-- table: mention -->\n| old |\n<!-- end -->"
    assert page(old, "en") != old
