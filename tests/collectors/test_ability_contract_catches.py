"""Every rule about abilities is broken on purpose once, and caught."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from collectors.api import Cursor, Narrowing, Page, ProfileSnapshot
from collectors.desk import Quota
from collectors.http import Http
from tests.collectors.test_contract_catches import Good, run


class Able(Good):
    """The good collector with every ability that can be asked for."""

    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        response = await http.get(f"{self.config.base}/list/0")
        assert response is not None
        known = self.read([one for one in response.json() if one.get("id") in ids], {})
        gone = sorted(set(ids) - {item.external_id for item in known.items})
        return Page(items=known.items, removed=gone)

    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        start = cursor.get("at", 0)
        for number in range(start if isinstance(start, int) else 0, 2):
            answer = await self.page(number, narrowing, {}, http)
            assert answer is not None
            yield self.read(answer[0], {"at": number + 1})

    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        response = await http.get(f"{self.config.base}/list/0")
        assert response is not None
        return ProfileSnapshot(handle=account, posts=len(response.json()))

    def quotas(self) -> Sequence[Quota]:
        return [Quota(name="calls", limit=10)]

    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        return {"calls": 2}

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        await http.desk.ledger.spend("calls")
        async for page in super().poll(narrowing, cursor, http):
            yield page


@pytest.fixture
def golden(cases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    case = cases / "one"
    (case / "refresh.json").write_text('["a", "gone"]')
    (case / "history.json").write_text('{"since": "2026-11-01T00:00:00+00:00"}')
    (case / "profile.json").write_text('{"account": "acme"}')
    with monkeypatch.context() as patch:
        patch.setenv("VIGIE_UPDATE_CASES", "1")
        for rule in ("15", "16", "17"):
            run(rule, Able, cases)
    return cases


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    case = tmp_path / "cases" / "one"
    (case / "responses").mkdir(parents=True)
    (case / "config.json").write_text('{"base": "{base}"}')
    for number, identity in enumerate("ab"):
        record = {"id": identity, "at": "2026-11-23T09:00:00+00:00"}
        answer = {"path": f"/list/{number}", "body": [record, {}]}
        (case / "responses" / f"{number}.json").write_text(json.dumps(answer))
    return case.parent


RULES = ("15", "16", "17", "18")


@pytest.mark.parametrize("rule", RULES)
def test_an_able_collector_passes_the_rule(rule: str, golden: Path) -> None:
    run(rule, Able, golden)


@pytest.mark.parametrize("rule", RULES)
def test_a_collector_without_the_ability_is_left_alone(rule: str, golden: Path) -> None:
    run(rule, Good, golden)


@pytest.mark.parametrize("name", ["refresh.json", "history.json", "profile.json"])
def test_an_ability_that_no_case_shows_is_caught(name: str, golden: Path) -> None:
    (golden / "one" / name).unlink()
    rule = {"refresh.json": "15", "history.json": "16", "profile.json": "17"}[name]
    with pytest.raises(AssertionError, match=name):
        run(rule, Able, golden)


class ForgetsTheGone(Able):
    async def refresh(self, ids: Sequence[str], http: Http) -> Page:
        page = await super().refresh(ids, http)
        return Page(items=page.items)


class StartsOverForEver(Able):
    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        async for page in super().backfill(narrowing, since, {}, http):
            yield page


class LosesTheSecondPage(Able):
    async def backfill(
        self, narrowing: Narrowing, since: datetime, cursor: Cursor, http: Http
    ) -> AsyncIterator[Page]:
        async for page in super().backfill(narrowing, since, cursor, http):
            yield Page(items=page.items, cursor={"at": 2})


class Guesses(Able):
    async def profile(self, account: str, http: Http) -> ProfileSnapshot:
        return ProfileSnapshot(handle=account, posts=7)


class CountsNothing(Able):
    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        async for page in Good.poll(self, narrowing, cursor, http):
            yield page


class CountsTooLate(Able):
    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        async for page in Good.poll(self, narrowing, cursor, http):
            yield page
        await http.desk.ledger.owe("calls", 1)


class ForecastsTheUnknown(Able):
    def forecast(self, narrowing: Narrowing) -> Mapping[str, float]:
        return {"wishes": 3}


@pytest.mark.parametrize(
    ("rule", "broken", "complaint"),
    [
        ("15", ForgetsTheGone, "differ"),
        ("16", StartsOverForEver, "does not end"),
        ("16", LosesTheSecondPage, "lost"),
        ("17", Guesses, "differ"),
        ("18", CountsNothing, "no case spends"),
        ("18", CountsTooLate, "goes on"),
        ("18", ForecastsTheUnknown, "names no quota"),
    ],
)
def test_a_broken_ability_is_caught(rule: str, broken: type, complaint: str, golden: Path) -> None:
    with pytest.raises(AssertionError, match=complaint):
        run(rule, broken, golden)
