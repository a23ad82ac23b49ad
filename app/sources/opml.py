"""Lists of feeds as OPML 2.0 (opml.org): read from anybody, written by us. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

MOST_BYTES = 5_000_000
MOST_OUTLINES = 5_000
DEEPEST = 20
_NAME = 120
_MARK = re.compile(r"<outline\b|</outline\s{0,10}>|</body\s{0,10}>", re.IGNORECASE)
_VALUE = r"""\s{0,10}=\s{0,10}(?:"([^"]{0,4000})"|'([^']{0,4000})')"""
_TEXT = re.compile(rf"\stext{_VALUE}", re.IGNORECASE)
_TITLE = re.compile(rf"\stitle{_VALUE}", re.IGNORECASE)
_XML_URL = re.compile(rf"\sxmlurl{_VALUE}", re.IGNORECASE)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed of a list. number: of the outlines without children, from 1."""

    number: int
    name: str
    url: str


class NotOpml(Exception):
    """The file as a whole cannot be used; the message says why, in English and in French."""

    def __init__(self, en: str, fr: str) -> None:
        super().__init__(en)
        self.fr = fr


def read_opml(raw: bytes) -> list[Outline]:
    """The feeds of a list in order; a folder's name stands before those of its feeds.

    An entry without an address has url "". Raises NotOpml.
    """
    if len(raw) > MOST_BYTES:
        raise NotOpml("the file is too big", "le fichier est trop gros")
    found = _parsed(raw.lstrip())
    if len(found) > MOST_OUTLINES:
        raise NotOpml(
            f"more than {MOST_OUTLINES} feeds: split the file",
            f"plus de {MOST_OUTLINES} flux : coupez le fichier",
        )
    return found


def _parsed(raw: bytes) -> list[Outline]:
    try:
        root = fromstring(raw)
    except ParseError as error:
        return _guessed(raw, line=error.position[0])
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise _unreadable() from error
    if _local(root) != "opml":
        raise NotOpml("this is not OPML", "ce n’est pas de l’OPML")
    return list(_leaves(root))


def _unreadable(line: int = 0) -> NotOpml:
    where_en, where_fr = (f" (line {line})", f" (ligne {line})") if line else ("", "")
    return NotOpml(f"this is not readable XML{where_en}", f"ce n’est pas du XML lisible{where_fr}")


def _guessed(raw: bytes, *, line: int) -> list[Outline]:
    """The feeds of a file that is no XML, by the look of its tags.

    Many are: programs write descriptions with quotes and tags in them as they find them.
    """
    text = raw.decode("utf-8", "replace")
    marks = [*_MARK.finditer(text)]
    if "<opml" not in text[:2_000].lower() or not marks:
        raise _unreadable(line)
    found: list[Outline] = []
    folders: list[str] = []
    for mark, after in zip(marks, [*(one.start() for one in marks[1:]), len(text)], strict=True):
        if mark[0].startswith("</"):
            del folders[-1:]
            continue
        tag = text[mark.end() : after]
        name, url = _attribute(tag, _TEXT) or _attribute(tag, _TITLE), _attribute(tag, _XML_URL)
        closed = tag.rstrip().endswith("/>")
        if url or closed:
            inside = tuple(one for one in folders if one)[:DEEPEST]
            found.append(Outline(len(found) + 1, _named(inside, name or url), url))
        if not closed:
            folders.append("" if url else name)
    if not any(one.url for one in found):
        raise _unreadable(line)
    return found[: MOST_OUTLINES + 1]


def _attribute(tag: str, wanted: re.Pattern[str]) -> str:
    found = wanted.search(tag)
    return " ".join(html.unescape(found[1] or found[2] or "").split()) if found else ""


def _leaves(root: Any) -> Iterator[Outline]:
    number = 0
    body = next((child for child in root if _local(child) == "body"), None)
    waiting: list[tuple[Any, tuple[str, ...]]] = [] if body is None else [(body, ())]
    while waiting:
        element, folders = waiting.pop()
        children = [child for child in element if _local(child) == "outline"]
        given = {key.lower(): value.strip() for key, value in element.attrib.items()}
        name = " ".join((given.get("text") or given.get("title") or "").split())
        url = given.get("xmlurl", "")
        if _local(element) == "outline" and (url or not children):
            number += 1
            if number > MOST_OUTLINES + 1:
                return
            yield Outline(number, _named(folders, name or url), url)
        inner = (*folders, name) if name and len(folders) < DEEPEST else folders
        waiting += [(child, inner) for child in reversed(children)]


def _named(folders: tuple[str, ...], name: str) -> str:
    """ "Folder / Feed", cut in front where it is too long for a name."""
    whole = " / ".join((*folders, name))
    return whole if len(whole) <= _NAME else name[:_NAME]


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def write_opml(title: str, feeds: Iterable[tuple[str, str]]) -> str:
    """A list of feeds, each (name, address). The same feeds give the same text."""
    lines = [
        f'    <outline type="rss" text={_attr(name)} title={_attr(name)} xmlUrl={_attr(url)}/>'
        for name, url in feeds
    ]
    head = escape(_clean(title))
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            f"  <head><title>{head}</title></head>",
            "  <body>",
            *lines,
            "  </body>",
            "</opml>",
            "",
        )
    )


def _attr(text: str) -> str:
    return quoteattr(_clean(text), {'"': "&quot;"})


def _clean(text: str) -> str:
    """Without what XML cannot hold in any way."""
    return _NOT_XML.sub("\ufffd", text)
