"""How long a server asks us to wait, and how long its answer stays fresh. Pure.

Sources: RFC 9110 §10.2.3 (Retry-After), RFC 9111 §4.2 (freshness), Mastodon's API docs
(X-RateLimit-Reset as ISO 8601), GitHub, Bluesky and X (as epoch), Reddit (as seconds from now).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 86_400.0
"""Seconds. No server makes us wait, or stay away, for longer than a day (R-11)."""

_NUMBER = re.compile(r"\d{1,13}(\.\d{1,9})?")
_MAX_AGE = re.compile(r'(?:^|,)\s*max-age\s*=\s*"?(\d{1,10})', re.IGNORECASE)
_NEVER_FRESH = re.compile(r"(?:^|,)\s*no-(?:store|cache)\s*(?:$|,)", re.IGNORECASE)
_RESETS = ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset")
_EPOCH_FROM = 1_000_000_000  # A smaller number counts seconds from now: 2001 is long gone.
_MILLISECONDS_FROM = 100_000_000_000


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the seconds to wait that the headers ask for, 0 … LONGEST, or None.

    headers: names in lower case. now: epoch seconds.
    """
    wait = _moment(headers.get("retry-after", ""), now=now)
    if wait is None:
        found = (_moment(headers.get(name, ""), now=now) for name in _RESETS)
        wait = next((value for value in found if value is not None), None)
    return None if wait is None else _clamped(wait)


def freshness(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return for how many seconds the answer says it stays fresh, or None where it does not."""
    control = headers.get("cache-control", "")
    if _NEVER_FRESH.search(control):
        return None
    if stated := _MAX_AGE.search(control):
        return _clamped(float(stated.group(1)) - _age(headers))
    expires = http_date(headers.get("expires", ""))
    if expires is None:
        return None
    sent = http_date(headers.get("date", ""))
    return _clamped(expires - (now if sent is None else sent))


def http_date(text: str) -> float | None:
    """Return an HTTP date (any of RFC 9110's three forms) as epoch seconds, or None."""
    try:
        moment = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _epoch(moment)


def _moment(text: str, *, now: float) -> float | None:
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return _from_number(float(text), now=now)
    at = http_date(text)
    if at is None:
        at = _iso_date(text)
    return None if at is None else at - now


def _from_number(value: float, *, now: float) -> float:
    if value >= _MILLISECONDS_FROM:
        return value / 1000 - now
    return value - now if value >= _EPOCH_FROM else value


def _iso_date(text: str) -> float | None:
    try:
        return _epoch(datetime.fromisoformat(text))
    except ValueError:
        return None


def _epoch(moment: datetime) -> float | None:
    # asctime() and some servers' ISO times name no zone; both mean UTC.
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.timestamp()
    except (OverflowError, ValueError):
        return None


def _age(headers: Mapping[str, str]) -> float:
    text = headers.get("age", "").strip()
    return float(text) if _NUMBER.fullmatch(text) else 0.0


def _clamped(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST)
