"""From roll-ups to the mailbox, once for each subscription and date."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.alerts.service import add_rule, evaluate_pending
from app.clock import ManualClock
from app.db.engine import Database
from app.db.upsert import insert_ignore
from app.deliveries.service import drain
from app.digests.service import (
    build_due,
    edit_subscription,
    get_digest,
    get_subscription,
    list_digests,
    list_subscriptions,
    preview,
    remove_subscription,
    send_now,
    show_digest,
    subscribe,
    unsubscribe,
    unsubscribe_page,
)
from app.digests.tokens import VALID_FOR
from app.errors import Invalid, NotFound, Stale
from app.models import DayRollup, Digest, DigestSubscription, HourRollup
from app.services import Services
from tests.support.mailserver import MailServer
from tests.support.outputs import (
    Ground,
    add_mentions,
    deliveries,
    email_channel,
    make_ground,
    slack_channel,
)
from tests.support.slackserver import SlackServer

YESTERDAY = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""08:00 in Paris on the day on which the tests take place."""


async def counted(
    db: Database, ground: Ground, day: str, n: int, *, brand: int = 0, label: str = "neutral"
) -> None:
    row = {"brand_id": ground.brands[brand].id, "day": day, "label": label, "n": n,
           "n_owned": 0, "n_syndicated": 0, "engagement": 0}  # fmt: skip
    async with db.write() as session:
        await insert_ignore(session, DayRollup, [row])


async def subscribed(services: Services, ground: Ground, **values: Any) -> DigestSubscription:
    channel = await email_channel(services, ground, "ana@example.com")
    return await subscribe(services, ground.watchlist.id, channel_id=channel.id, **values)


async def digests(services: Services) -> list[Digest]:
    async with services.db.read() as session:
        found = await session.execute(select(Digest).order_by(Digest.local_date))
        return list(found.scalars())


async def test_one_digest_lands_in_the_mailbox_and_is_sent_only_then(
    services: Services, ground: Ground, db: Database, clock: ManualClock, mail: MailServer
) -> None:
    await counted(db, ground, "2026-11-22", 12)
    await counted(db, ground, "2026-11-22", 3, label="none")
    await counted(db, ground, "2026-11-21", 10)
    await counted(db, ground, "2026-11-15", 5)
    clock.at = MORNING - timedelta(hours=1)
    await subscribed(services, ground)
    assert await build_due(services) == 0
    clock.at = MORNING
    await asyncio.gather(build_due(services), build_due(services))
    [digest] = await digests(services)
    assert (digest.state, digest.local_date) == ("queued", "2026-11-23")
    assert digest.window_start == datetime(2026, 11, 21, 23, tzinfo=UTC)
    await drain(services)
    await drain(services)
    assert await build_due(services) == 0
    [got], [digest] = mail.mails, await digests(services)
    assert digest.state == "sent"
    assert got.message["Subject"] == "Sport\u00a0: 15 mentions le 22\u00a0nov. (+50\u202f%)"
    assert "+200\u202f% / le dimanche d’avant (5)" in got.part("plain")
    assert "3 non évalué" in got.part("plain")


async def test_the_mail_can_be_unsubscribed_by_one_post_without_login(
    services: Services, ground: Ground, clock: ManualClock, mail: MailServer
) -> None:
    clock.at = MORNING - timedelta(hours=1)
    subscription = await subscribed(services, ground)
    clock.at = MORNING
    await build_due(services)
    await drain(services)
    message = mail.mails[0].message
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == f"Vigie <digest-{subscription.id}.vigie.example>"
    link = message["List-Unsubscribe"].strip("<>")
    assert link.startswith("https://vigie.example/unsubscribe/")
    token = link.rpartition("/")[2]
    assert [await unsubscribe(services, token) for _ in range(2)] == [True, True]
    clock.at += timedelta(days=1)
    assert await build_due(services) == 0
    assert unsubscribe_page("fr").button == "Me désabonner"


async def test_a_token_is_good_for_sixty_days_and_cannot_be_made_up(
    services: Services, ground: Ground, clock: ManualClock
) -> None:
    from app.digests.tokens import make_token

    subscription = await subscribed(services, ground)
    token = make_token(services.cipher, subscription.id, now=clock.now())
    for forged in ("", "abc", token[:-2], token + "x", "WzEsMl0.sig"):
        assert not await unsubscribe(services, forged)
    clock.at += VALID_FOR + timedelta(seconds=1)
    assert not await unsubscribe(services, token)
    clock.at -= timedelta(seconds=1)
    assert await unsubscribe(services, token)


