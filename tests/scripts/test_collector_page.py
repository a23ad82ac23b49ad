"""The page of collectors is made, not written."""

from __future__ import annotations

import pytest

from scripts.collector_page import PAGE, front_matter, page


def test_the_committed_page_is_what_the_readmes_say() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_a_readme_without_front_matter_is_refused() -> None:
    with pytest.raises(ValueError, match="front matter"):
        front_matter("# rss\n")
