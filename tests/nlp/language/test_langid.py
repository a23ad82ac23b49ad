from __future__ import annotations

from typing import Any

import pytest
from py3langid import langid

from nlp.api import Abstain, Doc, Verdict
from nlp.language.analyzer import ANOTHER_LANGUAGE, LangId
from nlp.testing import AnalyzerContract

SAMPLES = {
    "fr": "Le service client n’a jamais répondu à mon message, c’est vraiment dommage.",
    "en": "The parcel arrived two days late and nobody answered the phone.",
    "de": "Die Lieferung kam zwei Tage zu spät und niemand ging ans Telefon.",
    "es": "El paquete llegó dos días tarde y nadie contestó al teléfono.",
    "it": "Il pacco è arrivato due giorni in ritardo e nessuno rispondeva al telefono.",
    "pt": "A encomenda chegou dois dias atrasada e ninguém atendeu o telefone.",
}


class TestLangId(AnalyzerContract):
    options = ({}, {"languages": ("fr", "en")}, {"languages": ("en", "fr", "nl")})

    def make(self, **options: Any) -> LangId:
        return LangId(**options)


@pytest.fixture(scope="module")
def identify() -> LangId:
    return LangId()


def judge(identify: LangId, text: str) -> Verdict | Abstain:
    return identify.analyze([Doc("1", text)])[0]


@pytest.mark.parametrize(("lang", "text"), SAMPLES.items(), ids=list(SAMPLES))
def test_it_knows_the_configured_languages(identify: LangId, lang: str, text: str) -> None:
    said = judge(identify, text)
    assert isinstance(said, Verdict)
    assert said.label == lang
    assert said.score is not None
    assert 0.5 <= said.score <= 1


@pytest.mark.parametrize(
    "text", ["", "ok", "@marie 👍", "https://example.org/une/page/en/francais", "42 000 %"]
)
def test_it_abstains_on_too_little_text(identify: LangId, text: str) -> None:
    assert judge(identify, text) == Abstain("too_short")


@pytest.mark.parametrize(
    "text",
    [
        "Ik ben echt heel blij met deze mooie nieuwe fiets van jullie",
        "このお店のサービスは本当に素晴らしかったです",
        "هذا المطعم رائع والخدمة ممتازة جدا",
        "Этот магазин открывается в понедельник утром",
    ],
)
def test_it_abstains_on_a_language_that_is_not_configured(identify: LangId, text: str) -> None:
    assert judge(identify, text) == Abstain("unknown_language", ANOTHER_LANGUAGE)


def test_a_rival_that_is_configured_is_answered() -> None:
    said = LangId(("fr", "nl")).analyze([Doc("1", "Ik ben echt heel blij met deze nieuwe fiets")])
    assert isinstance(said[0], Verdict)
    assert said[0].label == "nl"


def test_handles_links_and_hash_marks_say_nothing(identify: LangId) -> None:
    plain = judge(identify, "Une belle journée à la montagne")
    noisy = judge(
        identify, "@the_english_company Une belle #journée à la montagne https://t.co/the-best"
    )
    assert isinstance(plain, Verdict)
    assert isinstance(noisy, Verdict)
    assert plain.label == noisy.label == "fr"


def test_an_unknown_code_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="klingon"):
        LangId(("fr", "klingon")).analyze([Doc("1", SAMPLES["fr"])])


def test_the_batch_agrees_with_py3langid_itself() -> None:
    model = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    codes = ("de", "en", "es", "fr", "it", "pt")
    model.set_languages(codes)
    texts = [text[cut:] for text in SAMPLES.values() for cut in range(0, 30, 3)]
    ours = LangId(codes)._automaton.scores([text.encode() for text in texts])[0][:, : len(codes)]
    for row, text in zip(ours, texts, strict=True):
        label, _ = model.classify(text)
        assert codes[int(row.argmax())] == label