async def test_unsubscribing_calls_back_what_still_waits(
    services: Services, ground: Ground, clock: ManualClock, mail: MailServer
) -> None:
    from app.digests.tokens import make_token

    clock.at = MORNING - timedelta(hours=1)
    subscription = await subscribed(services, ground)
    clock.at = MORNING
    await build_due(services)
    await unsubscribe(services, make_token(services.cipher, subscription.id, now=clock.now()))
    await drain(services)
    assert mail.mails == []
    assert [d.state for d in await deliveries(services)] == ["cancelled"]


async def test_days_missed_for_long_are_recorded_and_today_is_sent_late(
    services: Services, ground: Ground, clock: ManualClock
) -> None:
    clock.at = MORNING - timedelta(days=3, hours=1)
    await subscribed(services, ground)
    clock.at = MORNING + timedelta(hours=11)
    await build_due(services)
    assert [(d.local_date[-2:], d.state, d.note) for d in await digests(services)] == [
        ("20", "skipped", "missed"), ("21", "skipped", "missed"), ("22", "skipped", "missed"),
        ("23", "queued", ""),
    ]  # fmt: skip


async def test_a_quiet_day_is_left_out_where_the_reader_wants_so(
    services: Services, ground: Ground, clock: ManualClock
) -> None:
    clock.at = MORNING - timedelta(hours=1)
    await subscribed(services, ground, skip_quiet=True)
    clock.at = MORNING
    await build_due(services)
    [digest] = await digests(services)
    assert (digest.state, digest.note, await deliveries(services)) == ("skipped", "quiet", [])


async def test_a_mail_that_is_refused_leaves_the_digest_failed(
    services: Services, ground: Ground, clock: ManualClock, mail: MailServer
) -> None:
    mail.refuse["ana@example.com"] = "550 no such user"
    clock.at = MORNING - timedelta(hours=1)
    await subscribed(services, ground)
    clock.at = MORNING
    await build_due(services)
    await drain(services)
    [digest] = await digests(services)
    assert (digest.state, "550" in digest.note) == ("failed", True)


async def test_top_posts_are_told_once_and_history_is_not_news(
    services: Services, ground: Ground, db: Database
) -> None:
    async def post(text: str, engagement: int, **values: Any) -> None:
        item = {"text": text, **values.pop("item", {})}
        await add_mentions(db, ground, 1, at=YESTERDAY, pending=False, engagement=engagement,
                           item_values=item, **values)  # fmt: skip

    await post("La grande nouvelle", 50, item={"text_hash": 5})
    await post("La grande nouvelle", 40, item={"text_hash": 5})
    await post("Un autre avis", 9, brand=1)
    await post("Vieille histoire", 99, backfill=True)
    await post("Notre propre page", 98, owned=True)
    await counted(db, ground, "2026-11-22", 5)
    shown = await preview(services, watchlist_id=ground.watchlist.id)
    assert shown.text.count("La grande nouvelle") == 1
    assert "50 interactions · 1 reprise" in shown.text
    assert shown.text.index("La grande nouvelle") < shown.text.index("Un autre avis")
    assert "Vieille histoire" not in shown.text
    assert "Notre propre page" not in shown.text


async def test_alerts_of_the_day_and_deaf_sources_are_named(
    services: Services, ground: Ground, db: Database, clock: ManualClock
) -> None:
    from app.models import ListeningLog, WatchlistSource

    async with db.write() as session:
        session.add(WatchlistSource(watchlist_id=ground.watchlist.id, source_id=ground.source.id))
        source = await session.merge(ground.source)
        source.created_at = YESTERDAY - timedelta(days=9)
        for hour in range(24):
            at = datetime(2026, 11, 21, 23, tzinfo=UTC) + timedelta(hours=hour)
            refused = 1 if hour in (9, 10, 11) else 0
            session.add(ListeningLog(source_id=ground.source.id, hour=at, asked=1, refused=refused))
    clock.at = YESTERDAY
    await add_rule(services, ground.watchlist.id,
                   {"name": "Pic", "kind": "count", "params": {"threshold": 2}})  # fmt: skip
    await add_mentions(db, ground, 3, at=YESTERDAY)
    await evaluate_pending(services)
    await counted(db, ground, "2026-11-22", 3)
    clock.at = MORNING
    shown = await preview(services, watchlist_id=ground.watchlist.id)
    assert "Pic – 3 publications de 15:00 à 16:00 (seuil 2)" in shown.text
    assert "Le Monde\u00a0: de 09:00 à 12:00, la plateforme a refusé de répondre" in shown.text


async def test_a_reader_in_another_zone_gets_their_own_day_from_the_hours(
    services: Services, ground: Ground, db: Database
) -> None:
    rows = [
        {"brand_id": ground.brands[0].id, "hour": at, "label": "neutral", "n": n, "n_owned": 0,
         "n_syndicated": 0, "engagement": 0}
        for at, n in (
            (datetime(2026, 11, 21, 23, tzinfo=UTC), 7),  # Sunday in Paris, Saturday in New York
            (datetime(2026, 11, 22, 12, tzinfo=UTC), 5),
            (datetime(2026, 11, 23, 4, tzinfo=UTC), 3),  # Monday in Paris, Sunday in New York
        )
    ]  # fmt: skip
    async with db.write() as session:
        await insert_ignore(session, HourRollup, rows)
    subscription = await subscribed(services, ground, zone="America/New_York", language="en")
    shown = await preview(services, subscription_id=subscription.id, day=date(2026, 11, 23))
    assert shown.subject == "Sport: 8 mentions on 22\u00a0Nov (+14%)"


