"""Reading known statuses again, in one call where the instance has it (Mastodon 4.3 and later)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from collectors.errors import BadPayload
from collectors.http.outcomes import error_for
from collectors.jsontext import read_json

if TYPE_CHECKING:
    from collectors.http import Http, Params, Response


async def read_again(
    base: str, headers: Mapping[str, str], ids: Sequence[str], http: Http
) -> tuple[list[Any], set[str]]:
    """The statuses as they are now, and the ids of those that are gone."""
    if not ids:
        return [], set()
    address = f"{base}/api/v1/statuses"
    response = await _asked(address, {"id[]": list(ids)}, headers, http)
    if response.status in {404, 405, 410}:  # an older server, or other software
        return await _one_by_one(address, headers, ids, http)
    statuses = _read(response, http)
    if not isinstance(statuses, list):
        raise BadPayload(f"{urlsplit(base).hostname}: the answer is no list of statuses")
    there = {str(one.get("id")) for one in statuses if isinstance(one, dict)}
    return statuses, {one for one in ids if one not in there}


async def _one_by_one(
    address: str, headers: Mapping[str, str], ids: Sequence[str], http: Http
) -> tuple[list[Any], set[str]]:
    statuses, gone = [], set()
    for one in ids:
        if http.left == 0:
            break
        response = await _asked(f"{address}/{quote(one, safe='')}", {}, headers, http)
        if response.status in {404, 410}:
            gone.add(one)
        else:
            statuses.append(_read(response, http))
    return statuses, gone


async def _asked(address: str, params: Params, headers: Mapping[str, str], http: Http) -> Response:
    response = await http.request(
        "GET", address, params=params, headers=headers, raise_for_status=False
    )
    assert response is not None  # None answers a conditional request, which this is not
    return response


def _read(response: Response, http: Http) -> Any:
    host = urlsplit(response.url).hostname or ""
    error = error_for(response.status, response.headers, host=host, now=http.now.timestamp())
    if error is not None:
        raise error
    return read_json(response.body)
