"""Every row of the Slack contract (requirements §4), through the real outbox and a real socket."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from app.clock import ManualClock
from app.deliveries import service
from app.deliveries.service import drain, get_channel, get_delivery, replay
from app.models import Channel, Delivery
from app.services import Services
from tests.support.outputs import Ground, deliveries, queue, slack_channel, webhook_channel
from tests.support.slackserver import SlackServer


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """What Slack says is the same on every database; the outbox itself is tried on both."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'vigie.db')}"


async def send(
    services: Services, ground: Ground, slack: SlackServer, *answers: str, never_twice: bool = False
) -> tuple[Delivery, Channel]:
    """One message, one look at the outbox."""
    slack.script(*answers)
    channel = await slack_channel(services, ground, slack.address, never_twice=never_twice)
    await queue(services, channel)
    await drain(services, jitter=lambda: 0)
    return await state(services, ground, channel)


async def state(services: Services, ground: Ground, channel: Channel) -> tuple[Delivery, Channel]:
    found = [d for d in await deliveries(services) if d.channel_id == channel.id]
    watchlist = ground.watchlist.id
    return found[0], await get_channel(services, channel.id, watchlist_id=watchlist)


async def test_ok_is_delivered(services: Services, ground: Ground, slack: SlackServer) -> None:
    delivery, channel = await send(services, ground, slack, "ok")
    assert (delivery.state, delivery.tries, delivery.sent_at) == ("sent", 1, services.clock.now())
    assert (channel.state, channel.last_ok_at) == ("active", services.clock.now())
    shown = await get_delivery(services, delivery.id, watchlist_id=ground.watchlist.id)
    assert [(a.outcome, a.status, a.answer) for a in shown.attempts] == [("sent", 200, "ok")]


@pytest.mark.parametrize("answer", ["not_ok", "server_error", "bad_gateway", "rollup_error",
                                    "rollup_error_400"])  # fmt: skip
async def test_a_passing_fault_is_tried_again_on_the_plan(
    services: Services, ground: Ground, slack: SlackServer, clock: ManualClock, answer: str
) -> None:
    delivery, channel = await send(services, ground, slack, answer, "ok")
    assert (delivery.state, delivery.due_at) == ("pending", clock.now() + timedelta(seconds=5))
    assert (channel.state, channel.failing_since) == ("active", clock.now())
    clock.at += timedelta(seconds=5)
    await drain(services)
    delivery, channel = await state(services, ground, channel)
    assert (delivery.state, delivery.tries, channel.failing_since) == ("sent", 2, None)


async def test_429_holds_the_whole_channel_and_counts_nothing(
    services: Services, ground: Ground, slack: SlackServer, clock: ManualClock
) -> None:
    slack.script("rate_limited", "ok")
    channel = await slack_channel(services, ground, slack.address)
    await queue(services, channel, 3)
    await drain(services)
    assert len(slack.requests) == 1
    _, held = await state(services, ground, channel)
    assert held.hold_until == clock.now() + timedelta(seconds=7)
    clock.at += timedelta(seconds=6)
    await drain(services)
    assert len(slack.requests) == 1
    clock.at += timedelta(seconds=1)
    await drain(services)
    assert len(slack.requests) == 4
    assert {(d.state, d.tries) for d in await deliveries(services)} == {("sent", 1)}


async def test_429_without_a_time_waits_half_a_minute(
    services: Services, ground: Ground, slack: SlackServer, clock: ManualClock
) -> None:
    _, channel = await send(services, ground, slack, "rate_limited_silently")
    assert channel.hold_until == clock.now() + timedelta(seconds=30)


@pytest.mark.parametrize(
    "answer", ["invalid_payload", "invalid_blocks", "no_text", "too_many_attachments"]
)
async def test_a_refused_payload_goes_once_as_plain_text(
    services: Services, ground: Ground, slack: SlackServer, answer: str
) -> None:
    delivery, channel = await send(services, ground, slack, answer, "ok")
    assert delivery.state == "sent"
    assert ["blocks" in message for message in slack.messages] == [True, False]
    assert channel.state == "active"


async def test_a_payload_refused_twice_is_a_dead_letter(
    services: Services, ground: Ground, slack: SlackServer
) -> None:
    delivery, channel = await send(services, ground, slack, "invalid_blocks")
    assert (delivery.state, len(slack.requests), channel.state) == ("dead", 2, "active")


