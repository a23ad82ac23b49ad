"""Every route × every role, generated from the routes themselves (R-40)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
from fastapi.routing import APIRoute, iter_route_contexts

from app.access.rules import SAFE_METHODS, is_public
from app.watchlists import service as watchlists
from app.watchlists.service import NewWatchlist
from tests.support.web import House

ADMIN_ONLY = ("/api/v1/keys", "/api/v1/audit", "/api/v1/privacy")
ADMIN_OPERATIONS = {("DELETE", "/api/v1/watchlists/{watchlist_id}")}


def routes(house: House) -> Iterator[tuple[str, str]]:
    """(method, path) of all routes that are not public."""
    for context in iter_route_contexts(house.app.routes):
        path = getattr(context, "path", None) or ""
        for method in sorted(getattr(context, "methods", None) or ()):
            if path and not is_public(path) and method not in ("HEAD", "OPTIONS"):
                yield method, path


def filled(path: str) -> str:
    """The path with an id that is nobody's."""
    parts = ["1" if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def is_admin_only(method: str, path: str) -> bool:
    return path.startswith(ADMIN_ONLY) or (method, path) in ADMIN_OPERATIONS


def test_the_matrix_sees_the_api(house: House) -> None:
    found = set(routes(house))
    assert ("GET", "/api/v1/mentions") in found
    assert ("POST", "/api/v1/channels/{channel_id}/test") in found
    assert len(found) > 40
    assert all(isinstance(c.original_route, APIRoute) or c.path
               for c in iter_route_contexts(house.app.routes))  # fmt: skip


async def call(caller: httpx.AsyncClient, method: str, path: str) -> int:
    body = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
    answer = await caller.request(method, filled(path), **body)
    if answer.status_code >= 400 and path.startswith("/api/"):
        assert answer.headers["content-type"] == "application/problem+json", (method, path)
        assert answer.json()["status"] == answer.status_code
    return answer.status_code


async def test_without_a_key_every_route_is_401(house: House) -> None:
    async with house.caller() as nobody:
        for method, path in routes(house):
            assert await call(nobody, method, path) == 401, (method, path)


async def test_a_wrong_key_is_401_and_then_429(house: House) -> None:
    async with house.caller({"X-API-Key": "vgk_wrong"}) as wrong:
        for method, path in routes(house):
            assert await call(wrong, method, path) in (401, 429), (method, path)


async def test_a_reading_key_is_403_on_all_that_changes_something(house: House) -> None:
    async with house.as_key("read") as reader:
        for method, path in routes(house):
            status = await call(reader, method, path)
            refused = method not in SAFE_METHODS or is_admin_only(method, path)
            assert (status == 403) == refused, (method, path, status)


async def test_a_writing_key_is_403_on_what_is_for_admins_only(house: House) -> None:
    async with house.as_key("write") as writer:
        for method, path in routes(house):
            status = await call(writer, method, path)
            assert (status == 403) == is_admin_only(method, path), (method, path, status)
            assert status < 500, (method, path, status)


async def test_an_id_of_another_watchlist_is_404(house: House) -> None:
    """Two watchlists; whatever hangs on one is not there for the other."""
    mine, other = [
        await watchlists.create_watchlist(house.services, NewWatchlist(name=name))
        for name in ("mine", "other")
    ]
    async with house.as_key("admin") as admin:

        async def make(noun: str, body: dict[str, object]) -> str:
            answer = await admin.post(f"/api/v1/{noun}?watchlist={mine.id}", json=body)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])

        made = {
            "brands": await make("brands", {"name": "Decathlon"}),
            "sources": await make(
                "sources", {"kind": "rss", "name": "f", "config": {"url": "https://e.example/f"}}
            ),
            "channels": await make("channels", {"kind": "console", "name": "c"}),
        }
        for noun, made_id in made.items():
            path = f"/api/v1/{noun}/{made_id}"
            answers = await asyncio.gather(
                *(admin.request(method, f"{path}?watchlist={other.id}", json=body)
                  for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)))
            )  # fmt: skip
            assert [a.status_code for a in answers] == [404, 404, 404], noun
            assert (await admin.get(f"{path}?watchlist={mine.id}")).status_code == 200
