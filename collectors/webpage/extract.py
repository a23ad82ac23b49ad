"""A web page as lines of plain text that keep its structure. Runs in a child process.

A line is a heading ("## Tarifs"), a list item ("- Support"), a table row ("| Pro | 29 €") or a
paragraph. Prices and jobs stand in cards that extractors of articles throw away, so those pages
are read whole, less their boilerplate. Of articles (terms, changelogs, products) trafilatura tells,
once, which element holds the main text; that element is then read at each poll. Its text itself is
not taken, since it leaves out other lines from one version of a page to the next.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Any, Final

from collectors.errors import NeedsAttention
from collectors.text import scrub
from collectors.webpage.flow import LINE_LIMIT, lines_of, tidy

WHOLE: Final = "/html/body"
"""The part of a page that is read where no better one is known."""
LINES_LIMIT: Final = 3_000
_TEXT_LIMIT: Final = 300_000
"""Characters of one page that are kept: a price list has 5,000, long terms 100,000."""
_MAIN_SHARE: Final = 0.25
"""What trafilatura has to find of a page's text to be believed."""
_ELEMENTS: Final = 10_000
"""Elements of a page up to which trafilatura is asked: it took 6 s for 20,000, when measured."""
_ALIKE: Final = 50
"""Elements of one name of which the longest is looked for."""

