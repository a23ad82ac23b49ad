"""What the `digest` commands do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.cli.pick import the_watchlist
from app.cli.telling import chosen
from app.deliveries.service import drain, list_channels, list_deliveries
from app.digests import service as digests
from app.digests.service import Rendered
from app.errors import Invalid, NotFound
from app.models import DigestSubscription
from app.services import Services
from app.watchlists.service import list_watchlists


@dataclass(frozen=True, slots=True)
class Left:
    """A message of a digest, and what became of it."""

    id: str
    state: str
    error: str


async def preview(
    services: Services,
    *,
    watchlist: str | None,
    subscription: str | None,
    day: date | None,
    lang: str | None,
) -> Rendered:
    """Raises NotFound, Invalid."""
    if subscription is not None:
        row = await _subscription(services, watchlist, subscription)
        return await digests.preview(services, subscription_id=row.id, day=day, lang=lang)
    where = the_watchlist(await list_watchlists(services), watchlist)
    return await digests.preview(services, watchlist_id=where.id, day=day, lang=lang)


async def send(
    services: Services, *, watchlist: str | None, subscription: str | None
) -> Sequence[Left]:
    """Queue it and carry what is due, so that it leaves also where no service runs.

    Raises NotFound, Invalid.
    """
    row = await _subscription(services, watchlist, subscription)
    queued = await digests.send_now(services, row.id, watchlist_id=row.watchlist_id)
    await drain(services)
    newest = await list_deliveries(
        services, row.watchlist_id, channel_id=row.channel_id, limit=max(queued, 1)
    )
    return [Left(str(one.id), one.state, one.last_error) for one in newest]


async def subscribe(
    services: Services,
    *,
    watchlist: str | None,
    channel: str | None,
    at: str,
    zone: str | None,
    lang: str | None,
) -> DigestSubscription:
    """Raises NotFound, Invalid."""
    where = the_watchlist(await list_watchlists(services), watchlist)
    target = chosen(await list_channels(services, where.id), channel)
    return await digests.subscribe(
        services, where.id, channel_id=target.id, send_at=at, zone=zone, language=lang
    )


async def unsubscribe(
    services: Services, *, watchlist: str | None, subscription: str | None
) -> DigestSubscription:
    """Once more changes nothing. Raises NotFound, Invalid."""
    row = await _subscription(services, watchlist, subscription)
    return await digests.edit_subscription(
        services, row.id, watchlist_id=row.watchlist_id, version=row.version, active=False
    )


async def subscriptions(services: Services, wanted: str | None) -> Sequence[DigestSubscription]:
    """Raises NotFound, Invalid."""
    where = the_watchlist(await list_watchlists(services), wanted)
    return await digests.list_subscriptions(services, where.id)


async def _subscription(
    services: Services, watchlist: str | None, wanted: str | None
) -> DigestSubscription:
    """The subscription with that id, else the only one that goes on in the watchlist."""
    if wanted is not None and watchlist is None:
        lists = await list_watchlists(services)
    else:
        lists = [the_watchlist(await list_watchlists(services), watchlist)]
    rows = [row for one in lists for row in await digests.list_subscriptions(services, one.id)]
    # Without an id what was unsubscribed is not meant, where there is another.
    going = [row for row in rows if row.active and row.unsubscribed_at is None] or rows
    found = [row for row in rows if str(row.id) == wanted.strip()] if wanted else going
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(
            "there is no such subscription; see `vigie digest list`, or `vigie digest subscribe`",
            fr="cet abonnement n’existe pas ; voyez `vigie digest list`, ou "
            "`vigie digest subscribe`",
        )
    ids = ", ".join(str(row.id) for row in found)
    raise Invalid(
        f"say which subscription, by its id: {ids}",
        fr=f"dites quel abonnement, par son identifiant : {ids}",
    )
