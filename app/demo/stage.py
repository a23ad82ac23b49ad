"""The stage: watchlist, brands, sources, a channel that can send nothing, rules, a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import update

from app.alerts.service import add_rule
from app.deliveries.service import add_channel
from app.demo import cast
from app.demo.rules import SEED, ZONE, Plan
from app.digests.service import subscribe
from app.ingest.service import DEMO_KIND
from app.models import (
    Account,
    AccountSnapshot,
    Campaign,
    QueryVersion,
    SavedView,
    Source,
    Theme,
    WatchlistSource,
)
from app.services import Services
from app.watchlists.service import NewBrand, NewWatchlist, add_brand, create_watchlist

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
INTERVAL_S = 900
LOUD = 900
"""Followers from which one unhappy voice is worth an alert in the demo."""
THEMES = (
    ("Prix", 'prix OR cher OR "trop cher" OR € OR promo OR promos'),
    ("Emballage", "emballage OR emballages OR plastique OR papier OR sachet OR sachets"),
    ("Service client", '"service client" OR remboursement OR "numéro vert" OR support OR colis'),
    ("Recette et goût", "recette OR goût OR moelleux OR beurre OR sucre OR sec OR fade"),
    ("Rappel de produit", '"lot 2417" OR rappel OR #RappelBrioche OR métal OR recall'),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What was set up. sources: key of the cast → id."""

    watchlist_id: int
    own_brand: int
    sources: Mapping[str, int]


async def set_up(services: Services, plan: Plan) -> Stage:
    """Make all but the posts, at the services' (virtual) time."""
    new = NewWatchlist(
        name=cast.WATCHLIST, zone=ZONE.key, language="fr", owner="Vigie", is_demo=True,
        purpose=cast.PURPOSE,
    )  # fmt: skip
    watchlist = await create_watchlist(services, new, actor="demo")
    brands = await _brands(services, watchlist.id)
    sources = await _sources(services, plan, watchlist.id)
    stage = Stage(watchlist_id=watchlist.id, own_brand=brands[cast.OWN], sources=sources)
    await _outputs(services, plan, stage)
    await _extras(services, plan, stage, brands)
    return stage


async def _brands(services: Services, watchlist_id: int) -> dict[str, int]:
    found = {}
    for one in cast.BRANDS:
        new = NewBrand(
            name=one.name, kind="own" if one.name == cast.OWN else "competitor",
            domains=[one.domain], handles=[one.handle], color=one.color,
        )  # fmt: skip
        found[one.name] = (await add_brand(services, watchlist_id, new, actor="demo")).id
    market = NewBrand(name=cast.MARKET, kind="market", color="#6b705c", query=cast.MARKET_QUERY)
    found[cast.MARKET] = (await add_brand(services, watchlist_id, market, actor="demo")).id
    async with services.db.write() as session:
        # Nothing is stored yet, so there is nothing to search with the new queries.
        await session.execute(update(QueryVersion).values(rematched_at=services.clock.now()))
    return found


async def _sources(services: Services, plan: Plan, watchlist_id: int) -> dict[str, int]:
    began = services.clock.now()
    rows = {
        place.key: Source(
            kind=DEMO_KIND, name=place.name, config={"hosts": list(place.hosts)},
            fingerprint=f"{DEMO_KIND}:{place.key}", interval_s=INTERVAL_S, next_poll_at=NEVER,
            last_polled_at=plan.end, last_ok_at=plan.end, last_new_at=plan.end,
            first_poll_done_at=began, created_at=began, updated_at=began,
        )
        for place in cast.SOURCES
    }  # fmt: skip
    async with services.db.write() as session:
        session.add_all(rows.values())
        await session.flush()
        session.add_all(
            WatchlistSource(watchlist_id=watchlist_id, source_id=row.id) for row in rows.values()
        )
    return {key: row.id for key, row in rows.items()}


async def _outputs(services: Services, plan: Plan, stage: Stage) -> None:
    channel = await add_channel(
        services, watchlist_id=stage.watchlist_id, kind="console",
        name="Console (démo, n’envoie rien)", config={},
    )  # fmt: skip
    channels = [str(channel.id)]
    own = {"brands": [str(stage.own_brand)], "owned": False}
    await add_rule(services, stage.watchlist_id, {
        "name": f"{cast.OWN} : critique d’un compte suivi", "kind": "mention",
        "filter": {**own, "labels": ["negative"], "min_followers": LOUD},
        "channel_ids": channels, "severity": "warning", "cooldown_s": 24 * 3_600,
    })  # fmt: skip
    await add_rule(services, stage.watchlist_id, {
        "name": f"{cast.OWN} : plus de {plan.crowd} mentions en une heure", "kind": "count",
        "filter": own, "params": {"threshold": plan.crowd, "window_s": 3_600},
        "channel_ids": channels, "severity": "critical", "cooldown_s": 6 * 3_600,
    })  # fmt: skip
    await subscribe(
        services, stage.watchlist_id, channel_id=channel.id, language="fr", zone=ZONE.key,
        send_at="08:00",
    )  # fmt: skip


async def _extras(services: Services, plan: Plan, stage: Stage, brands: Mapping[str, int]) -> None:
    now, own = services.clock.now(), stage.watchlist_id
    views: tuple[tuple[str, dict[str, Any]], ...] = (
        ("Avis négatifs", {"labels": ["negative"]}),
        ("Ce que dit la presse", {"sources": [str(stage.sources["press"])]}),
    )
    async with services.db.write() as session:
        session.add(
            Campaign(
                watchlist_id=own, brand_id=stage.own_brand, name="Une tranche de plus",
                starts_on=plan.campaign[0].isoformat(), ends_on=plan.campaign[1].isoformat(),
                cost=18_000.0, goal={"mentions": 400, "positive_share": 0.6},
                tags=["#UneTrancheDePlus"], created_at=now,
            )
        )  # fmt: skip
        session.add_all(
            Theme(watchlist_id=own, name=name, query=query, created_at=now)
            for name, query in THEMES
        )
        session.add_all(
            SavedView(watchlist_id=own, name=name, filter=filter_, created_at=now)
            for name, filter_ in views
        )
        accounts = [
            Account(
                brand_id=brands[one.name], platform="mastodon", handle=one.handle,
                url=f"https://social.example/@{one.handle}", created_at=now,
            )
            for one in cast.BRANDS
        ]  # fmt: skip
        session.add_all(accounts)
        await session.flush()
        session.add_all(row for account in accounts for row in _followers(plan, account))


def _followers(plan: Plan, account: Account) -> list[AccountSnapshot]:
    """A line of followers that rises, and bends where its brand had news."""
    draw = Random(f"{SEED}:{account.handle}")  # noqa: S311 - makes up figures
    count, made = draw.randint(9_000, 48_000), []
    crisis = plan.crisis_at.astimezone(ZONE).date()
    for number in range(plan.days):
        day = plan.today - timedelta(days=plan.days - 1 - number)
        count += draw.randint(2, 45)
        if account.handle == cast.OWN.lower() and 0 <= (day - crisis).days < 6:
            count -= draw.randint(150, 420)
        if account.handle == cast.LAUNCHER.lower() and 0 <= (day - plan.launch).days < 5:
            count += draw.randint(120, 300)
        taken = datetime.combine(day, datetime.min.time(), ZONE).astimezone(UTC)
        made.append(
            AccountSnapshot(
                account_id=account.id, day=day.isoformat(), followers=count, taken_at=taken
            )
        )
    return made
