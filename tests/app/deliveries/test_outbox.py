"""The outbox: at least once with a stable id, in order; nobody waits for another's receiver."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.clock import ManualClock
from app.db.claim import claim
from app.db.engine import Database
from app.deliveries import drain as draining_module
from app.deliveries import queries
from app.deliveries.drain import LEASE
from app.deliveries.service import (
    drain,
    edit_channel,
    get_channel,
    get_delivery,
    list_deliveries,
    replay,
)
from app.errors import Conflict, Invalid, NotFound, Stale, StoreBusy
from app.models import Channel, Delivery
from app.services import Services
from tests.support.mailserver import MailServer
from tests.support.outputs import (
    Ground,
    deliveries,
    email_channel,
    make_ground,
    output_services,
    queue,
    slack_channel,
    webhook_channel,
    with_settings,
)
from tests.support.slackserver import SlackServer

PATH = "/services/T000/B000/very-secret-token"


def ids(server: SlackServer) -> list[str]:
    return [seen.headers["webhook-id"] for seen in server.requests]


async def test_the_same_message_is_never_queued_twice(
    services: Services, ground: Ground, slack: SlackServer
) -> None:
    channel = await slack_channel(services, ground, slack.address)
    await queue(services, channel, 2)
    await queue(services, channel, 2)
    assert len(await deliveries(services)) == 2


async def test_two_workers_send_each_message_once(
    services: Services, ground: Ground, slack: SlackServer
) -> None:
    channels = [
        await webhook_channel(services, ground, slack.address, name=f"c{n}") for n in range(3)
    ]
    for channel in channels:
        await queue(services, channel, 10, prefix=f"alert-{channel.id}")
    await asyncio.gather(drain(services), drain(services), drain(services))
    assert len(ids(slack)) == len(set(ids(slack))) == 30
    assert {d.state for d in await deliveries(services)} == {"sent"}


async def test_a_channel_has_one_message_on_its_way_at_a_time(
    services: Services, ground: Ground, slack: SlackServer
) -> None:
    channel = await webhook_channel(services, ground, slack.address)
    await queue(services, channel, 8)
    await asyncio.gather(*(drain(services) for _ in range(4)))
    assert slack.most_busy == 1


async def test_a_slow_channel_delays_no_other(
    db: Database, ground: Ground, clock: ManualClock, slack: SlackServer
) -> None:
    async with output_services(db, clock, http_timeout_s=30.0) as services:
        async with SlackServer() as tarpit:
            tarpit.script("silent")
            slow = await slack_channel(services, ground, tarpit.address, name="lent")
            good = await slack_channel(services, ground, slack.address)
            await queue(services, slow, 3, prefix="slow")
            draining = asyncio.create_task(drain(services))
            while not tarpit.requests:
                await asyncio.sleep(0.01)
            await queue(services, good, 5, prefix="good")
            while len(slack.accepted) < 5:
                await asyncio.sleep(0.01)
            assert not draining.done(), "all five arrived while the first one hung"
        await draining  # the tarpit hung up
    assert len(tarpit.requests) == 1, "one failure rests the channel, not one per message"


async def test_a_slow_channel_delays_no_other_after_the_round_is_over_either(
    db: Database, ground: Ground, clock: ManualClock, slack: SlackServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async with output_services(db, clock, http_timeout_s=30.0) as services:
        async with SlackServer() as tarpit:
            tarpit.script("silent")
            slow = await slack_channel(services, ground, tarpit.address, name="lent")
            good = await slack_channel(services, ground, slack.address)
            await queue(services, slow)
            # Over before the first look at the others.
            monkeypatch.setattr(draining_module, "ROUND_S", draining_module.LOOK_S / 10)
            draining = asyncio.create_task(drain(services))
            while not tarpit.requests:
                await asyncio.sleep(0.01)
            await queue(services, good, prefix="good")
            async with asyncio.timeout(5):
                while not slack.accepted:
                    await asyncio.sleep(0.01)
        await draining


async def test_a_store_that_refuses_a_claim_cuts_off_nothing_on_its_way(
    db: Database, ground: Ground, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with output_services(db, clock, http_timeout_s=30.0) as services:
        async with SlackServer() as tarpit:
            tarpit.script("silent")
            await queue(services, await slack_channel(services, ground, tarpit.address))
            draining = asyncio.create_task(drain(services))
            while not tarpit.requests:
                await asyncio.sleep(0.01)

            async def refuse(*_: Any, **__: Any) -> Any:
                refused.set()
                raise StoreBusy("locked")

            refused = asyncio.Event()
            monkeypatch.setattr(draining_module, "_take", refuse)
            await refused.wait()
            await asyncio.sleep(0)
            assert not draining.done()
        with pytest.raises(StoreBusy):
            await draining
    [delivery] = await deliveries(services)
    assert delivery.leased_until is None, "how the try ended was written down"


async def test_a_worker_that_dies_after_sending_leaves_a_message_that_goes_again_with_its_id(
    services: Services, ground: Ground, slack: SlackServer, clock: ManualClock
) -> None:
    channel = await webhook_channel(services, ground, slack.address)
    await queue(services, channel)
    await dead_worker(services, channel)
    await drain(services)
    assert ids(slack) == []
    clock.at += LEASE
    await drain(services)
    [delivery] = await deliveries(services)
    assert ids(slack) == [delivery.message_id]
    assert (delivery.state, delivery.attempt) == ("sent", 2)


async def test_never_twice_does_not_send_again_after_a_worker_died(
    services: Services, ground: Ground, slack: SlackServer, clock: ManualClock
) -> None:
    channel = await slack_channel(services, ground, slack.address, never_twice=True)
    await queue(services, channel)
    await dead_worker(services, channel)
    clock.at += LEASE
    await drain(services)
    [delivery] = await deliveries(services)
    assert (delivery.state, slack.requests) == ("unknown", [])


async def dead_worker(services: Services, channel: Channel) -> None:
    """Somebody claimed the next message and was never heard of again."""
    now = services.clock.now()
    async with services.db.write() as session:
        taken = await claim(
            session, Delivery, due=queries.due_on(channel.id, now), order_by=Delivery.id,
            now=now, lease=LEASE, limit=1,
        )  # fmt: skip
    assert len(taken) == 1


async def test_a_worker_that_wakes_late_changes_nothing(
    services: Services, ground: Ground, slack: SlackServer, db: Database
) -> None:
    channel = await webhook_channel(services, ground, slack.address)
    await queue(services, channel)

    async def steal(seen: Any, writer: asyncio.StreamWriter) -> None:
        async with db.write() as session:
            await session.execute(update(Delivery).values(attempt=Delivery.attempt + 1))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    slack.on(PATH, steal)
    await drain(services)
    [delivery] = await deliveries(services)
    assert (delivery.state, delivery.attempt) == ("pending", 2)


async def test_all_arrive_after_two_hours_of_silence(
    services: Services, ground: Ground, slack: SlackServer, clock: ManualClock
) -> None:
    channel = await webhook_channel(services, ground, slack.address)
    slack.script("server_error")
    await queue(services, channel, 6)
    end = clock.now() + timedelta(hours=2)
    while clock.now() < end:
        await drain(services)
        clock.at += timedelta(minutes=10)
    asked = len(slack.requests)
    assert asked <= 24, "a dead receiver is not asked once per message and look"
    slack.script("ok")
    for _ in range(30):
        await drain(services)
        clock.at += timedelta(minutes=10)
    assert {d.state for d in await deliveries(services)} == {"sent"}


async def test_a_bug_in_a_transport_is_named_without_its_words(
    services: Services, ground: Ground, slack: SlackServer, db: Database
) -> None:
    channel = await slack_channel(services, ground, slack.address)
    await queue(services, channel)
    async with db.write() as session:
        await session.execute(update(Channel).values(kind="no_such_kind"))
    await drain(services)
    after = await get_channel(services, channel.id, watchlist_id=ground.watchlist.id)
    assert after.state == "needs_attention"
    assert "no_such_kind" in after.last_error


async def test_mail_goes_through_the_outbox_and_a_bounce_is_remembered(
    services: Services, ground: Ground, mail: MailServer, clock: ManualClock
) -> None:
    services = with_settings(services, smtp_host=mail.host, smtp_port=mail.port, smtp_tls="none")
    mail.refuse["bad@example.com"] = "550 gone"
    channel = await email_channel(services, ground, "bad@example.com", "ana@example.com")
    await queue(services, channel, 4)
    await drain(services)
    assert [m.recipients for m in mail.mails] == [("ana@example.com",)] * 4
    after = await get_channel(services, channel.id, watchlist_id=ground.watchlist.id)
    assert after.memory == {"refusals": {"bad@example.com": 3}}


async def test_a_greylisted_recipient_is_tried_again_alone(
    services: Services, ground: Ground, mail: MailServer, clock: ManualClock
) -> None:
    services = with_settings(services, smtp_host=mail.host, smtp_port=mail.port, smtp_tls="none")
    mail.refuse["slow@example.com"] = "451 later"
    channel = await email_channel(services, ground, "ana@example.com", "slow@example.com")
    await queue(services, channel)
    await drain(services)
    mail.refuse.clear()
    clock.at += timedelta(minutes=1)
    await drain(services)
    assert sorted(m.recipients[0] for m in mail.mails) == ["ana@example.com", "slow@example.com"]
    assert (await deliveries(services))[0].state == "sent"


async def test_replay_sends_the_same_id_again_and_another_watchlist_cannot(
    services: Services, ground: Ground, slack: SlackServer, db: Database
) -> None:
    channel = await webhook_channel(services, ground, slack.address)
    await queue(services, channel)
    [waiting] = await deliveries(services)
    mine = ground.watchlist.id
    with pytest.raises(Conflict):
        await replay(services, waiting.id, watchlist_id=mine)
    await drain(services)
    other = await make_ground(db, services.clock.now())
    for call in (replay, get_delivery):
        with pytest.raises(NotFound):
            await call(services, waiting.id, watchlist_id=other.watchlist.id)
    await replay(services, waiting.id, watchlist_id=mine)
    await drain(services)
    assert ids(slack) == [waiting.message_id] * 2
    assert [d.id for d in await list_deliveries(services, mine)] == [waiting.id]
    assert await list_deliveries(services, other.watchlist.id) == []


async def test_an_edit_keeps_the_secret_that_is_not_given_and_refuses_an_old_version(
    services: Services, ground: Ground, slack: SlackServer
) -> None:
    channel = await slack_channel(services, ground, slack.address)
    assert "very-secret" not in str(channel.config)
    mine = ground.watchlist.id
    edited = await edit_channel(
        services, channel.id, watchlist_id=mine, version=1, name="#autre", config={}
    )
    assert services.cipher.open(edited.secrets) == {"url": slack.address}
    with pytest.raises(Stale):
        await edit_channel(services, channel.id, watchlist_id=mine, version=1, name="x")
    with pytest.raises(Invalid) as refused:
        await edit_channel(
            services, channel.id, watchlist_id=mine, version=2, config={"url": "ftp://canary"}
        )
    assert (refused.value.field, "canary" in str(refused.value)) == ("config.url", False)


async def test_a_paused_channel_keeps_its_messages_for_later(
    services: Services, ground: Ground, slack: SlackServer
) -> None:
    channel = await slack_channel(services, ground, slack.address)
    mine = ground.watchlist.id
    await edit_channel(services, channel.id, watchlist_id=mine, version=1, state="paused")
    await queue(services, channel)
    await drain(services)
    assert slack.requests == []
    await edit_channel(services, channel.id, watchlist_id=mine, version=2, state="active")
    await drain(services)
    assert len(slack.accepted) == 1


async def test_a_process_killed_after_sending_loses_nothing(
    services: Services, ground: Ground, slack: SlackServer, clock: ManualClock, tmp_path: Path,
    database_url: str,
) -> None:  # fmt: skip
    channel = await webhook_channel(services, ground, slack.address)
    await queue(services, channel, 3)
    (tmp_path / "clock").write_text(clock.now().isoformat())
    key = services.cipher._fernet._fernets[0]  # type: ignore[attr-defined]  # the test's own key
    import base64

    (tmp_path / "key").write_bytes(
        base64.urlsafe_b64encode(key._signing_key + key._encryption_key) + b"\n"
    )
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("VIGIE_")},
        "VIGIE_DATABASE": database_url, "VIGIE_KEY_FILE": str(tmp_path / "key"),
        "VIGIE_CLOCK_FILE": str(tmp_path / "clock"), "VIGIE_ALLOW_PRIVATE": "127.0.0.1/32",
        "VIGIE_CRASH_AT": "deliver.after_send", "VIGIE_DATA_DIR": str(tmp_path),
    }  # fmt: skip
    for _ in range(2):
        died = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", DRAIN_ONCE], env=environment, check=False
        )
        assert died.returncode == 137
        clock.at += LEASE
        (tmp_path / "clock").write_text(clock.now().isoformat())
    await drain(services)
    rows = await deliveries(services)
    assert {row.state for row in rows} == {"sent"}
    assert set(ids(slack)) == {row.message_id for row in rows}
    assert len(ids(slack)) == 3 + 2, "one extra copy for each kill, with the same id"


DRAIN_ONCE = """
import asyncio
from app.config import load_settings
from app.deliveries.service import drain
from app.services import open_services

