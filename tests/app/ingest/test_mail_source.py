"""A mailbox read by the service: each mail and each entry of an alert is stored once."""

from __future__ import annotations

import dataclasses

from app.ingest.service import poll_source
from app.sources.service import add_source
from collectors.http import Http, Policy
from collectors.replay_imap import ImapReplay, Mail, Mailbox
from tests.support.pipeline import House

NEWSLETTER = """From: Lettre <l@tisane.example>
Subject: Novembre
Date: Mon, 23 Nov 2026 08:00:00 +0000
Message-ID: <{number}@tisane.example>

Acme ouvre une boutique, {number}.
"""
ALERT = """From: Google Alerts <googlealerts-noreply@google.com>
Subject: Google Alert - Acme
Date: Mon, 23 Nov 2026 08:30:00 +0000
Message-ID: <{number}@google.com>

Acme wins a prize
The Paper
A prize for Acme.
<https://www.google.com/url?rct=j&url=https://paper.example/acme-prize&ct=ga>
"""


def _mail(uid: int, text: str) -> Mail:
    return Mail(uid, text.format(number=uid).replace("\n", "\r\n").encode())


async def test_every_mail_is_stored_once_also_when_the_folder_is_numbered_anew(
    house: House,
) -> None:
    box = Mailbox(mails=[_mail(1, NEWSLETTER), _mail(2, NEWSLETTER), _mail(3, ALERT)])
    async with (
        ImapReplay(box) as server,
        Http(Policy.parse("127.0.0.1/32"), now=house.now.timestamp) as http,
    ):
        services = dataclasses.replace(house.services, http=http)
        source = await add_source(
            services, kind="imap", name="mail", watchlist_id=house.watchlist_id,
            config={
                "host": "127.0.0.1", "port": int(server.base.rpartition(":")[2]),
                "security": "none", "user": "u", "password": "canary-3",
            },
        )  # fmt: skip
        report = await poll_source(services, source.id)
        assert (report.outcome, report.got, report.stored.new) == ("ok", 3, 3)
        assert (await poll_source(services, source.id)).got == 0

        box.mails += [_mail(4, ALERT), _mail(5, NEWSLETTER)]
        report = await poll_source(services, source.id)
        assert (report.got, report.stored.new) == (2, 1)

        box.validity = 2
        report = await poll_source(services, source.id)
        assert (report.outcome, report.got, report.stored.new) == ("ok", 4, 0)
    urls = sorted(one.url for one in await house.items())
    assert urls == ["", "", "", "https://paper.example/acme-prize"]
    assert not any("canary-3" in command for command in server.asked)
