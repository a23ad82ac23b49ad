"""A message as an e-mail: full plain text first, then HTML. Pure."""

from __future__ import annotations

import hashlib
import html
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from app.deliveries.message import MentionLine
from app.deliveries.text import cut, one_line, paragraph, safe_url
from app.deliveries.transports.base import Outgoing
from app.deliveries.words import word
from app.typography import known, moment

_SUBJECT = 200
_ALLOWED_HEADERS = frozenset({"list-id", "list-unsubscribe", "list-unsubscribe-post"})
_CELL = 'style="padding:14px 0;border-top:1px solid #d9dee5"'
_MUTED = 'style="color:#5a6675;font-size:14px"'


def compose(outgoing: Outgoing, *, sender: str, recipient: str) -> EmailMessage:
    """The mail for one recipient. Its Message-ID is the same at every try."""
    message = outgoing.message
    mail = EmailMessage()
    name, address = parseaddr(sender)
    mail["From"] = Address(one_line(name), addr_spec=address)
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = cut(one_line(message.title), _SUBJECT)
    mail["Date"] = format_datetime(outgoing.created_at)
    mail["Message-ID"] = message_id(outgoing.message_id, sender=address, recipient=recipient)
    mail["Content-Language"] = known(message.lang)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Mailer"] = "Vigie"  # by which the imap collector knows what it must not hear again
    for header, value in message.headers.items():
        if header.lower() in _ALLOWED_HEADERS:
            mail[header] = one_line(value)
    mail.set_content(message.text or plain_body(outgoing), cte="quoted-printable")
    mail.add_alternative(
        message.html or html_body(outgoing), subtype="html", cte="quoted-printable"
    )
    return mail


def message_id(stable: str, *, sender: str, recipient: str) -> str:
    """One id per message and recipient, derived, never drawn."""
    domain = sender.rpartition("@")[2] or "localhost"
    which = hashlib.sha256(recipient.lower().encode()).hexdigest()[:10]
    return f"<{stable}.{which}@{domain}>"


def plain_body(outgoing: Outgoing) -> str:
    """Everything there is to tell, as plain text."""
    message = outgoing.message
    parts = [one_line(message.title), *(one_line(line) for line in message.lines)]
    if message.facts:
        parts.append("\n".join(f"{one_line(f.name)} : {one_line(f.value)}" for f in message.facts))
    parts += [_plain_mention(line, outgoing) for line in message.mentions]
    parts += [
        f"{one_line(link.label)} : {safe_url(link.url)}"
        for link in message.links
        if safe_url(link.url)
    ]
    return "\n\n".join([*parts, _footer(outgoing)]) + "\n"


def html_body(outgoing: Outgoing) -> str:
    """The same as a small page: one table, styles in place, every foreign letter escaped."""
    message = outgoing.message
    rows = [f"<p>{html.escape(one_line(line))}</p>" for line in message.lines]
    if message.facts:
        facts = "".join(
            f'<tr><td style="padding:2px 18px 2px 0;color:#5a6675">{html.escape(one_line(f.name))}'
            f"</td><td><strong>{html.escape(one_line(f.value))}</strong></td></tr>"
            for f in message.facts
        )
        rows.append(f'<table role="presentation" cellspacing="0">{facts}</table>')
    rows += [_html_mention(line, outgoing) for line in message.mentions]
    links = [
        f'<a href="{html.escape(safe_url(link.url))}" style="color:#0b57b7">'
        f"{html.escape(one_line(link.label))}</a>"
        for link in message.links
        if safe_url(link.url)
    ]
    if links:
        rows.append(f"<p>{' · '.join(links)}</p>")
    return _page(outgoing, "\n".join(rows))


def _page(outgoing: Outgoing, content: str) -> str:
    message = outgoing.message
    title = html.escape(one_line(message.title))
    return (
        f'<!doctype html><html lang="{known(message.lang)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{title}</title></head>"
        '<body style="margin:0;padding:16px;font:16px/1.5 system-ui,Helvetica,Arial,sans-serif">'
        '<table role="presentation" width="100%" style="max-width:600px;margin:auto"><tr><td>'
        f'<h1 style="font-size:20px;margin:0 0 12px">{title}</h1>\n{content}\n'
        f"<p {_MUTED}>{html.escape(_footer(outgoing))}</p>"
        "</td></tr></table></body></html>"
    )


def _plain_mention(line: MentionLine, outgoing: Outgoing) -> str:
    quote = "\n".join(f"> {part}" for part in paragraph(line.text).split("\n"))
    url = safe_url(line.url)
    parts = (_who(line, outgoing), quote, _times(line, outgoing), url)
    return "\n".join(part for part in parts if part)


def _html_mention(line: MentionLine, outgoing: Outgoing) -> str:
    url = safe_url(line.url)
    label = html.escape(word("open_post", outgoing.message.lang))
    link = f' · <a href="{html.escape(url)}" style="color:#0b57b7">{label}</a>' if url else ""
    quote = html.escape(cut(paragraph(line.text), 1_000)).replace("\n", "<br>")
    return (
        f"<div {_CELL}><strong>{html.escape(_who(line, outgoing))}</strong><br>{quote}<br>"
        f"<span {_MUTED}>{html.escape(_times(line, outgoing))}{link}</span></div>"
    )


def _who(line: MentionLine, outgoing: Outgoing) -> str:
    lang = outgoing.message.lang
    author = one_line(line.author) or word("unnamed", lang)
    parts = (author, one_line(line.source), word(line.label, lang))
    return " · ".join(part for part in parts if part)


def _times(line: MentionLine, outgoing: Outgoing) -> str:
    zone, lang = outgoing.message.zone, outgoing.message.lang
    return (
        f"{word('posted', lang)} {moment(line.published_at, zone, lang)} · "
        f"{word('seen', lang)} {moment(line.first_seen_at, zone, lang)}"
    )


def _footer(outgoing: Outgoing) -> str:
    message = outgoing.message
    told = f"{word('told', message.lang)} {moment(outgoing.now, message.zone, message.lang)}"
    ref = f" · {word('ref', message.lang)} {message.ref}" if message.ref else ""
    return f"Vigie · {told}{ref}"
