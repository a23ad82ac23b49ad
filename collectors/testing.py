"""The contract every collector keeps, as tests. A third party needs three lines:

    from collectors.testing import CollectorContract

    class TestShop(CollectorContract):
        collector = Shop
        cases = "tests/cases/shop"

`cases` holds one folder a case: `config.json` (the collector's options; `{base}` stands for the
replay server, `"{port}"` for its port, `{case}` for the folder), `responses/*.json` (see
collectors/replay.py) or, for mail, `mailbox/*.eml` (see collectors/replay_imap.py),
`narrowing.json` where the collector asks for words (a list of clauses, each a list of
{"text", "kind"}), `shelf.json` where documents are there from earlier polls (name: text), `now.txt`
where the case wants another instant than NOW, and `expected.json`: the pages, written when
VIGIE_UPDATE_CASES=1 is set and reviewed as a diff. One case must hold a record that cannot be read
beside one that can.

Where the collector has an ability, a case shows it: `refresh.json` (a list of ids), `history.json`
({"since": time}), `profile.json` ({"account": handle}), each with its `expected_….json`.

The real Http runs against a loopback server, so statuses, budgets and conditional requests are
the real ones. That each rule bites is shown by tests/collectors/test_contract_catches.py.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final, get_args

from pydantic import SecretStr

from collectors.api import Cursor, Item, Narrowing, Page, Term
from collectors.casefiles import (
    all_pages,
    as_json,
    assert_sound,
    causes,
    compare,
    ids_of,
    items_of,
    narrowing_of,
    plain,
    raised_by,
    replayed,
)
from collectors.desk import MemoryShelf
from collectors.errors import CollectorError, NeedsAttention, RateLimited, Transient
from collectors.replay import Exchange
from collectors.testing_abilities import AbilityRules

CURSOR_BYTES: Final = 4_096
_PROBE: Final = "zanzibarquux"
_SECRET: Final = "s3cret-canary-7f1e"  # noqa: S105 - planted to be looked for
_SECRET_WORDS: Final = ("token", "secret", "password", "api_key")


class CollectorContract(AbilityRules):
    """Subclass it, name the collector and its cases; pytest runs the rules."""

    cursors_are_golden: ClassVar[bool] = True
    """False where a cursor holds what differs from machine to machine, such as an inode."""

    def test_01_every_option_is_described_and_secrets_are_secret(self) -> None:
        config = self.collector.Config
        assert config.model_config.get("frozen"), "the config must be frozen"
        assert config.model_config.get("extra") == "forbid", "unknown options must be refused"
        for name, option in config.model_fields.items():
            assert option.description, f"option {name} has no description"
            if any(word in name for word in _SECRET_WORDS):
                kinds = {option.annotation, *get_args(option.annotation)}
                assert SecretStr in kinds, f"option {name} must be a SecretStr"

    def test_02_construction_touches_nothing(self) -> None:
        for case in self._cases():
            config = self._config(case, base="http://127.0.0.1:9")
            with _watched() as touched:
                self.collector(config)
            assert not touched, f"{case.name}: construction did {touched}"

    def test_03_the_golden_cases_hold(self) -> None:
        for case in self._cases():
            pages, base = asyncio.run(self._polled(case))
            if not self.cursors_are_golden:
                pages = [replace(page, cursor={}) for page in pages]
            compare(case, plain(pages, base=base, case=case))

    def test_04_ids_times_and_links_are_sound(self) -> None:
        for case in self._cases():
            items = items_of(asyncio.run(self._polled(case))[0])
            ids = [item.external_id for item in items]
            assert len(ids) == len(set(ids)), f"{case.name}: an id comes twice in one poll"
            for item in items:
                assert_sound(item)

    def test_05_the_cursor_is_small_json(self) -> None:
        for case in self._cases():
            for page in asyncio.run(self._polled(case))[0]:
                text = json.dumps(page.cursor)
                assert json.loads(text) == page.cursor, f"{case.name}: JSON changes the cursor"
                assert len(text.encode()) < CURSOR_BYTES, f"{case.name}: a cursor of 4 KB or more"

    def test_06_a_cut_after_any_page_loses_nothing(self) -> None:
        for case in self._cases():
            pages, base = asyncio.run(self._polled(case))
            whole = ids_of(items_of(pages), base=base)
            for cut in range(len(pages)):
                got = asyncio.run(self._cut_and_resumed(case, after=cut))
                assert whole <= got, f"{case.name}: cut after page {cut}: lost {whole - got}"

    def test_07_an_unchanged_source_costs_nothing(self) -> None:
        if self.collector.capabilities.conditional_requests:
            looked_at = [asyncio.run(self._is_conditional(case)) for case in self._cases()]
            assert any(looked_at), "no case has an answer with an ETag"

    def test_08_statuses_become_the_right_errors(self) -> None:
        for status, error in ((500, Transient), (429, RateLimited), (401, NeedsAttention)):
            asyncio.run(self._assert_fails(status, error))

    def test_09_the_wait_that_was_asked_for_is_passed_on(self) -> None:
        asyncio.run(self._assert_fails(429, RateLimited, retry_after="123"))

    def test_10_a_secret_shows_nowhere(self) -> None:
        for status, body in ((500, ""), (429, ""), (401, ""), (200, "\x00garbage{")):
            asyncio.run(self._assert_discreet(status, body))
        for case in self._cases():
            told = asyncio.run(self._told(case, secret=_SECRET))
            assert _SECRET not in told, f"{case.name}: the secret shows in a page"

    def test_11_a_declared_query_reaches_the_platform(self) -> None:
        if self.collector.capabilities.server_side_query:
            asyncio.run(self._assert_asks_for(_PROBE))

    def test_12_one_bad_record_is_skipped_and_the_rest_survives(self) -> None:
        for case in self._cases():
            pages, _ = asyncio.run(self._polled(case))
            if items_of(pages) and any(page.skipped for page in pages):
                return
        raise AssertionError("no case shows a bad record skipped beside a good one kept")

    def test_13_budget_and_hosts_are_kept(self) -> None:
        limit = self.collector.capabilities.max_requests
        for case in self._cases():
            asked = asyncio.run(self._requests(case))
            assert asked <= limit, f"{case.name}: {asked} requests, {limit} declared"

    def test_14_closing_early_leaves_nothing_open(self) -> None:
        for case in self._cases():
            left = asyncio.run(self._left_open(case))
            assert not left, f"{case.name}: still running after close: {left}"

    # How the rules look at the collector.

    async def _polled(self, case: Path) -> tuple[list[Page], str]:
        async with replayed(self.collector, case) as (server, http):
            collector = self._build(case, base=server.base)
            return await all_pages(collector.poll(narrowing_of(case), {}, http)), server.base

    async def _told(self, case: Path, *, secret: str) -> str:
        """All that a poll hands over: items, cursors, notes, raw records."""
        async with replayed(self.collector, case) as (server, http):
            collector = self._build(case, base=server.base, secret=secret)
            pages = await all_pages(collector.poll(narrowing_of(case), {}, http))
            return json.dumps([asdict(page) for page in pages], default=as_json)

    async def _cut_and_resumed(self, case: Path, *, after: int) -> set[str]:
        async with replayed(self.collector, case) as (server, http):
            got: list[Item] = []
            cursor: Cursor = {}
            shelf = http.desk.shelf
            assert isinstance(shelf, MemoryShelf)
            poll = self._build(case, base=server.base).poll(narrowing_of(case), cursor, http)
            async with aclosing(poll):  # type: ignore[type-var]  # polls are async generators
                number = 0
                async for page in poll:
                    got += page.items
                    shelf.store(page.keep)
                    cursor = json.loads(json.dumps(page.cursor))
                    if number == after:
                        break
                    number += 1
            again = self._build(case, base=server.base)
            rest = await all_pages(again.poll(narrowing_of(case), cursor, http))
            return ids_of([*got, *items_of(rest)], base=server.base)

    async def _is_conditional(self, case: Path) -> bool:
        """False where the case cannot tell: no ETag, or an answer cut short, to be read again."""
        async with replayed(self.collector, case) as (server, http):
            if not any("etag" in {h.lower() for h in e.headers} for e in server.exchanges):
                return False
            collector = self._build(case, base=server.base)
            pages = await all_pages(collector.poll(narrowing_of(case), {}, http))
            if any(page.listening.truncated for page in pages):
                return False
            shelf = http.desk.shelf
            assert isinstance(shelf, MemoryShelf)
            shelf.store([one for page in pages for one in page.keep])
            server.asked.clear()
            again = await all_pages(collector.poll(narrowing_of(case), pages[-1].cursor, http))
            assert server.asked, f"{case.name}: the second poll asked nothing"
            for asked in server.asked:
                assert "if-none-match" in asked.headers, f"{case.name}: asked unconditionally"
            assert not items_of(again), f"{case.name}: items although nothing changed"
            return True

    async def _assert_fails(
        self, status: int, error: type[CollectorError], *, retry_after: str = ""
    ) -> None:
        headers = {"retry-after": retry_after} if retry_after else {}
        for case, caught in await self._failures(Exchange(path="", status=status, headers=headers)):
            assert type(caught) is not Exception, f"{case}: {caught!r}"
            assert isinstance(caught, error), f"{case}: {status} gave {caught!r}"
            if retry_after:
                wait = caught.retry_after if isinstance(caught, RateLimited) else None
                assert wait == float(retry_after), f"{case}: a wait of {wait}, not {retry_after}"

    async def _assert_discreet(self, status: int, body: str) -> None:
        answer = Exchange(path="", status=status, body=body)
        for case, caught in await self._failures(answer, secret=_SECRET):
            for error in causes(caught):
                told = f"{error!s} {error!r}"
                assert _SECRET not in told, f"{case}: the secret shows in {type(error).__name__}"

    async def _failures(
        self, answer: Exchange, *, secret: str = ""
    ) -> list[tuple[str, Exception | None]]:
        """What a poll and a check raise, case by case, where every answer is the same."""
        found: list[tuple[str, Exception | None]] = []
        for case in self._cases():
            async with replayed(self.collector, case) as (server, http):
                if not server.exchanges:
                    continue  # a collector of local files asks nobody
                server.instead = answer
                one = self._build(case, base=server.base, secret=secret)
                found.append((f"{case.name} poll", await raised_by(one, "poll", case, http)))
                found.append((f"{case.name} check", await raised_by(one, "check", case, http)))
        return found

    async def _assert_asks_for(self, word: str) -> None:
        for case in self._cases():
            if not (case / "narrowing.json").exists():
                continue
            async with replayed(self.collector, case) as (server, http):
                collector = self._build(case, base=server.base)
                # Nothing is recorded for the word; that it was asked for is enough.
                with suppress(CollectorError):
                    await all_pages(collector.poll(Narrowing(((Term(word),),)), {}, http))
                told = " ".join(
                    f"{a.path} {' '.join(a.query.values())} {a.body.decode('utf-8', 'replace')}"
                    for a in server.asked
                )
                assert word in told, f"{case.name}: the narrowing was not asked for"
                return
        raise AssertionError("no case has a narrowing.json, yet a query is declared")

    async def _requests(self, case: Path) -> int:
        async with replayed(self.collector, case) as (server, http):
            limit = self.collector.capabilities.max_requests
            child = http.budget(limit, hosts={"127.0.0.1"})
            try:
                await all_pages(
                    self._build(case, base=server.base).poll(narrowing_of(case), {}, child)
                )
            except CollectorError as error:
                raise AssertionError(f"{case.name}: over its budget or hosts: {error}") from error
            return child.asked

    async def _left_open(self, case: Path) -> list[str]:
        async with replayed(self.collector, case) as (server, http):
            before = asyncio.all_tasks()
            poll = self._build(case, base=server.base).poll(narrowing_of(case), {}, http)
            async with aclosing(poll):  # type: ignore[type-var]  # polls are async generators
                async for _ in poll:
                    break
            await asyncio.sleep(0)
            mine = {task for task in asyncio.all_tasks() - before if "_serve" not in repr(task)}
            return [task.get_name() for task in mine if not task.done()]


@dataclass
class _Watch:
    touched: list[str]


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)
_TOUCHES: Final = ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.listdir")
_hooked: list[Callable[[str, tuple[Any, ...]], None]] = []


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Note files opened and sockets connected meanwhile. An audit hook cannot be taken away
    again, so there is one, put in at first use and asleep outside of this context."""
    if not _hooked:
        _hooked.append(_on_audit)
        sys.addaudithook(_on_audit)
    watch = _Watch([])
    token = _watch.set(watch)
    try:
        yield watch.touched
    finally:
        _watch.reset(token)


def _on_audit(event: str, args: tuple[Any, ...]) -> None:
    watch = _watch.get()
    if watch is not None and event in _TOUCHES:
        watch.touched.append(f"{event} {args[0] if args else ''}")
