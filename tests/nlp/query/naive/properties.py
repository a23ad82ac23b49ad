"""What is asked of the item itself: its addresses, codes, flags, numbers and moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from nlp.query.ast import Ago, Dates, Flag, Range, Value
from nlp.query.values import Text
from nlp.text import fold
from tests.nlp.query.naive.reading import links
from tests.nlp.query.naive.world import World

ENGAGEMENT = ("likes", "reposts", "replies", "quotes", "comments")


def value(node: Value, text: Text) -> bool:
    match node.field:
        case "url":
            known = [fold(text.url), *map(fold, text.links), *links(text.title), *links(text.body)]
            return any(node.value in address for address in known)
        case "site":
            return is_site(node, host(text.url))
        case "lang":
            code = fold(text.lang or "")
            return says(node, code) or (bool(code) and code.startswith(node.value + "-"))
        case "source":
            return says(node, fold(text.source)) or says(node, fold(text.source_kind))
        case "country":
            return says(node, fold(text.country or ""))
        case "cluster":
            return says(node, fold(text.cluster or ""))
        case "list":
            return any(says(node, fold(name)) for name in text.lists)


def says(node: Value, said: str) -> bool:
    if not said:
        return False
    return said.startswith(node.value) if node.prefix else said == node.value


def host(url: str) -> str:
    """The host of an address: between `//` and the path, without user, port and `www.`."""
    name = fold(url).partition("//")[2]
    for end in "/?#":
        name = name.partition(end)[0]
    return name.rpartition("@")[2].partition(":")[0].removeprefix("www.")


def is_site(node: Value, name: str) -> bool:
    wanted = node.value.removeprefix("www.")
    if node.prefix:
        return name.startswith(wanted)
    return name == wanted or name.endswith("." + wanted)


def flag(node: Flag, text: Text) -> bool:
    if node.value == "link" and (text.links or links(text.title) or links(text.body)):
        return True
    return node.value in text.flags


def number(node: Range, text: Text) -> bool:
    said = text.metrics.get(node.metric)
    if node.metric == "engagement" and said is None:
        parts = [text.metrics[name] for name in ENGAGEMENT if name in text.metrics]
        said = sum(parts) if parts else None
    if said is None:
        return False
    if node.low and (said < node.low.value or (node.low.open and said == node.low.value)):
        return False
    return not (
        node.high and (said > node.high.value or (node.high.open and said == node.high.value))
    )


def published(node: Dates, text: Text, world: World) -> bool:
    if text.published_at is None:
        return False
    moment = text.published_at
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    low, high = bound(node.low, world), bound(node.high, world)
    return not_before(moment, low, world) and not_after(moment, high, world)


def bound(end: date | Ago | None, world: World) -> date | datetime | None:
    """A local day, or a moment where hours were counted."""
    if not isinstance(end, Ago):
        return end
    if end.unit == "h":
        return world.now - timedelta(hours=end.number)
    days = end.number * (7 if end.unit == "w" else 1)
    return world.now.astimezone(world.zone).date() - timedelta(days=days)


def not_before(moment: datetime, low: date | datetime | None, world: World) -> bool:
    if low is None:
        return True
    if isinstance(low, datetime):
        return moment >= low
    return moment.astimezone(world.zone).date() >= low


def not_after(moment: datetime, high: date | datetime | None, world: World) -> bool:
    if high is None:
        return True
    if isinstance(high, datetime):
        return moment <= high
    return moment.astimezone(world.zone).date() <= high
