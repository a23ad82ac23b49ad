"""The documentation is true where a machine can tell; each check bites on a broken sample."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from standardwebhooks import Webhook as Verifier
from typer.main import get_command

from app.api_v1 import api_v1
from app.cli.root import build
from app.config import _OUTSIDE, Settings
from app.deliveries.message import Link, MentionLine, Message
from app.deliveries.transports.base import Outgoing
from app.deliveries.transports.webhook import Webhook, WebhookConfig, body
from scripts.check_files import faults_in
from tests.docs.pages import (
    broken_links,
    commands,
    fault_of,
    pages,
    routes_named,
    settings_named,
    unknown_names,
)

ALL = pages()
EVERY_PAGE = pytest.mark.parametrize("page", ALL, ids=str)


@pytest.fixture(scope="module")
def root() -> Any:
    return get_command(build())


@EVERY_PAGE
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert not list(broken_links(page, page.read_text("utf-8")))


@EVERY_PAGE
def test_every_command_in_a_shell_block_is_one_that_vigie_takes(page: Path, root: Any) -> None:
    given = list(commands(page.read_text("utf-8")))
    assert not [fault for each in given if (fault := fault_of(root, each))]


@EVERY_PAGE
def test_every_command_named_in_the_text_exists(page: Path, root: Any) -> None:
    assert not list(unknown_names(root, page.read_text("utf-8")))


@EVERY_PAGE
def test_no_page_names_a_path_of_one_machine_or_a_registry(page: Path) -> None:
    assert not list(faults_in(str(page), page.read_text("utf-8")))


@EVERY_PAGE
def test_every_api_call_named_is_one_that_the_api_answers(page: Path) -> None:
    assert not set(routes_named(page.read_text("utf-8"))) - _routes()


@EVERY_PAGE
def test_every_setting_named_is_one(page: Path) -> None:
    known = set(Settings.model_fields) | {one.removeprefix("VIGIE_").lower() for one in _OUTSIDE}
    known |= {f"{name}_file" for name in Settings.model_fields}
    assert not settings_named(page.read_text("utf-8")) - known


@cache
def _routes() -> frozenset[tuple[str, str]]:
    app = FastAPI()
    app.include_router(api_v1())
    return frozenset(
        (method.upper(), re.sub(r"\{\w+\}", "ID", path))
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    )


def test_the_map_leads_to_every_page() -> None:
    index = Path("docs/index.md").read_text("utf-8")
    unnamed = [
        page
        for page in Path("docs").rglob("*.md")
        if page.name != "index.md" and str(page.relative_to("docs")) not in index
    ]
    assert not unnamed


def test_the_example_of_a_webhook_is_what_the_renderer_makes_and_verifies() -> None:
    at = datetime(2026, 11, 23, 8, 59, 41, tzinfo=UTC)
    line = MentionLine(
        mention_id="481949190799553177", text="Tourvanelle, deux heures au téléphone, honteux.",
        author="@marie", url="https://mastodon.social/@marie/115", brand="Tourvanelle",
        source="Mastodon – Tourvanelle", label="negative",
        published_at=datetime(2026, 11, 23, 8, 58, 30, tzinfo=UTC),
        first_seen_at=datetime(2026, 11, 23, 8, 59, 38, tzinfo=UTC),
    )  # fmt: skip
    message = Message(
        kind="alert", title="Tourvanelle: new mention (negative)", ref="2W436R",
        severity="warning", lines=("Rule “Complaints”.",), mentions=(line,),
        links=(Link("Open the alert", "https://vigie.example.org/alerts/481949190799553178"),),
        data={"alert_id": "481949190799553178", "watchlist_id": "481949171827756894",
              "rule_id": "481949187926994736", "rule": "Complaints", "reason": "new_mention",
              "opened_at": at.isoformat(), "count": 1, "labels": {"negative": 1}},
    )  # fmt: skip
    outgoing = Outgoing(message=message, message_id="msg_1", now=datetime.now(UTC), created_at=at)
    page = Path("docs/reference/webhook-payload.md").read_text("utf-8")
    example = re.search(r"<!-- example: alert -->\n```json\n(.*?)```", page, re.DOTALL)
    assert example is not None
    assert orjson.loads(body(outgoing)) == orjson.loads(example[1])
    secret = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo3ODkwMTI="
    sender = Webhook(WebhookConfig(url="https://hub.example.org", secret=secret))
    headers = sender._headers(outgoing, body(outgoing))
    assert Verifier(secret).verify(body(outgoing), headers)["type"] == "vigie.alert"


# The checks bite.


def test_a_link_that_leads_nowhere_is_found_and_others_are_not() -> None:
    page = Path("docs/index.md")
    text = (
        "[a](nowhere.md) ![b](images/nothing.png) [c](../README.md#x) [d](https://e.example)\n"
        "`[e](inline.md)`\n```md\n[f](fenced.md)\n```\n[g](#here)"
    )
    assert list(broken_links(page, text)) == [f"{page}: nowhere.md", f"{page}: images/nothing.png"]


@pytest.mark.parametrize(
    "line",
    [
        "vigie serv",
        "vigie source ad rss",
        "vigie source pause",
        "vigie digest subscribe --hour 8",
        "VIGIE_MODE=scale-out .venv/bin/vigie worker --names w",
        "echo x | vigie score --tiers best",
        "KEY=$(vigie key create a --scopes read)",
        "vigie doctor && vigie backups",
        "vigie key create a --days soon",
        "vigie source add jsonl \\\n  --konfig path=x",
        "make run  # starts\nvigie wach list",
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str, root: Any) -> None:
    given = list(commands(f"1. Do\n\n   ```sh\n   {line}\n   ```\n"))
    assert [fault for each in given if (fault := fault_of(root, each))]


def test_a_command_that_exists_is_read_whole(root: Any) -> None:
    text = (
        "```sh\nprintf 'vigie nothing' > vigie\n"
        "A=1 .venv/bin/vigie import a.csv --map x=text > out # then\n"
        "curl -d '{\"a\":\n 1}' http://x/ | vigie query test -- 'a SAUF b'\n```\n"
        "```json\nvigie nothing\n```\n"
    )
    given = list(commands(text))
    assert given == [["import", "a.csv", "--map", "x=text"], ["query", "test", "--", "a SAUF b"]]
    assert not [fault for each in given if (fault := fault_of(root, each))]


def test_a_command_named_in_the_text_that_does_not_exist_is_found(root: Any) -> None:
    text = "See `vigie doctor`, `vigie sources`, `vigie digest prevue` and `vigie restore FILE`."
    assert list(unknown_names(root, text)) == ["vigie sources", "vigie digest prevue"]


def test_a_route_or_a_setting_that_does_not_exist_is_found() -> None:
    text = "`PUT /api/v1/rules/ID`, `POST /api/v1/rule`, VIGIE_PORT, VIGIE_POTR"
    assert set(routes_named(text)) - _routes() == {("POST", "/api/v1/rule")}
    assert settings_named(text) - set(Settings.model_fields) == {"potr"}


def test_a_machine_path_in_a_page_is_found() -> None:
    assert list(faults_in("docs/x.md", "see /" + "work/main/x"))
