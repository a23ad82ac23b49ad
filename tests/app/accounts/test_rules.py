"""When an account is read, and what its figures say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.accounts.rules import Figure, clean_handle, growth, local_day, next_reading


def test_the_day_is_the_watchlists_own() -> None:
    late = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert local_day(late, "Europe/Paris") == "2026-11-26"
    assert local_day(late, "America/New_York") == "2026-11-25"


@pytest.mark.parametrize("month", [3, 10])
def test_the_next_reading_is_just_after_the_next_local_midnight_across_clock_changes(
    month: int,
) -> None:
    day = {3: 29, 10: 25}[month]
    now = datetime(2026, month, day - 1, 12, tzinfo=UTC)
    found = next_reading(now, "Europe/Paris", spread=0.0)
    assert local_day(found, "Europe/Paris") == f"2026-{month:02}-{day:02}"
    assert local_day(next_reading(now, "Europe/Paris", spread=1.0), "Europe/Paris").endswith(
        f"{day:02}"
    )


@pytest.mark.parametrize(
    ("typed", "handle"),
    [("@acme", "acme"), ("  @acme@social.example ", "acme@social.example"), ("@ @", ""), ("", "")],
)
def test_a_handle_is_taken_as_people_write_it(typed: str, handle: str) -> None:
    assert clean_handle(typed) == handle


def test_growth_is_from_the_first_to_the_last_known_day() -> None:
    days = [Figure("1", None), Figure("2", 100), Figure("3", None), Figure("4", 130)]
    assert growth(days) == 30
    assert growth(days[:3]) is None
    assert growth([]) is None
