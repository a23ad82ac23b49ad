"""The API reference and the pages of problems, rendered here: no file comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.api import Lang
from app.errors import NotFound
from app.problems import KINDS
from app.web.signin import PagesDep

reference_router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page shows it."""

    id: str
    tag: str
    method: str
    path: str
    summary: str
    text: str
    parameters: tuple[Parameter, ...]
    body: str
    answer: str
    problems: tuple[str, ...]


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """The operations of an OpenAPI document, in its order."""
    for path, methods in document["paths"].items():
        for method, found in methods.items():
            statuses = found["responses"]
            good: Mapping[str, Any] = next(
                (r for status, r in statuses.items() if status < "3"), {}
            )
            yield Operation(
                id=found["operationId"],
                tag=next(iter(found.get("tags", ())), ""),
                method=method.upper(),
                path=path,
                summary=found.get("summary", ""),
                text=found.get("description", ""),
                parameters=tuple(_parameter(each) for each in found.get("parameters", ())),
                body=_example(found.get("requestBody", {})),
                answer=_example(good),
                problems=tuple(sorted(status for status in statuses if status >= "4")),
            )


def _parameter(found: Mapping[str, Any]) -> Parameter:
    return Parameter(
        found["name"], found["in"], bool(found.get("required")), found.get("description", "")
    )


def _example(body: Mapping[str, Any]) -> str:
    for content in body.get("content", {}).values():
        if "example" in content:
            return orjson.dumps(content["example"], option=orjson.OPT_INDENT_2).decode()
    return ""


@reference_router.get("/docs")
async def show_reference(request: Request, pages: PagesDep) -> Response:
    document = request.app.openapi()
    groups: dict[str, list[Operation]] = {}
    for operation in operations(document):
        groups.setdefault(operation.tag, []).append(operation)
    context = {"groups": groups, "version": document["openapi"]}
    return pages.render(request, "docs.html", context)


@reference_router.get("/problems/{code}")
async def show_problem(request: Request, pages: PagesDep, lang: Lang, code: str) -> Response:
    """What `type` of a problem leads to."""
    kind = KINDS.get(code)
    if kind is None:
        raise NotFound("There is no such problem.", fr="Ce problème n’existe pas.")
    context = {"code": code, "status": kind.status, "title": kind.title(lang)}
    return pages.render(request, "kind.html", context)


@reference_router.get("/favicon.ico")
async def favicon() -> Response:
    return RedirectResponse("/static/mark.svg", status_code=301)
