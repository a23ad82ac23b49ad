"""Whether a property, flag, number or date of an item is as the query wants it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from urllib.parse import urlsplit

from nlp.query.ast import Ago, Bound, Dates, Flag, Range, Value
from nlp.query.reading import Reading
from nlp.query.values import Text
from nlp.text import fold

Holds = Callable[[Reading], bool]

ENGAGEMENT = ("likes", "reposts", "replies", "quotes", "comments")
"""What is summed where an item does not say its engagement itself."""


def property_test(node: Value | Flag | Range | Dates, zone: tzinfo) -> Holds:
    """The leaf as a question to a Reading."""
    match node:
        case Value("url", value):
            return lambda reading: any(value in one for one in reading.addresses())
        case Value():
            return _value_test(node)
        case Flag("has", "link"):
            return has_link
        case Flag(_, value):
            return lambda reading: value in reading.item.flags
        case Range():
            return lambda reading: _within(metric(reading.item, node.metric), node)
        case Dates():
            return lambda reading: published_within(reading, node, zone)


def has_link(reading: Reading) -> bool:
    """Whether the text holds a URL; a mail address is none."""
    if "link" in reading.item.flags or reading.item.links:
        return True
    return any(text.addresses() for _, text in reading.parts(""))


def _value_test(node: Value) -> Holds:
    value, prefix = node.value, node.prefix
    if node.field == "site":
        return lambda reading: _on_site(host_of(reading.item.url), value, prefix=prefix)
    if node.field == "list":
        return lambda reading: any(_equals(fold(one), node) for one in reading.item.lists)
    if node.field == "source":
        return lambda reading: any(
            _equals(fold(one).strip(), node)
            for one in (reading.item.source, reading.item.source_kind)
        )
    if node.field == "lang":
        return lambda reading: _speaks(fold(reading.item.lang or "").replace("_", "-"), node)
    if node.field == "country":
        return lambda reading: _equals(fold(reading.item.country or "").replace("_", "-"), node)
    return lambda reading: _equals(fold(reading.item.cluster or ""), node)


def _equals(actual: str, node: Value) -> bool:
    if not actual:
        return False
    return actual.startswith(node.value) if node.prefix else actual == node.value


def _speaks(actual: str, node: Value) -> bool:
    """`lang:fr` is also true of `fr-FR`."""
    return _equals(actual, node) or (not node.prefix and actual.startswith(f"{node.value}-"))


def _on_site(host: str, site: str, *, prefix: bool) -> bool:
    if prefix:
        return bool(host) and host.startswith(site)
    return host == site or host.endswith(f".{site}")


def host_of(url: str) -> str:
    """The folded host of an address without `www.`; "" where there is none."""
    try:
        host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return fold(host).removeprefix("www.").strip(".")


def metric(item: Text, name: str) -> float | None:
    """A number of the item; None where it does not say it: never zero."""
    known = item.metrics.get(name)
    if known is not None or name != "engagement":
        return known
    parts = [item.metrics[part] for part in ENGAGEMENT if part in item.metrics]
    return sum(parts) if parts else None


def _within(number: float | None, node: Range) -> bool:
    if number is None:
        return False
    return _above(number, node.low) and _below(number, node.high)


def _above(number: float, bound: Bound | None) -> bool:
    return bound is None or (number > bound.value if bound.open else number >= bound.value)


def _below(number: float, bound: Bound | None) -> bool:
    return bound is None or (number < bound.value if bound.open else number <= bound.value)


def published_within(reading: Reading, node: Dates, zone: tzinfo) -> bool:
    """Whether the item was published in the days meant, told in the zone's local time.

    Days before or after the present are counted from the reading's `now`; without one a bound
    that needs it holds nothing back.
    """
    published = reading.item.published_at
    if published is None:
        return False
    at = (published if published.tzinfo else published.replace(tzinfo=UTC)).astimezone(zone)
    now = reading.now.astimezone(zone) if reading.now else None
    return _since(at, node.low, now) and _until(at, node.high, now)


def _since(at: datetime, bound: date | Ago | None, now: datetime | None) -> bool:
    if isinstance(bound, Ago):
        if now is None:
            return True
        if bound.unit == "h":
            return at >= now - timedelta(hours=bound.number)
        return at.date() >= _day(bound, now)
    return bound is None or at.date() >= bound


def _until(at: datetime, bound: date | Ago | None, now: datetime | None) -> bool:
    if isinstance(bound, Ago):
        if now is None:
            return True
        if bound.unit == "h":
            return at <= now - timedelta(hours=bound.number)
        return at.date() <= _day(bound, now)
    return bound is None or at.date() <= bound


def _day(ago: Ago, now: datetime) -> date:
    return now.date() - timedelta(days=ago.number * (7 if ago.unit == "w" else 1))
