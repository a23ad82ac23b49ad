"""A mail folder over IMAP: newsletters, and Google Alerts entry by entry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import Field, SecretStr

from collectors.api import (
    Capabilities,
    CollectorConfig,
    Cursor,
    Item,
    Listening,
    Narrowing,
    Page,
    Skipped,
)
from collectors.bounded import bounded
from collectors.errors import BadPayload
from collectors.imap.mails import Kind, Letter, read_mail
from collectors.imap.session import Account, Envelope, Security, Session, signed_in

if TYPE_CHECKING:
    from collectors.http import Http

PAGES: Final = 20
"""Pages of one poll at most; the rest waits for the next."""
PAGE_SECONDS: Final = 60.0
"""After that a page ends where it is: its mails are slow to read, and the service waits."""
PARSE_SECONDS: Final = 5.0
_HEADER_LIMIT: Final = 2_000


class ImapConfig(CollectorConfig):
    """One folder of one mailbox."""

    host: str = Field(
        description="Mail server.",
        pattern=r"^[A-Za-z0-9.:_\-]{1,253}$",
        examples=["imap.example.org"],
    )
    user: str = Field(
        description="User name, often the whole mail address.", min_length=1, max_length=320
    )
    password: SecretStr = Field(
        description="Password, or an app password where signing in takes two steps."
    )
    folder: str = Field(
        default="INBOX",
        description="Folder to read; a folder of its own keeps private mail out.",
        min_length=1,
        max_length=500,
    )
    only_from: tuple[str, ...] = Field(
        default=(),
        description="Read only mails of these addresses or domains; empty: of everybody.",
        max_length=200,
        examples=[["googlealerts-noreply@google.com", "example.fr"]],
    )
    kind: Kind = Field(
        default="auto",
        description="newsletter: a mail is one item. google_alerts: one item an entry of the "
        "mail. auto: by the sender.",
    )
    security: Security = Field(
        default="tls",
        description="tls, starttls, or none (on private networks only: a bridge on this machine).",
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="993 for tls, 143 for starttls where left out. Any other port has to be on a "
        "private network that the administrator opened.",
    )
    first_days: int = Field(
        default=30, ge=0, le=3_650, description="How many days back the first poll reads."
    )
    per_page: int = Field(default=50, ge=1, le=50, description="Mails read and stored at once.")
    max_bytes: int = Field(
        default=2_000_000,
        ge=10_000,
        le=10_000_000,
        description="Size of a mail up to which all of it is read; of a bigger one the beginning.",
    )


@dataclass(slots=True)
class _Batch:
    """What some mails gave. last: the UID up to which all is done."""

    last: int = 0
    asked: int = 0
    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)

    def add(self, letter: Letter, seen: set[str]) -> None:
        """Take the items that this poll did not give yet."""
        for one in letter.items:
            if one.external_id not in seen:
                seen.add(one.external_id)
                self.items.append(one)
        self.skipped += letter.skipped

    def page(self, cursor: Cursor) -> Page:
        told = ", ".join(f"{count} {reason}" for reason, count in self.passed.items())
        listening = Listening(asked=self.asked, note=f"passed over: {told}" if told else "")
        return Page(items=self.items, skipped=self.skipped, cursor=cursor, listening=listening)


class Imap:
    """Reads the new mails of a folder. Changes nothing there, not even what is unread.

    The cursor is the folder's UIDVALIDITY and the last UID read. Where the server numbered the
    folder anew, the days of a first poll are read again; mails are known by their Message-ID.
    """

    kind: ClassVar[str] = "imap"
    platform: ClassVar[str | None] = None
    Config: ClassVar[type[CollectorConfig]] = ImapConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        auth="key",
        history=timedelta(days=365),
        min_interval=timedelta(minutes=5),
        quota="none stated by most; Gmail: 2,500 MB a day and 15 connections "
        "(support.google.com/a/answer/1071518)",
        max_requests=2,
    )

    def __init__(self, config: CollectorConfig) -> None:
        assert isinstance(config, ImapConfig)
        self._config = config
        self._senders = tuple(one.strip().lower().lstrip("@") for one in config.only_from)

    async def check(self, http: Http) -> None:
        """Sign in and open the folder. Where it is missing, name those that are there."""
        async with signed_in(http, self._account()) as session:
            await session.open(self._config.folder)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        """Yield pages of at most `per_page` mails, oldest first. Everything is matched here."""
        async with signed_in(http, self._account()) as session:
            validity = await session.open(self._config.folder)
            uids = await self._new_uids(session, validity, cursor, http)
            async with aclosing(self._pages(session, uids)) as batches:
                async for batch in batches:
                    yield batch.page({"validity": validity, "uid": batch.last})

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        """Yield the mails back to `since`, newest first."""
        async with signed_in(http, self._account()) as session:
            validity = await session.open(self._config.folder)
            uids = await session.uids_since((since - timedelta(days=1)).date())
            match cursor:
                case {"validity": int(known), "below": int(below)} if known == validity:
                    uids = [uid for uid in uids if uid < below]
            async with aclosing(self._pages(session, uids[::-1])) as batches:
                async for batch in batches:
                    yield batch.page({"validity": validity, "below": batch.last})

    async def _pages(self, session: Session, uids: Sequence[int]) -> AsyncGenerator[_Batch, None]:
        """The mails in that order, page by page, as many as one poll may read."""
        seen: set[str] = set()
        at = 0
        for number in range(PAGES):
            if at >= len(uids):
                return
            batch = await self._page(session, uids[at : at + self._config.per_page], seen)
            at = uids.index(batch.last, at) + 1
            batch.asked = 0 if number else 1
            yield batch

    def _account(self) -> Account:
        one = self._config
        usual = 993 if one.security == "tls" else 143
        return Account(
            one.host, one.port or usual, one.security, one.user, one.password.get_secret_value()
        )

    async def _new_uids(
        self, session: Session, validity: int, cursor: Cursor, http: Http
    ) -> list[int]:
        match cursor:
            case {"validity": int(known), "uid": int(uid)} if known == validity and uid >= 0:
                return await session.uids_after(uid)
        # A day more: servers reckon SINCE in their own time zone.
        since = http.now - timedelta(days=self._config.first_days + 1)
        return await session.uids_since(since.date())

    async def _page(self, session: Session, uids: Sequence[int], seen: set[str]) -> _Batch:
        """The items of some mails; of fewer where they are slow to read."""
        clock = asyncio.get_running_loop().time
        batch, started = _Batch(), clock()
        for envelope in await session.envelopes(uids):
            if reason := self._passed_over(envelope):
                batch.passed[reason] = batch.passed.get(reason, 0) + 1
            else:
                batch.add(await self._letter(session, envelope), seen)
            batch.last = envelope.uid
            if clock() - started > PAGE_SECONDS:
                return batch
        batch.last = uids[-1]  # the last ones may have gone away meanwhile
        return batch

    def _passed_over(self, envelope: Envelope) -> str:
        """Why a mail is not read; "" where it is."""
        # The old policy: it splits headers and reads nothing into them, which is cheap.
        head = message_from_bytes(envelope.head)
        sender = parseaddr(_raw(head, "from"))[1].lower()
        if self._senders and not any(_is_of(sender, one) for one in self._senders):
            return "from others"
        return "automatic" if _is_automatic(head, sender) else ""

    async def _letter(self, session: Session, envelope: Envelope) -> Letter:
        raw = await session.mail(envelope.uid, most=self._config.max_bytes)
        if raw is None:
            return Letter()
        try:
            return await bounded(
                read_mail, raw, envelope.received, self._config.kind, seconds=PARSE_SECONDS
            )
        except BadPayload as error:
            head = envelope.head[:1_000].decode("utf-8", "replace")
            return Letter(skipped=(Skipped(str(error), f"uid {envelope.uid}", head),))


def _is_of(sender: str, wanted: str) -> bool:
    """An address is itself; a domain is every address of it and of what is below it."""
    domain = sender.rpartition("@")[2]
    return sender == wanted or domain == wanted or domain.endswith(f".{wanted}")


def _is_automatic(head: Message, sender: str) -> bool:
    """Bounces, absence notes, and our own digests, which would be heard for ever."""
    return (
        _raw(head, "auto-submitted").lower().startswith("auto-replied")
        or bool(_raw(head, "x-autoreply"))
        or _raw(head, "precedence").lower() == "auto_reply"
        or head.get_content_type() == "multipart/report"
        or sender.partition("@")[0] in ("mailer-daemon", "postmaster")
        or _raw(head, "x-mailer") == "Vigie"
    )


def _raw(head: Message, name: str) -> str:
    value = head.get(name)
    return str(value)[:_HEADER_LIMIT].strip() if value is not None else ""
