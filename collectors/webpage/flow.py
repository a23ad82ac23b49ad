"""An element of a page as lines of text: what is a line, and what marks it."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from collectors.text import scrub

LINE_LIMIT: Final = 8_000
_HEADINGS: Final = {f"h{n}": n for n in range(1, 7)}
_ITEMS: Final = frozenset({"li", "dt", "dd"})
_CELLS: Final = frozenset({"td", "th"})
_BLOCKS: Final = frozenset(
    {"p", "div", "section", "article", "main", "header", "figure", "figcaption", "blockquote"}
    | {"pre", "ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "caption"}
    | {"details", "summary", "address", "fieldset", "form", "legend", "hr", "body"}
)
_INVISIBLE: Final = dict.fromkeys((173, 8203, 8204, 8205, 8288, 65279))


def tidy(text: str) -> str:
    """One line: composed letters, plain blanks, nothing invisible."""
    return " ".join(unicodedata.normalize("NFC", scrub(text)).translate(_INVISIBLE).split())


class _Flow:
    """Collects text into lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.mark = ""
        self.solid = 0
        """Depth within a heading or a row, which are one line whatever they hold."""
        self.written = 0
        """Depth within <pre>, whose line breaks count."""
        self._pieces: list[str] = []

    def say(self, text: str | None) -> None:
        if not text:
            return
        lines = text.split("\n") if self.written and not self.solid else [text]
        for number, line in enumerate(lines):
            if number:
                self.end_line()
            self._pieces.append(line)

    def ends_in_digit(self) -> bool:
        return bool(self._pieces) and self._pieces[-1][-1:].isdigit()

    def end_line(self) -> None:
        if self.solid:
            self._pieces.append(" ")
            return
        text = tidy("".join(self._pieces))
        self._pieces.clear()
        if text.strip(" |"):
            self.lines.append(f"{self.mark}{text}"[:LINE_LIMIT])
            self.mark = ""


def lines_of(root: Any) -> list[str]:
    """The lines of an element, headings, items and rows with their marks."""
    from lxml import etree

    flow = _Flow()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag == "pre":
            flow.written += 1 if event == "start" else -1
        if event == "start":
            _open(flow, tag, element)
            flow.say(element.text)
        else:
            _close(flow, tag)
            if element is not root:
                flow.say(element.tail)
    flow.solid = 0
    flow.end_line()
    return flow.lines


def _open(flow: _Flow, tag: str, element: Any) -> None:
    level = _HEADINGS.get(tag, 0)
    if level or tag == "tr":
        flow.end_line()
        if not flow.solid:
            flow.mark = f"{'#' * level} " if level else "| "
        flow.solid += 1
    elif tag in _ITEMS:
        flow.end_line()
        if not flow.solid:
            flow.mark = "- "
    elif tag in _CELLS:
        if element.getprevious() is not None:
            flow.say(" | ")
    elif tag in _BLOCKS or tag == "br":
        flow.end_line()
    elif tag == "sup" and flow.ends_in_digit() and _is_cents(element.text):
        flow.say(",")


def _is_cents(text: str | None) -> bool:
    """29<sup>90</sup> € is 29,90 €, not 2 990 €."""
    return text is not None and len(text.strip()) == 2 and text.strip().isdigit()


def _close(flow: _Flow, tag: str) -> None:
    if tag in _HEADINGS or tag == "tr":
        flow.solid = max(flow.solid - 1, 0)
        flow.end_line()
        flow.mark = ""
    elif tag in _ITEMS or tag in _BLOCKS:
        flow.end_line()
        if tag in _ITEMS:
            flow.mark = ""
