"""The walk into the past of a folder."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors.api import Cursor, History, Narrowing
from collectors.http import Http, Policy
from collectors.imap.collector import Imap, ImapConfig
from collectors.replay_imap import ImapReplay, Mail, Mailbox


def _mail(uid: int, day: str) -> Mail:
    head = f"From: a@b.example\r\nSubject: {uid}\r\nDate: {day} 10:00:00 +0000\r\n"
    return Mail(uid, f"{head}Message-ID: <{uid}@b.example>\r\n\r\nx".encode())


async def test_the_walk_goes_back_newest_first_and_on_where_it_was_cut() -> None:
    days = ["1 Jun 2026", "1 Sep 2026", "2 Sep 2026", "3 Sep 2026", "20 Nov 2026"]
    box = Mailbox(mails=[_mail(number, day) for number, day in enumerate(days, start=1)])
    since = datetime(2026, 8, 27, tzinfo=UTC)
    async with ImapReplay(box) as server, Http(Policy.parse("127.0.0.1/32")) as http:
        given = {"host": "127.0.0.1", "port": server.base.rpartition(":")[2], "security": "none"}
        imap = Imap(
            ImapConfig.model_validate({**given, "user": "u", "password": "p", "per_page": 2})
        )
        assert isinstance(imap, History)

        async def walked(cursor: Cursor) -> list[tuple[list[str], Cursor]]:
            pages = [page async for page in imap.backfill(Narrowing(), since, cursor, http)]
            return [([item.title for item in page.items], page.cursor) for page in pages]

        whole = await walked({})
        assert [titles for titles, _ in whole] == [["5", "4"], ["3", "2"]]
        assert [titles for titles, _ in await walked(whole[0][1])] == [["3", "2"]]
        assert await walked(whole[1][1]) == []
        box.validity = 2
        assert [titles for titles, _ in await walked(whole[1][1])] == [["5", "4"], ["3", "2"]]
