"""Mails as they come: layouts, letters, tricks."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Item
from collectors.imap.alerts import target
from collectors.imap.mails import read_mail
from collectors.imap.markup import flowed, pieces_of


def _one(raw: bytes) -> Item:
    letter = read_mail(raw, "24-Nov-2026 10:00:00 +0100", "auto")
    assert len(letter.items) == 1, letter
    return letter.items[0]


def _html(markup: str, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = headers.pop("sender", "Lettre <l@tisane.example>")
    mail["Subject"] = headers.pop("subject", "Lettre")
    mail["Message-ID"] = "<1@tisane.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(markup, subtype="html")
    return mail.as_bytes()


def text_of(markup: str) -> str:
    return flowed(pieces_of(markup))


def test_hidden_lines_styles_comments_and_fillings_are_no_text() -> None:
    filling = "\u034f\u200c\xa0" * 3
    markup = (
        '<style>p{}</style><div style="DISPLAY : none">preview</div><p hidden>no</p>'
        '<span style="max-height:0px;overflow:hidden">no</span><!-- no -->'
        f'<![if !mso]>A<![endif]><div style="opacity:0.9;max-height:0.5em">B</div>C{filling}D'
    )
    assert text_of(markup) == "A\nB\nC D"


def test_tags_that_are_never_closed_swallow_nothing_visible() -> None:
    assert text_of("<div><b>a<div>b</span></td>c<p>d") == "a\nbc\n\nd"
    assert text_of("<a href='https://x.example/1'>" * 3_000 + "deep") == "deep"


def test_an_address_that_every_mail_shares_is_not_a_mails_own() -> None:
    shared = '<a href="https://tisane.example/newsletter?utm_source=nl2026">View in browser</a><p>x'
    own = '<a href="https://tisane.example/n/2026-11">View this email in your browser</a><p>x'
    assert _one(_html(shared)).url == ""
    assert _one(_html(own)).url == "https://tisane.example/n/2026-11"
    assert _one(_html(own)).text == "x"
    archived = _html("<p>x", Archived_At="<https://lists.example/a/1>")
    assert _one(archived).url == "https://lists.example/a/1"


def test_script_addresses_and_links_out_of_the_list_are_dropped() -> None:
    item = _one(
        _html(
            '<p>x <a href="javascript:alert(1)">a</a> <a href="https://ok.example/">b</a>'
            '<a href="https://t.example/c?9">Unsubscribe</a><a href="mailto:a@b.example">c</a>'
            '<a href="https://t.example/u/1">d</a>',
            List_Unsubscribe="<https://t.example/u/1>",
        )
    )
    assert item.links == ("https://ok.example/",)
    assert "Unsubscribe" not in item.text


def test_the_time_of_arrival_stands_in_for_an_unreadable_date() -> None:
    item = _one(b"Subject: x\nDate: soon\n\ntext")
    assert item.published_at is not None
    assert item.published_at.isoformat() == "2026-11-24T09:00:00+00:00"


@pytest.mark.parametrize(
    ("declared", "data"),
    [("utf-8", "café".encode()), ("iso-8859-1", b"caf\xe9"), ("utf-8", b"caf\xe9"),
     ("no-such", "café".encode()), ("", b"caf\xe9"), ("us-ascii", "café".encode())],
)  # fmt: skip
def test_letters_are_read_although_their_charset_lies(declared: str, data: bytes) -> None:
    kind = f"text/plain; charset={declared}" if declared else "text/plain"
    raw = b"Subject: x\nContent-Type: " + kind.encode() + b"\nContent-Transfer-Encoding: 8bit\n\n"
    assert _one(raw + data).text == "café"


def test_a_mail_in_a_mail_stands_for_it() -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "Real <r@news.example>", "The real one"
    inner["Message-ID"] = "<inner@news.example>"
    inner.set_content("inner text")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "me@home.example", "Fwd: look"
    outer.set_content("see below")
    outer.add_attachment(inner)
    item = _one(outer.as_bytes())
    assert (item.title, item.text, item.external_id) == (
        "The real one", "inner text", "inner@news.example",
    )  # fmt: skip


def test_an_alert_that_somebody_sent_on_is_still_one() -> None:
    link = "https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://n.example/a&amp;ct=ga"
    raw = _html(
        f'<p>FYI</p><a href="{link}"><b>Acme</b> wins</a><br>The Paper<br>A prize.<br>'
        f'<a href="https://www.google.com/alerts/edit?s=1">Edit this alert</a>'
        f'<a href="{link}">again</a>',
        sender="me@home.example",
    )
    item = _one(raw)
    assert (item.title, item.url, item.text) == ("Acme wins", "https://n.example/a", "A prize.")
    assert item.author is not None
    assert item.author.name == "The Paper"


def test_a_newsletter_that_links_once_by_way_of_google_is_no_alert() -> None:
    item = _one(_html('<p>Text <a href="https://www.google.com/url?q=https://a.example/1">b</a>'))
    assert item.title == "Lettre"


@pytest.mark.parametrize(
    ("href", "real"),
    [
        ("https://www.google.com/url?rct=j&sa=t&url=https://a.example/x%3Fy%3D1&ct=ga",
         "https://a.example/x?y=1"),
        ("https://www.google.fr/url?q=https://a.example/", "https://a.example/"),
        ("https://www.google.co.uk/url?q=https://a.example/", "https://a.example/"),
        ("https://google.com.evil.example/url?q=https://a.example/", ""),
        ("https://www.google.com/url?q=javascript:alert(1)", ""),
        ("https://www.google.com/alerts?q=https://a.example/", ""),
        ("https://www.google.com/url", ""),
        ("http://[::1", ""),
    ],
)  # fmt: skip
def test_only_googles_own_links_are_followed_to_their_target(href: str, real: str) -> None:
    assert target(href) == real


@settings(deadline=None)
@given(st.binary(max_size=2_000))
def test_no_mail_breaks_the_reading(raw: bytes) -> None:
    for body in (raw, b"Content-Type: text/html\n\n" + raw):
        for item in read_mail(body, "", "auto").items:
            assert item.external_id
            item.text.encode()
            item.title.encode()
