"""Against Debian's dovecot, a real mail server, as a process of ours."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from collectors.api import Cursor, Narrowing, Page
from collectors.errors import NeedsAttention
from collectors.http import Http, NotSent, Policy
from collectors.imap.collector import Imap, ImapConfig
from tests.support import dovecot
from tests.support.dovecot import PASSWORD, USER, Dovecot
from tests.support.faultserver import tls_pem

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(dovecot.missing()), reason=dovecot.missing() or "-"),
]


@pytest.fixture(scope="module")
def pem() -> tuple[bytes, bytes]:
    return tls_pem(["localhost", "127.0.0.1"])


@pytest.fixture
def server(pem: tuple[bytes, bytes]) -> Iterator[Dovecot]:
    # Not pytest's own folder: that one is closed to the user whom the mails belong to.
    with tempfile.TemporaryDirectory(prefix="vigie-dovecot-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        key, certificate = folder / "key.pem", folder / "cert.pem"
        key.write_bytes(pem[0])
        certificate.write_bytes(pem[1])
        running = dovecot.start(folder, certificate=certificate, key=key)
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture
async def http(pem: tuple[bytes, bytes]) -> AsyncIterator[Http]:
    now = datetime.now(UTC)  # the server dates arrivals by its own clock
    trusted = ssl.create_default_context(cadata=pem[1].decode())
    async with Http(
        Policy.parse("127.0.0.1/32"), ssl_context=trusted, now=now.timestamp
    ) as running:
        yield running


def _imap(server: Dovecot, **given: Any) -> Imap:
    usual = {"host": "127.0.0.1", "port": server.tls_port, "user": USER, "password": PASSWORD}
    return Imap(ImapConfig.model_validate(usual | given))


def _mail(number: int, text: str = "Lavande & Cie") -> bytes:
    mail = EmailMessage()
    mail["From"] = "Lettre <lettre@tisane.example>"
    mail["Subject"] = f"Numéro {number}"
    mail["Date"] = datetime.now(UTC)
    mail["Message-ID"] = f"<{number}@tisane.example>"
    mail.set_content(text)
    return mail.as_bytes()


async def _polled(imap: Imap, cursor: Cursor, http: Http) -> list[Page]:
    return [page async for page in imap.poll(Narrowing(), cursor, http)]


def _titles(pages: list[Page]) -> list[str]:
    return [item.title for page in pages for item in page.items]


async def test_new_mails_come_once_and_nothing_is_marked_as_read(
    server: Dovecot, http: Http
) -> None:
    for number in range(1, 6):
        server.deliver(_mail(number))
    imap = _imap(server, per_page=2)
    first = await _polled(imap, {}, http)
    assert _titles(first) == [f"Numéro {n}" for n in range(1, 6)]
    assert [len(page.items) for page in first] == [2, 2, 1]

    assert await _polled(imap, first[-1].cursor, http) == []
    server.deliver(_mail(6))
    assert _titles(await _polled(imap, first[-1].cursor, http)) == ["Numéro 6"]
    assert _titles(await _polled(imap, first[0].cursor, http)) == [
        "Numéro 3", "Numéro 4", "Numéro 5", "Numéro 6",
    ]  # fmt: skip
    assert server.is_unread()


async def test_starttls_reads_the_same(server: Dovecot, http: Http) -> None:
    server.deliver(_mail(1))
    imap = _imap(server, port=server.port, security="starttls")
    await imap.check(http)
    assert _titles(await _polled(imap, {}, http)) == ["Numéro 1"]


async def test_a_folder_with_an_accent_is_opened_and_a_missing_one_names_those_there(
    server: Dovecot, http: Http
) -> None:
    server.deliver(_mail(1), folder="Veille &AOk-t&AOk-")
    imap = _imap(server, folder="Veille été")
    assert _titles(await _polled(imap, {}, http)) == ["Numéro 1"]
    with pytest.raises(NeedsAttention, match=r"no folder 'Nulle part'; there are: .*Veille été"):
        await _imap(server, folder="Nulle part").check(http)


async def test_a_wrong_password_says_what_to_do_and_shows_nothing(
    server: Dovecot, http: Http
) -> None:
    with pytest.raises(NeedsAttention, match="app password") as caught:
        await _imap(server, password="n0t-that-one").check(http)
    assert "n0t-that-one" not in str(caught.value)


async def test_a_big_mail_is_read_at_its_beginning(server: Dovecot, http: Http) -> None:
    server.deliver(_mail(1, "Lavande & Cie en tête.\n" + "x" * 70 + "\n" + "y" * 200_000))
    [page] = await _polled(_imap(server, max_bytes=10_000), {}, http)
    assert page.items[0].text.startswith("Lavande & Cie en tête.")
    assert len(page.items[0].text) < 10_000


async def test_a_certificate_that_nobody_knows_is_refused(server: Dovecot) -> None:
    async with Http(Policy.parse("127.0.0.1/32")) as stranger:
        for given in ({}, {"port": server.port, "security": "starttls"}):
            with pytest.raises(NotSent, match="certificate"):
                await _imap(server, **given).check(stranger)
