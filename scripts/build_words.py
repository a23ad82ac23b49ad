"""Make the word data of the query language:  python -m scripts.build_words FOLDER

FOLDER holds the packages that it is made from, as their clients lay them there:

    npm pack @zxcvbn-ts/language-fr@4.1.2 @zxcvbn-ts/language-en@4.1.1
    apt-get download hunspell-fr-classical      (1:7.0-1)
    pip download --no-deps lemminflect==0.2.3

It writes `nlp/query/data/{words,inflections.fr,inflections.en}.gz`. What each file holds and under
which terms is told in the README beside them. The same packages give the same bytes.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

from nlp.text import fold

DATA = Path(__file__).parents[1] / "nlp" / "query" / "data"
RANKED = 40_000
FIRST_NAMES = 1_500
FAMILY_NAMES = 1_500
_LISTS = ("commonWords", "wikipedia")
_MARKUP = frozenset({"doc", "id", "title", "url", "curid", "https", "http", "www", "nbsp", "br"})
_WORD = re.compile(r"[^\W\d_]{2,}")
_LETTERS = re.compile(r"[^\W\d_]+")
_PROPER = ("po:npr", "po:prn", "po:patr", "po:titr", "po:pfx", "po:nb", "po:sign", "po:symb")
_BY_HAND = {
    "fr": ("aïeul aïeux", "bonhomme bonshommes", "ciel cieux", "madame mesdames",
           "mademoiselle mesdemoiselles", "monsieur messieurs", "œil yeux"),
    "en": ("be am are been being is was were",),
}  # fmt: skip
"""Words of which the dictionaries list the forms as words of their own, or not at all."""

_MPL = (
    "# This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0. "
    "If a copy of the MPL was not distributed with this file, You can obtain one at "
    "https://mozilla.org/MPL/2.0/.\n"
)

Entries = set[tuple[str, tuple[str, ...]]]


def main(folder: Path) -> None:
    """Read the packages, write the three files, say their sizes."""
    ranked = list(ranks(folder))
    _write("words", "\n".join([*ranked, "", *names(folder, ranked)]))
    _write("inflections.fr", _MPL + paradigms(french(folder)))
    _write("inflections.en", paradigms(english(folder, frozenset(ranked))))


def ranks(folder: Path) -> Iterator[str]:
    """Folded words of both languages, most frequent first: the four lists taken in turn."""
    lists = [_npm(folder, lang, name) for name in _LISTS for lang in ("fr", "en")]
    # A word that another program adds to every page of its corpus is no frequent word.
    seen = set(_MARKUP)
    for row in zip_longest(*lists):
        for word in row:
            form = fold(word or "")
            if form not in seen and _WORD.fullmatch(form):
                seen.add(form)
                yield form
                if len(seen) - len(_MARKUP) == RANKED:
                    return


def names(folder: Path, ranked: list[str]) -> Iterator[str]:
    """First and family names that texts are full of, as far as the lists know them."""
    rank = {form: place for place, form in enumerate(ranked)}
    first = {fold(name) for lang in ("fr", "en") for name in _npm(folder, lang, "firstnames")}
    first |= {fold(name) for name in _npm(folder, "fr", "lastnames")}
    common = sorted((name for name in first if name in rank), key=rank.__getitem__)
    family = [fold(name) for name in _npm(folder, "en", "lastnames")[:FAMILY_NAMES]]
    yield from sorted({*common[:FIRST_NAMES], *family})


def _npm(folder: Path, lang: str, name: str) -> list[str]:
    (package,) = folder.glob(f"zxcvbn-ts-language-{lang}-*.tgz")
    with tarfile.open(package) as archive:
        member = archive.extractfile(f"package/src/{name}.json")
        assert member is not None
        return [str(word) for word in json.load(member)]


def french(folder: Path) -> Entries:
    """Every entry of the spelling dictionary with all its inflected forms, proper names apart."""
    (package,) = folder.glob("hunspell-fr-classical_*.deb")
    with tempfile.TemporaryDirectory() as where:
        subprocess.run(["dpkg", "-x", str(package), where], check=True)
        home = Path(where) / "usr" / "share" / "hunspell"
        rules = _suffixes((home / "fr.aff").read_text(encoding="utf-8"))
        lines = (home / "fr.dic").read_text(encoding="utf-8").splitlines()[1:]
    entries = _by_hand("fr")
    taken = {word for words in _BY_HAND["fr"] for word in words.split()}
    for line in lines:
        head, *about = line.split()
        word, _, flags = head.partition("/")
        if word.islower() and word not in taken and not any(tag in about for tag in _PROPER):
            entries.add(_entry(word, _inflected(word, flags, rules)))
    return {entry for entry in entries if _WORD.fullmatch(entry[0])}


def _by_hand(lang: str) -> Entries:
    return {_entry(lemma, forms) for lemma, *forms in map(str.split, _BY_HAND[lang])}


def _entry(lemma: str, forms: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Folded. A form of several words (`allez-y`) is none: a lemma finds single words."""
    folded = {fold(form) for form in forms} - {fold(lemma)}
    return fold(lemma), tuple(sorted(form for form in folded if _LETTERS.fullmatch(form)))