async def main():
    async with open_services(load_settings()) as services:
        await drain(services)

asyncio.run(main())
"""


async def test_the_database_being_locked_after_a_send_is_waited_out(
    services: Services, ground: Ground, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.deliveries import drain as module
    from app.errors import StoreBusy

    failures = [StoreBusy("locked"), StoreBusy("locked")]
    real = module.record

    async def busy_twice(*given: Any) -> None:
        if failures:
            raise failures.pop()
        await real(*given)

    monkeypatch.setattr("app.deliveries.drain.record", busy_twice)
    channel = await webhook_channel(services, ground, slack.address)
    await queue(services, channel)
    await drain(services)
    async with services.db.read() as session:
        assert (await session.execute(select(Delivery.state))).scalar_one() == "sent"
    assert len(slack.requests) == 1


async def test_a_message_that_was_emptied_is_a_dead_letter_and_cannot_be_replayed(
    services: Services, ground: Ground, slack: SlackServer, db: Database
) -> None:
    channel = await webhook_channel(services, ground, slack.address)
    await queue(services, channel, 2)
    [first, _] = await deliveries(services)
    async with db.write() as session:
        await session.execute(update(Delivery).where(Delivery.id == first.id).values(payload={}))
    await drain(services)
    states = {d.id: d.state for d in await deliveries(services)}
    assert sorted(states.values()) == ["dead", "sent"]
    assert states[first.id] == "dead"
    with pytest.raises(Conflict):
        await replay(services, first.id, watchlist_id=ground.watchlist.id)
