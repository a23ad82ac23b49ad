"""The API's wrapper around every answer (api.stackexchange.com/docs/wrapper)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient
from collectors.jsontext import read_json
from collectors.stackexchange.config import REQUESTS, StackExchangeConfig
from collectors.stackexchange.posts import Name

if TYPE_CHECKING:
    from collectors.http import Http, Response

PAGE: Final = 100
"""Posts an answer: the most that the API gives."""
_THROTTLED: Final = 502
_PASSING: Final = frozenset({500, 503})
_UNTOLD_WAIT: Final = 60.0
"""Seconds to wait where the API throttles and does not say how long."""
_SECONDS: Final = re.compile(r"(\d{1,6}) seconds")
_WORD: Final = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """backoff: seconds for which the same method must not be asked again.

    spent: whether nothing is left of the day's quota.
    """

    items: Sequence[Any]
    more: bool
    backoff: int
    spent: bool


class Api:
    """Asks, counts each request before, and tells refusals apart."""

    def __init__(self, config: StackExchangeConfig) -> None:
        self._base = config.base_url.rstrip("/")
        self._key = config.key

    async def ask(self, path: str, params: Mapping[str, str], http: Http) -> Answer:
        await http.desk.ledger.spend(REQUESTS)
        own = {"key": self._key.get_secret_value()} if self._key else {}
        response = await http.request(
            "GET",
            self._base + path,
            params={"pagesize": str(PAGE), **params, **own},
            raise_for_status=False,  # a 400 may say in its body that we only have to wait
        )
        assert response is not None  # None answers a conditional request, which this is not
        error = refusal_of(response, now=http.now.timestamp())
        if error is not None:
            raise error
        answer = read_answer(response.body)
        await self._settle(response.body, http)
        return answer

    async def posts(self, names: Sequence[Name], http: Http) -> tuple[Answer, ...]:
        """Questions and answers of one site, whole; an answer each kind, those that exist."""
        answers = []
        for kind, path in (("q", "questions"), ("a", "answers")):
            ids = [str(one.number) for one in names if one.kind == kind]
            if ids:
                asked = {"site": names[0].site, "filter": "withbody"}
                answers.append(await self.ask(f"/{path}/{';'.join(ids[:PAGE])}", asked, http))
        return tuple(answers)

    async def _settle(self, body: bytes, http: Http) -> None:
        """What the API says is left holds: others may ask from the same address."""
        told = _number(read_json(body).get("quota_remaining"))
        left = await http.desk.ledger.left(REQUESTS)
        if told is not None and told < left:
            await http.desk.ledger.owe(REQUESTS, left - told)


def read_answer(body: bytes) -> Answer:
    """Raises BadPayload where the body is not the API's wrapper."""
    found = read_json(body)
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(items, list):
        raise BadPayload("Stack Exchange: the answer has no list of items")
    return Answer(
        items=items,
        more=found.get("has_more") is True,
        backoff=min(max(_number(found.get("backoff")) or 0, 0), 86_400),
        spent=_number(found.get("quota_remaining")) == 0,
    )


def refusal_of(response: Response, *, now: float) -> CollectorError | None:
    """What an answer other than a success means. The API puts its own codes into a 400."""
    from collectors.http.outcomes import error_for  # at use: reading answers needs no HTTP

    if 200 <= response.status < 300:
        return None
    host = urlsplit(response.url).hostname or "Stack Exchange"
    try:
        found = read_json(response.body)
    except BadPayload:
        found = None
    found = found if isinstance(found, dict) else {}
    code = _number(found.get("error_id"))
    if code == _THROTTLED:
        told = _SECONDS.search(str(found.get("error_message") or "")[:500])
        wait = min(float(told[1]), 86_400.0) if told else _UNTOLD_WAIT
        return RateLimited(f"{host}: too many requests, asked to wait", wait)
    if code in _PASSING:
        return Transient(f"{host}: {code}")
    name = str(found.get("error_name") or "")
    if response.status == 400 and _WORD.fullmatch(name):
        return NeedsAttention(f"{host}: {name}: check the sites and the key")
    return error_for(response.status, response.headers, host=host, now=now)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
