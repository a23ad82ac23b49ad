"""The page of collectors is made, not written; what it says of quality is what the tests know."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.collector_page import PAGE, judged, page
from scripts.quality import Evidence, evidence

BODY = "# shop: a shop\n\n**Cannot see** x. **Limits**: y. **Identity**: z."


def test_the_committed_page_is_what_the_readmes_and_the_tests_say() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_a_readme_without_front_matter_is_refused() -> None:
    with pytest.raises(ValueError, match="front matter"):
        judged({}, "# rss\n")


def test_a_readme_that_claims_more_than_the_tests_know_is_refused() -> None:
    head = {"kind": "shop", "level": "supported", "answers": "invented"}
    with pytest.raises(ValueError, match="the tests know untested"):
        judged(head, BODY)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A kind with all that is asked for."""
    for number in range(3):
        case = tmp_path / f"tests/collectors/cases/shop/{number}"
        case.mkdir(parents=True)
        (case / "config.json").write_text("{}")
        pages = [{"skipped": [{"reason": "r"}]}] if number == 0 else []
        (case / "expected.json").write_text(json.dumps(pages))
    (tmp_path / "tests/collectors/test_shop_contract.py").write_text("")
    own = tmp_path / "tests/collectors/shop"
    own.mkdir()
    (own / "test_recorded.py").write_text("")
    return tmp_path


def known(root: Path, body: str = BODY, **head: str) -> Evidence:
    return evidence("shop", head, body, root)


def test_recorded_answers_and_a_whole_readme_make_a_kind_supported(shop: Path) -> None:
    assert known(shop).level == "supported"
    assert known(shop).shown_by == "3 cases, recorded answers"


def _without_contract(root: Path) -> None:
    (root / "tests/collectors/test_shop_contract.py").unlink()


def _without_trouble(root: Path) -> None:
    (root / "tests/collectors/cases/shop/0/expected.json").write_text("[]")


def _with_two_cases(root: Path) -> None:
    (root / "tests/collectors/cases/shop/2/config.json").unlink()


@pytest.mark.parametrize("spoil", [_without_contract, _without_trouble, _with_two_cases])
def test_without_contract_cases_or_trouble_a_kind_is_untested(
    shop: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(shop)
    assert known(shop).level == "untested"


@pytest.mark.parametrize("said", ["**Cannot see**", "**Limits**", "**Identity**"])
def test_what_a_readme_does_not_say_keeps_a_kind_experimental(shop: Path, said: str) -> None:
    assert known(shop, BODY.replace(said, "")).level == "experimental"


def test_answers_that_nobody_vouches_for_keep_a_kind_experimental(shop: Path) -> None:
    (shop / "tests/collectors/shop/test_recorded.py").unlink()
    assert known(shop, answers="invented").level == "experimental"
    assert known(shop, answers="by hand after the vendor's page").level == "supported"


def test_a_real_server_is_found_by_its_test_or_its_end_to_end_run(shop: Path) -> None:
    (shop / "tests/collectors/shop/test_recorded.py").unlink()
    runs = shop / "tests/e2e_platforms"
    runs.mkdir()
    assert not known(shop).real_server
    (runs / "shop.py").write_text('KIND = "shop"\n')
    assert known(shop).real_server
    assert known(shop).level == "supported"


def test_only_use_makes_a_kind_proven(shop: Path) -> None:
    assert known(shop, proven_since="2027-06").level == "proven"
