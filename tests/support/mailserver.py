"""A scripted SMTP server on loopback: aiosmtpd that keeps what it takes and refuses on demand.

    async with MailServer() as mail:
        mail.refuse["bad@example.com"] = "550 no such user"
        ... send to mail.host, mail.port ...
        assert mail.mails[0].message["Subject"] == ...

`python -m tests.support.mailserver --port 11025 --folder DIR` runs one by itself: each mail becomes
a file, for `make e2e`.
"""

from __future__ import annotations

import argparse
import asyncio
import email
import email.policy
import sys
import warnings
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True, slots=True)
class Mail:
    """One accepted mail."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, kind: str) -> str:
        """The text of the part "plain" or "html"."""
        body = self.message.get_body((kind,))
        assert body is not None
        content = body.get_content()
        assert isinstance(content, str)
        return content


@dataclass
class MailServer:
    """An `async with` block; listens on 127.0.0.1 and answers as scripted."""

    refuse: dict[str, str] = field(default_factory=dict)
    """Recipient → answer to RCPT ("550 …", "451 …")."""
    refuse_sender: str = ""
    data: list[str] = field(default_factory=list)
    """Answers to the next DATA; "" accepts, "silent" says nothing for ever, "hang up" closes
    the connection after the mail has been taken."""
    login: tuple[str, str] | None = None
    folder: Path | None = None
    mails: list[Mail] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0
    _open: set[Any] = field(default_factory=set)

    async def __aenter__(self) -> MailServer:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for smtp in self._open:
            if smtp.transport is not None:
                smtp.transport.abort()
            if smtp._handler_coroutine is not None:
                smtp._handler_coroutine.cancel()
        await asyncio.sleep(0)
        await self._server.wait_closed()

    def _protocol(self) -> SMTP:
        with warnings.catch_warnings():
            # aiosmtpd warns that logins go unprotected: on loopback, on purpose.
            warnings.simplefilter("ignore")
            smtp = SMTP(
                self, hostname="mail.test", enable_SMTPUTF8=True,
                authenticator=self._authenticate if self.login else None,
                auth_required=self.login is not None, auth_require_tls=False,
            )  # fmt: skip
        self._open.add(smtp)
        return smtp

    def _authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        assert self.login is not None
        right = (data.login.decode(), data.password.decode()) == self.login
        return AuthResult(success=right, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self.data.pop(0) if self.data else ""
        if answer == "silent":
            await asyncio.Event().wait()
        if answer and answer != "hang up":
            return answer
        assert isinstance(envelope.content, bytes)
        self._keep(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content))
        if answer == "hang up" and server.transport is not None:
            server.transport.abort()
        return "250 2.0.0 queued"

    def _keep(self, mail: Mail) -> None:
        self.mails.append(mail)
        if self.folder is not None:
            (self.folder / f"{len(self.mails):05}.eml").write_bytes(mail.raw)


async def _serve(port: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    async with MailServer(port=port, folder=folder) as mail:
        sys.stdout.write(f"smtp 127.0.0.1:{mail.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(_serve(given.port, given.folder))