@pytest.mark.parametrize("answer", ["user_not_found", "invalid_token", "action_prohibited"])
async def test_a_configuration_fault_stops_the_channel_and_tells_the_owner_elsewhere(
    services: Services, ground: Ground, slack: SlackServer, answer: str
) -> None:
    async with SlackServer() as other:
        spare = await slack_channel(services, ground, other.address, name="secours")
        delivery, channel = await send(services, ground, slack, answer)
        assert (delivery.state, channel.state) == ("pending", "needs_attention")
        await drain(services)
        assert len(slack.requests) == 1
        [notice] = other.accepted
        assert "« #veille » ne reçoit plus rien" in notice["text"]
        assert answer in str(notice)
    assert (await state(services, ground, spare))[0].kind == "notice"


@pytest.mark.parametrize("answer", ["no_service", "channel_not_found", "channel_is_archived"])
async def test_a_gone_receiver_disables_the_channel_and_keeps_its_messages(
    services: Services, ground: Ground, slack: SlackServer, clock: ManualClock, answer: str
) -> None:
    delivery, channel = await send(services, ground, slack, answer, "ok")
    assert (delivery.state, channel.state) == ("pending", "disabled")
    clock.at += timedelta(days=7, seconds=1)
    await drain(services)
    delivery, channel = await state(services, ground, channel)
    assert delivery.state == "dead"
    assert (await service.test_channel(services, channel.id)).ok
    await replay(services, delivery.id, watchlist_id=ground.watchlist.id)
    await drain(services)
    delivery, channel = await state(services, ground, channel)
    assert (delivery.state, channel.state) == ("sent", "active")


async def test_a_test_that_succeeds_lets_out_what_waited(
    services: Services, ground: Ground, slack: SlackServer
) -> None:
    _, channel = await send(services, ground, slack, "invalid_token", "ok")
    await service.test_channel(services, channel.id)
    await drain(services)
    delivery, channel = await state(services, ground, channel)
    assert (delivery.state, channel.state) == ("sent", "active")


async def test_a_lost_answer_is_tried_once_more_and_then_left_unknown(
    services: Services, ground: Ground, slack: SlackServer, clock: ManualClock
) -> None:
    delivery, channel = await send(services, ground, slack, "reset")
    assert delivery.state == "pending"
    clock.at += timedelta(hours=1)
    await drain(services)
    delivery, _ = await state(services, ground, channel)
    assert (delivery.state, len(slack.requests)) == ("unknown", 2)
    first, second = ("".join(str(b) for b in m["blocks"][:-1]) for m in slack.messages)
    assert first == second


async def test_never_twice_leaves_a_lost_answer_unknown_at_once(
    services: Services, ground: Ground, slack: SlackServer, clock: ManualClock
) -> None:
    delivery, _ = await send(services, ground, slack, "reset", never_twice=True)
    assert delivery.state == "unknown"
    clock.at += timedelta(days=1)
    await drain(services)
    assert len(slack.requests) == 1


async def test_a_redirect_is_not_followed(
    services: Services, ground: Ground, slack: SlackServer
) -> None:
    _, channel = await send(services, ground, slack, "redirect")
    assert channel.state == "needs_attention"


async def test_the_address_is_nowhere_to_be_read(
    services: Services, ground: Ground, slack: SlackServer, capsys: pytest.CaptureFixture[str]
) -> None:
    delivery, channel = await send(services, ground, slack, "not_ok")
    shown = await get_delivery(services, delivery.id, watchlist_id=ground.watchlist.id)
    trial = await service.test_channel(services, channel.id)
    said = [vars(channel), vars(delivery), [vars(a) for a in shown.attempts], trial]
    assert "very-secret-token" not in f"{said}{capsys.readouterr()}"


async def test_a_test_message_goes_once_and_shows_the_exact_error(
    services: Services, ground: Ground, slack: SlackServer
) -> None:
    slack.script("invalid_token")
    channel = await slack_channel(services, ground, slack.address)
    trial = await service.test_channel(services, channel.id)
    assert (trial.ok, trial.status, trial.outcome) == (False, 400, "needs_config")
    assert trial.error == "127.0.0.1: 400 invalid_token: check the webhook in Slack"
    assert len(slack.requests) == 1
    [delivery] = await deliveries(services)
    assert (delivery.kind, delivery.state) == ("test", "dead")


async def test_a_private_address_is_refused_like_any_silent_one(
    services: Services, ground: Ground
) -> None:
    channel = await webhook_channel(services, ground, "http://10.0.0.1/hook")
    trial = await service.test_channel(services, channel.id)
    assert not trial.ok
    assert "10.0.0.1: no connection" in trial.error
