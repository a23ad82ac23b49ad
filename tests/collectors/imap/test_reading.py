"""What is fetched of a folder, and what one bad mail may cost."""

from __future__ import annotations

import pytest

from collectors.api import Narrowing, Page
from collectors.http import Http, Policy
from collectors.imap import collector
from collectors.imap.collector import Imap, ImapConfig
from collectors.replay_imap import ImapReplay, Mail, Mailbox


def _mail(uid: int, sender: str, body: bytes = b"x", kind: str = "text/plain") -> Mail:
    head = (
        f"From: {sender}\r\nSubject: {uid}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
        f"Message-ID: <{uid}@b.example>\r\nContent-Type: {kind}\r\n\r\n"
    )
    return Mail(uid, head.encode() + body)


async def _polled(server: ImapReplay, **more: object) -> list[Page]:
    given = {"host": "127.0.0.1", "port": server.base.rpartition(":")[2], "security": "none"}
    config = ImapConfig.model_validate({**given, "user": "u", "password": "p", **more})
    now = 1_795_608_000.0  # 2026-11-25
    async with Http(Policy.parse("127.0.0.1/32"), now=lambda: now) as http:
        return [page async for page in Imap(config).poll(Narrowing(), {}, http)]


async def test_the_text_of_other_peoples_mails_is_not_fetched() -> None:
    mails = [
        _mail(1, "Ana <ana@private.example>"), _mail(2, "L <l@news.tisane.example>"),
        _mail(3, "x@nottisane.example"), _mail(4, "Exact <one@list.example>"),
        _mail(5, '"l@tisane.example" <spoof@evil.example>'),
    ]  # fmt: skip
    async with ImapReplay(Mailbox(mails=mails)) as server:
        [page] = await _polled(server, only_from=["@tisane.example", "ONE@list.example"])
    assert [item.title for item in page.items] == ["2", "4"]
    assert page.listening.note == "passed over: 3 from others"
    whole = [command for command in server.asked if "BODY.PEEK[]" in command]
    assert [command.split()[2] for command in whole] == ["2", "4"]


async def test_nothing_that_is_sent_can_change_the_mailbox() -> None:
    async with ImapReplay(Mailbox(mails=[_mail(1, "a@b.example")])) as server:
        await _polled(server)
    for command in server.asked:
        assert command.split()[0] in ("CAPABILITY", "AUTHENTICATE", "EXAMINE", "UID", "LOGOUT")
        assert "BODY[" not in command


async def test_a_mail_that_chokes_the_parser_is_skipped_and_the_rest_survives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collector, "PARSE_SECONDS", 1.0)
    bomb = _mail(1, "a@b.example", b"<!--" * 400_000, "text/html")
    async with ImapReplay(Mailbox(mails=[bomb, _mail(2, "a@b.example")])) as server:
        [page] = await _polled(server)
    assert [item.title for item in page.items] == ["2"]
    assert [one.external_id for one in page.skipped] == ["uid 1"]
    assert len(page.skipped[0].raw) <= 2_000


async def test_slow_mails_end_a_page_early_and_none_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collector, "PAGE_SECONDS", 0.0)
    mails = [_mail(uid, "a@b.example") for uid in range(1, 4)]
    async with ImapReplay(Mailbox(mails=mails)) as server:
        pages = await _polled(server)
    assert [[item.title for item in page.items] for page in pages] == [["1"], ["2"], ["3"]]
