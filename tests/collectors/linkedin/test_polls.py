"""LinkedIn: what a poll asks for, and that odd records stop nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.api import Item, Narrowing
from collectors.linkedin.collector import LinkedIn
from collectors.linkedin.config import LinkedInConfig
from collectors.linkedin.records import comment_reader, plain, post_reader, read_mention
from collectors.meta.values import read_all
from tests.collectors.meta.test_graph import answer, served

NOTES = "/rest/organizationalEntityNotifications"
CONFIG = {"access_token": "t", "organization_id": "42", "comments": False}


async def asked_range(cursor: dict[str, Any]) -> tuple[str, bool]:
    """The time that mentions are asked for, and whether the poll says that it missed some."""
    empty: dict[str, Any] = {"elements": []}
    async with served(answer("/rest/posts", empty), answer(NOTES, empty)) as (server, http):
        one = LinkedIn(LinkedInConfig.model_validate({**CONFIG, "base_url": server.base}))
        pages = [page async for page in one.poll(Narrowing(), cursor, http)]
    [asked] = [one for one in server.asked if one.path == NOTES]
    return asked.query["timeRange"], any(page.listening.missed for page in pages)


async def test_mentions_are_asked_for_since_the_last_poll_with_an_overlap() -> None:
    end = 1_795_608_000_000  # noon on 25 November 2026
    assert await asked_range({}) == (f"(start:{end - 60 * 86_400_000},end:{end})", False)
    known = {"mentions": "2026-11-25T11:00:00+00:00"}
    assert await asked_range(known) == (f"(start:{end - 2 * 3_600_000},end:{end})", False)


async def test_a_source_that_stood_still_too_long_says_so() -> None:
    told, missed = await asked_range({"mentions": "2026-08-01T00:00:00+00:00"})
    assert missed
    assert told == (await asked_range({}))[0]


async def test_a_cursor_that_cannot_be_read_is_none() -> None:
    for odd in ("yesterday", 5, "2026-11-25"):
        assert await asked_range({"mentions": odd}) == await asked_range({})


def test_little_text_is_read_as_people_see_it() -> None:
    said = r"Bravo @[Ann \(N\)](urn:li:person:a) {hashtag|\#|été} 5 \* 3"
    assert plain(said) == "Bravo @Ann (N) #été 5 * 3"
    assert plain("@[" * 20_000).startswith("@[")


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
FIELDS = ["id", "commentary", "createdAt", "author", "content", "message", "created", "$URN",
          "actor", "generatedActivity", "lastModifiedAt", "lifecycleStateInfo"]  # fmt: skip
GOOD = {"id": "urn:li:share:1", "createdAt": 1_700_000_000_000, "commentary": "t"}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING), max_size=4),
)
def test_no_record_stops_the_one_beside_it(records: list[Any]) -> None:
    items, _ = read_all([*records, GOOD], post_reader("Acme"))
    assert "urn:li:share:1" in {item.external_id for item in items}
    parent = Item(external_id="urn:li:share:1", url="u", text="", published_at=None)
    for read in (comment_reader(parent, "urn:li:organization:1", ""), read_mention):
        read_all(records, read)
