"""Foreign text made plain: markup out, links checked, oddities that stores refuse replaced.

Everything here is pure. Costs are bounded by cutting a field to `FIELD_LIMIT` characters *before*
it is cleaned: nh3 (html5ever) is quadratic on nesting (256 kB of `<div>` took 4 s when measured),
and a cut at 64 kB keeps the worst case near a quarter of a second.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote, urljoin, urlsplit

import nh3

FIELD_LIMIT = 65_536
"""Characters of one field that are cleaned; the rest is dropped."""
URL_LIMIT = 4_000
LINKS_LIMIT = 50

_BREAKS = frozenset({"br", "div", "li", "tr", "dt", "dd", "hr", "section", "article", "figure"})
_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "table", "dl"}
)
_KEPT = set(_BREAKS | _PARAGRAPHS | {"a"})
# nh3 writes each tag it keeps in exactly this form, as we let it keep no attribute but href.
_TAG = re.compile(r'<(/?)([a-z0-9]+)(?: href="([^"]*)")?>')
_BLANKS = re.compile(r"\s+")
_SPACES_AROUND_BREAK = re.compile(r" *\n *")
_MANY_BREAKS = re.compile(r"\n{3,}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NOT_IN_URL = re.compile(r"[\s\"<>\\^`{|}]")
# A tag of HTML's everyday set: what a feed means as markup although it declares plain text.
_EVERYDAY_TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|center|cite|code|del|div|em|figure|font|h[1-6]|hr|i|img"
    r"|ins|li|ol|p|pre|q|s|script|small|span|strike|strong|style|sub|sup|table|td|tr|tt|u|ul|var"
    r"|video)(?:\s[^<>]*|/)?>",
    re.IGNORECASE,
)


def scrub(text: str) -> str:
    """Replace what no store takes (NUL, lone surrogates) by U+FFFD; join surrogate pairs."""
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    if _SURROGATES.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\x00", "\ufffd")


def one_line(text: str) -> str:
    """Collapse every run of white space to one blank."""
    return _BLANKS.sub(" ", scrub(text)).strip() if text else ""


def looks_like_markup(text: str) -> bool:
    """Whether text holds a tag of everyday HTML."""
    return _EVERYDAY_TAG.search(text) is not None


def markup_line(markup: str) -> str:
    """HTML as one line of plain text: tags out, entities decoded once, white space collapsed."""
    kept = nh3.clean(_cut(markup), tags=set())
    return one_line(html.unescape(kept))


def plain_text(text: str) -> str:
    """Plain text with its line breaks, cut to the field limit."""
    kept = scrub(text[:FIELD_LIMIT])
    if "\r" in kept:
        kept = kept.replace("\r\n", "\n").replace("\r", "\n")
    return (_MANY_BREAKS.sub("\n\n", kept) if "\n\n\n" in kept else kept).strip()


def markup_text(markup: str, *, base: str = "") -> tuple[str, tuple[str, ...]]:
    """HTML as plain text that keeps paragraphs, and the web links in it.

    base: address that relative links are resolved against.
    """
    kept = nh3.clean(_cut(markup), tags=_KEPT, attributes={"a": {"href"}}, link_rel=None)
    pieces: list[str] = []
    links: dict[str, None] = {}
    end = 0
    for tag in _TAG.finditer(kept):
        pieces.extend((_flow(kept[end : tag.start()]), _break(tag[2])))
        end = tag.end()
        link = web_url(html.unescape(tag[3]), base=base) if tag[3] else ""
        if link and len(links) < LINKS_LIMIT:
            links[link] = None
    pieces.append(_flow(kept[end:]))
    return _tidy("".join(pieces)), tuple(links)


def _cut(markup: str) -> str:
    """At most FIELD_LIMIT characters, not ending in the middle of a tag."""
    kept = scrub(markup[:FIELD_LIMIT])
    last = kept.rfind("<")
    return kept[:last] if len(markup) > FIELD_LIMIT and last > kept.rfind(">") else kept


def _flow(escaped: str) -> str:
    return _BLANKS.sub(" ", html.unescape(escaped))


def _break(tag: str) -> str:
    if tag in _PARAGRAPHS:
        return "\n\n"
    return "\n" if tag in _BREAKS else ""


def _tidy(text: str) -> str:
    text = _SPACES_AROUND_BREAK.sub("\n", re.sub(r" {2,}", " ", text))
    return _MANY_BREAKS.sub("\n\n", text).strip()


def web_url(value: str, *, base: str = "") -> str:
    """The http(s) address that value names, or "" where it names none.

    Relative references are resolved against base; without a base they stay as they are, since
    there is nothing to make them absolute with. Control characters are dropped first, because
    browsers do so too: `java\\nscript:` is a scheme to them.
    """
    value = _CONTROLS.sub("", scrub(value)).strip() if value else ""
    if not value:
        return ""
    try:
        joined = urljoin(base, value) if base else value
        parts = urlsplit(joined)
    except ValueError:  # "http://[::1" and the like
        return ""
    if len(joined) > URL_LIMIT:
        return ""
    if parts.scheme in ("http", "https"):
        return _escaped(joined) if parts.hostname else ""
    relative = not base and not parts.scheme and ":" not in parts.path.split("/", 1)[0]
    return _escaped(joined) if relative else ""


def _escaped(url: str) -> str:
    return _NOT_IN_URL.sub(lambda found: quote(found[0], safe=""), url)
