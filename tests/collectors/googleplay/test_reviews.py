"""Reviews are read or skipped one by one, and a week without a read is a gap."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from collectors.api import Cursor, Narrowing, Page
from collectors.desk import Desk, MemoryTokens, Token
from collectors.errors import BadPayload, NeedsAttention
from collectors.googleplay.collector import GooglePlay, GooglePlayConfig
from collectors.googleplay.reviews import read_reviews
from collectors.http import Http, Policy
from collectors.replay import Asked, Exchange, ReplayServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
APP = "https://play.google.com/store/apps/details?id=a.b"
STAMP = {"seconds": str(int(NOW.timestamp()) - 60)}
COMMENT = {"text": "ok", "lastModified": STAMP, "starRating": 4}
GOOD = {"reviewId": "gp:good", "authorName": "Ann", "comments": [{"userComment": COMMENT}]}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
FIELDS = ["text", "lastModified", "starRating", "reviewerLanguage", "device", "appVersionName"]
FIELDS += ["thumbsUpCount", "deviceMetadata"]


@settings(deadline=None, max_examples=80)
@given(
    st.lists(ANYTHING | st.dictionaries(st.sampled_from(["reviewId", "comments"]), ANYTHING)),
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING),
)
def test_no_review_stops_an_answer(odd: list[Any], comment: dict[str, Any]) -> None:
    strange = {"reviewId": "gp:odd", "comments": [{"userComment": COMMENT | comment}]}
    found = read_reviews({"reviews": [*odd, strange, GOOD]}, APP)
    assert "gp:good" in {one.external_id for one in found.items}
    for one in found.items:
        (one.title + one.text).encode()


@pytest.mark.parametrize("answer", [None, [], "text", {"reviews": None}])
def test_an_answer_without_a_list_is_refused(answer: Any) -> None:
    with pytest.raises(BadPayload):
        read_reviews(answer, APP)


class Play(ReplayServer):
    """Refuses the token of a next page; otherwise one review."""

    def _answer(self, asked: Asked) -> bytes:
        refused = "token" in asked.query
        body = "{}" if refused else json.dumps({"reviews": [GOOD]})
        self.instead = Exchange(path="", status=400 if refused else 200, body=body)
        return super()._answer(asked)


def poll(cursor: Cursor) -> list[Page]:
    async def run() -> list[Page]:
        async with Play() as play, Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp) as http:
            tokens = MemoryTokens()
            await tokens.put("google", Token(value="kept"))
            key = SecretStr("not needed while a token is kept")
            config = GooglePlayConfig(package="a.b", service_account=key, base_url=play.base)
            child = http.budget(20, desk=Desk(tokens=tokens))
            return [one async for one in GooglePlay(config).poll(Narrowing(), cursor, child)]

    return asyncio.run(run())


@pytest.mark.parametrize(("days", "missed"), [(6, False), (8, True)])
def test_a_week_without_a_read_is_told_as_a_gap(days: int, missed: bool) -> None:
    asked = int((NOW - timedelta(days=days)).timestamp())
    (page,) = poll({"walk": [str(asked), "", ""], "asked": asked})
    assert page.listening.missed == missed
    assert page.cursor["asked"] == int(NOW.timestamp())


def test_a_first_poll_misses_nothing() -> None:
    (page,) = poll({})
    assert not page.listening.missed


def test_a_token_that_was_kept_too_long_begins_the_walk_again() -> None:
    asked = int(NOW.timestamp()) - 900
    (page,) = poll({"walk": ["", str(asked), "stale"], "asked": asked})
    assert [one.external_id for one in page.items] == ["gp:good"]
    assert not page.listening.missed


def test_a_key_file_that_is_none_says_so() -> None:
    async def run() -> None:
        async with Http(Policy.parse("127.0.0.1/32")) as http:
            config = GooglePlayConfig(package="a.b", service_account=SecretStr("{}"))
            await GooglePlay(config).check(http)

    with pytest.raises(NeedsAttention, match="paste it whole"):
        asyncio.run(run())
