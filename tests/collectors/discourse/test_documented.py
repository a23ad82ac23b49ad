"""The case data has the shape that Discourse's own OpenAPI description tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SCHEMA = Path(__file__).parents[4] / "shared/data/api/schemas/discourse-openapi.json"
CASES = Path(__file__).parents[1] / "cases" / "discourse"


def described(path: str, *steps: str) -> set[str]:
    """The fields of an answer."""
    if not SCHEMA.is_file():
        pytest.skip("no description of Discourse's API beside the project")
    paths: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))["paths"]
    found = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    for step in steps:
        found = found["properties"][step]["items"]
    return set(found["properties"])


def answers(case: str, path: str) -> list[Any]:
    told = [json.loads(p.read_text("utf-8")) for p in (CASES / case / "responses").glob("*.json")]
    return [one["body"] for one in told if one["path"] == path]


def test_the_listing_is_as_described() -> None:
    fields = described("/posts.json", "latest_posts")
    posts = [post for body in answers("first", "/posts.json") for post in body["latest_posts"]]
    assert posts
    assert {key for post in posts for key in post} <= fields


def test_a_post_is_as_described() -> None:
    fields = described("/posts/{id}.json")
    (post,) = answers("paged", "/posts/801.json")
    assert post.keys() <= fields


def test_a_topic_is_as_described() -> None:
    fields = described("/t/{id}.json")
    (topic,) = answers("paged", "/t/303.json")
    assert topic.keys() <= fields


def test_a_search_is_as_described() -> None:
    fields = described("/search.json")
    bodies = answers("paged", "/search.json")
    assert bodies
    assert {key for body in bodies for key in body} - {"topics"} <= fields
