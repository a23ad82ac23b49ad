from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.errors import BadPayload, CollectorError, NeedsAttention, RateLimited, Transient
from collectors.http import Response
from collectors.youtube.calls import Absent, DayIsOver, StalePage, failure, read_answer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 26, 8, tzinfo=UTC)
RECORDED = Path(__file__).parents[4] / "shared" / "data" / "api" / "youtube"


def told(
    status: int, body: object, resource: str = "videos", **headers: str
) -> CollectorError | None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Response(status=status, url="https://api.example/x?key=1", headers=headers, body=raw)
    return failure(answer, resource, now=NOW, day_ends=MIDNIGHT)


def reason(name: str, message: str = "") -> dict[str, Any]:
    return {"error": {"message": message, "errors": [{"reason": name}]}}


def detail(name: str, message: str = "") -> dict[str, Any]:
    return {"error": {"message": message, "details": [{"@type": "x"}, {"reason": name}]}}


def test_a_used_up_quota_waits_for_midnight_in_california() -> None:
    error = told(403, reason("quotaExceeded"))
    assert isinstance(error, DayIsOver)
    assert error.retry_after == 20 * 3_600
    daily = "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day'"
    assert isinstance(told(429, detail("RATE_LIMIT_EXCEEDED", daily)), DayIsOver)


def test_too_fast_waits_shortly_or_as_asked() -> None:
    error = told(403, reason("rateLimitExceeded"))
    assert isinstance(error, RateLimited)
    assert not isinstance(error, DayIsOver)
    assert error.retry_after == 60
    asked = told(429, reason("rateLimitExceeded"), **{"retry-after": "7"})
    assert isinstance(asked, RateLimited)
    assert asked.retry_after == 7


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (400, reason("keyInvalid"), "make one"),
        (400, detail("API_KEY_INVALID"), "make one"),
        (400, reason("badRequest", "API key not valid. Please pass a valid API key."), "make one"),
        (400, detail("API_KEY_EXPIRED"), "expired"),
        (403, reason("accessNotConfigured"), "switch the YouTube Data API v3 on"),
        (403, detail("SERVICE_DISABLED"), "switch the YouTube Data API v3 on"),
        (403, detail("API_KEY_IP_ADDRESS_BLOCKED"), "restrictions"),
        (403, reason("forbidden"), "access denied"),
        (401, b"", "access denied"),
    ],
)
def test_what_a_person_must_do_is_said(status: int, body: object, says: str) -> None:
    error = told(status, body)
    assert isinstance(error, NeedsAttention)
    assert not isinstance(error, Absent)
    assert says in str(error)
    assert "key=1" not in str(error)


@pytest.mark.parametrize("name", ["commentsDisabled", "videoNotFound", "playlistNotFound"])
def test_what_is_not_there_is_no_matter_for_a_person(name: str) -> None:
    assert isinstance(told(403, reason(name)), Absent)


def test_a_refusal_of_one_videos_comments_stops_nothing_else() -> None:
    assert isinstance(told(403, reason("forbidden"), "commentThreads"), Absent)
    assert not isinstance(told(403, reason("keyInvalid"), "commentThreads"), Absent)
    assert not isinstance(told(403, b"", "commentThreads"), Absent)


def test_a_forgotten_place_and_a_fault_pass() -> None:
    assert isinstance(told(400, reason("invalidPageToken")), StalePage)
    error = told(500, b"<html>")
    assert type(error) is Transient


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"error": 3}', b'{"error": {"errors": [1, null, {"reason": [2]}]}}']
)
def test_strange_errors_are_told_by_their_status(body: bytes) -> None:
    assert isinstance(told(403, body), NeedsAttention)
    assert told(200, body) is None


@pytest.mark.parametrize("body", [b"[]", b"{}", b'"x"', b'{"kind": "x", "items": {}}', b"\x00{"])
def test_an_answer_without_a_list_is_refused(body: bytes) -> None:
    with pytest.raises(BadPayload):
        read_answer(body, "videos")


def test_an_empty_list_may_be_left_out() -> None:
    assert read_answer(b'{"kind": "youtube#channelListResponse"}', "channels").records == []


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside us")
def test_the_recorded_errors_tell_what_to_do() -> None:
    key = told(400, (RECORDED / "error_response.json").read_bytes())
    assert isinstance(key, NeedsAttention)
    assert "make one" in str(key)
    denied = told(403, (RECORDED / "error_permission_resp.json").read_bytes())
    assert isinstance(denied, NeedsAttention)
    assert "access denied" in str(denied)