Rule = tuple[str, str, Callable[[str], object]]


def _suffixes(text: str) -> dict[str, list[Rule]]:
    """Flag → what is cut off, what is put on, and for which words."""
    rules: dict[str, list[Rule]] = defaultdict(list)
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 5 and fields[0] == "SFX":
            flag, cut, put, ending = fields[1:5]
            put = put.partition("/")[0]
            condition = re.compile(f"(?:{ending})$").search
            rules[flag].append((cut.strip("0"), put if put != "0" else "", condition))
    return rules


def _inflected(word: str, flags: str, rules: dict[str, list[Rule]]) -> Iterator[str]:
    for flag in (flags[at : at + 2] for at in range(0, len(flags), 2)):
        for cut, put, applies in rules.get(flag, ()):
            if word.endswith(cut) and applies(word):
                yield word[: len(word) - len(cut)] + put


def english(folder: Path, frequent: frozenset[str]) -> Entries:
    """The lexicon's nouns, verbs and adjectives with all their forms, without proper names and
    without words of which no form is among the frequent ones."""
    (package,) = folder.glob("lemminflect-*.whl")
    with zipfile.ZipFile(package) as archive:
        table = gzip.decompress(archive.read("lemminflect/resources/infl_lu.csv.gz"))
    entries = _by_hand("en")
    for line in table.decode().splitlines():
        lemma, _, *columns = line.split(",")
        forms = {form for column in columns for form in column.split("/") if form}
        if lemma.islower() and _WORD.fullmatch(lemma) and not frequent.isdisjoint({lemma, *forms}):
            entries.add(_entry(lemma, forms))
    return entries


def paradigms(entries: Entries) -> str:
    """One line a set of endings, the lemma's first: `er e ent es …<TAB>stem stem …`."""
    stems: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for lemma, forms in entries:
        words = [lemma, *forms]
        stem = _shared_start(min(words), max(words))
        endings = [word[len(stem) :] for word in words]
        stems[tuple(endings)].add(stem)
    return "\n".join(
        f"{_spaced(endings)}\t{_spaced(sorted(group))}" for endings, group in sorted(stems.items())
    )


def _shared_start(first: str, last: str) -> str:
    """Of the first and last in order, and so of all between them."""
    pairs = zip(first, last, strict=False)
    same = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(first), len(last)))
    return first[:same]


def _spaced(pieces: Iterable[str]) -> str:
    """An empty piece is a dash, so that the line can be split at its blanks."""
    return " ".join(piece or "-" for piece in pieces)


def _write(name: str, text: str) -> None:
    path = DATA / f"{name}.gz"
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes, {text.count(chr(10)) + 1} lines\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
