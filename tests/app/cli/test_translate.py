"""`vigie query translate`: the query on standard output, the explanation beside it."""

from __future__ import annotations

import pytest

from tests.support.cli import Vigie


def test_a_query_that_finds_the_same_ends_well(vigie: Vigie) -> None:
    done = vigie("query", "translate", "--from", "brandwatch", "--", "apple NEAR/2f juice")
    assert (done.code, done.out) == (0, "apple ONEAR/2 juice\n")
    assert "Brandwatch, as asked." in done.err


def test_what_is_not_carried_over_is_underlined_on_standard_error(vigie: Vigie) -> None:
    vigie.env["VIGIE_LANG"] = "fr"
    done = vigie("query", "translate", "--", "sncf AND authorGender:F")
    assert (done.code, done.out) == (1, "sncf\n")
    assert "Lu comme Brandwatch, à cause de authorGender:." in done.err
    assert "\n         ~~~~~~~~~~~~~~\n  retiré : authorGender:F" in done.err


def test_a_query_that_cannot_be_read_ends_with_code_two(vigie: Vigie) -> None:
    done = vigie("query", "translate", "--", "sncf AND (")
    assert (done.code, done.out) == (2, "")
    assert "\n         ~\n" in done.err


def test_nothing_left_is_no_query_at_all(vigie: Vigie) -> None:
    done = vigie("query", "translate", "--", "authorGender:F")
    assert (done.code, done.out) == (1, "")


def test_the_answer_can_be_read_by_a_machine(vigie: Vigie) -> None:
    told = vigie("query", "translate", "--json", "--", "sncf AND authorGender:F").json
    assert (told["dialect"], told["query"], told["exact"]) == ("brandwatch", "sncf", False)
    (part,) = told["parts"]
    assert (part["start"], part["end"], part["kind"]) == (9, 23, "dropped")
    assert set(part) == {"start", "end", "kind", "fr", "en"}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_an_unknown_tool_is_wrong_use(vigie: Vigie, lang: str) -> None:
    vigie.env["VIGIE_LANG"] = lang
    done = vigie("query", "translate", "--from", "visibrain", "--", "sncf")
    assert done.code == 2
    assert "brandwatch, mention" in done.err
