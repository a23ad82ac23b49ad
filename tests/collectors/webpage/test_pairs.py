"""Pages before and after, with what should be said of them. `-s` prints how many are right."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from collectors.webpage.compare import compare
from collectors.webpage.extract import Looking, read_page
from collectors.webpage.telling import Lang, Role

PAIRS = sorted((Path(__file__).parent / "pairs").glob("*.html"))
FLOOR = 60
"""Of all pairs, those that are told as a person would tell them."""


@dataclass(frozen=True)
class Pair:
    role: Role
    lang: Lang
    said: str
    before: bytes
    after: bytes


def read_pair(path: Path) -> Pair:
    head, before, after = re.split(r"<!-- (?:before|after) -->\n", path.read_text("utf-8"))
    told = dict(re.findall(r"<!-- (\w+): (.*?) -->", head))
    return Pair(
        role=told["role"],  # type: ignore[arg-type]  # the files are ours
        lang=told["language"],  # type: ignore[arg-type]
        said=told["said"],
        before=before.encode(),
        after=after.encode(),
    )


def said_of(pair: Pair) -> str:
    looking = Looking(article=pair.role not in ("price", "careers"))
    old = read_page(pair.before, "text/html; charset=utf-8", looking)
    again = Looking(article=looking.article, part=old.part)
    new = read_page(pair.after, "text/html; charset=utf-8", again)
    found = compare(old.lines, new.lines, seen=(), restless=(), role=pair.role, lang=pair.lang)
    assert bool(found.said) == bool(found.text)
    return found.said.replace("\u00a0", " ").replace("\u202f", " ")


def test_what_is_said_of_the_pairs_is_right() -> None:
    wrong = {
        path.stem: said
        for path in PAIRS
        if (said := said_of(read_pair(path))) != read_pair(path).said
    }
    right = len(PAIRS) - len(wrong)
    print(f"\n{right} of {len(PAIRS)} pairs are told right")
    for name, said in wrong.items():
        print(f"  {name}: {said!r}")
    assert right >= FLOOR


def test_the_pairs_cover_all_roles_both_languages_and_enough_noise() -> None:
    pairs = [read_pair(path) for path in PAIRS]
    assert len(pairs) >= 24
    assert Counter(pair.role for pair in pairs).keys() == {
        "price",
        "careers",
        "changelog",
        "legal",
        "product",
        "other",
    }
    assert min(Counter(pair.lang for pair in pairs).values()) >= 10
    assert sum(not pair.said for pair in pairs) >= 8


@pytest.mark.parametrize(
    "path", [one for one in PAIRS if "-noise-" in one.stem], ids=lambda p: p.stem
)
def test_noise_is_never_told(path: Path) -> None:
    assert said_of(read_pair(path)) == ""
