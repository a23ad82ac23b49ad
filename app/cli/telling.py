"""What the `channel` commands do."""

from __future__ import annotations

from collections.abc import Sequence

from app.cli import settings_of
from app.cli.pick import pick, the_watchlist
from app.deliveries import service as deliveries
from app.deliveries.service import Trial
from app.errors import Invalid, NotFound
from app.models import Channel
from app.services import Services
from app.watchlists.service import list_watchlists


async def add(
    services: Services, *, kind: str, name: str, given: Sequence[str], watchlist: str | None
) -> Channel:
    """Raises Invalid, NotFound."""
    forms = {one.kind: one.schema for one in deliveries.channel_kinds()}
    config = settings_of.shaped(settings_of.parsed(given), forms.get(kind, {}))
    where = the_watchlist(await list_watchlists(services), watchlist)
    return await deliveries.add_channel(
        services, watchlist_id=where.id, kind=kind, name=name, config=config
    )


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
