"""The case folders of the collector contract: played to a collector, read, compared.

What a folder holds is told in collectors/testing.py.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from pydantic import SecretStr

from collectors.api import Collector, Item, Narrowing, Page, Term
from collectors.desk import Desk, Document, MemoryShelf
from collectors.http import Http, Policy
from collectors.replay import ReplayServer, read_exchanges
from collectors.replay_imap import ImapReplay, Mailbox

NOW: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""The instant in which the cases are polled."""
METRICS: Final = frozenset(
    ["likes", "reposts", "replies", "quotes", "comments", "views", "score", "followers", "stars"]
)


@asynccontextmanager
async def replayed(
    collector: type[Collector], case: Path, *, polls: int = 2
) -> AsyncIterator[tuple[Any, Http]]:
    """The case's server and a client with the budget of so many polls."""
    async with (
        _server(case) as server,
        Http(Policy.parse("127.0.0.1/32"), sleep=_at_once, now=_now(case).timestamp) as http,
    ):
        # A little more than the budget, so that a collector that never stops is stopped here.
        budget = polls * collector.capabilities.max_requests + 2
        yield server, http.budget(budget, desk=Desk(shelf=_shelf(case, base=server.base)))


def _server(case: Path) -> ReplayServer | ImapReplay:
    if (case / "mailbox").is_dir():
        return ImapReplay(Mailbox.read(case))
    return ReplayServer(read_exchanges(case))


def _now(case: Path) -> datetime:
    path = case / "now.txt"
    return datetime.fromisoformat(path.read_text("utf-8").strip()) if path.exists() else NOW


def _shelf(case: Path, *, base: str) -> MemoryShelf:
    path = case / "shelf.json"
    if not path.exists():
        return MemoryShelf()
    kept: dict[str, str] = json.loads(path.read_text("utf-8").replace("{base}", base))
    return MemoryShelf({name: Document(name=name, text=text) for name, text in kept.items()})


async def _at_once(seconds: float) -> None:
    """Quick retries do not wait in tests."""


async def all_pages(poll: AsyncIterator[Page]) -> list[Page]:
    return [page async for page in poll]


async def raised_by(one: Collector, what: str, case: Path, http: Http) -> Exception | None:
    try:
        if what == "check":
            await one.check(http)
        else:
            await all_pages(one.poll(narrowing_of(case), {}, http))
    except Exception as error:  # any kind is looked at by the rule
        return error
    return None


def narrowing_of(case: Path) -> Narrowing:
    path = case / "narrowing.json"
    if not path.exists():
        return Narrowing()
    clauses = json.loads(path.read_text("utf-8"))
    return Narrowing(tuple(tuple(Term(**term) for term in clause) for clause in clauses))


def secret_options(collector: type[Collector]) -> Iterator[str]:
    for name, option in collector.Config.model_fields.items():
        if SecretStr in {option.annotation, *get_args(option.annotation)}:
            yield name


def items_of(pages: Sequence[Page]) -> list[Item]:
    return [item for page in pages for item in page.items]


def ids_of(items: Sequence[Item], *, base: str) -> set[str]:
    """The ids, without the port, which differs from run to run."""
    return {item.external_id.replace(urlsplit(base).netloc, "{host}") for item in items}


def assert_sound(item: Item) -> None:
    assert item.external_id, f"an item without an id: {item}"
    for moment in (item.published_at, item.edited_at):
        aware = moment is None or moment.utcoffset() == timedelta(0)
        assert aware, f"{item.external_id}: {moment} is not an aware time in UTC"
    for link in (item.url, *item.links, *item.media):
        ok = not link or urlsplit(link).scheme in ("http", "https")
        assert ok, f"{item.external_id}: {link} is no http(s) address"
    assert METRICS.issuperset(item.metrics), f"{item.external_id}: unknown metric {item.metrics}"


def plain(pages: Sequence[Page], *, base: str, case: Path) -> Any:
    """Pages as JSON, with the addresses of this run taken out and empty fields left out."""
    text = json.dumps([_filled(asdict(page)) for page in pages], default=as_json, sort_keys=True)
    text = text.replace(base, "{base}").replace(urlsplit(base).netloc, "{host}")
    return json.loads(text.replace(str(case.resolve()), "{case}"))


def plain_value(value: Any) -> Any:
    """A value of dataclasses as JSON, empty fields left out."""
    return json.loads(json.dumps(_filled(value), default=as_json, sort_keys=True))


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _filled(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in (None, "", [], {}, False)}
    if isinstance(value, list | tuple):
        return [_filled(one) for one in value]
    return value


def as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{value!r} is no plain value")


def compare(case: Path, got: Any, name: str = "expected.json") -> None:
    """Raises AssertionError where the golden file says otherwise."""
    path = case / name
    if os.environ.get("VIGIE_UPDATE_CASES") == "1":
        path.write_text(json.dumps(got, indent=1, ensure_ascii=False) + "\n", "utf-8")
    expected = json.loads(path.read_text("utf-8"))
    assert got == expected, f"{case.name}: the pages differ from {name}"


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
