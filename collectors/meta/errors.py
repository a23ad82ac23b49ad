"""What an error of the Graph API asks of us, or of the person who owns the token. Pure.

developers.facebook.com/docs/graph-api/guides/error-handling and …/overview/rate-limiting
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient
from collectors.jsontext import read_json

if TYPE_CHECKING:
    from collectors.http import Response

FULL: Final = 95.0
"""Percent of a limit from which on nothing more is asked."""
PAUSE: Final = 600.0
"""Seconds to wait where Meta names no time: its windows roll over an hour."""
_EXPIRED: Final = frozenset({102, 190, 463, 467})
_BUSY: Final = frozenset({4, 17, 32, 341, 613}) | frozenset(range(80_000, 80_015))
_PASSING: Final = frozenset({1, 2})
_UNIQUE_SPENT: Final = 18
_USED: Final = ("call_count", "total_time", "total_cputime")


class Unaccepted(NeedsAttention):
    """Code 100: a parameter, such as an old cursor, is not accepted."""


class Missing(NeedsAttention):
    """The object is not there, or not for this token."""


class Forbidden(NeedsAttention):
    """The token lacks a permission."""


class Spent(RateLimited):
    """Code 18: no further hashtag may be asked for this week."""


def error_of(
    response: Response, *, service: str, needs: str, host: str, now: float
) -> CollectorError | None:
    """None for a success. needs: the permission that the call needs, for the person."""
    from collectors.http.outcomes import error_for  # at use: reading answers needs no HTTP
    from collectors.http.retry_after import retry_after

    problem = _problem(response)
    if problem:
        error = _by_code(problem, service=service, needs=needs)
        if isinstance(error, RateLimited):
            _, wait = usage_of(response.headers)
            error.retry_after = wait or retry_after(response.headers, now=now) or PAUSE
        if error is not None:
            return error
    found = error_for(response.status, response.headers, host=host, now=now)
    if found is None and problem:  # an error in an answer that says 200
        return Transient(f"{service}: error {_number(problem.get('code'))}")
    return found


def _by_code(problem: Mapping[str, Any], *, service: str, needs: str) -> CollectorError | None:
    code, sub = _number(problem.get("code")), _number(problem.get("error_subcode"))
    if code in _EXPIRED:
        return NeedsAttention(
            f"{service}: the access token has expired or was revoked; make a new one and enter it"
        )
    if code in _BUSY:
        return RateLimited(f"{service}: asked to wait (code {code})")
    if code == _UNIQUE_SPENT:
        return Spent(f"{service}: all hashtags of these seven days are used up")
    if code in _PASSING or problem.get("is_transient") is True:
        return Transient(f"{service}: a passing fault (code {code})")
    if code in (3, 10) or 200 <= code < 300:
        return Forbidden(f"{service}: the token lacks the permission {needs} (code {code})")
    if (code == 100 and sub == 33) or code in (24, 110, 803):
        return Missing(f"{service}: not there, or not for this token (code {code})")
    if code == 100:
        return Unaccepted(f"{service}: the request is not accepted; check the settings (code 100)")
    return None


def _problem(response: Response) -> Mapping[str, Any]:
    if 200 <= response.status < 300 and b'"error"' not in response.body[:2_000]:
        return {}
    try:
        found = read_json(response.body[:20_000])
    except BadPayload:
        return {}
    problem = found.get("error") if isinstance(found, dict) else None
    return problem if isinstance(problem, dict) else {}


def usage_of(headers: Mapping[str, str]) -> tuple[float, float]:
    """The fullest limit in percent, and the seconds until access comes back (0: not told)."""
    fullest = wait = 0.0
    for name in ("x-app-usage", "x-business-use-case-usage", "x-page-usage"):
        for one in _usages(headers.get(name, "")):
            fullest = max(fullest, *(_figure(one.get(key)) for key in _USED))
            wait = max(wait, _figure(one.get("estimated_time_to_regain_access")) * 60)
    return fullest, wait


def _usages(header: str) -> Iterator[Mapping[str, Any]]:
    """The figures of a header, which holds them at once or in lists by the business's id."""
    try:
        found = read_json(header[:20_000].encode("utf-8", "replace"))
    except BadPayload:
        return
    if not isinstance(found, dict):
        return
    yield found
    for ones in found.values():
        yield from (
            one for one in (ones if isinstance(ones, list) else ()) if isinstance(one, dict)
        )


def _figure(value: object) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and 0 <= value < 10**6 else 0.0  # type: ignore[operator,arg-type]


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
