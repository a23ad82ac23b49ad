"""The reference: valid, complete, with an example everywhere and every problem told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from app.openapi import example_of
from tests.support.web import House

# The parts of the OpenAPI 3.1 meta schema that a wrong document of ours could break.
META: dict[str, Any] = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components"],
    "properties": {
        "openapi": {"type": "string", "pattern": r"^3\.1\.\d+$"},
        "info": {"type": "object", "required": ["title", "version"]},
        "paths": {
            "type": "object",
            "patternProperties": {"^/": {"$ref": "#/$defs/path"}},
            "additionalProperties": False,
        },
    },
    "$defs": {
        "path": {
            "type": "object",
            "patternProperties": {
                "^(get|put|post|delete|patch|head|options)$": {"$ref": "#/$defs/operation"}
            },
            "additionalProperties": False,
        },
        "operation": {
            "type": "object",
            "required": ["operationId", "summary", "responses", "tags"],
            "properties": {
                "operationId": {"type": "string", "pattern": "^[a-z][a-z0-9_]+$"},
                "parameters": {"type": "array", "items": {"$ref": "#/$defs/parameter"}},
                "requestBody": {"type": "object", "required": ["content"]},
                "responses": {
                    "type": "object",
                    "minProperties": 1,
                    "patternProperties": {"^[2-5][0-9][0-9]$": {"$ref": "#/$defs/response"}},
                    "additionalProperties": False,
                },
            },
        },
        "parameter": {
            "type": "object",
            "required": ["name", "in", "schema"],
            "properties": {
                "in": {"enum": ["path", "query", "header", "cookie"]},
            },
            "if": {"properties": {"in": {"const": "path"}}},
            "then": {"properties": {"required": {"const": True}}, "required": ["required"]},
        },
        "response": {"type": "object", "required": ["description"]},
    },
}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


@pytest.fixture
def document(house: House) -> dict[str, Any]:
    return house.app.openapi()


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(META).validate(document)
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_the_check_bites_on_an_operation_without_an_id(document: dict[str, Any]) -> None:
    broken = {**document, "paths": {"/x": {"get": {"responses": {}, "summary": "", "tags": []}}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(META).validate(broken)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = set(re.findall(r"'#/components/schemas/([^']+)'", repr(document)))
    assert names
    assert names <= set(document["components"]["schemas"])


def test_operation_ids_are_unique_and_stable(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    assert {"list_mentions", "get_volume", "add_source", "test_channel", "create_key"} <= set(ids)


def test_every_body_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    checked = 0
    for method, path, operation in operations(document):
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        bodies += [r for status, r in operation["responses"].items() if status.startswith("2")]
        for body in bodies:
            for content in body.get("content", {}).values():
                assert "example" in content, (method, path)
                schema = {**content["schema"], "components": document["components"]}
                jsonschema.Draft202012Validator(schema).validate(content["example"])
                checked += 1
    assert checked > 30


def test_every_operation_tells_its_problems(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        responses = operation["responses"]
        assert {"401", "403", "404", "429", "503"} <= set(responses), (method, path)
        for status, response in responses.items():
            if status >= "4":
                assert list(response["content"]) == ["application/problem+json"], (path, status)
        headers = [p["name"] for p in operation.get("parameters", []) if p["in"] == "header"]
        assert ("412" in responses) == ("If-Match" in headers), (method, path)


def test_no_address_of_another_host_is_loaded_by_the_reference(document: dict[str, Any]) -> None:
    hosts = set(re.findall(r"https?://([\w.-]+)", repr(document)))
    assert {"cdn.jsdelivr.net", "unpkg.com"}.isdisjoint(hosts)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "examples": ["a"]}, "a"),
        ({"enum": ["x", "y"]}, "x"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1),
        ({"type": "array", "items": {"type": "boolean"}}, [True]),
        ({"type": "string", "format": "date-time"}, "2026-11-23T09:00:00Z"),
        ({"$ref": "#/components/schemas/A"}, {"b": 0.5}),
    ],
)
def test_an_example_is_built_from_the_schema(schema: dict[str, Any], value: object) -> None:
    schemas = {"A": {"type": "object", "properties": {"b": {"type": "number"}}}}
    assert example_of(schema, schemas) == value
