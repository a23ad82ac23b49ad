"""Nothing is lost between two polls, what went is noticed, and a changed page is a fault."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Cursor, Item, Narrowing, Page
from collectors.desk import Desk, MemoryLedger
from collectors.errors import BadPayload, NeedsAttention, RateLimited
from collectors.http import Http, Policy
from collectors.replay import Asked, Exchange, ReplayServer
from collectors.telegram.collector import Telegram, TelegramConfig
from collectors.telegram.preview import count_of, read_preview, read_profile, read_single

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ERROR = '<div class="tgme_widget_message_error">Post not found</div>'


def post(number: int | str, text: str = "ok") -> str:
    hours = 1_000 - number if isinstance(number, int) else 0
    when = (NOW - timedelta(hours=hours)).isoformat()
    return (
        f'<div class="tgme_widget_message" data-post="News/{number}">'
        f'<div class="tgme_widget_message_text js-message_text">{text}</div>'
        f'<a class="tgme_widget_message_date"><time datetime="{when}">x</time></a></div>'
    )


def page(*posts: str, before: int = 0) -> bytes:
    more = f'<a class="tme_messages_more" data-before="{before}"></a>' if before else ""
    inside = "".join(posts)
    return f'<body><section class="tgme_channel_history">{more}{inside}</section></body>'.encode()


class Channel(ReplayServer):
    """Shows the posts that are there, 20 a page, and each by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.there: set[int] = set()

    def _answer(self, asked: Asked) -> bytes:
        number = asked.path.rpartition("/")[2]
        if number.isdigit():
            body = post(int(number)).encode() if int(number) in self.there else ERROR.encode()
        else:
            below = int(asked.query.get("before", "999999"))
            shown = sorted(one for one in self.there if one < below)[-20:]
            further = shown[0] if shown and shown[0] > min(self.there) else 0
            body = page(*map(post, shown), before=further)
        self.instead = Exchange(path="", body=body.decode())
        return super()._answer(asked)


async def poll(channel: Channel, cursor: Cursor) -> list[Page]:
    async with Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp) as http:
        return [one async for one in _one(channel).poll(Narrowing(), cursor, http)]


def _one(channel: Channel) -> Telegram:
    return Telegram(TelegramConfig(channels=("News",), base_url=channel.base, first_days=1))


def numbers(pages: list[Page]) -> set[int]:
    return {int(one.external_id.partition("/")[2]) for one in (i for p in pages for i in p.items)}


def test_a_later_poll_reads_down_to_what_is_known() -> None:
    async def run() -> tuple[list[Page], list[Page]]:
        async with Channel() as channel:
            assert isinstance(channel, Channel)
            channel.there = set(range(900, 960))
            first = await poll(channel, {})
            channel.there |= set(range(960, 1_000))
            return first, await poll(channel, first[-1].cursor)

    first, second = asyncio.run(run())
    assert numbers(first) == set(range(940, 960))
    assert numbers(second) >= set(range(960, 1_000))
    assert len(second) == 3


def test_a_post_that_went_from_the_newest_page_is_gone_and_a_new_one_is_not() -> None:
    async def run() -> list[Page]:
        async with Channel() as channel:
            assert isinstance(channel, Channel)
            channel.there = set(range(970, 990))
            first = await poll(channel, {})
            channel.there = (channel.there - {975}) | {990}
            return await poll(channel, first[-1].cursor)

    (second,) = asyncio.run(run())
    assert second.removed == ["news/975"]


def test_a_post_above_the_newest_one_is_not_judged_by_the_page() -> None:
    async def run() -> list[Page]:
        async with Channel() as channel:
            assert isinstance(channel, Channel)
            channel.there = set(range(970, 990))
            first = await poll(channel, {})
            channel.there -= {989}
            return await poll(channel, first[-1].cursor)

    (second,) = asyncio.run(run())
    assert not second.removed


def test_a_refresh_asks_a_page_for_many_and_for_what_it_lacks() -> None:
    async def run() -> tuple[Page, int]:
        async with Channel() as channel:
            assert isinstance(channel, Channel)
            channel.there = set(range(900, 960)) - {950}
            async with Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp) as http:
                wanted = ["news/959", "news/950", "news/945", "news/903", "rubbish", "news/x"]
                return await _one(channel).refresh(wanted, http), http.asked

    found, asked = asyncio.run(run())
    assert {one.external_id for one in found.items} == {"news/959", "news/945", "news/903"}
    assert found.removed == ["news/950"]
    assert asked == 3


def test_pages_are_not_asked_for_faster_than_agreed() -> None:
    async def run() -> list[Page]:
        async with Channel() as channel:
            assert isinstance(channel, Channel)
            channel.there = set(range(900, 1_000))
            one = _one(channel)
            ledger = MemoryLedger(one.quotas(), now=lambda: NOW)
            await ledger.owe("pages", 18)
            async with Http(Policy.parse("127.0.0.1/32"), now=NOW.timestamp) as http:
                child = http.budget(40, desk=Desk(ledger=ledger))
                walk: Cursor = {"news": {"walk": ["901", "", ""]}}
                pages = [page async for page in one.poll(Narrowing(), walk, child)]
                with pytest.raises(RateLimited):
                    [page async for page in one.poll(Narrowing(), pages[-1].cursor, child)]
                return pages

    pages = asyncio.run(run())
    assert numbers(pages) == set(range(960, 1_000))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Please prove that you are human</body></html>",
        page(),
        page('<div class="message" data-id="1">the classes have changed</div>'),
        page('<div class="tgme_widget_message" data-post="News/1">no time any more</div>'),
    ],
)
def test_a_page_that_changed_is_a_fault_and_not_silence(body: bytes) -> None:
    with pytest.raises(BadPayload):
        read_preview(body, "news", newest=True)


def test_a_channel_without_preview_says_what_to_do() -> None:
    with pytest.raises(NeedsAttention, match="@secret"):
        read_preview(b'<div class="tgme_page">Contact @secret</div>', "secret", newest=True)
    with pytest.raises(NeedsAttention):
        read_profile(b'<div class="tgme_page">Contact @secret</div>', "secret")


def test_a_single_post_is_there_gone_or_unclear() -> None:
    assert isinstance(read_single(post(7).encode(), "news/7"), Item)
    assert read_single(ERROR.encode(), "news/7") is None
    with pytest.raises(BadPayload):
        read_single(post(8).encode(), "news/7")
    with pytest.raises(BadPayload, match="private"):
        read_single(ERROR.replace("Post not found", "Channel is private").encode(), "news/7")


@pytest.mark.parametrize(
    ("text", "count"),
    [("987", 987), ("12.3K", 12_300), ("1.35M", 1_350_000), ("12 345 subscribers", 12_345),
     ("3 members", 3), ("", None), ("none", None), ("9" * 500, None)],
)  # fmt: skip
def test_counts_are_read_as_telegram_writes_them(text: str, count: int | None) -> None:
    assert count_of(text) == count


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80), st.binary(max_size=200))
def test_hostile_text_leaves_the_post_beside_it(text: str, data: bytes) -> None:
    odd = text.replace("<", "&lt;")
    found = read_preview(page(post(1), post(2, odd)), "news", newest=True)
    assert "news/1" in {one.external_id for one in found.items}
    for one in found.items:
        one.text.encode()
    with suppress(BadPayload, NeedsAttention):
        read_preview(data, "news", newest=True)
