from __future__ import annotations

import contextlib
import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.errors import BadPayload
from collectors.http.decode import Body


def _read(raw: bytes, coding: str = "gzip", *, max_bytes: int = 10_000, step: int = 7) -> bytes:
    body = Body(host="example.org", coding=coding, max_bytes=max_bytes)
    for start in range(0, len(raw), step):
        body.feed(raw[start : start + step])
    return body.whole()


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(1, 400))
def test_gzip_is_undone_however_it_is_cut_and_chained(parts: list[bytes], step: int) -> None:
    raw = b"".join(gzip.compress(part) for part in parts)
    assert _read(raw, step=step) == b"".join(parts)


@given(st.binary(max_size=300), st.integers(1, 400))
def test_a_plain_body_is_left_as_it_is(body: bytes, step: int) -> None:
    assert _read(body, "identity", step=step) == body


@given(st.binary(max_size=200))
def test_garbage_called_gzip_is_a_bad_payload_or_nothing(raw: bytes) -> None:
    with contextlib.suppress(BadPayload):
        assert len(_read(raw)) <= 10_000


def test_an_empty_body_may_be_called_gzip() -> None:
    assert _read(b"") == b""


def test_padding_after_the_stream_is_left_out() -> None:
    assert _read(gzip.compress(b"text") + b"\0" * 50) == b"text"


def test_a_stream_that_was_cut_is_a_bad_payload() -> None:
    with pytest.raises(BadPayload, match="cut short"):
        _read(gzip.compress(b"text" * 50)[:-9])


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "deflate", "gzip,br", "zstd"])
def test_codings_that_were_not_asked_for_are_refused_before_a_byte_is_read(coding: str) -> None:
    with pytest.raises(BadPayload, match="not asked for"):
        Body(host="example.org", coding=coding, max_bytes=10)


@pytest.mark.parametrize("coding", ["", "identity"])
def test_the_cap_holds_for_a_plain_body_and_includes_its_last_byte(coding: str) -> None:
    assert len(_read(b"x" * 100, coding, max_bytes=100)) == 100
    with pytest.raises(BadPayload, match="larger than 100 bytes"):
        _read(b"x" * 101, coding, max_bytes=100)


def test_the_cap_holds_for_what_gzip_grows_into() -> None:
    assert len(_read(gzip.compress(b"x" * 5_000), max_bytes=5_000)) == 5_000
    with pytest.raises(BadPayload, match="larger than"):
        _read(gzip.compress(b"x" * 5_001), max_bytes=5_000)


def test_a_chain_of_countless_empty_members_is_refused() -> None:
    with pytest.raises(BadPayload):
        _read(gzip.compress(b"") * 2_000, max_bytes=2**20, step=65_536)


def test_a_bomb_costs_less_than_forty_megabytes() -> None:
    bomb = gzip.compress(b"\0" * (100 * 2**20), compresslevel=1)
    assert len(bomb) < 2**20
    tracemalloc.start()
    try:
        with pytest.raises(BadPayload, match="larger than"):
            _read(bomb, max_bytes=15 * 2**20, step=65_536)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 * 2**20
