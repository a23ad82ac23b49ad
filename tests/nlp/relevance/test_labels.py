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


def test_the_constants_that_judge_a_name_are_chosen_without_it() -> None:
    from scripts.eval_relevance import best

    good, bad, best_of_all = [0.99, 0.99, 0.5], [0.5, 0.5, 0.5], [0.94, 0.94, 0.5]
    filters = {
        "for go": {"go": good, "net": bad, "c": best_of_all},
        "for all": {"go": bad, "net": best_of_all, "c": best_of_all},
    }
    tables = {"filters": filters, "pickings": filters}
    assert best(tables, without="go") == ("for all", "for all")
    assert best(tables, without="net") == ("for go", "for go")


def test_what_is_shipped_is_the_best_of_the_recorded_choices() -> None:
    from nlp.relevance.settings import DEFAULT, PICKING
    from scripts.eval_relevance import CHOICES, FILTERS, PICKINGS, best

    tables = json.loads(CHOICES.read_text())
    filter_, picking = best(tables)
    assert FILTERS[filter_] == DEFAULT
    assert PICKINGS[picking] == PICKING
    names = {path.stem for path in (HERE / "labels").glob("*.jsonl")}
    for table, candidates in (("filters", FILTERS), ("pickings", PICKINGS)):
        assert set(tables[table]) == set(candidates)
        assert all(set(row) == names for row in tables[table].values())
