"""Files that grow, rotate, break and vanish lose no whole record and repeat none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from collectors.api import Cursor, Narrowing, Page
from collectors.errors import BadPayload, NeedsAttention
from collectors.http import Http, Policy
from collectors.jsonl.collector import FILES, PAGE, Jsonl, JsonlConfig
from collectors.jsonl.files import RECORD_LIMIT
from collectors.jsonl.records import item_from_record


async def poll(path: Path, cursor: Cursor) -> tuple[list[str], Cursor, list[Page]]:
    async with Http(Policy()) as http:
        collector = Jsonl(JsonlConfig(path=path))
        pages = [page async for page in collector.poll(Narrowing(), cursor, http)]
    ids = [item.external_id for page in pages for item in page.items]
    last = pages[-1].cursor if pages else cursor
    assert len(json.dumps(last)) < 4_096
    return ids, json.loads(json.dumps(last)), pages


def line(identity: object) -> str:
    return json.dumps({"id": identity, "text": "x"}) + "\n"


async def test_only_what_was_added_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(line(1))
    ids, cursor, _ = await poll(tmp_path, {})
    assert ids == ["1"]
    assert (await poll(tmp_path, cursor))[2] == []
    with file.open("a") as more:
        more.write(line(2))
    assert (await poll(tmp_path, cursor))[0] == ["2"]


async def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(line(1) + line(2)[:10])
    ids, cursor, _ = await poll(tmp_path, {})
    assert ids == ["1"]
    file.write_text(line(1) + line(2))
    assert (await poll(tmp_path, cursor))[0] == ["2"]


async def test_a_last_line_without_its_end_is_read_once_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(line(1) + line(2).strip())
    ids, cursor, _ = await poll(tmp_path, {})
    assert ids == ["1", "2"]
    with file.open("a") as more:
        more.write("\n" + line(3))
    assert (await poll(tmp_path, cursor))[0] == ["3"]


async def test_the_last_line_of_a_csv_is_read_when_the_file_stops_growing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,x\n2,y")
    ids, cursor, _ = await poll(tmp_path, {})
    assert ids == ["1"]
    ids, cursor, _ = await poll(tmp_path, cursor)
    assert ids == ["2"]
    assert (await poll(tmp_path, cursor))[2] == []


@pytest.mark.parametrize("how", ["truncate", "replace", "rewrite"])
async def test_a_file_that_is_not_the_same_starts_anew(tmp_path: Path, how: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(line(1) + line(2))
    _, cursor, _ = await poll(tmp_path, {})
    if how == "replace":
        other = tmp_path / "b.tmp"
        other.write_text(line(1) + line(2) + line(8))
        other.replace(file)
        assert (await poll(tmp_path, cursor))[0] == ["1", "2", "8"]
        return
    file.write_text(line(9) if how == "truncate" else line(7) + line(8) + line(9))
    expected = ["9"] if how == "truncate" else ["7", "8", "9"]
    assert (await poll(tmp_path, cursor))[0] == expected


async def test_pages_are_bounded_and_each_cursor_is_safe(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("".join(line(n) for n in range(2 * PAGE + 3)))
    ids, _, pages = await poll(tmp_path, {})
    assert [len(page.items) for page in pages] == [PAGE, PAGE, 3]
    assert ids == [str(n) for n in range(2 * PAGE + 3)]
    assert (await poll(tmp_path, pages[0].cursor))[0] == ids[PAGE:]


async def test_a_broken_line_is_told_by_its_number_and_the_rest_survives(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(line(1).encode() + b'{"id": \xff}\n' + b"{\n" + line(2).encode())
    ids, _, pages = await poll(file, {})
    assert ids == ["1", "2"]
    reasons = [skip.reason for skip in pages[0].skipped]
    assert reasons == ["a.jsonl, line 2: not UTF-8", "a.jsonl, line 3: not JSON"]


async def test_a_line_without_bound_is_skipped_in_bounded_memory(tmp_path: Path) -> None:
    long = json.dumps({"id": "long", "text": "x" * (RECORD_LIMIT + 10)})
    (tmp_path / "a.jsonl").write_text(long + "\n" + line(2))
    ids, _, pages = await poll(tmp_path, {})
    assert ids == ["2"]
    assert "longer than" in pages[0].skipped[0].reason


async def test_a_stray_quote_does_not_swallow_the_rest_of_a_csv(tmp_path: Path) -> None:
    rows = "".join(f"{n},t\n" for n in range(3))
    (tmp_path / "a.csv").write_text('id,text\nx,"open\n' + rows)
    _, cursor, _ = await poll(tmp_path, {})
    ids, _, _ = await poll(tmp_path, cursor)
    assert ids[-3:] == ["0", "1", "2"]


async def test_what_vanishes_or_is_no_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line(1))
    (tmp_path / "folder.jsonl").mkdir()
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "link.jsonl").symlink_to("/etc/passwd")
    ids, cursor, _ = await poll(tmp_path, {})
    assert ids == ["1"]
    (tmp_path / "a.jsonl").unlink()
    assert (await poll(tmp_path, cursor))[2] == []
    assert (await poll(tmp_path / "never.jsonl", {}))[2] == []


async def test_too_many_files_ask_for_a_person(tmp_path: Path) -> None:
    for number in range(FILES):
        (tmp_path / f"{number}.jsonl").write_text(line(number))
    assert len((await poll(tmp_path, {}))[0]) == FILES
    (tmp_path / "one-more.jsonl").write_text(line("z"))
    with pytest.raises(NeedsAttention, match="move away"):
        await poll(tmp_path, {})


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"id": 1}, "neither text nor title"),
        ({"text": ["x"]}, "text is no text"),
        ({"text": "x", "metrics": 3}, "metrics is no object"),
        ({"text": "x", "author": ["a"]}, "author is no text"),
    ],
)
def test_an_unreadable_record_says_why(record: dict[str, object], reason: str) -> None:
    with pytest.raises(BadPayload, match=reason):
        item_from_record(record)


def test_records_without_an_id_have_a_stable_one() -> None:
    one, two = ({"text": "x", "created_at": "2026-11-23"}, {"text": "y"})
    assert item_from_record(one).external_id == item_from_record(dict(one)).external_id
    assert item_from_record(one).external_id != item_from_record(two).external_id


def test_times_without_a_zone_are_utc_and_epochs_are_read() -> None:
    written = ["2026-11-23T09:00:00", "2026-11-23T10:00:00+01:00", 1795424400, "x", 1e300, None]
    times = [item_from_record({"text": "x", "published_at": at}).published_at for at in written]
    assert [bool(time) for time in times] == [True, True, True, False, False, False]
    assert len(set(times[:3])) == 1
