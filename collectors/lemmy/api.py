"""The two APIs of Lemmy: v3, by pages, and v4 of Lemmy 1.0, by cursors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited
from collectors.jsontext import read_json
from collectors.lemmy.config import SEARCHES, LemmyConfig
from collectors.lemmy.searches import Search

if TYPE_CHECKING:
    from collectors.http import Http, Response

PAGE: Final = 50
"""Posts an answer: the most that Lemmy gives."""
_LONGEST_CURSOR: Final = 60
_GONE: Final = frozenset(
    {
        "couldnt_find_object", "couldnt_find_post", "couldnt_find_comment", "not_found",
        "resolve_object_failed",
    }
)  # fmt: skip
Version = Literal["v3", "v4"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One answer. further: where the next one begins, "" at the end."""

    views: Sequence[Any]
    further: str = ""


class CursorLost(NeedsAttention):
    """The place to go on from is gone: the post that it names was deleted meanwhile."""


class Api:
    def __init__(self, config: LemmyConfig) -> None:
        self._config = config
        self._base = config.instance.rstrip("/")

    async def version(self, http: Http) -> Version:
        """v4 where the instance has it."""
        if self._config.api != "auto":
            return self._config.api
        response = await self._ask("/api/v4/site", {}, http)
        if response.status == 404:
            return "v3"
        error = self._refusal(response, http)
        if error is not None:
            raise error
        try:
            found = read_json(response.body)
        except BadPayload:  # a page of the web site, in place of an API that is not there
            return "v3"
        return "v4" if isinstance(found, dict) and "site_view" in found else "v3"

    async def search(
        self, version: Version, search: Search, place: str, seconds: int, http: Http
    ) -> Found:
        """Newest first. place: as the answer before told it; seconds: how far back, v4 only.

        Raises CursorLost where v4 does not know the place any more.
        """
        await http.desk.ledger.spend(SEARCHES)
        params = {"q": search.words, "limit": str(PAGE)}
        params |= {"community_name": search.community} if search.community else {}
        if version == "v3":
            return await self._v3(search, params, place, http)
        return await self._v4(search, params, place, seconds, http)

    async def _v3(self, search: Search, params: Mapping[str, str], place: str, http: Http) -> Found:
        page = int(place) if place.isdecimal() else 1
        own = {"type_": search.what.capitalize(), "sort": "New", "listing_type": "All"}
        found = await self._json("/api/v3/search", {**params, **own, "page": str(page)}, http)
        views = found.get(search.what)
        if not isinstance(views, list):
            raise BadPayload("Lemmy: the answer has no list of what was searched for")
        return Found(views=views, further=str(page + 1) if len(views) >= PAGE else "")

    async def _v4(
        self, search: Search, params: Mapping[str, str], place: str, seconds: int, http: Http
    ) -> Found:
        own = {"type_": search.what, "sort": "new", "listing_type": "all"}
        own |= {"time_range_seconds": str(max(seconds, 1))}
        own |= {"page_cursor": place} if place else {}
        try:
            found = await self._json("/api/v4/search", {**params, **own}, http)
        except NeedsAttention as error:
            if place:
                raise CursorLost("Lemmy: the search cannot go on where it was") from error
            raise
        views = found.get("search", found.get("results"))
        if not isinstance(views, list):
            raise BadPayload("Lemmy: the answer has no list of what was searched for")
        further = found.get("next_page") or ""
        if not isinstance(further, str) or len(further) > _LONGEST_CURSOR:
            raise BadPayload("Lemmy: the answer has no cursor that can be kept")
        kept = [one for one in views if not isinstance(one, dict) or "post" in one]
        return Found(views=kept, further=further)

    async def object(self, version: Version, address: str, http: Http) -> Any:
        """The view of the post or comment of this address; None where it is gone."""
        await http.desk.ledger.spend(SEARCHES)  # Lemmy counts it as one
        response = await self._ask(f"/api/{version}/resolve_object", {"q": address}, http)
        if response.status == 404 or (response.status == 400 and _said(response) in _GONE):
            return None
        error = self._refusal(response, http)
        if error is not None:
            raise error
        found = read_json(response.body)
        found = found if isinstance(found, dict) else {}
        # v3: {"post": view} or {"comment": view}; v4: the view itself, or within "resolve".
        views = (found.get("resolve"), found, found.get("comment"), found.get("post"))
        return next((v for v in views if isinstance(v, dict) and "creator" in v), found)

    async def _json(self, path: str, params: Mapping[str, str], http: Http) -> dict[str, Any]:
        response = await self._ask(path, params, http)
        error = self._refusal(response, http)
        if error is not None:
            raise error
        found = read_json(response.body)
        if not isinstance(found, dict):
            raise BadPayload("Lemmy: the answer is no object")
        return found

    async def _ask(self, path: str, params: Mapping[str, str], http: Http) -> Response:
        token = self._config.token
        own = {"authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        response = await http.request(
            "GET",
            self._base + path,
            params=params,
            headers=own,
            accept="application/json",
            raise_for_status=False,  # a 400 may say in its body that we only have to wait
        )
        assert response is not None  # None answers a conditional request, which this is not
        return response

    def _refusal(self, response: Response, http: Http) -> CollectorError | None:
        """What an answer other than a success means. Before 1.0 a limit is a 400."""
        from collectors.http.outcomes import error_for  # at use: reading views needs no HTTP

        host = urlsplit(response.url).hostname or "the instance"
        now = http.now.timestamp()
        error = error_for(response.status, response.headers, host=host, now=now)
        window = float(self._config.search_window_seconds)
        if response.status >= 400 and _said(response) == "rate_limit_error":
            told = error.retry_after if isinstance(error, RateLimited) else None
            return RateLimited(f"{host}: too many searches, asked to wait", told or window)
        return error


def _said(response: Response) -> str:
    """The name of the error in a refusal."""
    try:
        found = read_json(response.body)
    except BadPayload:
        return ""
    name = found.get("error") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""
