"""What a query catches among the stored posts while it is being typed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.errors import Invalid, NotFound
from app.mentions.service import store as mentions
from app.querylab.rules import MOST_HITS, Limits
from app.querylab.service import preview
from tests.conftest import NOW
from tests.support.pipeline import House, post

HOUR = timedelta(hours=1)


async def stored(stocked: House, *texts: str) -> None:
    page = [post(n, text, published_at=NOW - (n + 1) * HOUR) for n, text in enumerate(texts)]
    await stocked.store(await stocked.source(), page)


async def test_the_newest_hits_come_first_with_spans_and_the_count_of_each_day(
    stocked: House,
) -> None:
    await stored(stocked, *["Initech", "nothing"] * 6)
    found = await preview(stocked.services, stocked.watchlist_id, "initech")
    hours = [(NOW - one.heard.item.published_at) // HOUR for one in found.hits]
    assert hours == [1, 3, 5, 7, 9, 11]
    assert {one.match.spans for one in found.hits} == {(("text", 0, 7),)}
    days = {day: n.caught for day, n in found.tally.by_day.items()}
    assert days == {"2026-11-23": 5, "2026-11-22": 1}
    assert (found.searched.posts, found.searched.complete) == (12, True)


async def test_at_most_fifty_hits_are_shown_and_all_are_counted(stocked: House) -> None:
    await stored(stocked, *["Initech"] * (MOST_HITS + 3))
    found = await preview(stocked.services, stocked.watchlist_id, "initech")
    assert (len(found.hits), found.tally.total.caught) == (MOST_HITS, MOST_HITS + 3)


async def test_it_says_what_platforms_are_asked(stocked: House) -> None:
    found = await preview(stocked.services, stocked.watchlist_id, "initech AND hooli")
    assert [[term.text for term in clause] for clause in found.narrow] == [["initech", "hooli"]]
    assert found.hits == []
    assert (found.searched.posts, found.searched.complete, found.searched.down_to) == (
        0, True, None,
    )  # fmt: skip


async def test_noise_is_the_share_of_judged_hits_that_are_not_about_the_brand(
    stocked: House,
) -> None:
    await stored(stocked, "Acme pie", "Acme pie", "Acme tools", "Acme new", "Acme cake")
    newest_first = sorted(await stocked.mentions(), key=lambda one: -one.id)
    pie, pie_too, tools, _, cake = [one.id for one in newest_first]
    async with stocked.services.db.write() as session:
        await mentions.set_relevant(session, [pie, pie_too, cake], relevant=False)
        await mentions.set_relevant(session, [tools], relevant=True)
    where, brand = stocked.watchlist_id, stocked.brands["Acme"]
    all_of_it = (await preview(stocked.services, where, "acme", brand_id=brand)).noise
    assert all_of_it is not None
    assert (all_of_it.judged, all_of_it.noise, all_of_it.share) == (4, 3, 0.75)
    better = (await preview(stocked.services, where, "acme NOT pie", brand_id=brand)).noise
    assert better is not None
    assert better.share == 0.5


async def test_noise_is_unknown_and_not_zero_where_nobody_judged(stocked: House) -> None:
    await stored(stocked, "Acme")
    where, brand = stocked.watchlist_id, stocked.brands["Acme"]
    unjudged = (await preview(stocked.services, where, "acme", brand_id=brand)).noise
    assert unjudged is not None
    assert (unjudged.judged, unjudged.share) == (0, None)
    assert (await preview(stocked.services, where, "acme")).noise is None


async def test_marks_of_another_brand_say_nothing(stocked: House) -> None:
    where, acme = stocked.watchlist_id, stocked.brands["Acme"]
    await stored(stocked, "Acme")
    other = await stocked.watch({"Other": "acme"}, name="other")
    async with stocked.services.db.write() as session:
        await mentions.set_relevant(
            session, [one.id for one in await stocked.mentions()], relevant=False
        )
    with pytest.raises(NotFound):
        await preview(stocked.services, other, "acme", brand_id=acme)
    mine = (await preview(stocked.services, where, "acme", brand_id=acme)).noise
    assert mine is not None
    assert mine.judged == 1


async def test_past_its_limit_the_count_is_at_least(
    stocked: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.querylab.queries.BATCH", 2)
    await stored(stocked, *["Initech"] * 6)
    found = await preview(
        stocked.services, stocked.watchlist_id, "initech", limits=Limits(posts=4, seconds=60)
    )
    assert (found.tally.total.caught, found.searched.complete) == (4, False)


@pytest.mark.parametrize(
    "query",
    ["(" * 5_000, "a" * 10_001, '"', "-acme", "\ud800 AND (", "acme AND", "", "‮(", "👩‍👩‍👧 OR )"],
    ids=["depth", "length", "quote", "negative", "surrogate", "operand", "empty", "rtl", "emoji"],
)
async def test_a_hostile_query_is_refused_with_its_spot(stocked: House, query: str) -> None:
    with pytest.raises(Invalid) as wrong:
        await preview(stocked.services, stocked.watchlist_id, query)
    for lang in ("fr", "en"):
        told = wrong.value.members(lang)
        assert 0 <= told["position"] <= len(query)
        assert told["message"]
        assert told["caret"].count("\n") == 2


async def test_a_query_over_hostile_texts_is_answered(stocked: House) -> None:
    await stored(stocked, "acme" * 12_000, "‮acme‬ \x00", "acme " * 10_000, "👩‍👩‍👧 acme")
    found = await preview(stocked.services, stocked.watchlist_id, "acme")
    assert found.tally.total.caught == 3


async def marked_pies(stocked: House) -> None:
    """Three mentions about pie, marked as noise, three about tools, marked as relevant, and one of
    each that nobody marked."""
    await stored(stocked, *["Acme pie is baked"] * 4, *["Acme tools are sold"] * 4)
    texts = {one.id: one.text for one in await stocked.items()}
    rows = sorted(await stocked.mentions(), key=lambda one: -one.id)
    async with stocked.services.db.write() as session:
        for word, relevant in (("pie", False), ("tools", True)):
            ids = [one.id for one in rows if word in texts[one.item_id]][:3]
            await mentions.set_relevant(session, ids, relevant=relevant)


async def test_terms_are_proposed_with_what_each_drops_and_the_query_that_has_it(
    stocked: House,
) -> None:
    await marked_pies(stocked)
    where, brand = stocked.watchlist_id, stocked.brands["Acme"]
    found = (await preview(stocked.services, where, "acme", brand_id=brand)).suggested
    assert found is not None
    term = next(one for one in found.found.exclusions)
    assert (term.noise, term.relevant, term.unmarked) == (3, 0, 1)
    assert found.unmarked == 2
    applied = found.found.applied(found.query)
    taken = await preview(stocked.services, where, applied, brand_id=brand)
    assert taken.tally.total.caught == 4
    assert taken.noise is not None
    assert (taken.noise.judged, taken.noise.noise) == (3, 0)


async def test_terms_are_measured_on_what_the_typed_query_finds(stocked: House) -> None:
    await marked_pies(stocked)
    where, brand = stocked.watchlist_id, stocked.brands["Acme"]
    found = (await preview(stocked.services, where, "acme NOT pie", brand_id=brand)).suggested
    assert found is not None
    assert (found.found.noise, found.found.relevant, found.found.exclusions) == (0, 3, ())


async def test_nothing_is_proposed_without_marks_on_both_sides_or_without_a_brand(
    stocked: House,
) -> None:
    await stored(stocked, "Acme pie", "Acme tools")
    where, brand = stocked.watchlist_id, stocked.brands["Acme"]
    async with stocked.services.db.write() as session:
        ids = [one.id for one in await stocked.mentions()]
        await mentions.set_relevant(session, ids, relevant=False)
    assert (await preview(stocked.services, where, "acme", brand_id=brand)).suggested is None
    assert (await preview(stocked.services, where, "acme")).suggested is None


async def test_a_query_that_no_term_fits_behind_gets_no_proposal(stocked: House) -> None:
    await marked_pies(stocked)
    where, brand = stocked.watchlist_id, stocked.brands["Acme"]
    long = "acme OR " + "x" * 9_990
    assert (await preview(stocked.services, where, long, brand_id=brand)).suggested is None


async def test_an_exclusion_that_takes_no_stored_post_away_is_named(stocked: House) -> None:
    await stored(stocked, "Acme pie", "Acme tools", "a lone cake")
    found = await preview(stocked.services, stocked.watchlist_id, "acme NOT pie NOT cake")
    useless = [one for one in found.notes if one.code == "useless_exclusion"]
    assert [found.query.source[one.position : one.end] for one in useless] == ["NOT cake"]


async def test_a_look_that_stopped_halfway_calls_no_exclusion_useless(
    stocked: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.querylab.queries.BATCH", 1)
    await stored(stocked, "Acme", "Acme", "Acme pie")
    found = await preview(
        stocked.services, stocked.watchlist_id, "acme NOT pie", limits=Limits(posts=1, seconds=60)
    )
    assert not found.searched.complete
    assert "useless_exclusion" not in {one.code for one in found.notes}
