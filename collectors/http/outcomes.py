"""What an answer, or none, means: the one place where statuses become errors.

CollectorError
├── Transient
│   ├── NotSent       nothing reached the server: sending again cannot double anything
│   ├── Unanswered    the request may have been acted on: the outcome is unknown
│   ├── OverBudget    this poll has used up its requests
│   └── RateLimited
├── BadPayload
└── NeedsAttention
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.errors import CollectorError, NeedsAttention, RateLimited, Transient
from collectors.http.retry_after import retry_after

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LASTING = frozenset({301, 308})
"""Redirects that are meant for good (RFC 9110 §15.4)."""


class NotSent(Transient):
    """No connection: the request never left, so it may be sent again safely."""


class Unanswered(Transient):
    """The request left and no whole answer came: the server may have acted on it."""


class OverBudget(Transient):
    """The requests allowed to this poll are used up; the rest waits for the next one."""


def no_connection(host: str) -> str:
    """Return the one text for every target that could not be, or must not be, connected to.

    Denied, closed, silent and unknown targets read alike: a text that told them apart would
    make us a scanner of the operator's network (R-04).
    """
    return (
        f"{host}: no connection (unknown name, no answer, or an address this service may not "
        "contact unless its administrator allows that private network)"
    )


def refused(host: str) -> NeedsAttention:
    """Return the error for a target that the policy denies."""
    return NeedsAttention(no_connection(host))


def unreachable(host: str) -> NotSent:
    """Return the error for a target that is allowed and cannot be connected to."""
    return NotSent(no_connection(host))


def error_for(
    status: int, headers: Mapping[str, str], *, host: str, now: float
) -> CollectorError | None:
    """Return what a status asks of us, or None for a success.

    now: epoch seconds, for waits given as a date.
    """
    if 200 <= status < 300:
        return None
    if _rate_limited(status, headers):
        return RateLimited(f"{host}: {status}, asked to wait", retry_after(headers, now=now))
    if status >= 500 or status in {408, 425}:
        return Transient(f"{host}: {status}")
    return NeedsAttention(f"{host}: {status}, {_advice(status)}")


def _rate_limited(status: int, headers: Mapping[str, str]) -> bool:
    if status == 429:
        return True
    if status == 503:
        return "retry-after" in headers
    # GitHub answers 403 to those who are out of requests; "forbidden" would pause the source.
    spent = headers.get("x-ratelimit-remaining", "").strip() == "0"
    return status == 403 and (spent or "retry-after" in headers)


def _advice(status: int) -> str:
    if status in {401, 403}:
        return "access denied: check the key or the address"
    if status in {404, 410}:
        return "gone: nothing is at this address any more"
    if status in REDIRECTS:
        return "it points elsewhere: give the final address"
    return "the request was not accepted: check the settings"
