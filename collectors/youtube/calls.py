"""Asking the YouTube Data API: quotas counted before each call, errors read from the body.

A 403 of Google may mean "no quota left", "comments are switched off" or "your key may not": only
its body tells (developers.google.com/youtube/v3/docs/errors).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from collectors.desk import Quota
from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient
from collectors.http.outcomes import error_for
from collectors.http.retry_after import retry_after
from collectors.jsontext import read_json
from collectors.youtube.config import YouTubeConfig

if TYPE_CHECKING:
    from datetime import datetime

    from collectors.http import Http, Response

SEARCHES: Final = "searches"
UNITS: Final = "units"
BATCH: Final = 50
"""Ids, hits and playlist entries of one call at most."""
THREADS: Final = 100
"""Comment threads, or replies, of one call at most."""
_SOURCE: Final = "developers.google.com/youtube/v3/determine_quota_cost"
_SHORTLY: Final = 60.0
"""Seconds to wait where YouTube says "too fast" and names no time."""

_DAY_IS_OVER: Final = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_TOO_FAST: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_ABSENT: Final = frozenset(
    {
        "commentsDisabled",
        "videoNotFound",
        "channelNotFound",
        "playlistNotFound",
        "playlistItemsNotAccessible",
        "commentNotFound",
        "commentThreadNotFound",
        "channelClosed",
        "channelSuspended",
    }
)
_OF_ONE: Final = frozenset({"commentThreads", "comments", "playlistItems"})
"""Lists of one video or channel: a refusal that is not about the key concerns that one alone."""
_STALE: Final = frozenset({"invalidPageToken", "processingFailure"})
_ADVICE: Final = {
    "keyInvalid": "the API key is not valid: make one in the Google Cloud console and give it here",
    "keyExpired": "the API key has expired: make a new one in the Google Cloud console",
    "accessNotConfigured": "switch the YouTube Data API v3 on for the key's project in the Google "
    "Cloud console",
    "ipRefererBlocked": "the key's restrictions keep this server out: allow its address and the "
    "YouTube Data API v3 in the Google Cloud console",
}
_NO_KEY: Final = (
    "YouTube needs a key: make one in the Google Cloud console and give it to the source"
)
_SAME_AS: Final = {
    "API_KEY_INVALID": "keyInvalid",
    "API_KEY_EXPIRED": "keyExpired",
    "SERVICE_DISABLED": "accessNotConfigured",
    "API_KEY_SERVICE_BLOCKED": "ipRefererBlocked",
    "API_KEY_IP_ADDRESS_BLOCKED": "ipRefererBlocked",
    "API_KEY_HTTP_REFERRER_BLOCKED": "ipRefererBlocked",
}


class Absent(NeedsAttention):
    """What was asked for is not there, or its comments are switched off: go on without it."""


class StalePage(Transient):
    """The place in a listing is no longer known to YouTube: begin the listing again."""


def quotas_of(config: YouTubeConfig) -> tuple[Quota, Quota]:
    """Searches have a bucket of their own; all else shares the units."""
    return (
        _quota(config, SEARCHES, config.searches_a_day),
        _quota(config, UNITS, config.units_a_day),
    )


def _quota(config: YouTubeConfig, name: str, limit: int) -> Quota:
    return Quota(name=name, limit=limit, window="day", zone=config.quota_zone, source=_SOURCE)


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a listing."""

    records: list[Any]
    next: str = ""


