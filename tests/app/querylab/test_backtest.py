"""What a new wording would change, told before it is saved and true after."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, delete, select

from app.errors import Invalid, NotFound
from app.ingest.service import rematch_pending
from app.models import Brand, Item, Mention, Note, Query, QueryVersion
from app.querylab import service
from app.querylab.rules import OUTCOMES, Counts, Limits
from app.querylab.service import Backtest, Example, backtest
from tests.conftest import NOW
from tests.support.pipeline import House, post

HOUR = timedelta(hours=1)

TEXTS = (
    "Acme is great", "Acme and Initech", "Initech alone", "nobody", "I like Initech", "Acme again",
)  # fmt: skip


async def stored(stocked: House, texts: Sequence[str] = TEXTS, *, name: str = "s") -> int:
    """Posts an hour apart, the first the newest."""
    source = await stocked.source(name=name)
    page = [
        post(f"{name}{n}", text, published_at=NOW - (n + 1) * HOUR) for n, text in enumerate(texts)
    ]
    await stocked.store(source, page)
    return source


async def tried(stocked: House, text: str, **more: Any) -> Backtest:
    brand = stocked.brands["Acme"]
    return await backtest(stocked.services, stocked.watchlist_id, brand, text, **more)


def told(examples: Sequence[Example]) -> list[str]:
    return [one.heard.item.text for one in examples]


async def test_caught_newly_caught_lost_and_kept_are_counted_and_shown_newest_first(
    stocked: House,
) -> None:
    source = await stored(stocked)
    found = await tried(stocked, "initech")
    assert found.before is not None
    assert found.before.text == "acme"
    assert found.tally.total == Counts(newly_caught=2, lost=2, kept=1)
    assert found.tally.total.caught == 3
    assert {what: told(shown) for what, shown in found.examples.items()} == {
        "newly_caught": ["Initech alone", "I like Initech"],
        "lost": ["Acme is great", "Acme again"],
        "kept": ["Acme and Initech"],
    }
    assert found.tally.by_source == {source: Counts(2, 2, 1)}
    assert found.sources == {source: "s"}
    assert (found.searched.posts, found.searched.complete) == (6, True)


async def test_what_is_kept_or_new_shows_the_new_spans_and_what_is_lost_the_old_ones(
    stocked: House,
) -> None:
    await stored(stocked)
    found = await tried(stocked, "initech")
    spans = {what: [one.match.spans for one in shown] for what, shown in found.examples.items()}
    assert spans == {
        "newly_caught": [(("text", 0, 7),), (("text", 7, 14),)],
        "lost": [(("text", 0, 4),), (("text", 0, 4),)],
        "kept": [(("text", 9, 16),)],
    }
    assert {one.match.clause for one in found.examples["lost"]} == {"acme"}


async def test_counts_are_split_by_source_and_by_the_day_of_the_watchlist(stocked: House) -> None:
    # 23 November 09:00 UTC is 10:00 in Paris: eleven hours back is the day before there.
    first = await stored(stocked, ["Initech"] * 12, name="a")
    second = await stored(stocked, ["Acme"], name="b")
    found = await tried(stocked, "initech")
    assert found.tally.by_source == {first: Counts(12, 0, 0), second: Counts(0, 1, 0)}
    assert found.tally.by_day == {"2026-11-23": Counts(10, 1, 0), "2026-11-22": Counts(2, 0, 0)}


async def test_the_day_on_which_clocks_go_back_has_twenty_five_hours(stocked: House) -> None:
    start = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)  # midnight of 25 October in Paris
    page = [post(n, "Initech", published_at=start + n * HOUR) for n in range(-1, 26)]
    await stocked.store(await stocked.source(), page)
    found = await tried(stocked, "initech")
    days = {day: counts.newly_caught for day, counts in found.tally.by_day.items()}
    assert days == {"2026-10-24": 1, "2026-10-25": 25, "2026-10-26": 1}


async def test_posts_that_the_watchlist_s_sources_did_not_hear_are_not_seen(stocked: House) -> None:
    await stored(stocked, ["Initech"])
    mine = stocked.watchlist_id
    other = await stocked.watch({"Other": "acme"}, name="other")
    await stocked.store(await stocked.source(name="o", watchlist_id=other), [post("x", "Initech")])
    brand = stocked.brands["Acme"]
    found = await backtest(stocked.services, mine, brand, "initech")
    assert (found.tally.total.caught, found.searched.posts) == (1, 1)
    assert {one.heard.source for one in found.examples["newly_caught"]} == {"s"}


async def test_what_was_taken_away_or_purged_is_not_shown(stocked: House) -> None:
    await stored(stocked, ["Initech one", "Initech two", "Initech three"])
    gone, purged, left = sorted(await stocked.items(), key=lambda one: -one.id)
    async with stocked.services.db.write() as session:
        for item, column in ((gone, "removed_at"), (purged, "purged_at")):
            row = await session.get(Item, item.id)
            setattr(row, column, NOW)
    found = await tried(stocked, "initech")
    assert told(found.examples["newly_caught"]) == [left.text]
    assert found.tally.total.caught == 1


async def test_a_brand_without_a_query_gains_all_that_the_new_one_catches(stocked: House) -> None:
    await stored(stocked)
    async with stocked.services.db.write() as session:
        brand = Brand(watchlist_id=stocked.watchlist_id, name="New", created_at=NOW, updated_at=NOW)
        session.add(brand)
        await session.flush()
        stocked.brands["New"] = brand.id
    found = await backtest(stocked.services, stocked.watchlist_id, stocked.brands["New"], "initech")
    assert (found.before, found.tally.total) == (None, Counts(newly_caught=3))


async def test_a_wording_that_the_language_no_longer_reads_catches_nothing_and_stops_nobody(
    stocked: House,
) -> None:
    await stored(stocked)
    async with stocked.services.db.write() as session:
        query = await session.scalar(_query_of(stocked))
        version = await session.get(QueryVersion, query.current_version_id)
        version.text = "(acme"
    found = await tried(stocked, "initech")
    assert found.tally.total == Counts(newly_caught=3)


async def test_only_posts_of_the_period_are_looked_at_to_the_very_moment(stocked: House) -> None:
    half = timedelta(milliseconds=500)
    times = (NOW - HOUR, NOW - HOUR + half, NOW - 2 * HOUR, NOW - 2 * HOUR - half)
    page = [post(n, "Initech", published_at=at) for n, at in enumerate(times)]
    await stocked.store(await stocked.source(), page)
    found = await tried(stocked, "initech", since=NOW - 2 * HOUR, until=NOW - HOUR)
    assert [one.heard.item.published_at for one in found.examples["newly_caught"]] == [times[2]]
    assert (found.searched.posts, found.searched.complete) == (1, True)


async def test_past_the_limit_of_posts_the_counts_are_told_as_at_least(
    stocked: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.querylab.queries.BATCH", 2)
    await stored(stocked)
    found = await tried(stocked, "initech", limits=Limits(posts=4, seconds=60))
    assert (found.searched.posts, found.searched.complete) == (4, False)
    assert found.searched.down_to == NOW - 4 * HOUR
    assert found.tally.total == Counts(newly_caught=1, lost=1, kept=1)


async def test_a_limit_that_is_met_by_the_last_post_has_left_nothing_out(
    stocked: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.querylab.queries.BATCH", 2)
    await stored(stocked)
    found = await tried(stocked, "initech", limits=Limits(posts=6, seconds=60))
    assert (found.searched.posts, found.searched.complete) == (6, True)


async def test_past_the_limit_of_seconds_it_stops_after_the_batch_in_hand(
    stocked: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(0, 100, 3))
    monkeypatch.setattr("app.querylab.queries.BATCH", 2)
    monkeypatch.setattr(service, "monotonic", lambda: float(next(ticks)))
    await stored(stocked)
    found = await tried(stocked, "initech", limits=Limits(posts=1_000, seconds=5))
    assert (found.searched.posts, found.searched.complete) == (4, False)


@pytest.mark.parametrize(("seconds", "posts", "complete"), [(60, 2, True), (5, 1, False)])
async def test_a_batch_without_candidates_is_passed_over_and_costs_its_time(
    stocked: House, monkeypatch: pytest.MonkeyPatch, seconds: float, posts: int, complete: bool
) -> None:
    await stored(stocked, ["Initech", "Initech"])
    newest, oldest = sorted((one.id for one in await stocked.items()), reverse=True)
    ticks = iter(range(0, 100, 3))
    monkeypatch.setattr(service, "monotonic", lambda: float(next(ticks)))

    async def batches(*_: Any) -> AsyncGenerator[Sequence[int], None]:
        for ids in ([newest], [], [oldest]):
            yield ids

    monkeypatch.setattr("app.querylab.queries.candidate_batches", batches)
    found = await tried(stocked, "initech", limits=Limits(posts=100, seconds=seconds))
    assert (found.searched.posts, found.searched.complete) == (posts, complete)


async def test_examples_are_as_many_as_asked_for(stocked: House) -> None:
    await stored(stocked)
    shown = (await tried(stocked, "initech", examples=1)).examples
    assert {what: len(ones) for what, ones in shown.items()} == {
        "newly_caught": 1, "lost": 1, "kept": 1,
    }  # fmt: skip
    none = (await tried(stocked, "initech", examples=0)).examples
    assert not any(none.values())


async def test_a_wrong_query_or_period_is_refused_and_another_s_brand_is_not_found(
    stocked: House,
) -> None:
    with pytest.raises(Invalid) as wrong:
        await tried(stocked, "(initech")
    assert wrong.value.field == "query"
    assert wrong.value.members("fr")["position"] == 0
    with pytest.raises(Invalid) as period:
        await tried(stocked, "initech", since=NOW, until=NOW)
    assert period.value.field == "since"
    other = await stocked.watch({"Other": "acme"}, name="other")
    with pytest.raises(NotFound):
        await backtest(stocked.services, other, stocked.brands["Acme"], "initech")


@pytest.mark.parametrize("size", [1, 2, 1_000])
async def test_saving_the_wording_does_what_the_back_test_said(
    stocked: House, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("app.querylab.queries.BATCH", size)
    await stored(stocked, [*TEXTS, "Acme, done", "Acme, noted", "Acme, ignored Initech"])
    await worked_on(stocked)
    before = await mentions_by_item(stocked)
    found = await tried(stocked, "initech", examples=50)
    ids = {what: {one.heard.item.id for one in ones} for what, ones in found.examples.items()}
    assert await mentions_by_item(stocked) == before, "a trial changes nothing"

    await stocked.set_query("Acme", "initech")
    while await rematch_pending(stocked.services):
        pass
    after = await mentions_by_item(stocked)

    assert after.keys() - before.keys() == ids["newly_caught"]
    gone = before.keys() - after.keys()
    assert gone < ids["lost"]
    assert ids["kept"] == {
        item for item in before.keys() & after.keys() if after[item] != before[item]
    }, "those name the new wording"
    effect = found.effect
    assert (effect.added, effect.removed, effect.stays) == (2, len(gone), 2)
    assert len(gone) == len(ids["lost"]) - effect.stays == 2
    [saved] = await stocked.all(QueryVersion, QueryVersion.number == 2)
    assert (saved.rematch_added, saved.rematch_removed, saved.rematch_kept) == (
        effect.added, effect.removed, found.tally.total.kept,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
async def test_what_is_saved_does_what_was_said_whatever_the_posts_and_the_wordings(
    stocked: House, seed: int
) -> None:
    draw = random.Random(seed)
    before_text, after_text = draw.sample(WORDINGS, 2)
    await stocked.set_query("Acme", before_text)
    while await rematch_pending(stocked.services):
        pass
    mine = stocked.watchlist_id
    for name in ("a", "b"):
        await stored(stocked, [drawn_text(draw) for _ in range(12)], name=name)
    other = await stocked.watch({"Other": "acme"}, name="other")
    unheard = await stocked.source(name="o", watchlist_id=other)
    await stocked.store(unheard, [post(f"o{n}", drawn_text(draw)) for n in range(6)])
    await happened(stocked, draw)
    before = await mentions_by_item(stocked)

    acme = stocked.brands["Acme"]
    found = await backtest(stocked.services, mine, acme, after_text, examples=50)
    ids = {what: {one.heard.item.id for one in ones} for what, ones in found.examples.items()}
    stocked.later(HOUR)
    await stocked.set_query("Acme", after_text)
    while await rematch_pending(stocked.services):
        pass
    after = await mentions_by_item(stocked)

    new, gone = after.keys() - before.keys(), before.keys() - after.keys()
    effect = found.effect
    assert (new, len(new)) == (ids["newly_caught"], effect.added)
    assert gone <= ids["lost"]
    assert (len(gone), len(ids["lost"]) - len(gone)) == (effect.removed, effect.stays)
    assert found.tally.total == Counts(*(len(ids[what]) for what in OUTCOMES))
    assert ids["kept"] <= before.keys() & after.keys()


WORDINGS = (
    "acme", "initech", "acme AND initech", "acme OR initech", "acme NOT initech",
    "initech NOT (acme hooli)", '"acme initech"', "#hooli OR acme", "hooli SAUF acme",
)  # fmt: skip


def drawn_text(draw: random.Random) -> str:
    words = ("Acme", "initech", "#Hooli", "hooli", "and", "soap", "today")
    return " ".join(draw.choices(words, k=4))


async def happened(house: House, draw: random.Random) -> None:
    """Some posts are gone, and people have worked on some mentions."""
    async with house.services.db.write() as session:
        for item in await house.items():
            if draw.random() < 0.1:
                (await session.get_one(Item, item.id)).removed_at = NOW
                # As whoever takes a post away does with its mentions.
                await session.execute(delete(Mention).where(Mention.item_id == item.id))
        for mention in await house.mentions():
            row = await session.get(Mention, mention.id)
            if row is not None and draw.random() < 0.3:
                row.status = "done"


async def test_the_effect_goes_by_the_mentions_there_are_where_a_search_is_not_over(
    stocked: House,
) -> None:
    await stored(stocked)
    await stocked.set_query("Acme", "initech")  # the mentions are those of “acme” still
    found = await tried(stocked, "nobody")
    assert found.tally.total == Counts(newly_caught=1, lost=3)
    assert (found.effect.added, found.effect.removed) == (1, 3)
    before = await mentions_by_item(stocked)
    await stocked.set_query("Acme", "nobody")
    while await rematch_pending(stocked.services):
        pass
    after = await mentions_by_item(stocked)
    assert (len(after.keys() - before.keys()), len(before.keys() - after.keys())) == (1, 3)


async def worked_on(stocked: House) -> None:
    """One mention is settled, another has a note."""
    async with stocked.services.db.write() as session:
        for item in await stocked.items():
            mention = await session.scalar(_mention_of(item.id))
            if item.text == "Acme, done":
                mention.status = "done"
            elif item.text == "Acme, noted":
                session.add(
                    Note(watchlist_id=stocked.watchlist_id, subject_kind="mention",
                         subject_id=mention.id, text="called back", created_at=NOW)
                )  # fmt: skip


async def mentions_by_item(stocked: House) -> Mapping[int, int]:
    """Item → the version that its mention names."""
    return {one.item_id: one.query_version_id for one in await stocked.mentions()}


def _mention_of(item_id: int) -> Select[Any]:
    return select(Mention).where(Mention.item_id == item_id)


def _query_of(stocked: House) -> Select[Any]:
    return select(Query).where(Query.brand_id == stocked.brands["Acme"])
