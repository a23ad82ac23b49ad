"""Files through the pipeline, as history; resumed where they were interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.errors import Conflict, Invalid, NotFound
from app.ingest import importer
from app.ingest.service import IMPORT_KIND, ImportReport, import_file
from app.models import ImportRun, Source
from app.trends.rollup import check_rollups
from tests.support.pipeline import House


def write(path: Path, *records: Any) -> Path:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def record(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"r{number}",
        "text": f"Acme says {number}",
        "published_at": "2026-11-20T10:00:00Z",
    } | more


async def brought(house: House, path: Path, **more: Any) -> ImportReport:
    return await import_file(house.services, path, watchlist_id=house.watchlist_id, **more)


async def test_records_become_history_of_one_source_that_is_never_polled(
    house: House, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.jsonl", *(record(n) for n in range(3)))
    report = await brought(house, file, source_name="archive")
    assert (report.records, report.stored, report.mentions, report.rejected) == (3, 3, 3, 0)
    assert {(one.backfill, one.rules_pending) for one in await house.mentions()} == {(True, False)}
    [source] = await house.all(Source)
    assert (source.kind, source.name) == (IMPORT_KIND, "archive")
    assert report.rejected_file is None
    assert await check_rollups(house.services) == []


async def test_the_same_file_again_is_all_duplicates(house: House, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", *(record(n) for n in range(3)))
    await brought(house, file)
    again = await brought(house, file)
    assert (again.stored, again.duplicates, again.rejected) == (0, 3, 0)
    assert len(await house.items()) == 3


async def test_duplicates_within_a_file_are_counted_no_error(house: House, tmp_path: Path) -> None:
    report = await brought(house, write(tmp_path / "a.jsonl", record(1), record(1), record(2)))
    assert (report.records, report.stored, report.duplicates) == (3, 2, 1)


async def test_unreadable_records_go_to_a_file_with_line_and_reason(
    house: House, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.jsonl", record(1), "{broken", record(2), {"id": "x"}, "[1]")
    report = await brought(house, file)
    assert (report.stored, report.rejected) == (2, 3)
    assert report.rejected_file == tmp_path / "a.jsonl.rejected.jsonl"
    found = [json.loads(line) for line in report.rejected_file.read_text().splitlines()]
    assert [one["line"] for one in found] == [2, 4, 5]
    assert all(one["reason"] for one in found)
    await brought(house, file)
    assert len(report.rejected_file.read_text().splitlines()) == 3


async def test_keys_can_be_renamed_and_csv_is_read(house: House, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('n;body;when\n1;"Acme, they say";2026-11-01\n2;nothing;2026-11-02')
    mapping = {"n": "id", "body": "text", "when": "published_at"}
    report = await brought(house, file, mapping=mapping)
    assert (report.stored, report.mentions) == (2, 1)
    assert {item.published_at.date().isoformat() for item in await house.items()} == {
        "2026-11-01", "2026-11-02",
    }  # fmt: skip


async def test_an_interrupted_import_goes_on_where_it_was(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH", 2)
    file = write(tmp_path / "a.jsonl", *(record(n) for n in range(3)), "{broken", record(4))
    think = house.services.brain.analyse
    batches: list[int] = []

    async def analyse(texts: Any, queries: Any) -> Any:
        batches.append(len(texts))
        if len(batches) == 2:
            raise KeyboardInterrupt
        return await think(texts, queries)

    monkeypatch.setattr(house.services.brain, "analyse", analyse)
    with pytest.raises(KeyboardInterrupt):
        await brought(house, file)
    assert len(await house.items()) == 2
    report = await brought(house, file)
    assert (report.resumed_at, report.records, report.stored, report.rejected) == (2, 5, 4, 1)
    assert report.rejected_file is not None
    assert len(report.rejected_file.read_text().splitlines()) == 1
    [run] = await house.all(ImportRun)
    assert (run.offset, run.stored, run.finished_at) == (5, 4, house.now)


async def test_two_imports_of_one_file_at_once_do_not_mix(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "a.jsonl", record(1))
    think = house.services.brain.analyse

    async def analyse(texts: Any, queries: Any) -> Any:
        monkeypatch.setattr(house.services.brain, "analyse", think)
        await brought(house, file)
        return await think(texts, queries)

    monkeypatch.setattr(house.services.brain, "analyse", analyse)
    with pytest.raises(Conflict):
        await brought(house, file)
    assert len(await house.items()) == 1


async def test_progress_ends_at_the_size_of_the_file(house: House, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", *(record(n) for n in range(3)))
    told: list[tuple[int, int]] = []
    await brought(house, file, progress=lambda done, total: told.append((done, total)))
    size = file.stat().st_size
    assert told[-1] == (size, size)


async def test_a_missing_file_or_watchlist_is_named(house: House, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"none\.jsonl"):
        await brought(house, tmp_path / "none.jsonl")
    with pytest.raises(NotFound):
        await import_file(house.services, write(tmp_path / "a.jsonl"), watchlist_id=1)
    report = await brought(house, write(tmp_path / "empty.jsonl"))
    assert (report.records, report.stored) == (0, 0)