class Api:
    """The API with one key, on one `Http`."""

    def __init__(self, config: YouTubeConfig, http: Http) -> None:
        self._config = config
        self._http = http
        self._quotas = {one.name: one for one in quotas_of(config)}
        self.asked = 0

    @property
    def now(self) -> datetime:
        return self._http.now

    def room(self, requests: int) -> bool:
        """Whether so many requests more fit into this poll."""
        return self._http.left is None or self._http.left >= requests

    async def left(self, quota: str) -> int:
        return await self._http.desk.ledger.left(quota)

    async def list(self, resource: str, quota: str = UNITS, **params: str | int) -> Answer:
        """One call of `resource`.list. Each costs 1 of its quota."""
        key = self._config.api_key
        if key is None:
            raise NeedsAttention(_NO_KEY)
        ledger = self._http.desk.ledger
        await ledger.spend(quota)
        self.asked += 1
        # In a header: an address is what proxies and logs keep.
        response = await self._get(resource, params, {"x-goog-api-key": key.get_secret_value()})
        now = self.now
        error = failure(response, resource, now=now, day_ends=self._quotas[quota].ends(now))
        if isinstance(error, DayIsOver):
            # Another program may share the project: its count is the one that holds.
            left = await ledger.left(quota)
            await ledger.owe(quota, min(left, self._quotas[quota].limit))
        if error is not None:
            raise error
        return read_answer(response.body, resource)

    async def _get(
        self, resource: str, params: Mapping[str, str | int], headers: Mapping[str, str]
    ) -> Response:
        """Whatever the API answers: its errors are told in the body."""
        response = await self._http.request(
            "GET",
            f"{self._config.base_url.rstrip('/')}/{resource}",
            params={name: value for name, value in params.items() if value != ""},
            headers=headers,
            raise_for_status=False,
        )
        assert response is not None  # None answers a conditional request, which this is not
        return response


class DayIsOver(RateLimited):
    """The day's quota is used up."""


def read_answer(body: bytes, resource: str) -> Answer:
    """The records of an answer. Raises BadPayload."""
    found = read_json(body)
    records = found.get("items", []) if isinstance(found, dict) else None
    if not isinstance(records, list) or not ("items" in found or "kind" in found):
        raise BadPayload(f"YouTube: the answer to {resource}.list has no list of items")
    token = found.get("nextPageToken")
    return Answer(records, token if isinstance(token, str) and len(token) <= 500 else "")


def failure(
    response: Response, resource: str, *, now: datetime, day_ends: datetime
) -> CollectorError | None:
    """What an answer asks of us, by its status and the reasons in its body; None: nothing. Pure.

    day_ends: when the day's quotas begin again.
    """
    if 200 <= response.status < 300:
        return None
    host = urlsplit(response.url).hostname or ""
    said = _error(response.body)
    reasons = tuple(_reasons(said))
    too_fast = bool(_TOO_FAST.intersection(reasons))
    if _DAY_IS_OVER.intersection(reasons) or (too_fast and _is_daily(said)):
        wait = (day_ends - now).total_seconds()
        return DayIsOver(f"{host}: the day's quota of the key is used up", wait)
    if too_fast or response.status == 429:
        wait = retry_after(response.headers, now=now.timestamp()) or _SHORTLY
        return RateLimited(f"{host}: {response.status}, asked to wait", wait)
    if known := next((error for reason in reasons if (error := _known(reason, host))), None):
        return known
    if reasons and resource in _OF_ONE and response.status in {403, 404}:
        return Absent(f"{host}: {reasons[0]}")
    return error_for(response.status, response.headers, host=host, now=now.timestamp())


def _known(reason: str, host: str) -> CollectorError | None:
    """The error of a reason that we know the meaning of."""
    if reason in _ABSENT:
        return Absent(f"{host}: {reason}")
    if reason in _STALE:
        return StalePage(f"{host}: {reason}")
    advice = _ADVICE.get(reason)
    return NeedsAttention(f"{host}: {advice}") if advice else None


def _error(body: bytes) -> Mapping[str, Any]:
    try:
        found = read_json(body)
    except BadPayload:
        return {}
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else {}


def _reasons(error: Mapping[str, Any]) -> Iterator[str]:
    """Google writes them in `errors`, its newer servers in `details`."""
    for key in ("errors", "details"):
        listed = error.get(key)
        for one in listed[:20] if isinstance(listed, list) else []:
            reason = one.get("reason") if isinstance(one, dict) else None
            if isinstance(reason, str) and reason.replace("_", "").isalnum():
                yield _SAME_AS.get(reason, reason)[:60]
    if "API key not valid" in str(error.get("message", "")):
        yield "keyInvalid"


def _is_daily(error: Mapping[str, Any]) -> bool:
    """Whether "too fast" is said of a quota by the day, as of the bucket of searches."""
    return "per day" in str(error.get("message", "")).lower()
