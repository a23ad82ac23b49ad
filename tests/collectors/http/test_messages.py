from __future__ import annotations

import json

import pytest

from collectors.errors import BadPayload, NeedsAttention, RateLimited, Transient
from collectors.http import Response, Validators
from collectors.http.outcomes import error_for
from tests.collectors.http.conftest import NOW


def _response(body: bytes, content_type: str = "") -> Response:
    headers = {"content-type": content_type}
    return Response(status=200, url="https://example.org/a?key=s3cret", headers=headers, body=body)


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (200, {}, None),
        (204, {}, None),
        (400, {}, NeedsAttention),
        (401, {}, NeedsAttention),
        (403, {}, NeedsAttention),
        (403, {"x-ratelimit-remaining": "0"}, RateLimited),
        (403, {"x-ratelimit-remaining": "9"}, NeedsAttention),
        (404, {}, NeedsAttention),
        (408, {}, Transient),
        (410, {}, NeedsAttention),
        (418, {}, NeedsAttention),
        (429, {}, RateLimited),
        (500, {}, Transient),
        (503, {}, Transient),
        (503, {"retry-after": "9"}, RateLimited),
        (599, {}, Transient),
        (302, {}, NeedsAttention),
        (999, {}, Transient),
    ],
)
def test_each_status_says_what_must_be_done(
    status: int, headers: dict[str, str], kind: type | None
) -> None:
    error = error_for(status, headers, host="example.org", now=NOW)
    assert (None if error is None else type(error)) is kind


def test_a_gone_address_is_called_gone() -> None:
    for status in (404, 410):
        assert "gone" in str(error_for(status, {}, host="example.org", now=NOW))


def test_a_wait_is_passed_on_in_seconds() -> None:
    error = error_for(429, {"x-ratelimit-reset": "2026-11-23T01:01:00Z"}, host="h", now=NOW)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 60


def test_validators_survive_the_cursor() -> None:
    both = Validators(etag='W/"é"', last_modified="Mon, 23 Nov 2026 01:02:00 GMT")
    assert Validators.from_cursor(json.loads(json.dumps(both.to_cursor()))) == both
    assert Validators().to_cursor() == {}


@pytest.mark.parametrize("bad", [None, 3, "", "a\r\nx: y", "x" * 2_000, "日"])
def test_a_validator_that_cannot_stand_in_a_header_is_left_out(bad: object) -> None:
    assert Validators.from_cursor({"etag": bad}) == Validators()  # type: ignore[dict-item]  # what a damaged database may hold
    assert Validators(etag=None).as_headers() == {}


@pytest.mark.parametrize("body", [b"{}", b"\xef\xbb\xbf{}"])
def test_json_is_read_with_or_without_a_byte_order_mark(body: bytes) -> None:
    assert _response(body).json() == {}


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000, b"NaN"])
def test_what_is_not_json_is_a_bad_payload_that_names_the_host_only(body: bytes) -> None:
    with pytest.raises(BadPayload) as caught:
        _response(body).json()
    assert str(caught.value) == "example.org: the answer is not JSON"


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("é".encode(), "", "é"),
        ("é".encode(), "text/html; charset=utf-8", "é"),
        ("é".encode("latin-1"), 'text/html; charset="ISO-8859-1"', "é"),
        ("é".encode("latin-1"), "text/html", "\ufffd"),
        (b"\xef\xbb\xbfa", "text/html; charset=UTF_8", "a"),
        (b"a", "text/html; charset=klingon", "a"),
        (b"a", "text/html; charset=hex", "a"),
        (b"\\u0041", "text/html; charset=unicode_escape", "\\u0041"),
        (b"+ADw-", "text/html; charset=utf-7", "+ADw-"),
    ],
)
def test_text_is_decoded_by_its_charset_and_never_fails(
    body: bytes, content_type: str, text: str
) -> None:
    assert _response(body, content_type).text() == text
