"""What the marks of a wording say of the search of the stored posts."""

from __future__ import annotations

import pytest

from app.watchlists.rules import search_of


@pytest.mark.parametrize(
    ("begun", "ended", "searched", "total", "state", "percent"),
    [
        (False, False, 0, None, "waiting", 0),
        (True, False, 2_000, 9_300, "running", 21),
        (True, False, 9_400, 9_300, "running", 99),
        (True, True, 9_300, 9_300, "done", 100),
        (True, True, 2_000, 9_300, "stopped", 21),
        (False, True, 0, 0, "done", 100),
        (False, True, 0, None, "done", 100),
    ],
    ids=[
        "not begun", "under way", "more came meanwhile", "over", "cut short", "nothing is stored",
        "from before there were counters",
    ],
)  # fmt: skip
def test_the_state_of_a_search_is_told_from_its_marks(
    begun: bool, ended: bool, searched: int, total: int | None, state: str, percent: int
) -> None:
    found = search_of(begun=begun, ended=ended, searched=searched, total=total)
    assert (found.state, found.percent) == (state, percent)
