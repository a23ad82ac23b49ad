"""The JSON Schema of what may be pushed in. The keys are those of `vigie import`."""

from __future__ import annotations

from typing import Any

from app.intake.rules import MOST_ITEMS


def batch_schema(address: str) -> dict[str, Any]:
    """One post, a list of posts, or {"items": a list}. `address`: where it is published."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "title": "Posts to push in",
        "description": "One post, a list of at most 500, or an object that holds such a list.",
        "anyOf": [
            {"$ref": "#/$defs/post"},
            {"$ref": "#/$defs/posts"},
            {
                "type": "object",
                "required": ["items"],
                "properties": {"items": {"$ref": "#/$defs/posts"}},
                "additionalProperties": False,
            },
        ],
        "$defs": {
            "posts": {"type": "array", "maxItems": MOST_ITEMS, "items": {"$ref": "#/$defs/post"}},
            "post": post_schema(),
        },
    }


def post_schema() -> dict[str, Any]:
    """One post. Keys that are not named are ignored."""
    text = {"type": ["string", "number", "null"]}
    moment = {"type": ["string", "number", "null"], "description": "ISO 8601, or epoch seconds."}
    addresses = {"type": ["array", "string", "null"], "items": {"type": "string"}}
    return {
        "type": "object",
        "properties": {
            "id": {**text, "description": "Yours; the same post has the same id. Else the url."},
            "text": text,
            "title": text,
            "url": {**text, "description": "http or https."},
            "author": {
                "type": ["string", "number", "object", "null"],
                "description": "A name, or an object.",
                "properties": {
                    "name": text,
                    "id": text,
                    "followers": {"type": ["integer", "string", "null"]},
                },
            },
            "published_at": moment,
            "created_at": {**moment, "description": "Stands in for published_at."},
            "edited_at": moment,
            "lang": {**text, "description": "Language code, such as fr."},
            "country": {**text, "description": "Two letters, such as FR."},
            "kind": {"enum": ["post", "article", "comment", "review", "repost", "quote", "reply"]},
            "in_reply_to": text,
            "links": addresses,
            "media": addresses,
            "metrics": {
                "type": ["object", "null"],
                "description": "likes, reposts, replies, quotes, comments, views, score, "
                "followers, stars: whole numbers.",
            },
        },
        "anyOf": [
            {"required": ["text"], "properties": {"text": {"type": ["string", "number"]}}},
            {"required": ["title"], "properties": {"title": {"type": ["string", "number"]}}},
        ],
        "examples": [
            {
                "id": "4711",
                "text": "Livraison parfaite, merci Acme",
                "author": "client 12",
                "published_at": "2026-11-23T09:00:00Z",
            }
        ],
    }
