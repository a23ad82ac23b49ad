from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from nlp.score import BATCH, Line, Scorer, clause_round, score_lines

FAST = Scorer(tier="fast")


def run(*lines: str, target: str | None = None) -> tuple[list[Any], list[tuple[int, str]]]:
    errors: list[tuple[int, str]] = []
    told = score_lines(
        lines, target=target, on_error=lambda n, why: errors.append((n, why)), scorer=FAST
    )
    return [json.loads(line) for line in told], errors


def line(**fields: Any) -> str:
    return json.dumps(fields)


def test_a_line_is_judged_in_the_documented_shape() -> None:
    (told,), errors = run(line(id="a", text="I love this wonderful shop", lang="en"))
    assert not errors
    assert list(told) == ["id", "lang", "sentiment", "entities", "entities_abstain", "topics"]
    assert told["id"] == "a"
    assert told["lang"] == "en"
    assert told["sentiment"]["label"] == "positive"
    assert told["sentiment"]["model"].startswith("vader.v1+")
    assert told["topics"] == []


@pytest.mark.parametrize(
    "number",
    ['"x"', "7", "1.10", "1e400", "123456789012345678901234567890", "true", "null", '"\\ud800é"'],
)
def test_an_id_comes_back_unchanged(number: str) -> None:
    errors: list[int] = []
    raw = f'{{"id": {number}, "text": "hello"}}'
    (told,) = score_lines([raw], on_error=lambda n, _: errors.append(n), scorer=FAST)
    assert not errors
    if "ud800" not in number:
        assert told.startswith(f'{{"id": {number}, ')
    else:
        assert json.loads(told)["id"] == json.loads(number)
    told.encode()


def test_order_is_kept_over_batches_and_memory_stays_bounded() -> None:
    pulled = 0

    def endless() -> Iterator[str]:
        nonlocal pulled
        while True:
            pulled += 1
            yield line(id=pulled, text="The shop is great" if pulled % 3 else "", lang="en")

    told = score_lines(endless(), on_error=lambda n, why: None, scorer=FAST)
    assert [json.loads(next(told))["id"] for _ in range(BATCH + 10)] == list(range(1, BATCH + 11))
    assert pulled <= 2 * BATCH


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[1]",
        "42",
        '{"id": [1], "text": "a"}',
        '{"id": NaN, "text": "a"}',
        "caf\udce9",
        "[" * 100_000,
    ],
)
def test_a_broken_line_is_told_with_its_number_and_the_rest_goes_on(bad: str) -> None:
    told, errors = run(line(id=1, text="a"), "\n", bad, line(id=2, text="b"))
    assert [one["id"] for one in told] == [1, 2]
    assert [number for number, _ in errors] == [3]


@pytest.mark.parametrize("text", [None, 5, 1.5, ["a"]])
def test_an_object_without_text_is_told_and_abstains(text: object) -> None:
    told, errors = run(line(id=1, text=text))
    assert told[0]["sentiment"]["abstain"] == "failed"
    assert told[0]["sentiment"]["label"] is None
    assert errors[0][0] == 1


def test_a_given_language_is_believed() -> None:
    told, _ = run(
        line(id=1, text="I love this wonderful shop", lang="de"),
        line(id=2, text="nice", lang="en-GB"),
        line(id=3, text="I love this wonderful shop", lang="und"),
    )
    assert [one["lang"] for one in told] == ["de", "en-GB", "en"]
    assert told[0]["sentiment"] == {
        "label": None, "score": None, "abstain": "unsupported_language", "model": None,
    }  # fmt: skip
    assert told[1]["sentiment"]["label"] == "positive"


TWO_SIDED = "A disaster for Globex, great news for Acme"


@pytest.mark.parametrize(("target", "label"), [("Globex", "negative"), ("acme", "positive")])
def test_the_clause_round_the_target_is_judged(target: str, label: str) -> None:
    (told,), _ = run(line(id=1, text=TWO_SIDED, lang="en", target=target))
    assert told["target_sentiment"]["label"] == label
    assert told["target_sentiment"]["model"].startswith("clause.vader.v1+")


def test_the_command_wide_target_serves_lines_without_their_own() -> None:
    told, _ = run(
        line(id=1, text=TWO_SIDED, lang="en"),
        line(id=2, text=TWO_SIDED, lang="en", target="Acme"),
        target="Globex",
    )
    assert [one["target_sentiment"]["label"] for one in told] == ["negative", "positive"]


def test_a_target_that_is_not_named_is_not_judged() -> None:
    (told,), _ = run(line(id=1, text="The Acmeist poets", lang="en", target="Acme"))
    assert told["target_sentiment"]["abstain"] == "no_target"


def test_a_span_chooses_the_occurrence() -> None:
    text = "Acme is great. Acme is awful."
    told, _ = run(
        line(id=1, text=text, lang="en", target="Acme", start=0, end=4),
        line(id=2, text=text, lang="en", target="Acme", start=15, end=19),
        line(id=3, text=text, lang="en", target="Acme", start=90, end=94),
    )
    labels = [one["target_sentiment"]["label"] for one in told]
    assert labels == ["positive", "negative", None]


def test_without_a_span_all_occurrences_are_judged_together() -> None:
    text = "Acme ouvre lundi. Il pleut. J’aime ACME, mais il pleut"
    assert (
        clause_round(Line("1", text, "fr", "acme", None, None)) == "Acme ouvre lundi.  J’aime ACME,"
    )


def test_an_unknown_tier_is_wrong_use() -> None:
    with pytest.raises(ValueError, match="fast or best"):
        list(score_lines([], tier="gold", on_error=lambda n, why: None))


def test_the_best_tier_names_entities_or_says_why_not() -> None:
    raw = line(id=1, text="Tim Cook opened a shop in Paris", lang="en")
    (told,) = score_lines(
        [
            raw,
        ],
        on_error=lambda n, why: None,
    )
    found = json.loads(told)
    assert "entities_abstain" in found or {"Tim Cook", "Paris"} <= {
        e["text"] for e in found["entities"]
    }
