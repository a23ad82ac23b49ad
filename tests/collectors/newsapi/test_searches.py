"""However long the list, the free plan's one page loses nothing of it; and what a plan refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from collectors.api import Cursor, Narrowing, Page, Term
from collectors.desk import Desk, MemoryLedger
from collectors.errors import BadPayload, NeedsAttention, RateLimited
from collectors.http import Http, Policy
from collectors.newsapi.articles import Articles, read_answer
from collectors.newsapi.collector import NewsApi
from collectors.newsapi.config import NewsApiConfig
from collectors.newsapi.queries import Asked, render
from collectors.replay import Asked as Question
from collectors.replay import Exchange, ReplayServer

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ACME = Narrowing(((Term("acme"),),))


class News(ReplayServer):
    """Answers as the free plan does: newest first, between `from` and `to`, one page only."""

    def __init__(self, times: list[datetime]) -> None:
        super().__init__()
        self.times = sorted(times, reverse=True)

    def _answer(self, asked: Question) -> bytes:
        low, high = (datetime.fromisoformat(asked.query[key] + "+00:00") for key in ("from", "to"))
        size = int(asked.query["pageSize"])
        found = [(n, at) for n, at in enumerate(self.times) if low <= at <= high][:size]
        articles = [article(f"{asked.query['q'][1:-1]}/{n}", at) for n, at in found]
        self.instead = Exchange(path="", body=json.dumps({"articles": articles}))
        return super()._answer(asked)


def article(name: str, at: datetime) -> dict[str, object]:
    return {
        "source": {"name": "S"}, "title": "t", "url": f"https://e.example/{name}",
        "publishedAt": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip


def newsapi(server: ReplayServer, **options: object) -> NewsApi:
    config = {"base_url": server.base, "api_key": "k", "page_size": 10, "requests": 20, **options}
    return NewsApi(NewsApiConfig.model_validate(config))


async def polled(
    one: NewsApi,
    cursor: Cursor,
    narrowing: Narrowing = ACME,
    ledger: MemoryLedger | None = None,
) -> list[Page]:
    async with Http(Policy.parse("127.0.0.1/32"), now=NOON.timestamp) as http:
        desk = Desk(ledger=ledger or MemoryLedger(one.quotas(), now=lambda: NOON))
        return [page async for page in one.poll(narrowing, cursor, http.budget(50, desk=desk))]


def urls(pages: list[Page]) -> list[str]:
    return [item.url for page in pages for item in page.items]


async def test_a_list_of_many_pages_is_walked_down_by_time() -> None:
    async with News([NOON - timedelta(minutes=n // 3) for n in range(95)]) as server:
        found = urls(await polled(newsapi(server), {}))
    assert len(found) == len(set(found)) == 95


async def test_a_walk_that_runs_out_of_requests_goes_on_at_the_next_poll() -> None:
    async with News([NOON - timedelta(minutes=n) for n in range(60)]) as server:
        cursor: Cursor = {}
        found: list[str] = []
        for _ in range(4):
            pages = await polled(newsapi(server, requests=2), cursor)
            found += urls(pages)
            cursor = json.loads(json.dumps(pages[-1].cursor))
    assert len(set(found)) == 60


async def test_searches_take_turns() -> None:
    both = Narrowing(tuple((Term(word * 25),) for word in ("a", "b")))
    async with News([NOON - timedelta(minutes=n) for n in range(500)]) as server:
        cursor: Cursor = {}
        for _ in range(2):
            one = newsapi(server, requests=1, query_length=50)
            cursor = (await polled(one, cursor, both))[-1].cursor
        asked = [question.query["q"] for question in server.asked]
    assert asked == [f'"{"a" * 25}"', f'"{"b" * 25}"']


async def test_more_of_one_second_than_an_answer_holds_is_told_and_passed() -> None:
    at = NOON - timedelta(hours=1)
    async with News([at] * 25 + [at - timedelta(hours=1)]) as server:
        pages = await polled(newsapi(server), {})
    assert "https://e.example/acme/25" in urls(pages)
    assert any(page.listening.truncated for page in pages)


async def test_a_plan_that_does_not_reach_so_far_asks_for_a_person() -> None:
    async with ReplayServer() as server:
        server.instead = Exchange(path="", status=426, body='{"code": "parameterInvalid"}')
        with pytest.raises(NeedsAttention, match="first_days"):
            await polled(newsapi(server), {})


async def test_a_list_that_may_not_be_read_to_its_end_is_told() -> None:
    async with ReplayServer() as server:
        server.instead = Exchange(path="", status=426, body='{"code": "maximumResultsReached"}')
        key = next(key for key in await first_cursor() if key != "turn")
        top = str(int(NOON.timestamp()) - 3_600)
        walk = [str(int(top) - 86_400), top, str(int(top) - 3_600)]
        pages = await polled(newsapi(server), {key: walk})
    assert pages[-1].listening.truncated
    assert "maximumResultsReached" in pages[-1].listening.note
    assert pages[-1].cursor[key] == [top, "", ""]


async def first_cursor() -> Cursor:
    async with News([NOON]) as server:
        return (await polled(newsapi(server), {}))[-1].cursor


async def test_a_search_that_is_not_taken_says_so_without_its_words() -> None:
    async with ReplayServer() as server:
        server.instead = Exchange(path="", status=400, body='{"code": "queryTooLong"}')
        with pytest.raises(BadPayload, match="queryTooLong") as caught:
            await polled(newsapi(server), {})
    assert "acme" not in str(caught.value)


async def test_the_requests_of_a_day_are_never_exceeded() -> None:
    async with News([NOON - timedelta(minutes=n) for n in range(90)]) as server:
        one = newsapi(server, requests_a_day=3)
        ledger = MemoryLedger(one.quotas(), now=lambda: NOON)
        pages = await polled(one, {}, ledger=ledger)
        with pytest.raises(RateLimited) as caught:
            await polled(one, pages[-1].cursor, ledger=ledger)
        assert len(server.asked) == 3
    assert caught.value.retry_after == 12 * 3_600


async def test_a_cursor_that_cannot_be_read_begins_anew() -> None:
    key = next(key for key in await first_cursor() if key != "turn")
    async with News([NOON]) as server:
        assert len(urls(await polled(newsapi(server), {key: ["soon", "", ""], "turn": "x"}))) == 1


def clause(*words: str) -> tuple[Term, ...]:
    return tuple(Term(word) for word in words)


@pytest.mark.parametrize(
    ("clauses", "asked"),
    [
        ((), Asked(())),
        (
            (clause("acme"), clause("go sport", "panne")),
            Asked(('"acme" OR ("go sport" AND "panne")',)),
        ),
        ((clause("a" * 40), clause("b" * 40)), Asked((f'"{"a" * 40}"', f'"{"b" * 40}"'))),
        ((clause("OR", 'a"b'),), Asked(('("OR" AND "a b")',))),
        (tuple(clause("x", "y" * 40 + str(n)) for n in range(2)),
         Asked((f'"{"y" * 40}0"', f'"{"y" * 40}1"'))),
        ((clause("a" * 60),), Asked((), left_out=True)),
        (tuple(clause("z" * 40 + str(n)) for n in range(5)),
         Asked(tuple(f'"{"z" * 40}{n}"' for n in range(2)), left_out=True)),
    ],
)  # fmt: skip
def test_words_are_packed_into_few_searches(
    clauses: tuple[tuple[Term, ...], ...], asked: Asked
) -> None:
    assert render(Narrowing(clauses), length=50, most=2) == asked


@pytest.mark.parametrize("answer", [None, [], {}, {"articles": None}])
def test_an_answer_without_articles_is_no_answer(answer: object) -> None:
    with pytest.raises(BadPayload):
        read_answer(answer, lang=None)


def test_a_text_that_only_repeats_the_description_comes_once() -> None:
    said = "Acme ouvre un dépôt à Lyon et annonce trente emplois dans la région pour le printemps."
    record = article("1", NOON) | {"description": said, "content": said[:80] + "… [+99 chars]"}
    found = read_answer({"articles": [record]}, lang="fr")
    assert isinstance(found, Articles)
    assert found.items[0].text == said
