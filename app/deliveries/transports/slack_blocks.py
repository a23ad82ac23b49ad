"""A message as Slack's Block Kit. Pure.

Foreign text stands only in `plain_text` objects and is escaped besides, so `<!channel>`, `*`,
backticks and `<url|text>` do nothing. Mrkdwn is used for our own words and links alone.
Limits (Slack's reference, tried in reference/real-things.md): 50 blocks, header 150, section
text 3,000, 10 fields of 2,000, 10 context elements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from app.deliveries.message import Fact, Link, MentionLine
from app.deliveries.text import cut, one_line, paragraph, safe_url
from app.deliveries.transports.base import Outgoing
from app.deliveries.words import word
from app.typography import moment

Block = dict[str, Any]

MOST_BLOCKS = 50
HEADER = 150
SECTION = 3_000
FIELD = 2_000
MOST_FIELDS = 10
MOST_MENTIONS = 10
_QUOTE = 600
_MARKS = {"critical": "🚨", "warning": "⚠️", "info": "🔔"}
_LABELS = {"positive": "🟢", "neutral": "⚪", "negative": "🔴", "none": "◌"}
_FORMATS = re.compile(r"[*_~`|]")


def render(outgoing: Outgoing) -> dict[str, Any]:
    """The whole message, within every limit."""
    message = outgoing.message
    mark = _MARKS.get(message.severity, "🔔")
    blocks: list[Block] = [_header(f"{mark} {message.title}")]
    if message.lines:
        blocks.append(_words("\n".join(message.lines)))
    if message.facts:
        blocks.append(_fields(message.facts))
    for line in message.mentions[:MOST_MENTIONS]:
        blocks += _mention(line, zone=message.zone, lang=message.lang)
    left = len(message.mentions) - MOST_MENTIONS
    if left > 0:
        blocks.append(_context(_plain(word("more", message.lang, n=left), SECTION)))
    footer = _context(_plain(_told(outgoing), SECTION))
    links = _links(message.links)
    tail = [*([links] if links else []), footer]
    return {
        "text": _escaped(f"{mark} {one_line(message.title)}", SECTION),
        "blocks": blocks[: MOST_BLOCKS - len(tail)] + tail,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def plain(outgoing: Outgoing) -> dict[str, Any]:
    """The least that Slack takes, for when it refused the blocks."""
    message = outgoing.message
    lines = [
        one_line(message.title),
        *(one_line(line) for line in message.lines),
        *(f"{one_line(fact.name)} : {one_line(fact.value)}" for fact in message.facts),
        *(safe_url(link.url) for link in message.links),
        _told(outgoing),
    ]
    return {
        "text": _escaped("\n".join(line for line in lines if line), SECTION),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(one_line(text), HEADER, emoji=True)}


def _words(text: str) -> Block:
    return {"type": "section", "text": _plain(paragraph(text), SECTION)}


def _fields(facts: Sequence[Fact]) -> Block:
    return {"type": "section", "fields": [_field(fact) for fact in facts[:MOST_FIELDS]]}


def _field(fact: Fact) -> Block:
    name, value = one_line(fact.name), one_line(fact.value) or "–"
    if _FORMATS.search(name + value):
        # No bold name is worth changing what somebody wrote.
        return _plain(f"{name}\n{value}", FIELD)
    name = _escaped(name, 200)
    shown = _escaped(value, FIELD - len(name) - 3)
    return {"type": "mrkdwn", "text": f"*{name}*\n{shown}", "verbatim": True}


def _mention(line: MentionLine, *, zone: str, lang: str) -> list[Block]:
    who = one_line(line.author) or word("unnamed", lang)
    where = one_line(line.source)
    head = f"{_LABELS.get(line.label, '◌')} {who}" + (f" · {where}" if where else "")
    quote = cut(paragraph(line.text), _QUOTE) or "–"
    times = (
        f"{word('posted', lang)} {moment(line.published_at, zone, lang)} · "
        f"{word('seen', lang)} {moment(line.first_seen_at, zone, lang)}"
    )
    elements = [_plain(times, SECTION)]
    url = safe_url(line.url)
    if url:
        elements.insert(0, _link(word("open_post", lang), url))
    return [
        {"type": "divider"},
        _words(f"{cut(head, 200)}\n{quote}"),
        _context(*elements),
    ]


def _links(links: Sequence[Link]) -> Block | None:
    shown = [
        _link(link.label, safe_url(link.url))["text"] for link in links[:5] if safe_url(link.url)
    ]
    if not shown:
        return None
    text = {"type": "mrkdwn", "text": " · ".join(shown), "verbatim": True}
    return {"type": "section", "text": text}


def _link(label: str, url: str) -> Block:
    # safe_url lets through no character that ends a link; & must be escaped all the same.
    words = _escaped(_FORMATS.sub(" ", one_line(label)), 200)
    target = url.replace("&", "&amp;")
    if len(target) > 2_500:
        return {"type": "mrkdwn", "text": words, "verbatim": True}
    return {"type": "mrkdwn", "text": f"<{target}|{words}>", "verbatim": True}


def _context(*elements: Block) -> Block:
    return {"type": "context", "elements": list(elements)}


def _told(outgoing: Outgoing) -> str:
    message = outgoing.message
    told = f"{word('told', message.lang)} {moment(outgoing.now, message.zone, message.lang)}"
    ref = f"{word('ref', message.lang)} {message.ref}" if message.ref else ""
    return " · ".join(part for part in ("Vigie", told, ref) if part)


def _plain(text: str, limit: int, *, emoji: bool = False) -> Block:
    return {"type": "plain_text", "text": _escaped(text, limit) or "–", "emoji": emoji}


def _escaped(text: str, limit: int) -> str:
    """Slack's three entities; the limit holds for what is sent, so it is met after escaping."""
    room = limit
    while len(shown := _entities(cut(text, room))) > limit:
        room -= max(len(shown) - limit, 1)
    return shown


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
