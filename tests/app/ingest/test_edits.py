"""Items seen again: metrics, edits, removals, oddities; roll-ups follow each time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models import Correction, ErasureBlock, Mention, Sighting, Verdict
from app.models import Item as StoredItem
from app.trends.rollup import check_rollups
from collectors.api import Author, Item
from tests.support.pipeline import House, post


@pytest.fixture
async def source(house: House) -> int:
    return await house.source()


async def test_new_metrics_move_the_engagement_of_item_mention_and_rollups(
    house: House, source: int
) -> None:
    await house.store(source, [post(1, metrics={"likes": 2})])
    await house.store(source, [post(1, metrics={"likes": 5, "replies": 1})])
    [item], [mention] = await house.items(), await house.mentions()
    assert (item.engagement, mention.engagement, item.edited_at) == (6, 6, None)
    assert await check_rollups(house.services) == []


async def test_an_edited_text_is_judged_and_matched_anew(house: House, source: int) -> None:
    await house.store(source, [post(1), post(2)])
    house.later(timedelta(minutes=5))
    stored = await house.store(
        source, [post(1, "I hate Acme and Globex, awful"), post(2, "of nobody in particular now")]
    )
    assert (stored.edited, stored.mentions) == (2, 1)
    found = await house.mentions()
    assert {one.brand_id for one in found} == set(house.brands.values())
    assert [one.label for one in found] == ["negative", "negative"]
    assert {item.edited_at for item in await house.items()} == {house.services.clock.now()}
    assert await house.count(Verdict) == 2
    assert await check_rollups(house.services) == []


async def test_a_label_that_a_person_set_outlives_an_edit(house: House, source: int) -> None:
    await house.store(source, [post(1)])
    [mention] = await house.mentions()
    async with house.services.db.write() as session:
        session.add(
            Correction(mention_id=mention.id, field="label", new="positive", created_at=house.now,
                       member_id=None, undone_at=None)
        )  # fmt: skip
    await house.store(source, [post(1, "I hate Acme, awful")])
    [mention] = await house.mentions()
    assert (mention.label, mention.spans) == ("positive", [["text", 7, 11]])


async def test_a_source_that_quotes_an_item_shorter_does_not_edit_it(
    house: House, source: int
) -> None:
    other = await house.source(name="other")
    await house.store(source, [post(1, "Acme wins a prize, says the jury")])
    await house.store(other, [post(1, "Acme wins …")])
    [item] = await house.items()
    assert item.text == "Acme wins a prize, says the jury"


async def test_what_the_platform_removed_loses_its_content_and_stays_counted(
    house: House, source: int
) -> None:
    await house.store(source, [post(1), post(2)])
    stored = await house.store(source, [], removed=["1"])
    assert stored.removed == 1
    [gone] = await house.all(StoredItem, StoredItem.removed_at.is_not(None))
    assert (gone.text, gone.author_name, gone.purged_at) == ("", "", house.now)
    assert len(await house.mentions()) == 2
    assert await check_rollups(house.services) == []
    await house.store(source, [post(1)])
    [still] = await house.all(StoredItem, StoredItem.removed_at.is_not(None))
    assert still.text == ""


async def test_somebody_who_objected_is_never_collected_again(house: House, source: int) -> None:
    await house.store(source, [post(1, author=Author(name="Bob", id="b1"))])
    blocked = house.services.cipher.keyed_hash("social.example:b1")
    async with house.services.db.write() as session:
        session.add(ErasureBlock(hash=blocked, created_at=house.now))
    stored = await house.store(
        source, [post(2, author=Author(name="Bob", id="b1")), post(3), post(4, author=None)]
    )
    assert (stored.blocked, stored.new) == (1, 2)


async def test_a_post_of_the_brand_itself_is_owned(house: House, source: int) -> None:
    await house.watch({"Own": "acme"}, name="own", domains=["acme.example"], handles=["@AcmeHQ"])
    theirs = await house.source(name="theirs")
    page = [
        post(1, url="https://blog.acme.example/a"),
        post(2, author=Author(name="acmehq")),
        post(3, url="https://notacme.example/a"),
    ]
    await house.store(theirs, page)
    assert [one.owned for one in await house.all(Mention, Mention.owned)] == [True, True]
    assert await check_rollups(house.services) == []


ODD = st.text(alphabet=st.characters(codec=None), max_size=60)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(
        st.tuples(ODD, ODD, ODD, st.dictionaries(ODD, st.integers(-(2**70), 2**70), max_size=2)),
        max_size=4,
    )
)
async def test_any_text_goes_through_the_whole_pipe(
    house: House, source: int, texts: list[tuple[str, str, str, dict[str, int]]]
) -> None:
    page = [
        Item(
            external_id=title, url=f"https://a.example/{name}", text=f"Acme {text}", title=title,
            published_at=None, author=Author(name=name, id=title, followers=-5), links=(text,),
            media=(name,), metrics={**metrics, "likes": 2**70}, lang=name, country=text,
            in_reply_to=title, kind=name,
        )
        for title, text, name, metrics in texts
    ]  # fmt: skip
    await house.store(source, page)


@pytest.mark.parametrize("text", ["x" * 100_000, "a " * 50_000, "\u202eAcme\u202c", "Acme \0 😀"])
async def test_monstrous_texts_are_stored(house: House, source: int, text: str) -> None:
    stored = await house.store(source, [post(1, text)])
    assert stored.new == 1


# What may happen to three posts, in any order.
_EVENT = st.one_of(
    st.tuples(st.just("see"), st.integers(0, 2), st.sampled_from(
        ["I love Acme", "I hate Acme, awful", "Globex and Acme", "nobody", "Acme"])),
    st.tuples(st.just("likes"), st.integers(0, 2), st.integers(0, 9)),
    st.tuples(st.just("label"), st.integers(0, 5), st.sampled_from(["positive", "none"])),
    st.tuples(st.just("relevant"), st.integers(0, 5), st.sampled_from([True, False, None])),
    st.tuples(st.just("remove"), st.integers(0, 5), st.none()),
    st.tuples(st.just("gone"), st.integers(0, 2), st.none()),
)  # fmt: skip


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=st.lists(_EVENT, max_size=8))
async def test_rollups_equal_a_recount_after_anything(
    house: House, source: int, events: list[tuple[str, int, object]]
) -> None:
    for what, number, value in events:
        await happen(house, source, what, number, value)
    assert await check_rollups(house.services) == []


async def happen(house: House, source: int, what: str, number: int, value: object) -> None:
    from app.mentions import store

    if what == "see":
        await house.store(source, [post(number, str(value))])
    elif what == "likes":
        await house.store(source, [post(number, metrics={"likes": value})])
    elif what == "gone":
        await house.store(source, [], removed=[str(number)])
    else:
        ids = [one.id for one in await house.mentions()][number : number + 2]
        async with house.services.db.write() as session:
            if what == "label":
                await store.change_label(session, ids, str(value))
            elif what == "relevant":
                await store.set_relevant(session, ids, value)  # type: ignore[arg-type]  # drawn above
            else:
                await store.remove(session, ids)


async def test_each_source_keeps_its_own_sighting(house: House, source: int) -> None:
    await house.store(source, [post(1)])
    await house.store(source, [post(1)])
    assert await house.count(Sighting) == 1


async def test_an_edit_reaches_a_watchlist_that_heard_the_post_from_another_source(
    house: House,
) -> None:
    first = await house.source(name="first")
    await house.store(first, [post(1, "nothing yet")])
    other = await house.watch({"Other": "acme"}, name="other")
    second = await house.source(name="second", watchlist_id=other)
    await house.store(second, [post(1, "nothing yet")])
    house.later(timedelta(minutes=1))
    await house.store(first, [post(1, "Acme is here")])
    found = {one.brand_id: one.source_id for one in await house.mentions()}
    assert found == {house.brands["Acme"]: first, house.brands["Other"]: second}
    assert await check_rollups(house.services) == []
