"""What a narrowing makes an instance be asked for."""

from __future__ import annotations

import pytest

from collectors.api import Narrowing, Term
from collectors.mastodon.collector import BYTES, TAG, MastodonConfig, Stream, streams

CONFIG = MastodonConfig(instance="https://example.social", search=True)


def asked(*clauses: tuple[Term, ...]) -> list[Stream]:
    return list(streams(Narrowing(clauses), CONFIG))


def test_a_long_phrase_is_searched_for_by_its_beginning() -> None:
    phrase = Term(" ".join(["mot"] * 400), "phrase")
    (search,) = [one for one in asked((phrase,)) if not one.is_tag]
    assert len(search.words) <= BYTES
    assert search.words.startswith('"mot mot')
    assert search.words.endswith('mot"')


@pytest.mark.parametrize("length", [TAG, TAG + 1])
def test_a_tag_is_followed_whole_or_not_at_all(length: int) -> None:
    tags = [one.words for one in asked((Term("t" * length, "hashtag"),)) if one.is_tag]
    assert tags == (["t" * TAG] if length == TAG else [])


def test_a_word_that_no_search_can_hold_is_not_searched_for() -> None:
    assert asked((Term("x" * 700),)) == []
    (search,) = asked((Term("x" * 700), Term("acme")))
    assert search == Stream("acme", is_tag=False)
