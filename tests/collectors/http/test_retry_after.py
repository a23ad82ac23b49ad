from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.http.retry_after import LONGEST, freshness, http_date, retry_after
from tests.collectors.http.conftest import NOW


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "Mon, 23 Nov 2026 01:02:00 GMT"}, 120),
        ({"retry-after": "Monday, 23-Nov-26 01:02:00 GMT"}, 120),
        ({"retry-after": "Mon Nov 23 01:02:00 2026"}, 120),
        ({"retry-after": "Mon, 23 Nov 2026 00:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "99999999"}, LONGEST),
        ({"x-ratelimit-reset": "2026-11-23T01:05:00.000000Z"}, 300),
        ({"x-ratelimit-reset": "2026-11-23T02:05:00+01:00"}, 300),
        ({"x-ratelimit-reset": str(int(NOW) + 60)}, 60),
        ({"x-ratelimit-reset": str((int(NOW) + 60) * 1000)}, 60),
        ({"x-ratelimit-reset": "583.0"}, 583),
        ({"ratelimit-reset": str(int(NOW) + 9)}, 9),
        ({"x-rate-limit-reset": str(int(NOW) + 8)}, 8),
        ({"retry-after": "7", "x-ratelimit-reset": "2026-11-23T01:05:00Z"}, 7),
        ({"retry-after": "soon", "x-ratelimit-reset": "2026-11-23T01:05:00Z"}, 300),
        ({}, None),
    ],
)
def test_each_dialect_of_waiting_is_understood(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, now=NOW) == pytest.approx(seconds)


@given(st.text(max_size=60) | st.from_regex(r"\A[0-9A-Za-z,:+\- ]{0,40}\Z"))
def test_no_header_makes_us_fail_or_wait_longer_than_a_day(text: str) -> None:
    for name in ("retry-after", "x-ratelimit-reset"):
        wait = retry_after({name: text}, now=NOW)
        assert wait is None or 0 <= wait <= LONGEST
    fresh = freshness({"cache-control": text, "expires": text, "age": text}, now=NOW)
    assert fresh is None or 0 <= fresh <= LONGEST


@given(st.integers(0, 4_000_000_000))
def test_http_dates_are_read_back(moment: int) -> None:
    assert http_date(formatdate(moment, usegmt=True)) == moment


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": 'MAX-AGE="60"'}, 60),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=60", "age": "100"}, 0),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "no-store, max-age=600"}, None),
        ({"cache-control": "no-cache"}, None),
        ({"cache-control": "max-age=60", "expires": "Mon, 23 Nov 2026 01:10:00 GMT"}, 60),
        ({"expires": "Mon, 23 Nov 2026 01:10:00 GMT"}, 600),
        # The server's own clock decides where it gives one: ours may be wrong.
        (
            {
                "expires": "Mon, 23 Nov 2026 01:10:00 GMT",
                "date": "Mon, 23 Nov 2026 01:09:00 GMT",
            },
            60,
        ),
        ({"expires": "0"}, None),
        ({}, None),
    ],
)
def test_freshness_is_what_the_server_states(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert freshness(headers, now=NOW) == seconds
