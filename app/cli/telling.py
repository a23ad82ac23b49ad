"""What the `channel` commands do."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from app.alerts.service import list_rules
from app.cli import settings_of
from app.cli.pick import pick, the_watchlist
from app.deliveries import service as deliveries
from app.deliveries.service import Trial
from app.errors import Invalid, NotFound
from app.models import Channel, Watchlist
from app.services import Services
from app.watchlists.service import list_watchlists


@dataclass(frozen=True, slots=True)
class Added:
    """A channel. next_step: the command that makes a first rule, where none tells it yet."""

    channel: Channel
    next_step: str | None


async def add(
    services: Services, *, kind: str, name: str, given: Sequence[str], watchlist: str | None
) -> Added:
    """Raises Invalid, NotFound."""
    forms = {one.kind: one.schema for one in deliveries.channel_kinds()}
    config = settings_of.shaped(settings_of.parsed(given), forms.get(kind, {}))
    where = the_watchlist(await list_watchlists(services), watchlist)
    row = await deliveries.add_channel(
        services, watchlist_id=where.id, kind=kind, name=name, config=config
    )
    return Added(row, await _next_step(services, where, row))


async def _next_step(services: Services, where: Watchlist, row: Channel) -> str | None:
    """A channel alone is silent, and nothing else says what is missing."""
    others = len(await deliveries.list_channels(services, where.id)) > 1
    if others or await list_rules(services, where.id):
        return None
    lists = await list_watchlists(services)
    words = ["vigie", "rule", "add", "Mentions", "--kind", "mention", "--channel", row.name]
    if where.is_demo or sum(not one.is_demo for one in lists) > 1:
        words += ["--watchlist", where.name]
    return shlex.join([*words, "--cooldown", "1h"])


async def remove(
    services: Services, wanted: str, *, watchlist: str | None
) -> tuple[Channel, Sequence[str]]:
    """The channel that was, and the rules that told only it. Raises NotFound, Invalid."""
    rows = await all_channels(services, watchlist)
    row = pick(rows, wanted, fr="canal", en="channel")
    left = {str(one.id) for one in rows} - {str(row.id)}
    mute = [
        rule.name
        for rule in await list_rules(services, row.watchlist_id)
        if str(row.id) in map(str, rule.channel_ids) and not left & set(map(str, rule.channel_ids))
    ]
    await deliveries.remove_channel(services, row.id, watchlist_id=row.watchlist_id)
    return row, mute


async def all_channels(services: Services, wanted: str | None) -> Sequence[Channel]:
    """The channels of a watchlist, or of all. Raises NotFound."""
    lists = await list_watchlists(services)
    if wanted is not None:
        lists = [the_watchlist(lists, wanted)]
    return [row for one in lists for row in await deliveries.list_channels(services, one.id)]


async def test(
    services: Services, *, channel: str | None, demo: bool, watchlist: str | None
) -> tuple[Channel, Trial]:
    """Send a test message. Raises NotFound, Invalid."""
    if demo:
        row = await _demo_channel(services)
    else:
        row = chosen(await all_channels(services, watchlist), channel)
    return row, await deliveries.test_channel(services, row.id, watchlist_id=row.watchlist_id)


async def _demo_channel(services: Services) -> Channel:
    """The demo's own channel, which can send nothing anywhere."""
    for one in await list_watchlists(services):
        if not one.is_demo:
            continue
        for row in await deliveries.list_channels(services, one.id):
            if row.kind == "console":
                return row
    raise NotFound(
        "there is no demo here: `vigie demo load` first",
        fr="il n’y a pas de démo ici : d’abord `vigie demo load`",
    )


def chosen(rows: Sequence[Channel], wanted: str | None) -> Channel:
    """The named channel; without a name the only one. Raises NotFound, Invalid."""
    if wanted is not None:
        return pick(rows, wanted, fr="canal", en="channel")
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise NotFound(
            "there is no channel yet: `vigie channel add`",
            fr="il n’y a pas encore de canal : `vigie channel add`",
        )
    names = ", ".join(row.name for row in rows)
    raise Invalid(f"say which channel: {names}", fr=f"dites quel canal : {names}")
