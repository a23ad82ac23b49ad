"""Mail by a real SMTP conversation, refusals included."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from app.deliveries.testing import HOSTILE, outgoing
from app.deliveries.transports.base import (
    Answer,
    GiveUp,
    NeedsConfig,
    Outgoing,
    Retry,
    Smtp,
    Unknown,
    Way,
)
from app.deliveries.transports.email import Email, EmailConfig
from app.deliveries.transports.mime import compose
from collectors.http import Http
from tests.support.mailserver import MailServer


async def send(
    mail: MailServer, *recipients: str, sample: Outgoing | None = None, **smtp: object
) -> Answer:
    options = {"host": mail.host, "port": mail.port, "tls": "none", "timeout_s": 1.0, **smtp}
    way = Way(http=cast(Http, None), smtp=Smtp(**options))  # type: ignore[arg-type]  # a test's own words
    config = EmailConfig(recipients=recipients or ("ana@example.com",))
    return await Email(config).send(sample or outgoing("Bonjour"), way)


async def test_text_comes_first_then_html_with_one_stable_id(mail: MailServer) -> None:
    await send(mail)
    await send(mail)
    [first, second] = [m.message for m in mail.mails]
    assert [part.get_content_type() for part in first.iter_parts()] == ["text/plain", "text/html"]
    assert first["Message-ID"] == second["Message-ID"]
    assert "Bonjour" in mail.mails[0].part("plain")
    assert '<meta charset="utf-8">' in mail.mails[0].part("html")


async def test_each_recipient_has_a_mail_of_their_own(mail: MailServer) -> None:
    await send(mail, "ana@example.com", "bob@example.com")
    assert [m.recipients for m in mail.mails] == [("ana@example.com",), ("bob@example.com",)]
    assert [m.message["To"] for m in mail.mails] == ["ana@example.com", "bob@example.com"]
    assert mail.mails[0].message["Message-ID"] != mail.mails[1].message["Message-ID"]


async def test_one_bad_address_does_not_stop_the_others(mail: MailServer) -> None:
    mail.refuse["bad@example.com"] = "550 no such user"
    answer = await send(mail, "bad@example.com", "ana@example.com")
    assert [m.recipients for m in mail.mails] == [("ana@example.com",)]
    assert "bad@example.com: 550 no such user" in answer.text
    assert answer.memory == {"refusals": {"bad@example.com": 1}}


async def test_an_address_refused_three_times_gets_no_more(mail: MailServer) -> None:
    sample = replace(outgoing("x"), memory={"refusals": {"bad@example.com": 3}})
    await send(mail, "bad@example.com", "ana@example.com", sample=sample)
    assert len(mail.mails) == 1
    with pytest.raises(NeedsConfig):
        await send(mail, "bad@example.com", sample=sample)


async def test_an_address_that_works_again_starts_anew(mail: MailServer) -> None:
    sample = replace(outgoing("x"), memory={"refusals": {"ana@example.com": 2}})
    assert (await send(mail, sample=sample)).memory == {"refusals": {}}


async def test_only_who_is_left_is_tried_again(mail: MailServer) -> None:
    mail.refuse["slow@example.com"] = "451 greylisted"
    with pytest.raises(Retry) as later:
        await send(mail, "ana@example.com", "slow@example.com")
    assert later.value.done == {"ana@example.com"}
    mail.refuse.clear()
    again = replace(outgoing("Bonjour"), done=later.value.done)
    await send(mail, "ana@example.com", "slow@example.com", sample=again)
    assert [m.recipients for m in mail.mails] == [("ana@example.com",), ("slow@example.com",)]


async def test_a_mail_refused_for_good_is_given_up(mail: MailServer) -> None:
    mail.data = ["554 5.7.1 looks like spam"]
    with pytest.raises(GiveUp, match="looks like spam"):
        await send(mail)


async def test_a_passing_refusal_is_tried_again(mail: MailServer) -> None:
    mail.data = ["451 try later"]
    with pytest.raises(Retry):
        await send(mail)


@pytest.mark.parametrize("behaviour", ["silent", "hang up"])
async def test_no_answer_after_the_mail_is_the_unknown(mail: MailServer, behaviour: str) -> None:
    mail.data = [behaviour]
    with pytest.raises(Unknown):
        await send(mail, timeout_s=0.3)


async def test_a_refused_sender_needs_the_operator(mail: MailServer) -> None:
    mail.refuse_sender = "550 not your domain"
    with pytest.raises(NeedsConfig, match="VIGIE_MAIL_FROM"):
        await send(mail)


async def test_a_closed_port_is_a_passing_fault() -> None:
    async with MailServer() as gone:
        pass
    with pytest.raises(Retry):
        await send(gone)


async def test_without_a_mail_server_the_channel_says_which_setting(mail: MailServer) -> None:
    with pytest.raises(NeedsConfig, match="VIGIE_SMTP_HOST"):
        await send(mail, host="")


async def test_a_server_without_starttls_is_not_spoken_to_in_the_clear(mail: MailServer) -> None:
    with pytest.raises(NeedsConfig, match="VIGIE_SMTP_TLS"):
        await send(mail, tls="starttls")
    assert mail.mails == []


async def test_the_login_is_used_and_a_wrong_one_is_not_repeated() -> None:
    async with MailServer(login=("vigie", "s3cret-pass")) as mail:
        await send(mail, user="vigie", password=SecretStr("s3cret-pass"))
        assert len(mail.mails) == 1
        with pytest.raises(NeedsConfig) as refused:
            await send(mail, user="vigie", password=SecretStr("wrong-canary"))
        assert "wrong-canary" not in str(refused.value)


async def test_hostile_text_adds_no_header_and_no_markup(mail: MailServer) -> None:
    await send(mail, sample=outgoing(HOSTILE))
    message = mail.mails[0].message
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    assert "<script>" not in mail.mails[0].part("html")
    assert mail.mails[0].recipients == ("ana@example.com",)


@given(st.text(st.characters(exclude_categories=[]), max_size=120))
@settings(max_examples=60)
def test_any_text_makes_a_whole_mail(text: str) -> None:
    sample = outgoing(text)
    headers = {"List-Unsubscribe": f"<{text}>", "X-Foreign": text}
    sample = replace(sample, message=replace(sample.message, headers=headers))
    raw = compose(sample, sender="Vigie <v@example.com>", recipient="a@example.com").as_bytes()
    head = raw.split(b"\n\n", 1)[0].lower()
    assert b"\nbcc:" not in head
    assert b"x-foreign" not in head


@pytest.mark.parametrize(
    "address",
    ["", "ana", "ana@", "a b@example.com", "ana@example.com\r\nBcc: b@c.d", "é@a.example"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        EmailConfig(recipients=(address,))
