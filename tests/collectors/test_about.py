"""A kind is called by the head of its README, in both languages."""

from __future__ import annotations

import pytest

from collectors.about import About, about, front_matter
from collectors.registry import catalogue
from collectors.rss.collector import Rss
from tests.support.pipeline import Scripted


def test_every_kind_of_ours_says_what_it_reads_in_french_and_english() -> None:
    for kind, collector in catalogue().collectors.items():
        told = about(collector)
        assert told.en.startswith(f"{kind}: "), kind
        assert told.fr != told.en, f"{kind}: its README has no line fr:"
        assert told.level in ("experimental", "supported", "proven"), kind


def test_a_kind_without_a_readme_is_called_by_its_docstring() -> None:
    assert about(Scripted).en.startswith("A collector that yields the pages of a script")
    assert about(Scripted).level == ""


def test_the_feeds_are_called_feeds() -> None:
    assert about(Rss) == About("rss: feeds", "Flux (RSS, Atom, JSON Feed)", "supported")


@pytest.mark.parametrize("text", ["", "# title", "---\nno end", "---\nnocolon\n---\nbody"])
def test_a_readme_without_a_head_is_all_body(text: str) -> None:
    head, _ = front_matter(text)
    assert head == {}
