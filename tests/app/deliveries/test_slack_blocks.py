"""What Slack is given: within every limit, valid by three independent judges, inert."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from slack_sdk.models.blocks import Block

from app.deliveries.message import Fact, Link, MentionLine, Message
from app.deliveries.testing import HOSTILE, outgoing
from app.deliveries.transports.base import Outgoing
from app.deliveries.transports.slack_blocks import plain, render
from tests.conftest import NOW

SCHEMA = Path(__file__).parents[4] / "shared/data/api/schemas/slack-webhook-message.schema.json"


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    if not SCHEMA.exists():
        pytest.skip("no ../shared/data here: Slack's own schema is not at hand")
    return Draft7Validator(json.loads(SCHEMA.read_text()))


def big(text: str = "&<>" * 5_000) -> Outgoing:
    line = MentionLine(
        mention_id="1", text=text, author=text, url="https://a.example/?" + "&" * 2_900,
        source=text, brand=text, published_at=NOW, first_seen_at=NOW, label="negative",
    )  # fmt: skip
    message = Message(
        kind="alert", title=text, severity="critical", ref="ABCDEF", lines=(text,) * 30,
        facts=(Fact(text, text),) * 30, mentions=(line,) * 60,
        links=(Link(text, "https://vigie.example/?" + "&" * 2_900),) * 30,
    )  # fmt: skip
    return Outgoing(message=message, message_id="m", now=NOW, created_at=NOW)


def texts(value: Any) -> list[dict[str, Any]]:
    """Every text object of a message."""
    if isinstance(value, dict):
        own = [value] if value.get("type") in ("plain_text", "mrkdwn") else []
        return own + [t for part in value.values() for t in texts(part)]
    return [t for part in value for t in texts(part)] if isinstance(value, list) else []


def check(message: dict[str, Any]) -> None:
    """The limits that neither the schema nor slack_sdk hold."""
    blocks = message["blocks"]
    assert 1 <= len(blocks) <= 50
    assert 1 <= len(message["text"]) <= 3_000
    for block in blocks:
        if block["type"] == "header":
            assert len(block["text"]["text"]) <= 150
        assert len(block.get("fields", [])) <= 10
        assert all(len(f["text"]) <= 2_000 for f in block.get("fields", []))
        assert len(block.get("elements", [])) <= 10
    assert all(1 <= len(t["text"]) <= 3_000 for t in texts(blocks))


@pytest.mark.parametrize("sample", [outgoing(), big(), big("ordinary words " * 900), outgoing("")])
def test_three_judges_take_the_message(schema: Draft7Validator, sample: Outgoing) -> None:
    message = render(sample)
    assert not list(schema.iter_errors(message))
    assert not list(schema.iter_errors(plain(sample)))
    for block in message["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
    check(message)


def test_the_schema_bites(schema: Draft7Validator) -> None:
    message = render(outgoing())
    message["blocks"][0]["text"]["type"] = "mrkdwn"
    assert list(schema.iter_errors(message))


def test_the_limits_bite() -> None:
    message = render(outgoing())
    message["blocks"] *= 20
    with pytest.raises(AssertionError):
        check(message)


@given(st.text(max_size=400))
@settings(max_examples=60)
def test_any_text_stays_within_the_limits(text: str) -> None:
    check(render(outgoing(text)))


def test_foreign_text_stands_in_plain_text_only_and_escaped() -> None:
    sample = outgoing(HOSTILE)
    message = render(replace(sample, message=replace(sample.message, links=(), facts=())))
    for text in texts(message["blocks"]):
        if text["type"] == "mrkdwn":
            assert text["text"] == "<https://news.example/1|Open the post>"
        else:
            assert "<" not in text["text"]
            assert ">" not in text["text"]
    assert "<" not in message["text"]


def test_facts_and_link_labels_cannot_format_or_call_anybody() -> None:
    message = render(outgoing(HOSTILE))
    for text in texts(message["blocks"]):
        if text["type"] != "mrkdwn":
            continue
        inside = text["text"].removeprefix("<https://vigie.example/alerts/1|")
        inside = inside.removeprefix("<https://news.example/1|").removesuffix(">")
        assert "<" not in inside
        assert "`" not in inside
        assert "|" not in inside
        assert text["verbatim"] is True, "Slack would look for names and channels in it"


def test_the_plain_form_is_no_markup_either() -> None:
    message = plain(outgoing(HOSTILE))
    assert set(message) == {"text", "mrkdwn", "unfurl_links", "unfurl_media"}
    assert message["mrkdwn"] is False
    assert "<" not in message["text"]


def test_the_message_says_when_it_was_posted_seen_and_told_with_its_short_id() -> None:
    french = replace(outgoing("Bonjour").message, lang="fr", zone="Europe/Paris")
    said = json.dumps(render(replace(outgoing(), message=french)), ensure_ascii=False)
    assert "publié 23\u00a0nov. à\u00a010:00 · vu 23\u00a0nov. à\u00a010:00" in said
    assert "annoncé 23\u00a0nov. à\u00a010:00 · réf. A1B2C3" in said
