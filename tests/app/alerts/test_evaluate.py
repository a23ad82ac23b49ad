"""From pending mentions to alerts and messages, on both databases."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from app.alerts import queries
from app.alerts.rules import Candidate, Filter, passes, window_at
from app.alerts.service import (
    acknowledge,
    add_rule,
    edit_rule,
    evaluate_pending,
    get_alert,
    get_rule,
    list_alerts,
    list_rules,
    remove_rule,
    resolve_due,
)
from app.clock import ManualClock
from app.db.engine import Database
from app.deliveries.message import from_payload
from app.errors import Invalid, NotFound, Stale
from app.models import Alert, AlertMention, AlertRule, Channel, Mention
from app.services import Services
from tests.support.outputs import Ground, add_mentions, deliveries, make_ground, slack_channel


async def rule(services: Services, ground: Ground, **values: Any) -> AlertRule:
    channel = await slack_channel(services, ground, "https://hooks.example/x")
    given = {"name": "Pic", "kind": "mention", "channel_ids": [str(channel.id)], **values}
    return await add_rule(services, ground.watchlist.id, given)


async def count_rule(
    services: Services, ground: Ground, threshold: int, **values: Any
) -> AlertRule:
    return await rule(
        services, ground, kind="count", params={"threshold": threshold}, severity="warning",
        **values,
    )  # fmt: skip


async def alerts(services: Services) -> Sequence[Alert]:
    async with services.db.read() as session:
        return (await session.execute(select(Alert).order_by(Alert.id))).scalars().all()


async def test_a_thousand_mentions_and_four_workers_make_one_alert(
    services: Services, ground: Ground, db: Database
) -> None:
    await count_rule(services, ground, 250)
    at = services.clock.now() - timedelta(minutes=10)
    for _ in range(4):
        await add_mentions(db, ground, 250, at=at)
    handled = 0
    while step := sum(await asyncio.gather(*(evaluate_pending(services) for _ in range(4)))):
        handled += step
    assert handled == 1_000
    [alert] = await alerts(services)
    assert (alert.count, alert.subject, alert.reason) == (1_000, "all", "count_over_threshold")
    assert len(await deliveries(services)) == 1
    async with db.read() as session:
        linked = await session.execute(select(func.count()).select_from(AlertMention))
        assert linked.scalar_one() == 100


async def test_a_mention_rule_with_a_cool_down_makes_one_alert_for_four_workers(
    services: Services, ground: Ground, db: Database
) -> None:
    await rule(services, ground, cooldown_s=600)
    for brand in (0, 1):
        await add_mentions(db, ground, 60, at=services.clock.now(), brand=brand)
    await asyncio.gather(*(evaluate_pending(services) for _ in range(4)))
    assert sorted(a.count for a in await alerts(services)) == [60, 60]
    assert len(await deliveries(services)) == 2


async def test_an_alert_opens_once_grows_silently_and_resolves_after_its_window(
    services: Services, ground: Ground, db: Database, clock: ManualClock
) -> None:
    await count_rule(services, ground, 3)
    await add_mentions(db, ground, 3, at=clock.now())
    await evaluate_pending(services)
    assert await alerts(services) == []
    await add_mentions(db, ground, 1, at=clock.now())
    await evaluate_pending(services)
    await add_mentions(db, ground, 2, at=clock.now())
    await evaluate_pending(services)
    [alert] = await alerts(services)
    assert (alert.count, alert.facts["count"], alert.state) == (6, 6, "open")
    assert len(await deliveries(services)) == 1
    assert await resolve_due(services) == 0
    clock.at += timedelta(hours=1)
    assert await resolve_due(services) == 1
    [alert] = await alerts(services)
    assert (alert.state, alert.resolved_at) == ("resolved", clock.now())


async def test_more_alerts_than_a_statement_takes_are_closed_in_parts(
    services: Services, ground: Ground, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.alerts.service.AT_ONCE", 2)
    now = services.clock.now()
    rule = await count_rule(services, ground, 3)
    rows = [
        {
            "id": n, "watchlist_id": ground.watchlist.id, "rule_id": rule.id, "subject": f"m:{n}",
            "window": "", "reason": "new_mention", "facts": {}, "severity": "info",
            "state": "open", "count": 1, "opened_at": now - timedelta(days=1), "updated_at": now,
        }
        for n in range(5)
    ]  # fmt: skip
    async with db.write() as session:
        await session.execute(insert(Alert), rows)
    assert [await resolve_due(services) for _ in range(4)] == [2, 2, 1, 0]


async def test_one_item_of_two_brands_counts_once(
    services: Services, ground: Ground, db: Database
) -> None:
    await count_rule(services, ground, 1)
    [first] = await add_mentions(db, ground, 1, at=services.clock.now())
    await add_mentions(db, ground, 1, at=services.clock.now(), brand=1, item_id=first)
    await evaluate_pending(services)
    assert await alerts(services) == []


async def test_history_never_alerts_and_is_not_counted(
    services: Services, ground: Ground, db: Database
) -> None:
    await count_rule(services, ground, 2)
    await rule(services, ground)
    await add_mentions(db, ground, 5, at=services.clock.now(), backfill=True)
    assert await evaluate_pending(services) == 5
    assert await alerts(services) == []
    assert await evaluate_pending(services) == 0


async def test_each_mention_is_told_with_its_times_link_and_short_id(
    services: Services, ground: Ground, db: Database
) -> None:
    await rule(services, ground, filter={"labels": ["negative"]})
    at = services.clock.now()
    await add_mentions(db, ground, 1, at=at - timedelta(minutes=5), seen=at, label="negative")
    await add_mentions(db, ground, 1, at=at, label="positive")
    await evaluate_pending(services)
    [alert], [delivery] = await alerts(services), await deliveries(services)
    message = from_payload(delivery.payload)
    assert message.title == "Decathlon\u00a0: nouvelle mention (négative)"
    assert message.links[0].url == f"https://vigie.example/alerts/{alert.id}"
    assert len(message.ref) == 6
    [line] = message.mentions
    assert (line.published_at, line.first_seen_at) == (at - timedelta(minutes=5), at)
    assert (line.source, line.author, line.label) == ("Le Monde", "Ana", "negative")
    assert delivery.alert_id == alert.id


async def test_a_count_says_how_much_over_what_and_when(
    services: Services, ground: Ground, db: Database
) -> None:
    await count_rule(services, ground, 2, name="Pic d’une heure")
    await add_mentions(db, ground, 3, at=services.clock.now())
    await evaluate_pending(services)
    [delivery] = await deliveries(services)
    message = from_payload(delivery.payload)
    assert message.title == (
        "Toutes les marques\u00a0: 3 publications le 23\u00a0nov. de 10:00 à 11:00"
    )
    assert message.data["window_start"] == "2026-11-23T09:00:00+00:00"
    assert message.severity == "warning"


async def test_each_hour_over_the_threshold_is_an_alert_of_its_own(
    services: Services, ground: Ground, db: Database
) -> None:
    await count_rule(services, ground, 2)
    for hours in (3, 2, 1):
        at = services.clock.now() - timedelta(hours=hours)
        await add_mentions(db, ground, 3 if hours != 2 else 2, at=at)
    await evaluate_pending(services)
    found = await alerts(services)
    assert [a.window for a in found] == ["2026-11-23T06:00:00+00:00", "2026-11-23T08:00:00+00:00"]


async def test_a_cool_down_keeps_the_next_window_quiet(
    services: Services, ground: Ground, db: Database, clock: ManualClock
) -> None:
    await count_rule(services, ground, 1, cooldown_s=7_200)
    for _ in range(3):
        await add_mentions(db, ground, 2, at=clock.now())
        await evaluate_pending(services)
        clock.at += timedelta(hours=1)
    assert len(await alerts(services)) == 2


async def test_a_rule_without_channels_alerts_without_a_message(
    services: Services, ground: Ground, db: Database
) -> None:
    await rule(services, ground, channel_ids=[])
    await add_mentions(db, ground, 1, at=services.clock.now())
    await evaluate_pending(services)
    assert (len(await alerts(services)), await deliveries(services)) == (1, [])


async def test_a_resting_rule_and_another_watchlists_mentions_do_nothing(
    services: Services, ground: Ground, db: Database
) -> None:
    await rule(services, ground, active=False)
    other = await make_ground(db, services.clock.now(), brands=("Autre",))
    await rule(services, other)
    await add_mentions(db, ground, 2, at=services.clock.now())
    assert await evaluate_pending(services) == 2
    assert await alerts(services) == []


async def test_the_filter_in_sql_is_the_filter_in_python(
    services: Services, ground: Ground, db: Database
) -> None:
    dice = random.Random(7)
    at = services.clock.now()
    for _ in range(60):
        await add_mentions(
            db, ground, 1, at=at, brand=dice.randrange(2), label=dice.choice(["negative", "none"]),
            lang=dice.choice(["fr", "en", None]), engagement=dice.choice([0, 5]),
            owned=dice.random() < 0.5, syndicated=dice.random() < 0.5,
            relevant=dice.choice([None, True, False]), backfill=dice.random() < 0.2,
        )  # fmt: skip
    async with db.read() as session:
        stored = (await session.execute(select(Mention))).scalars().all()
        candidates = [
            Candidate(
                mention_id=m.id, item_id=m.item_id, brand_id=m.brand_id, source_id=m.source_id,
                published_at=m.published_at, first_seen_at=m.first_seen_at, label=m.label,
                lang=m.lang, engagement=m.engagement, owned=m.owned, syndicated=m.syndicated,
                relevant=m.relevant, backfill=m.backfill,
            )
            for m in stored
        ]  # fmt: skip
        window = window_at(at, window_s=3_600, zone="Europe/Paris")
        for _ in range(40):
            wanted = Filter(
                brands=frozenset(dice.sample([b.id for b in ground.brands], dice.randrange(2))),
                labels=frozenset(dice.sample(["negative", "none"], dice.randrange(2))),
                langs=frozenset(dice.sample(["fr", "en"], dice.randrange(3))),
                min_engagement=dice.choice([0, 5]), owned=dice.choice([None, True, False]),
                syndicated=dice.choice([None, True, False]),
            )  # fmt: skip
            expected = sum(passes(wanted, candidate) for candidate in candidates)
            counted = await queries.count_items(session, ground.watchlist.id, wanted, window)
            assert counted == expected, wanted


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"kind": "spike"}, "kind"),
        ({"kind": "count"}, None),
        ({"kind": "count", "params": {"threshold": 1, "window_s": 77}}, "params"),
        ({"filter": {"brands": ["12"]}}, "filter.brands"),
        ({"filter": {"colour": "blue"}}, "filter.colour"),
        ({"channel_ids": ["12"]}, "channel_ids"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_with_its_place(
    services: Services, ground: Ground, given: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(Invalid) as refused:
        await rule(services, ground, **given)
    assert refused.value.field == field


async def test_rules_and_alerts_belong_to_their_watchlist(
    services: Services, ground: Ground, db: Database
) -> None:
    mine = await rule(services, ground)
    other = (await make_ground(db, services.clock.now(), brands=("Autre",))).watchlist.id
    await add_mentions(db, ground, 1, at=services.clock.now())
    await evaluate_pending(services)
    [alert] = await list_alerts(services, ground.watchlist.id)
    for call, key in ((get_rule, mine.id), (remove_rule, mine.id), (get_alert, alert.id),
                      (acknowledge, alert.id)):  # fmt: skip
        with pytest.raises(NotFound):
            await call(services, key, watchlist_id=other)
    assert (await list_alerts(services, other), await list_rules(services, other)) == ([], [])
    shown = await get_alert(services, alert.id, watchlist_id=ground.watchlist.id)
    assert len(shown.mention_ids) == 1
    await acknowledge(services, alert.id, watchlist_id=ground.watchlist.id)


async def test_an_edit_with_an_old_version_is_refused(services: Services, ground: Ground) -> None:
    made = await rule(services, ground)
    mine = ground.watchlist.id
    given = {"name": "Autre", "kind": "mention"}
    edited = await edit_rule(services, made.id, given, watchlist_id=mine, version=1)
    assert (edited.name, edited.version) == ("Autre", 2)
    with pytest.raises(Stale):
        await edit_rule(services, made.id, given, watchlist_id=mine, version=1)
    await remove_rule(services, made.id, watchlist_id=mine)
    assert await list_rules(services, mine) == []


async def test_a_rule_that_cannot_be_read_stops_no_other(
    services: Services, ground: Ground, db: Database
) -> None:
    broken = await rule(services, ground)
    await rule(services, ground)
    async with db.write() as session:
        await session.execute(
            update(AlertRule).where(AlertRule.id == broken.id).values(filter={"from_2030": 1})
        )
    await add_mentions(db, ground, 1, at=services.clock.now())
    await evaluate_pending(services)
    assert len(await alerts(services)) == 1


async def test_a_channel_that_was_removed_is_left_out(
    services: Services, ground: Ground, db: Database
) -> None:
    await rule(services, ground)
    async with db.write() as session:
        await session.execute(Channel.__table__.delete())  # type: ignore[attr-defined]  # a Table
    await add_mentions(db, ground, 1, at=services.clock.now())
    await evaluate_pending(services)
    assert (len(await alerts(services)), await deliveries(services)) == (1, [])


async def test_a_burst_without_a_cool_down_is_an_alert_and_a_message_for_each_mention(
    services: Services, ground: Ground, db: Database
) -> None:
    await rule(services, ground)
    mentions = await add_mentions(db, ground, 300, at=services.clock.now())
    await asyncio.gather(*(evaluate_pending(services) for _ in range(2)))
    found = await alerts(services)
    assert {a.subject for a in found} == {f"mention:{i}" for i in mentions}
    told = await deliveries(services)
    assert {d.alert_id for d in told} == {a.id for a in found}
    assert all(len(from_payload(d.payload).mentions) == 1 for d in told)
