"""The OpenAPI 3.1 document: FastAPI's, completed so that each answer is told and shown.

FastAPI documents its own error format and no examples. Here every operation of the API gets the
problems it can answer with and one example per body, built from the schemas' own examples.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.problems import KINDS, MEDIA_TYPE

Json = MutableMapping[str, Any]

_DESCRIPTION = (
    "Ids are strings. Lists are newest first; follow `next` or the `Link` field. Errors are "
    "problems (RFC 9457). Send a key as `Authorization: Bearer vgk_…` or `X-API-Key`; make one "
    "with `vigie key create`. Scopes: read, write, admin, each including the one before."
)

PROBLEM_SCHEMA: Json = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "A page that says what the code means."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence that says what to do."},
        "instance": {"type": "string"},
        "request_id": {"type": "string", "description": "Also in X-Request-Id and the log."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "code": {"type": "string", "description": "Of a wrong query: what is wrong with it."},
        "position": {"type": "integer", "description": "Where, in code points of the query."},
        "message": {"type": "string", "description": "What is wrong and what to do, one line."},
        "caret": {
            "type": "string",
            "description": "The line, a caret under the spot, the message.",
        },
        "suggestion": {
            "type": ["string", "null"],
            "description": "A text that would do instead, where known.",
        },
    },
}

_ALWAYS = ("unauthorized", "forbidden", "too-many", "store-busy")
_UNSAFE = ("unreadable", "conflict", "too-large", "media-type", "store-full")


def install(app: FastAPI, *, version: str) -> None:
    """Make app.openapi() give our document, built once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build(app, version=version)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way


def build(app: FastAPI, *, version: str) -> dict[str, Any]:
    document = get_openapi(
        title="Vigie", version=version, description=_DESCRIPTION, routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    components: Json = document.setdefault("components", {})
    schemas: Json = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    document["security"] = [{"bearer": []}, {"apiKey": []}]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _complete(operation, method=method, path=path, schemas=schemas)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return document


def problems_of(operation: Mapping[str, Any], *, method: str, path: str) -> list[str]:
    """The codes an operation can answer with."""
    codes = [*_ALWAYS, "not-found"]
    names = {each["name"] for each in operation.get("parameters", ())}
    if method != "get":
        codes += _UNSAFE
    if names or "requestBody" in operation:
        codes.append("invalid")
    if "If-Match" in names:
        codes.append("stale")
    return codes


def _complete(operation: Json, *, method: str, path: str, schemas: Json) -> None:
    responses: Json = operation["responses"]
    responses.pop("422", None)
    for code in problems_of(operation, method=method, path=path):
        responses[str(KINDS[code].status)] = _problem_response(code)
    for status, response in responses.items():
        for media, content in response.get("content", {}).items():
            if status.startswith("2") and media == "application/json":
                content.setdefault("example", example_of(content.get("schema", {}), schemas))
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content.setdefault("example", example_of(content.get("schema", {}), schemas))


def _problem_response(code: str) -> Json:
    kind = KINDS[code]
    example = {
        "type": f"https://vigie.example/problems/{code}",
        "title": kind.en,
        "status": kind.status,
        "detail": "One sentence that says what to do next.",
        "instance": "/api/v1/…",
        "request_id": "9f86d081884c7d65",
    }
    return {
        "description": kind.en,
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        },
    }


_PLAIN: Mapping[str, Any] = {
    "string": "text", "integer": 1, "number": 0.5, "boolean": True, "null": None,
}  # fmt: skip


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A value of this schema: its own example where it has one, else built from its parts."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if (stated := _stated(schema)) is not None:
        return stated[0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example_of(schema[key][0], schemas)
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}), schemas)]
    if schema.get("type") == "object" or "properties" in schema:
        parts = schema.get("properties", {})
        return {name: example_of(part, schemas) for name, part in parts.items()}
    if schema.get("format") == "date-time":
        return "2026-11-23T09:00:00Z"
    return _PLAIN.get(str(schema.get("type")), {})


def _stated(schema: Mapping[str, Any]) -> list[Any] | None:
    """What the schema itself gives: examples, allowed values, the constant or the default."""
    for key in ("examples", "enum"):
        if schema.get(key):
            return list(schema[key])
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return [schema[key]]
    return None
