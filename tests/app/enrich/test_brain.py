"""Texts judged beside the loop; a poisonous one is found and set aside."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.enrich import brain as module
from app.enrich.brain import Brain
from app.enrich.inline import InlineBrain
from app.enrich.values import QuerySet, TextIn
from app.enrich.worker import Worker, WorkerDied, WorkerFailed
from nlp.api import Abstain, Doc, Verdict

QUERIES = QuerySet(1, {7: "acme", 8: "globex"})
TEXTS = [
    TextIn(body="I love Acme"),
    TextIn(title="Globex", body="je déteste Globex, c'est nul"),
    TextIn(body="ok"),
    TextIn(),
]


@pytest.fixture(scope="module")
def brain() -> Iterator[Brain]:
    """One for all: its children take seconds to load their models."""
    one = Brain(("fr", "en"))
    yield one
    asyncio.run(one.close())


async def test_the_child_and_the_inline_brain_say_the_same(brain: Brain) -> None:
    apart = await brain.analyse(TEXTS, QUERIES)
    here = await InlineBrain(("fr", "en")).analyse(TEXTS, QUERIES)
    assert apart == here
    assert [[match.brand_id for match in one.matches] for one in apart] == [[7], [8], [], []]
    assert [one.tone.label for one in apart][:2] == ["positive", "negative"]
    assert apart[1].matches[0].spans[0] == ("title", 0, 6)


async def test_new_queries_are_taken_when_their_epoch_moves(brain: Brain) -> None:
    await brain.analyse(TEXTS, QUERIES)
    found = await brain.analyse(TEXTS, QuerySet(2, {9: "acme"}))
    assert [match.brand_id for match in found[0].matches] == [9]


async def test_a_child_that_was_killed_is_replaced_and_taught_again(brain: Brain) -> None:
    await brain.analyse(TEXTS, QUERIES)
    brain._fast.kill()
    found = await brain.analyse(TEXTS, QUERIES)
    assert [match.brand_id for match in found[0].matches] == [7]
    assert brain._fast.generation >= 2


async def test_other_queries_can_be_matched_with_a_believed_language(brain: Brain) -> None:
    found = await brain.match([TextIn(body="Initech", lang="fr"), TextIn()], {1: "initech"})
    assert [[match.brand_id for match in one] for one in found] == [[1], []]


async def test_the_child_knows_the_present_of_each_question_and_the_zone(brain: Brain) -> None:
    at = datetime(2026, 5, 31, 22, 30, tzinfo=UTC)
    text = TextIn(body="acme", published_at=at, source_kind="rss", links=("https://shop.example",))
    sources = {1: "published:-1d.. source:rss url:shop.example"}
    for day, matched in ((1, 1), (9, 0)):
        now = datetime(2026, 6, day, 12, tzinfo=UTC)
        [said] = await brain.analyse([text], QuerySet(9, sources, now=now))
        assert len(said.matches) == matched
        [match] = await brain.match([text], sources, now=now)
        assert len(match) == matched
    [there] = await brain.match([text], {1: "published:2026-06-01"}, zone="Europe/Paris")
    assert there


async def test_entities_come_from_a_child_of_their_own(brain: Brain) -> None:
    [(answer, _)] = await brain.entities([Doc("1", "Tim Cook works in Paris", "en")])
    assert isinstance(answer, Verdict | Abstain)
    assert brain._slow is not brain._fast
    assert brain._slow.generation == 1


async def test_an_unreadable_query_does_not_take_the_others_with_it(brain: Brain) -> None:
    found = await brain.analyse(TEXTS, QuerySet(3, {7: "acme", 8: "(("}))
    assert [match.brand_id for match in found[0].matches] == [7]


async def test_a_question_that_takes_too_long_ends_the_child() -> None:
    worker = Worker(("en",))
    await worker.start()
    with pytest.raises(WorkerDied):
        await worker.ask("entities", [Doc("1", "Paris", "en")] * 50, seconds=0.0)
    with pytest.raises(WorkerFailed):
        await worker.ask("analyse", TEXTS, seconds=30.0)
    worker.kill()


@pytest.mark.parametrize("fault", [WorkerDied("killed"), WorkerFailed("ValueError")])
async def test_the_culprit_is_found_by_halving_and_the_rest_goes_on(fault: Exception) -> None:
    asked: list[int] = []

    async def ask(batch: list[int]) -> list[int]:  # type: ignore[override]  # a list is a sequence
        asked.append(len(batch))
        if 5 in batch:
            raise fault
        return [number * 2 for number in batch]

    done = await module._halved(list(range(8)), ask, lambda number: -number)  # type: ignore[arg-type]  # as above
    assert done == [0, 2, 4, 6, 8, -5, 12, 14]
    assert max(asked) == 8
    assert len(asked) <= 7


async def test_two_callers_take_turns(brain: Brain) -> None:
    one, other = await asyncio.gather(
        brain.analyse(TEXTS, QUERIES), brain.analyse(TEXTS[:1], QuerySet(2, {9: "acme"}))
    )
    assert [match.brand_id for match in one[0].matches] == [7]
    assert [match.brand_id for match in other[0].matches] == [9]
