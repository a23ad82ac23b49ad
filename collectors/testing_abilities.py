"""The part of the contract that holds for a collector's optional abilities.

Each ability that a collector has must be shown by at least one case (collectors/testing.py tells
which file asks for it), and its answer is golden like that of a poll.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from collectors.api import (
    Collector,
    CollectorConfig,
    Cursor,
    History,
    Metered,
    Page,
    Profiles,
    Refreshes,
)
from collectors.casefiles import (
    all_pages,
    assert_sound,
    compare,
    ids_of,
    items_of,
    narrowing_of,
    plain,
    plain_value,
    replayed,
    secret_options,
)
from collectors.desk import Desk, MemoryLedger, Quota
from collectors.errors import RateLimited
from collectors.http import Http

MOST_WALKS = 50
"""Calls of `backfill` after which a walk that does not end is a mistake."""


class AbilityRules:
    """Builds collectors from cases, and judges what they can do beside polling."""

    collector: ClassVar[type[Collector]]
    cases: ClassVar[str | Path]

    def test_15_a_refresh_tells_how_known_items_are_now(self) -> None:
        if not issubclass(self.collector, Refreshes):
            return
        for case in self._cases_with("refresh.json"):
            page, base = asyncio.run(self._refreshed(case))
            for item in page.items:
                assert_sound(item)
            compare(case, plain([page], base=base, case=case), "expected_refresh.json")

    def test_16_history_is_walked_whole_and_survives_a_cut(self) -> None:
        if not issubclass(self.collector, History):
            return
        for case in self._cases_with("history.json"):
            pages, base = asyncio.run(self._walked(case))
            whole = items_of(pages)
            for item in whole:
                assert_sound(item)
            got = [plain_value(asdict(item)) for item in whole]
            compare(case, _with_base(got, base), "expected_history.json")
            cut, other = asyncio.run(self._walked(case, cut=True))
            lost = ids_of(whole, base=base) - ids_of(items_of(cut), base=other)
            assert not lost, f"{case.name}: cut after each page, the walk lost {lost}"

    def test_17_a_profile_is_read(self) -> None:
        if not issubclass(self.collector, Profiles):
            return
        for case in self._cases_with("profile.json"):
            snapshot, base = asyncio.run(self._profile(case))
            compare(case, _with_base(plain_value(snapshot), base), "expected_profile.json")

    def test_18_what_is_declared_as_a_quota_is_counted_and_obeyed(self) -> None:
        if not issubclass(self.collector, Metered):
            return
        spent = [asyncio.run(self._spent(case)) for case in self._cases()]
        assert any(spent), "no case spends anything of the declared quotas"
        refused = [asyncio.run(self._obeys(case)) for case in self._cases()]
        assert any(refused), "a poll goes on although its quotas are used up"

    def _cases(self) -> list[Path]:
        found = sorted(path.parent for path in Path(self.cases).glob("*/config.json"))
        assert found, f"no case in {self.cases}"
        return found

    def _cases_with(self, name: str) -> list[Path]:
        found = [case for case in self._cases() if (case / name).exists()]
        assert found, f"the collector has an ability that no case shows: {name} is missing"
        return found

    def _build(self, case: Path, *, base: str, secret: str = "") -> Collector:
        return self.collector(self._config(case, base=base, secret=secret))

    def _config(self, case: Path, *, base: str, secret: str = "") -> CollectorConfig:
        text = (case / "config.json").read_text("utf-8")
        text = text.replace("{base}", base).replace("{port}", str(urlsplit(base).port))
        options = json.loads(text.replace("{case}", str(case.resolve())))
        if secret:
            options |= dict.fromkeys(secret_options(self.collector), secret)
        return self.collector.Config.model_validate(options)

    async def _refreshed(self, case: Path) -> tuple[Page, str]:
        async with replayed(self.collector, case) as (server, http):
            one = self._build(case, base=server.base)
            assert isinstance(one, Refreshes)
            ids = _read(case / "refresh.json", base=server.base)
            limit = self.collector.capabilities.refresh_batch
            assert len(ids) <= limit, f"{case.name}: more ids than refresh_batch"
            return await one.refresh(ids, http), server.base

    async def _walked(self, case: Path, *, cut: bool = False) -> tuple[list[Page], str]:
        """All pages of a walk. cut: every call is closed after its first page."""
        async with replayed(self.collector, case, polls=MOST_WALKS) as (server, http):
            since = datetime.fromisoformat(_read(case / "history.json")["since"])
            pages: list[Page] = []
            cursor: Cursor = {}
            for _ in range(MOST_WALKS):
                one = self._build(case, base=server.base)
                got = await self._one_walk(one, case, since, cursor, http, only_one=cut)
                if not got:
                    return pages, server.base
                pages += got
                cursor = json.loads(json.dumps(got[-1].cursor))
        raise AssertionError(f"{case.name}: history does not end after {MOST_WALKS} calls")

    async def _one_walk(
        self, one: Collector, case: Path, since: datetime, cursor: Cursor, http: Http,
        *, only_one: bool,
    ) -> list[Page]:  # fmt: skip
        assert isinstance(one, History)
        budget = http.budget(self.collector.capabilities.max_requests)
        walk = one.backfill(narrowing_of(case), since, cursor, budget)
        pages = []
        async with aclosing(walk):  # type: ignore[type-var]  # walks are async generators
            async for page in walk:
                pages.append(page)
                if only_one:
                    break
        return pages

    async def _profile(self, case: Path) -> tuple[dict[str, Any], str]:
        async with replayed(self.collector, case) as (server, http):
            one = self._build(case, base=server.base)
            assert isinstance(one, Profiles)
            account = _read(case / "profile.json", base=server.base)["account"]
            return asdict(await one.profile(account, http)), server.base

    async def _spent(self, case: Path) -> dict[str, int]:
        """What a poll counted; a name that is not declared is a KeyError of the ledger."""
        async with replayed(self.collector, case) as (server, http):
            one = self._build(case, base=server.base)
            quotas = _quotas(one)
            ledger = MemoryLedger(quotas, now=lambda: http.now)
            desk = Desk(ledger=ledger, shelf=http.desk.shelf)
            limit = self.collector.capabilities.max_requests
            await all_pages(one.poll(narrowing_of(case), {}, http.budget(limit, desk=desk)))
            assert isinstance(one, Metered)
            unknown = one.forecast(narrowing_of(case)).keys() - {quota.name for quota in quotas}
            assert not unknown, f"{case.name}: the forecast names no quota: {unknown}"
            return ledger.spent

    async def _obeys(self, case: Path) -> bool:
        """Whether a poll asks nothing, or says so, where every quota is used up."""
        async with replayed(self.collector, case) as (server, http):
            one = self._build(case, base=server.base)
            ledger = MemoryLedger(_quotas(one), now=lambda: http.now)
            for quota in _quotas(one):
                await ledger.owe(quota.name, quota.limit)
            desk = Desk(ledger=ledger, shelf=http.desk.shelf)
            try:
                await all_pages(one.poll(narrowing_of(case), {}, http.budget(100, desk=desk)))
            except RateLimited as error:
                return error.retry_after is not None
            return not server.asked


def _quotas(one: Collector) -> Sequence[Quota]:
    assert isinstance(one, Metered)
    quotas = one.quotas()
    names = [quota.name for quota in quotas]
    assert len(names) == len(set(names)), f"two quotas of one name: {names}"
    return quotas


def _read(path: Path, *, base: str = "{base}") -> Any:
    """A case's file, {base} and {host} in it standing for the replay server."""
    text = path.read_text("utf-8").replace("{base}", base)
    return json.loads(text.replace("{host}", base.removeprefix("http://")))


def _with_base(value: Any, base: str) -> Any:
    host = base.removeprefix("http://")
    return json.loads(json.dumps(value).replace(base, "{base}").replace(host, "{host}"))