async def test_a_digest_is_shown_again_as_it_was(
    services: Services, ground: Ground, db: Database, clock: ManualClock
) -> None:
    await counted(db, ground, "2026-11-22", 4)
    clock.at = MORNING - timedelta(hours=1)
    await subscribed(services, ground)
    clock.at = MORNING
    await build_due(services)
    await counted(db, ground, "2026-11-22", 100, label="positive")
    [digest] = await list_digests(services, ground.watchlist.id)
    again = await show_digest(services, digest.id, watchlist_id=ground.watchlist.id)
    assert "4 mentions" in again.subject


async def test_send_now_sends_beside_the_daily_one(
    services: Services, ground: Ground, clock: ManualClock, mail: MailServer
) -> None:
    clock.at = MORNING - timedelta(hours=1)
    subscription = await subscribed(services, ground)
    await send_now(services, subscription.id, watchlist_id=ground.watchlist.id)
    clock.at = MORNING
    await build_due(services)
    await drain(services)
    assert len(mail.mails) == 2
    assert len(await digests(services)) == 1


async def test_a_digest_to_slack_is_a_few_lines(
    services: Services, ground: Ground, db: Database, clock: ManualClock
) -> None:
    await counted(db, ground, "2026-11-22", 4)
    clock.at = MORNING - timedelta(hours=1)
    async with SlackServer() as slack:
        channel = await slack_channel(services, ground, slack.address)
        await subscribe(services, ground.watchlist.id, channel_id=channel.id)
        clock.at = MORNING
        await build_due(services)
        await drain(services)
        assert "4 mentions le 22" in str(slack.accepted)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"zone": "Mars/Base"}, "zone"), ({"send_at": "25:00"}, "send_at"),
     ({"language": "de"}, "language")],
)  # fmt: skip
async def test_what_cannot_be_is_refused_with_its_place(
    services: Services, ground: Ground, values: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await subscribed(services, ground, **values)
    assert refused.value.field == field


async def test_subscriptions_and_digests_belong_to_their_watchlist(
    services: Services, ground: Ground, db: Database, clock: ManualClock
) -> None:
    clock.at = MORNING - timedelta(hours=1)
    subscription = await subscribed(services, ground)
    clock.at = MORNING
    await build_due(services)
    [digest] = await digests(services)
    other = (await make_ground(db, clock.now(), brands=("Autre",))).watchlist.id
    for call, key in ((get_subscription, subscription.id), (send_now, subscription.id),
                      (remove_subscription, subscription.id), (get_digest, digest.id),
                      (show_digest, digest.id)):  # fmt: skip
        with pytest.raises(NotFound):
            await call(services, key, watchlist_id=other)
    with pytest.raises(NotFound):
        await preview(services, subscription_id=subscription.id, watchlist_id=other)
    assert (await list_subscriptions(services, other), await list_digests(services, other)) == (
        [],
        [],
    )
    channel = await email_channel(services, ground, "bob@example.com")
    with pytest.raises(Invalid):
        await subscribe(services, other, channel_id=channel.id)


async def test_an_edit_moves_the_next_due_time_and_refuses_an_old_version(
    services: Services, ground: Ground, clock: ManualClock
) -> None:
    subscription = await subscribed(services, ground)
    mine = ground.watchlist.id
    edited = await edit_subscription(
        services, subscription.id, watchlist_id=mine, version=1, send_at="11:30"
    )
    assert edited.next_due_at == datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
    with pytest.raises(Stale):
        await edit_subscription(
            services, subscription.id, watchlist_id=mine, version=1, send_at="12:00"
        )
    await remove_subscription(services, subscription.id, watchlist_id=mine)
    assert await list_subscriptions(services, mine) == []


async def test_a_digest_that_cannot_be_made_stops_no_other(
    services: Services, ground: Ground, clock: ManualClock
) -> None:
    broken = await subscribed(services, ground)
    await subscribed(services, ground, send_at="08:30")
    async with services.db.write() as session:
        await session.execute(
            update(DigestSubscription)
            .where(DigestSubscription.id == broken.id)
            .values(zone="Atlantis/Deep")
        )
    clock.at = MORNING + timedelta(days=1, hours=1)
    with pytest.raises(LookupError):
        await build_due(services)
    assert [one.subscription_id == broken.id for one in await digests(services)] == [False]
