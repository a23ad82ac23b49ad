"""Every rule of the contract is broken on purpose once, and caught."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ConfigDict, Field, SecretStr

from collectors.api import Capabilities, CollectorConfig, Cursor, Item, Narrowing, Page, Skipped
from collectors.errors import BadPayload, CollectorError
from collectors.http import Http, Validators
from collectors.testing import CollectorContract


class GoodConfig(CollectorConfig):
    base: str = Field(description="Address.")
    token: SecretStr = Field(default=SecretStr("t"), description="Key.")


class Good:
    """A small collector that keeps every rule: two pages of a JSON listing."""

    kind: ClassVar[str] = "good"
    platform: ClassVar[str | None] = "good"
    Config: ClassVar[type[CollectorConfig]] = GoodConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        server_side_query=True, conditional_requests=True, max_requests=2
    )

    def __init__(self, config: CollectorConfig) -> None:
        self.config: Any = config

    async def check(self, http: Http) -> None:
        await self.page(0, Narrowing(), {}, http)

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        start = cursor.get("at", 0)
        known = {key: value for key, value in cursor.items() if key != "at"}
        for number in range(start if isinstance(start, int) and start < 2 else 0, 2):
            answer = await self.page(number, narrowing, cursor, http)
            if answer is not None:
                records, known[f"v{number}"] = answer
                yield self.read(records, {**known, "at": number + 1})

    async def page(
        self, number: int, narrowing: Narrowing, cursor: Cursor, http: Http
    ) -> tuple[list[Any], dict[str, Any]] | None:
        kept = cursor.get(f"v{number}")
        response = await http.get(
            f"{self.config.base}/list/{number}",
            params={"q": self.words(narrowing)},
            headers={"authorization": self.config.token.get_secret_value()},
            validators=Validators.from_cursor(kept) if isinstance(kept, dict) else None,
        )
        return (response.json(), response.validators.to_cursor()) if response else None

    def words(self, narrowing: Narrowing) -> str:
        return " ".join(term.text for clause in narrowing.any_of for term in clause)

    def read(self, records: list[Any], cursor: Cursor) -> Page:
        good = [one for one in records if "id" in one]
        bad = [Skipped("no id") for one in records if "id" not in one]
        return Page(items=[self.item(one) for one in good], skipped=bad, cursor=cursor)

    def item(self, record: dict[str, Any]) -> Item:
        return Item(
            external_id=record["id"],
            url="https://good.example/",
            text="x",
            published_at=datetime.fromisoformat(record["at"]),
        )


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    case = tmp_path / "cases" / "one"
    (case / "responses").mkdir(parents=True)
    (case / "config.json").write_text('{"base": "{base}"}')
    (case / "narrowing.json").write_text('[[{"text": "acme"}]]')
    for number, records in enumerate(([_record("a"), {}], [_record("b")])):
        answer = {"path": f"/list/{number}", "headers": {"etag": f'"{number}"'}, "body": records}
        (case / "responses" / f"{number}.json").write_text(json.dumps(answer))
    return case.parent


def _record(identity: str) -> dict[str, str]:
    return {"id": identity, "at": "2026-11-23T09:00:00+00:00"}


def run(rule: str, broken: type, cases: Path) -> None:
    suite = type("Suite", (CollectorContract,), {"collector": broken, "cases": cases})()
    rules = [name for name in dir(suite) if name.startswith(f"test_{rule}_")]
    assert len(rules) == 1
    getattr(suite, rules[0])()


@pytest.fixture
def golden(cases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with monkeypatch.context() as patch:
        patch.setenv("VIGIE_UPDATE_CASES", "1")
        run("03", Good, cases)
    return cases


@pytest.mark.parametrize("rule", [f"{number:02}" for number in range(1, 15)])
def test_a_good_collector_passes_the_rule(rule: str, golden: Path) -> None:
    run(rule, Good, golden)


class UndescribedOption(Good):
    class Config(CollectorConfig):
        base: str


class OpenSecret(Good):
    class Config(CollectorConfig):
        base: str = Field(description="Address.")
        token: str = Field(default="", description="Key.")


class TakesAnything(Good):
    class Config(GoodConfig):
        model_config = ConfigDict(frozen=True, extra="ignore")


class OpensAFile(Good):
    def __init__(self, config: CollectorConfig) -> None:
        super().__init__(config)
        Path(__file__).read_bytes()


class ReadsOtherwise(Good):
    def item(self, record: dict[str, Any]) -> Item:
        return Item(external_id=record["id"], url="", text="other", published_at=None)


class Repeats(Good):
    def read(self, records: list[Any], cursor: Cursor) -> Page:
        return super().read([*records, *records], cursor)


class NaiveTimes(Good):
    def item(self, record: dict[str, Any]) -> Item:
        naive = datetime.fromisoformat(record["at"]).replace(tzinfo=None)
        return Item(external_id=record["id"], url="", text="", published_at=naive)


class ScriptLinks(Good):
    def item(self, record: dict[str, Any]) -> Item:
        return Item(external_id=record["id"], url="javascript:alert(1)", text="", published_at=None)


class FatCursor(Good):
    def read(self, records: list[Any], cursor: Cursor) -> Page:
        return super().read(records, {**cursor, "fat": "x" * 5_000})


class TupleCursor(Good):
    def read(self, records: list[Any], cursor: Cursor) -> Page:
        odd: Any = {**cursor, "pair": (1, 2)}
        return super().read(records, odd)


class SkipsAhead(Good):
    def read(self, records: list[Any], cursor: Cursor) -> Page:
        return super().read(records, {"at": 1, "done": True})

    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        if not cursor.get("done"):
            async for page in super().poll(narrowing, cursor, http):
                yield page


class NeverConditional(Good):
    async def page(
        self, number: int, narrowing: Narrowing, cursor: Cursor, http: Http
    ) -> tuple[list[Any], dict[str, Any]] | None:
        return await super().page(number, narrowing, {}, http)


class SwallowsErrors(Good):
    async def page(
        self, number: int, narrowing: Narrowing, cursor: Cursor, http: Http
    ) -> tuple[list[Any], dict[str, Any]] | None:
        try:
            return await super().page(number, narrowing, cursor, http)
        except CollectorError:
            return [], {}


class ForgetsTheWait(Good):
    async def page(
        self, number: int, narrowing: Narrowing, cursor: Cursor, http: Http
    ) -> tuple[list[Any], dict[str, Any]] | None:
        try:
            return await super().page(number, narrowing, cursor, http)
        except CollectorError as error:
            raise type(error)("later") from None


class LeaksTheToken(Good):
    async def page(
        self, number: int, narrowing: Narrowing, cursor: Cursor, http: Http
    ) -> tuple[list[Any], dict[str, Any]] | None:
        try:
            return await super().page(number, narrowing, cursor, http)
        except CollectorError as error:
            raise BadPayload(f"failed with {self.config.token.get_secret_value()}") from error


class KeepsTheToken(Good):
    def read(self, records: list[Any], cursor: Cursor) -> Page:
        return super().read(records, {**cursor, "token": self.config.token.get_secret_value()})


class IgnoresTheQuery(Good):
    def words(self, narrowing: Narrowing) -> str:
        return "everything"


class FallsOverBadRecords(Good):
    def read(self, records: list[Any], cursor: Cursor) -> Page:
        return Page(items=[self.item(one) for one in records if "id" in one], cursor=cursor)


class AsksWithoutEnd(Good):
    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        while True:
            async for page in super().poll(narrowing, cursor, http):
                yield page


class AsksAnotherHost(Good):
    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        await http.get("http://127.0.0.2:9/")
        yield Page()


class LeavesATask(Good):
    async def poll(self, narrowing: Narrowing, cursor: Cursor, http: Http) -> AsyncIterator[Page]:
        self.task = asyncio.get_running_loop().create_task(asyncio.sleep(60), name="forgotten")
        async for page in super().poll(narrowing, cursor, http):
            yield page


@pytest.mark.parametrize(
    ("rule", "broken", "complaint"),
    [
        ("01", UndescribedOption, "no description"),
        ("01", OpenSecret, "SecretStr"),
        ("01", TakesAnything, "refused"),
        ("02", OpensAFile, "construction did"),
        ("03", ReadsOtherwise, "differ"),
        ("04", Repeats, "twice"),
        ("04", NaiveTimes, "aware"),
        ("04", ScriptLinks, "address"),
        ("05", FatCursor, "4 KB"),
        ("05", TupleCursor, "JSON changes"),
        ("06", SkipsAhead, "lost"),
        ("07", NeverConditional, "unconditionally"),
        ("08", SwallowsErrors, "gave None"),
        ("09", ForgetsTheWait, "a wait of None"),
        ("10", LeaksTheToken, "secret shows"),
        ("10", KeepsTheToken, "secret shows in a page"),
        ("11", IgnoresTheQuery, "not asked for"),
        ("12", FallsOverBadRecords, "no case shows"),
        ("13", AsksWithoutEnd, "budget"),
        ("13", AsksAnotherHost, "budget or hosts"),
        ("14", LeavesATask, "forgotten"),
    ],
)
def test_a_broken_collector_is_caught(
    rule: str, broken: type, complaint: str, golden: Path
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        run(rule, broken, golden)
