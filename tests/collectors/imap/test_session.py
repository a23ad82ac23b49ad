"""What a server may answer, good and hostile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.api import Narrowing
from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient
from collectors.http import Http, Policy
from collectors.imap.collector import Imap, ImapConfig
from collectors.imap.protocol import (
    folder_from_wire,
    folder_to_wire,
    literal_after,
    quoted,
    status_of,
    values_of,
)
from collectors.replay_imap import ImapReplay, Mail, Mailbox


@asynccontextmanager
async def scripted(answers: Sequence[bytes]) -> AsyncIterator[int]:
    """A server that says one thing after the other, whatever it is told. %T: the tag."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for number, answer in enumerate(answers):
                tag = (await reader.readline()).partition(b" ")[0] if number else b""
                writer.write(answer.replace(b"%T", tag))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def _imap(port: int, **more: object) -> Imap:
    usual = {
        "host": "127.0.0.1", "port": port, "security": "none", "user": "u", "password": "p",
    }  # fmt: skip
    return Imap(ImapConfig.model_validate(usual | more))


async def _failure(answers: Sequence[bytes], **more: object) -> CollectorError:
    async with scripted(answers) as port, Http(Policy.parse("127.0.0.1/32")) as http:
        with pytest.raises(CollectorError) as caught:
            [page async for page in _imap(port, **more).poll(Narrowing(), {}, http)]
    return caught.value


HELLO = b"* OK hi\r\n"
ABLE = b"* CAPABILITY IMAP4rev1\r\n%T OK\r\n"
IN = b"%T OK\r\n"
HUGE = b"* 1 FETCH (UID 1 BODY[HEADER] {99999999}\r\n"
OPEN = b"* OK [UIDVALIDITY 5] x\r\n%T OK [READ-ONLY] x\r\n"


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([b"* BYE full\r\n"], Transient),
        ([b"* BYE [OVERQUOTA] Account exceeded command or bandwidth limits\r\n"], RateLimited),
        ([b"220 mail.example ESMTP\r\n"], BadPayload),
        ([b""], Transient),
        ([HELLO, b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n%T OK\r\n"], NeedsAttention),
        ([HELLO, ABLE, b"%T NO [ALERT] Application-specific password\r\n"], NeedsAttention),
        ([HELLO, ABLE, b"%T NO [UNAVAILABLE] later\r\n"], Transient),
        ([HELLO, ABLE, b"%T NO [CONTACTADMIN] call us\r\n"], NeedsAttention),
        ([HELLO, ABLE, b"%T NO [THROTTLED] slow\r\n"], RateLimited),
        ([HELLO, ABLE, IN, b"* BYE restart\r\n"], Transient),
        ([HELLO, ABLE, IN, OPEN, b"* SEARCH 1 ((((\r\n%T OK\r\n"], BadPayload),
        ([HELLO, ABLE, IN, OPEN, b"* SEARCH 1\r\n%T OK\r\n", HUGE], BadPayload),
        ([HELLO, ABLE, IN, OPEN, b"* SEARCH 1\r\n%T OK\r\n", b"other nonsense\r\n"], BadPayload),
        ([HELLO, ABLE, IN, OPEN, b"* SEARCH " + b"1 " * 600_000 + b"\r\n%T OK\r\n"], BadPayload),
    ],
)  # fmt: skip
async def test_every_way_to_refuse_has_its_consequence(
    answers: Sequence[bytes], error: type[CollectorError]
) -> None:
    found = await _failure(answers)
    assert type(found) is error or (error is Transient and isinstance(found, Transient))
    assert isinstance(found, error)


async def test_the_words_of_the_server_are_not_repeated() -> None:
    found = await _failure([HELLO, ABLE, b"%T NO your password p4ss is wrong\r\n"])
    assert "p4ss" not in str(found)


async def test_a_server_without_starttls_is_told_no_password() -> None:
    found = await _failure([HELLO, b"%T BAD what\r\n"], security="starttls")
    assert isinstance(found, NeedsAttention)
    assert "STARTTLS" in str(found)


async def test_a_password_is_not_sent_in_the_clear_to_the_internet() -> None:
    from collectors.http.wire import Wire

    class Outside(Wire):
        peer_is_public = True  # type: ignore[assignment]

    asked: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set_result(await reader.read())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    class Http_(Http):  # noqa: N801
        @asynccontextmanager
        async def connect(self, host, port, *, tls, opens=()):  # type: ignore[no-untyped-def, override]
            async with super().connect(host, port, tls=tls, opens=opens) as wire:
                wire.__class__ = Outside
                yield wire

    async with server, Http_(Policy.parse("127.0.0.1/32")) as http:
        with pytest.raises(NeedsAttention, match="unencrypted"):
            await _imap(port).check(http)
        assert await asked == b""


async def test_a_folder_that_was_numbered_anew_is_read_again_by_its_days() -> None:
    raw = b"From: a@b.example\r\nSubject: one\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n\r\nx"
    box = Mailbox(mails=[Mail(4, raw)], validity=9)
    now = 1_795_608_000.0  # 2026-11-25
    async with (
        ImapReplay(box) as server,
        Http(Policy.parse("127.0.0.1/32"), now=lambda: now) as http,
    ):
        imap = _imap(int(server.base.rpartition(":")[2]))
        for cursor in ({"validity": 8, "uid": 99}, {"validity": "x"}, {"uid": 1}, {}):
            pages = [page async for page in imap.poll(Narrowing(), cursor, http)]
            assert [item.title for page in pages for item in page.items] == ["one"]
            assert pages[-1].cursor == {"validity": 9, "uid": 4}
        assert [page async for page in imap.poll(Narrowing(), pages[-1].cursor, http)] == []


@pytest.mark.parametrize(
    "name", ["INBOX", "Veille", "Été", "Tom & Jerry", "日本語", "a/b", "&", "🍵"]
)
def test_names_of_folders_survive_imaps_own_letters(name: str) -> None:
    wire = folder_to_wire(name)
    assert wire.isascii()
    assert folder_from_wire(wire.encode()) == name


def test_a_folder_is_written_as_the_standard_shows_it() -> None:
    assert folder_to_wire("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-"


def test_a_line_end_cannot_be_smuggled_into_a_command() -> None:
    assert quoted('a"b\\c') == b'"a\\"b\\\\c"'
    for text in ("a\r\nv9 DELETE INBOX", "a\n", "a\0"):
        with pytest.raises(NeedsAttention):
            quoted(text)


def test_answers_are_taken_apart() -> None:
    parts = [b'1 FETCH (UID 5 FLAGS (\\Seen) X "a \\"b\\"" BODY[] {3}\r\n', b"(()", b")\r\n"]
    assert literal_after(parts[0]) == 3
    assert values_of(parts) == [
        b"1", b"FETCH", [b"UID", b"5", b"FLAGS", [b"\\Seen"], b"X", b'a "b"', b"BODY[]", b"(()"],
    ]  # fmt: skip
    found = status_of(b"NO [LIMIT 7] not now")
    assert found is not None
    assert (found.word, found.code, found.detail) == ("NO", "LIMIT", "7")


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5))
def test_no_answer_breaks_the_reading(parts: list[bytes]) -> None:
    status_of(parts[0])
    literal_after(parts[0])
    folder_from_wire(parts[0])
    with suppress(BadPayload):
        values_of(parts)
