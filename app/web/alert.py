"""An alert's page: why it opened, and the mentions it is about."""

from __future__ import annotations

from typing import Any

from app.alerts.service import Shown, get_alert, get_rule
from app.errors import NotFound
from app.mentions.service import get_mention
from app.models import Watchlist
from app.services import Services
from app.watchlists.service import list_brands, list_watchlists
from app.web.house import alert_row, mention_row

MOST_MENTIONS = 20


async def load_alert(services: Services, alert_id: int, *, lang: str) -> dict[str, Any]:
    """What the template shows. Raises NotFound."""
    watchlist, shown = await _find(services, alert_id)
    rule = await get_rule(services, shown.alert.rule_id, watchlist_id=watchlist.id)
    places = {b.id: n for n, b in enumerate(await list_brands(services, watchlist.id))}
    mentions = []
    for mention_id in shown.mention_ids[:MOST_MENTIONS]:
        try:
            view = await get_mention(services, watchlist.id, mention_id)
        except NotFound:
            continue  # erased or removed since
        mentions.append(mention_row(view, places.get(view.mention.brand_id, 0)))
    return {
        "watchlist": watchlist,
        "alert": alert_row(shown.alert, rule.name, lang),
        "mentions": mentions,
        "now": services.clock.now(),
    }


async def _find(services: Services, alert_id: int) -> tuple[Watchlist, Shown]:
    """The alert in whichever watchlist has it: its link, sent by mail, names only the alert."""
    for watchlist in await list_watchlists(services):
        try:
            return watchlist, await get_alert(services, alert_id, watchlist_id=watchlist.id)
        except NotFound:
            continue
    raise NotFound("There is no such alert.", fr="Cette alerte n’existe pas.")
