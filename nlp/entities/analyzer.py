"""People, organisations and places, by whichever spaCy pipelines are installed.

Found by name; the official packages are preferred to the registry's re-uploads. Only what the
recogniser needs is loaded, at first use. Measured on tweets it is noisy: entities are evidence for
a reader, never a rule's only ground.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from nlp.api import Abstain, Doc, Entity, Kind, ModelRef, Verdict
from nlp.sentiment.gate import refusal

if TYPE_CHECKING:
    from spacy.language import Language

FAMILIES: Mapping[str, str] = {"en": "en_core_web_", "fr": "fr_core_news_"}
SIZES = ("sm", "md", "lg", "trf")
"""In order of preference: the small one is the one that fits the memory budget."""
MAX_CHARS = 5_000
"""Of a longer text only the head is read: memory grows with the text."""
UNNEEDED = (
    *("tagger", "morphologizer", "parser", "senter", "attribute_ruler"),
    *("lemmatizer", "trainable_lemmatizer"),
)
BATCH = 64

_NOTHING = Abstain("too_short")
_PENDING = Verdict("")


def installed() -> dict[str, str]:
    """Language → name of the pipeline package that would be used."""
    modules = packages_distributions()
    found = {}
    for lang, family in FAMILIES.items():
        names = [name for name in modules if name.startswith(family) and find_spec(name)]
        if names:
            found[lang] = min(names, key=lambda name: _preference(name, family))
    return found


def _preference(name: str, family: str) -> tuple[bool, int, str]:
    size = name.removeprefix(family)
    known = size in SIZES
    rank = SIZES.index(size.split("_")[0]) if size.split("_")[0] in SIZES else len(SIZES)
    return (not known, rank, name)


class SpacyEntities:
    """Named entities with exact code-point spans; abstains "not_installed" without a pipeline.

    pipelines: language → package, default: what is installed.
    """

    kind: ClassVar[Kind] = "entities"
    languages: ClassVar[frozenset[str] | None] = frozenset(FAMILIES)
    requires: ClassVar[frozenset[Kind]] = frozenset({"language"})

    def __init__(self, pipelines: Mapping[str, str] | None = None) -> None:
        self._given = None if pipelines is None else dict(pipelines)
        self._loaded: dict[str, Language] = {}

    @cached_property
    def pipelines(self) -> dict[str, str]:
        return installed() if self._given is None else self._given

    @cached_property
    def ref(self) -> ModelRef:
        told = [f"spacy {version('spacy')} {MAX_CHARS} {UNNEEDED}"]
        told += [f"{lang} {name} {_version(name)}" for lang, name in sorted(self.pipelines.items())]
        return ModelRef("spacy-ner.v1", hashlib.sha256("\n".join(told).encode()).hexdigest()[:12])

    def analyze(self, docs: Sequence[Doc]) -> list[Verdict | Abstain]:
        answers: list[Verdict | Abstain] = [self._refusal(doc) or _PENDING for doc in docs]
        groups: dict[str, list[int]] = {}
        for place, doc in enumerate(docs):
            if answers[place] is _PENDING:
                groups.setdefault(_base(doc), []).append(place)
        for lang, places in groups.items():
            found = self._recognise(lang, [docs[place].text for place in places])
            for place, verdict in zip(places, found, strict=True):
                answers[place] = verdict
        return answers

    def _refusal(self, doc: Doc) -> Abstain | None:
        if refused := refusal(doc, FAMILIES):
            return refused
        if _base(doc) not in self.pipelines:
            return Abstain("not_installed", f"{FAMILIES[_base(doc)]}sm")
        return _NOTHING if not doc.text or doc.text.isspace() else None

    def _recognise(self, lang: str, texts: Sequence[str]) -> list[Verdict]:
        pipeline = self._pipeline(lang)
        heads = [_readable(text[:MAX_CHARS]) for text in texts]
        return [
            Verdict("", entities=tuple(_entity(span, text) for span in read.ents))
            for read, text in zip(pipeline.pipe(heads, batch_size=BATCH), texts, strict=True)
        ]

    def _pipeline(self, lang: str) -> Language:
        if lang not in self._loaded:
            import spacy  # here: seconds and 100 MB that only matched mentions need

            with warnings.catch_warnings():
                # A pipeline trained for a nearby spaCy version says so at each load.
                warnings.simplefilter("ignore", UserWarning)
                pipeline = spacy.load(self.pipelines[lang], exclude=UNNEEDED)
            self._loaded[lang] = _without_idle_vectors(pipeline)
        return self._loaded[lang]


def _without_idle_vectors(pipeline: Language) -> Language:
    """In the small pipelines the recogniser has a token-to-vector layer of its own: the shared one
    would be computed for nobody."""
    if "tok2vec" in pipeline.pipe_names:
        shared = pipeline.get_pipe("tok2vec")
        if not getattr(shared, "listening_components", None):
            pipeline.remove_pipe("tok2vec")
    return pipeline


def _entity(span: Any, text: str) -> Entity:
    start, end = span.start_char, span.end_char
    return Entity(text[start:end], span.label_, start, end)


def _readable(text: str) -> str:
    """spaCy's string store refuses lone surrogates; one character for one keeps the spans."""
    return (
        text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if (any("\ud800" <= char <= "\udfff" for char in text))
        else text
    )


def _base(doc: Doc) -> str:
    return (doc.lang or "").replace("_", "-").split("-", 1)[0].lower()


def _version(package: str) -> str:
    for distribution in packages_distributions().get(package, ()):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return "unknown"
