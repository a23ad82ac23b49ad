"""The labelled sets are what their README says, and the filter is better than none on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
REPLAY = Path(__file__).parents[4] / "shared" / "data" / "replay"


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", sorted((HERE / "labels").glob("*.jsonl")), ids=lambda p: p.stem)
def test_labels_are_ids_and_no_texts_with_both_senses_well_present(path: Path) -> None:
    rows = rows_of(path)
    assert all(set(row) == {"file", "id", "relevant"} for row in rows)
    assert len({(row["file"], row["id"]) for row in rows}) == len(rows)
    relevant = sum(row["relevant"] for row in rows)
    assert min(relevant, len(rows) - relevant) >= 30


@pytest.mark.parametrize("path", sorted((HERE / "french").glob("*.jsonl")), ids=lambda p: p.stem)
def test_the_french_sentences_are_different_from_each_other(path: Path) -> None:
    rows = rows_of(path)
    assert len(rows) >= 60
    assert len({row["text"] for row in rows}) == len(rows)


@pytest.mark.skipif(not REPLAY.is_dir(), reason="the replay files are not here")
def test_the_evaluation_runs_and_the_filter_beats_the_bare_query(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from scripts.eval_relevance import main

    assert main(["--draws", "1", "--name", "net"]) == 0
    line = next(one for one in capsys.readouterr().out.splitlines() if one.startswith("net"))
    numbers = [float(part.strip("/")) for part in line.split("target")[0].split()[1:]]
    bare, proposed = numbers[1], numbers[-2]
    assert proposed > bare