_DROPPED: Final = """
    script style noscript template svg math canvas iframe object embed video audio map nav footer
    aside dialog select option button input textarea datalist del s strike head
"""
_LANDMARKS: Final = """
    navigation banner contentinfo dialog alertdialog search complementary menu menubar
"""
_BOILERPLATE: Final = """
    cookie cookies cookiebar cookiebanner cookieconsent consent gdpr rgpd tarteaucitron didomi
    onetrust axeptio cookiebot breadcrumb breadcrumbs ariane navbar megamenu offcanvas newsletter
    popup popin testimonial testimonials temoignage temoignages skiplink
"""
_WORD: Final = re.compile(r"[^\W_]+")
_META_CHARSET: Final = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_HEADER_CHARSET: Final = re.compile(r"charset\s{0,5}=\s{0,5}\"?([\w.:-]{1,40})", re.IGNORECASE)
_NOT_FOR_TEXT: Final = frozenset(
    {"idna", "punycode", "utf-7", "utf_7", "unicode-escape", "unicode_escape"}
    | {"raw-unicode-escape", "raw_unicode_escape", "mbcs", "oem"}
)
_CONTROLS: Final = {c: " " for c in range(32) if c not in (9, 10, 13)} | {127: " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What of a page is wanted. part: XPath of what was read before, "" at the first reading."""

    selector: str = ""
    ignore: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    article: bool = False
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was found. part: XPath of the element that was read, "" where a selector chose."""

    title: str
    lines: tuple[str, ...]
    part: str
    cut: bool = False
    found: bool = True
    """False: the selector matches nothing on the page."""


def read_page(body: bytes, content_type: str, looking: Looking) -> Reading:
    """Read one page. Never fails on what a page holds, only on a wrong selector."""
    text = _decoded(body, content_type)
    if content_type.startswith("text/plain"):
        lines = [plain[:LINE_LIMIT] for line in text.splitlines() if (plain := tidy(line))]
        return _reading("", lines, WHOLE, looking, found=not looking.selector)
    root = _tree(text)
    if root is None:
        return Reading(title="", lines=(), part=looking.part, found=not looking.selector)
    title = tidy(" ".join(root.xpath("//title//text()")[:5]))[:300]
    parts, part = _chosen(root, looking)
    lines = [line for one in parts for line in lines_of(one)]
    return _reading(title, lines, part, looking, found=bool(parts))


def _reading(
    title: str, lines: Sequence[str], part: str, looking: Looking, *, found: bool
) -> Reading:
    """What is kept of the lines: without those to be ignored, and not without end."""
    kept = tuple(_without(lines, looking.words))
    sizes = accumulate(len(line) for line in kept[:LINES_LIMIT])
    most = sum(1 for size in sizes if size <= _TEXT_LIMIT)
    return Reading(title=title, lines=kept[:most], part=part, cut=most < len(kept), found=found)


def _decoded(body: bytes, content_type: str) -> str:
    stated = _HEADER_CHARSET.search(content_type)
    meta = _META_CHARSET.search(body[:2_048])
    names = [stated[1]] if stated else []
    names += [meta[1].decode("ascii", "replace")] if meta else []
    for name in names:
        if name.lower() not in _NOT_FOR_TEXT:
            try:
                return body.decode(name, "replace")
            except (LookupError, ValueError):
                continue
    return body.decode("utf-8-sig", "replace")


def _tree(text: str) -> Any:
    """The parsed page, or None where there is nothing in it."""
    from lxml import etree, html

    # No text from outside chooses the encoding again: it is UTF-8 from here on.
    data = scrub(text).translate(_CONTROLS).encode("utf-8", "replace")
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        return html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        return None


def _chosen(root: Any, looking: Looking) -> tuple[Sequence[Any], str]:
    """The elements to read, and the path by which the next reading finds them."""
    for selector in looking.ignore:
        _drop_all(_selected(root, selector))
    if looking.selector:
        parts = _outermost(_selected(root, looking.selector))
        for part in parts:
            _clean(part)
        return parts, ""
    _clean(root)
    known = _at(root, looking.part)
    if known is not None:
        return [known], looking.part
    body = root.find("body")
    whole = body if body is not None else root
    main = _main_part(root, whole) if looking.article else None
    return ([whole], WHOLE) if main is None else ([main], _path(root, main))


def _at(root: Any, path: str) -> Any:
    """The element at a path that an earlier reading gave, the longest of several; else None."""
    from lxml import etree

    try:
        found = root.xpath(path) if path else []
    except etree.XPathError:
        return None
    if not isinstance(found, list) or not found:
        return None
    return found[0] if len(found) == 1 else max(found[:_ALIKE], key=_length)


def _selected(root: Any, selector: str) -> list[Any]:
    from cssselect import HTMLTranslator, SelectorError
    from lxml import etree

    try:
        path = HTMLTranslator().css_to_xpath(selector)
        return [one for one in root.xpath(path) if isinstance(one.tag, str)]
    except (SelectorError, etree.XPathError) as error:
        raise NeedsAttention(f"the CSS selector {selector[:80]!r} cannot be used") from error


def _outermost(found: Sequence[Any]) -> list[Any]:
    chosen = set(found)
    return [one for one in found if not any(above in chosen for above in one.iterancestors())]


def _main_part(root: Any, body: Any) -> Any:
    """The smallest element that holds what trafilatura calls the main text, or None.

    None also where that is a small part of the page: then it is no article.
    """
    if sum(1 for _ in islice(body.iter(), _ELEMENTS + 1)) > _ELEMENTS:
        return None
    texts = _main_texts(root)
    weights: dict[Any, int] = {}
    for element in body.iter():
        for text, owner in ((element.text, element), (element.tail, element.getparent())):
            plain = tidy(text) if text and owner is not None else ""
            if plain in texts:
                _weigh(weights, owner, len(plain))
    total = weights.get(body, 0)
    if total < _MAIN_SHARE * _length(body):
        return None
    part = body
    while (inner := _heaviest(part, weights)) is not None and weights[inner] >= 0.9 * total:
        part = inner
    above = part.getparent()
    if above is not None and above.tag in ("article", "main"):  # its heading stands beside it
        part = above
    return None if part is body else part


def _weigh(weights: dict[Any, int], owner: Any, weight: int) -> None:
    weights[owner] = weights.get(owner, 0) + weight
    for above in owner.iterancestors():
        weights[above] = weights.get(above, 0) + weight


def _heaviest(part: Any, weights: dict[Any, int]) -> Any:
    return max((one for one in part if one in weights), key=lambda one: weights[one], default=None)


def _main_texts(root: Any) -> frozenset[str]:
    """The pieces of text that trafilatura takes for the main ones."""
    import trafilatura

    # It reports pages that it cannot read as errors of the program.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        document = trafilatura.bare_extraction(
            deepcopy(root), fast=True, favor_recall=True, include_comments=False
        )
    except Exception:  # hostile pages reach every corner of a foreign parser; the body serves then
        return frozenset()
    body = getattr(document, "body", None)
    pieces = body.itertext() if body is not None else ()
    return frozenset(plain for piece in pieces if len(plain := tidy(piece)) > 2)


def _path(root: Any, element: Any) -> str:
    """An XPath that finds the element again, by a name of its own rather than by its place."""
    tag = element.tag
    names = [f"//{tag}"] if tag in ("main", "article") else []
    for attribute in ("id", "class"):
        value = element.get(attribute) or ""
        if value and len(value) <= 200 and '"' not in value:
            names.append(f'//{tag}[@{attribute}="{value}"]')
    for path in names:
        if _at(root, path) is element:
            return path
    return str(root.getroottree().getpath(element))


def _length(part: Any) -> int:
    return sum(len(tidy(piece)) for piece in part.itertext())


def _clean(root: Any) -> None:
    """Take navigation, banners, hidden parts and controls out of the tree."""
    _drop_all([one for one in root.iter(*_DROPPED.split()) if one is not root])
    banners, landmarks = frozenset(_BOILERPLATE.split()), frozenset(_LANDMARKS.split())
    doomed = [
        one
        for one in root.iter()
        if one is not root
        and isinstance(one.tag, str)
        and one.tag not in ("html", "body", "main")
        and (_is_hidden(one) or (_is_frame(one, banners, landmarks) and not _holds_content(one)))
    ]
    _drop_all(doomed)


def _is_hidden(element: Any) -> bool:
    style = "".join((element.get("style") or "")[:500].lower().split())
    unseen = "display:none" in style or "visibility:hidden" in style
    return unseen or element.get("hidden") is not None


def _is_frame(element: Any, banners: frozenset[str], landmarks: frozenset[str]) -> bool:
    """Whether it belongs to what frames the content: its head, menus, banners."""
    if element.tag == "header":
        within = {above.tag for above in element.iterancestors()}
        return within.isdisjoint({"main", "article", "section"})
    if (element.get("role") or "").lower() in landmarks or element.get("aria-hidden") == "true":
        return True
    names = f"{element.get('id') or ''} {element.get('class') or ''}"[:500].lower()
    return not banners.isdisjoint(_WORD.findall(names))


def _holds_content(element: Any) -> bool:
    """Whether it holds the page's own heading: a policy on cookies is no cookie banner."""
    return next(element.iter("h1", "main"), None) is not None


def _drop_all(elements: Iterable[Any]) -> None:
    for element in elements:
        parent = element.getparent()
        if parent is None:
            continue
        tail, before = element.tail, element.getprevious()
        if tail:  # the text behind an element is the page's, not the element's
            if before is not None:
                before.tail = (before.tail or "") + " " + tail
            else:
                parent.text = (parent.text or "") + " " + tail
        parent.remove(element)


def _without(lines: Iterable[str], patterns: Sequence[str]) -> Iterator[str]:
    wanted = [[piece for piece in one.casefold().split("*") if piece] for one in patterns]
    for line in lines:
        folded = line.casefold()
        if not any(pieces and _holds(folded, pieces) for pieces in wanted):
            yield line


def _holds(text: str, pieces: Sequence[str]) -> bool:
    """Whether the pieces stand in text one after the other: what `*` between them means."""
    at = 0
    for piece in pieces:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True
