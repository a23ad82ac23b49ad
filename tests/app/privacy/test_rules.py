from __future__ import annotations

import pytest

from app.privacy.rules import figures_only, hidden_identity, person, spellings, without

WHO = person(["Zoé Canary", "zc", "https://e.org/@zoe/1", ""], [77])


def test_their_posts_leave_lists_by_key_and_by_author() -> None:
    message = {
        "title": "2 mentions",
        "mentions": [
            {"mention_id": "77", "text": "x"},
            {"mention_id": "78", "text": "y", "author": "zoé canary"},
            {"mention_id": "79", "text": "z", "author": "Somebody"},
        ],
        "ids": ["77", "79"],
        "count": 3,
    }
    assert without(message, WHO) == {
        "title": "2 mentions",
        "mentions": [{"mention_id": "79", "text": "z", "author": "Somebody"}],
        "ids": ["79"],
        "count": 3,
    }


@pytest.mark.parametrize(
    "text", ["by Zoé Canary.", "ZOÉ CANARY", "<a href='https://e.org/@zoe/1'>", "@zc says"]
)
def test_a_string_that_names_them_becomes_empty(text: str) -> None:
    assert without({"html": text}, WHO) == {"html": ""}


@pytest.mark.parametrize("text", ["Zoé Canaryson", "dezc", "zcx", "77"])
def test_a_word_that_only_begins_alike_stays(text: str) -> None:
    assert without({"html": text}, WHO) == {"html": text}


def test_nobody_without_names_and_keys_changes_anything() -> None:
    assert without({"a": ["b", {"c": "d"}]}, person([""], [])) == {"a": ["b", {"c": "d"}]}


def test_old_facts_keep_figures_and_lose_posts_and_addresses() -> None:
    facts = {
        "count": 12, "share": 0.5, "window": "2026-11-23T00:00:00Z", "url": "https://e.org/1",
        "top": [{"text": "said", "n": 3}, {"label": "positive", "n": 4}], "long": "x" * 65,
    }  # fmt: skip
    assert figures_only(facts) == {
        "count": 12, "share": 0.5, "window": "2026-11-23T00:00:00Z", "url": "",
        "top": [{"label": "positive", "n": 4}], "long": "",
    }  # fmt: skip


def test_a_hidden_identity_tells_nothing_and_stays_itself() -> None:
    once = hidden_identity("u:https://e.org/@zoe/1")
    assert "zoe" not in once
    assert hidden_identity(once) == once
    assert hidden_identity("u:https://e.org/@zoe/2") != once


def test_a_name_is_looked_for_with_and_without_its_at() -> None:
    assert spellings(" @Zoe ") == ["@Zoe", "Zoe"]
    assert spellings("Zoe") == ["Zoe", "@Zoe"]
    assert spellings(" @ ") == []
