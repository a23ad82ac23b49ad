"""What the routes of every slice share: who asks, which watchlist, versions, pages, routers.

A route module holds no SQL and no rule: it reads the request, calls its slice's service and
shapes the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access.gate import scope_too_small
from app.access.rules import Principal, Scope, covers
from app.errors import Invalid, NotFound, Stale, Unauthorized
from app.services import Services

EXAMPLE_ID = "473911872905216001"
MOST_PER_PAGE = 500

T = TypeVar("T")


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _principal(request: Request) -> Principal:
    principal: Principal | None = request.state.principal
    if principal is None:  # only on the few public paths
        raise Unauthorized("Send an API key.", fr="Envoyez une clé d’API.")
    return principal


def _language(request: Request) -> str:
    return str(request.state.lang)


ServicesDep = Annotated[Services, Depends(_services)]
Who = Annotated[Principal, Depends(_principal)]
Lang = Annotated[str, Depends(_language)]


def needs(scope: Scope) -> Any:
    """A dependency for routes that ask for more than their method does."""

    def check(principal: Who) -> None:
        if not covers(principal.scope, scope):
            raise scope_too_small(principal, scope)

    return Depends(check)


def as_id(text: str) -> int:
    """The number in an id. Raises NotFound: what is no number is the id of nothing."""
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) >= 2**63:
        raise NotFound("There is no such thing.", fr="Introuvable.")
    return int(text)


def optional_id(text: str | None, field: str) -> int | None:
    """An id in a filter. Raises Invalid, which names the field."""
    if text is None:
        return None
    try:
        return as_id(text)
    except NotFound as error:
        raise Invalid(
            f"'{field}' is not an id.", fr=f"« {field} » n’est pas un identifiant.", field=field
        ) from error


def near_our_time(value: date, field: str) -> None:
    """Times are reckoned with (zones, periods before): the ends of the calendar cannot be.

    Raises Invalid.
    """
    if not 1970 <= value.year <= 2200:
        raise Invalid(
            "Give a year from 1970 to 2200.", fr="Donnez une année de 1970 à 2200.", field=field
        )


IdPath = Annotated[str, Path(description="Id of the thing.", examples=[EXAMPLE_ID])]

WatchlistQuery = Annotated[
    str | None,
    Query(
        alias="watchlist",
        description="Id of the watchlist; may be left out where there is only one.",
        examples=[EXAMPLE_ID],
    ),
]


async def _current_watchlist(services: ServicesDep, asked: WatchlistQuery = None) -> int:
    from app.watchlists.service import list_watchlists

    if asked is not None:
        return as_id(asked)
    found = [each.id for each in await list_watchlists(services)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(
            "There is no watchlist yet: make one with POST /api/v1/watchlists.",
            fr="Il n’y a pas encore de veille : faites-en une par POST /api/v1/watchlists.",
        )
    raise Invalid(
        "There are several watchlists: say which with ?watchlist=ID.",
        fr="Il y a plusieurs veilles : dites laquelle par ?watchlist=ID.",
        field="watchlist",
    )


WatchlistId = Annotated[int, Depends(_current_watchlist)]
"""Every noun below a watchlist is looked up in it: the id of another one's is a 404 (R-40)."""

Limit = Annotated[
    int, Query(ge=1, le=MOST_PER_PAGE, description="Rows of one page.", examples=[50])
]
Cursor = Annotated[
    str | None,
    Query(max_length=200, description="`next` of the page before; opaque.", examples=[None]),
]


class Schema(BaseModel):
    """Base of what goes in and out: unknown fields are refused, so a typing error is seen."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Listed(Schema, Generic[T]):
    """All rows there are."""

    data: list[T]


class Paged(Schema, Generic[T]):
    """One page, newest first."""

    data: list[T]
    next: str | None = Field(
        None, description="Cursor of the next page; null at the end.", examples=[None]
    )


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """RFC 8288: the next page's address, with the same filters."""
    if cursor is None:
        return
    query = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
    base = f"{_services(request).settings.public_url}{request.url.path}"
    response.headers["Link"] = f'<{base}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag you last read: the edit is refused (412) where it is not current.",
        examples=['"v3"'],
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="The ETag you have: 304 where it is current."),
]


def etag(version: int) -> str:
    return f'"v{version}"'


def tag_version(response: Response, version: int) -> None:
    response.headers["ETag"] = etag(version)
    response.headers["Cache-Control"] = "private, no-cache"


def expected_version(if_match: str | None) -> int | None:
    """The version an edit was made from; None: whichever. Raises Stale for a tag not ours."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().removeprefix("W/").strip('"')
    if tag.startswith("v") and tag.isascii() and tag[1:].isdigit() and len(tag) < 20:
        return int(tag[1:])
    raise Stale(
        "This ETag is not one of ours: read the thing again.",
        fr="Cet ETag n’est pas le nôtre : relisez l’objet.",
    )


def is_unchanged(if_none_match: str | None, version: int) -> bool:
    """Whether the reader has this version already."""
    tags = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    return etag(version) in tags


def not_modified(version: int) -> Response:
    return Response(status_code=304, headers={"ETag": etag(version)})


def versioned(
    response: Response, version: int, if_none_match: str | None, show: Callable[[], T]
) -> T | Response:
    """The thing with its ETag, or 304 where the reader has it."""
    if is_unchanged(if_none_match, version):
        return not_modified(version)
    tag_version(response, version)
    return show()


def api_router(prefix: str, tag: str, dependencies: Sequence[Any] = ()) -> APIRouter:
    """A slice's router; operation ids are the functions' names, so they stay as the code does."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        dependencies=list(dependencies),
        generate_unique_id_function=lambda route: route.name,
    )
