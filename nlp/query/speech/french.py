"""The query in French."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from nlp.query.ast import Ago, Bound, Dates, Flag, Near, Range, Value, Words
from nlp.query.speech.base import (
    Group,
    Said,
    exactly,
    has_gap,
    kind_of,
    number,
    one_day,
    parts_of,
    same_age,
    shown,
    written,
)

_TERMS = {
    "word": "le mot « {} »",
    "phrase": "l'expression « {} »",
    "hashtag": "le hashtag {}",
    "handle": "le compte {}",
    "emoji": "l'emoji {}",
    "exact": "exactement « {} » (majuscules et accents compris)",
    "lemma": "le mot « {} » sous toutes ses formes",
    "pattern": "un mot de la forme « {} » (« ? » vaut une lettre ou un chiffre)",
}
_PREFIXES = {
    "word": "un mot qui commence par « {} »",
    "hashtag": "un hashtag qui commence par {}",
    "handle": "un compte qui commence par {}",
}
_SCOPES = {
    "": "",
    "title": " dans le titre",
    "body": " dans le texte",
    "author": " dans le nom de l'auteur",
    "hashtag": " dans un hashtag",
    "mention": " dans un compte cité",
}
_LANGUAGES = {
    "ar": "arabe", "ca": "catalan", "cs": "tchèque", "da": "danois", "de": "allemand",
    "el": "grec", "en": "anglais", "es": "espagnol", "fi": "finnois", "fr": "français",
    "he": "hébreu", "hi": "hindi", "hu": "hongrois", "it": "italien", "ja": "japonais",
    "ko": "coréen", "nl": "néerlandais", "no": "norvégien", "pl": "polonais", "pt": "portugais",
    "ro": "roumain", "ru": "russe", "sv": "suédois", "th": "thaï", "tr": "turc",
    "uk": "ukrainien", "vi": "vietnamien", "zh": "chinois",
}  # fmt: skip
_FLAGS = {
    ("is", "reply"): Said("sont des réponses", "ne sont pas des réponses"),
    ("is", "repost"): Said("sont des partages", "ne sont pas des partages"),
    ("is", "quote"): Said("citent une autre publication", "ne citent pas d'autre publication"),
    ("is", "own"): Said(
        "viennent de la marque elle-même", "ne viennent pas de la marque elle-même"
    ),
    ("has", "link"): Said("contiennent un lien", "ne contiennent pas de lien"),
    ("has", "media"): Said("ont une image ou une vidéo", "n'ont ni image ni vidéo"),
    ("has", "geo"): Said("portent un lieu", "ne portent pas de lieu"),
}
_COUNTS = {
    "likes": ("« j'aime »", "« j'aime »"),
    "reposts": ("partage", "partages"),
    "replies": ("réponse", "réponses"),
    "views": ("vue", "vues"),
    "stars": ("étoile", "étoiles"),
}
_MEASURES = {"engagement": "un engagement", "score": "un score"}
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
_UNITS = {"h": "heure", "d": "jour", "w": "semaine"}


class French:
    """French, as `Speech` wants it."""

    finds = "Trouve les publications qui "
    also = " et "
    either = " ou "

    def contain(self, what: str) -> str:
        return f"contiennent {what}"

    def lack(self, what: str) -> str:
        return f"ne contiennent pas {what}"

    def contain_none(self, what: str) -> str:
        return f"ne contiennent {what}"

    def lack_any(self, whats: Sequence[str]) -> str:
        return f"ne contiennent {self.without_any(whats)}"

    def lack_all(self, what: str) -> str:
        return f"ne contiennent pas à la fois {what}"

    def without(self, what: str) -> str:
        return f"pas {what}"

    def without_any(self, whats: Sequence[str]) -> str:
        return " ".join(f"ni {what}" for what in whats)

    def without_all(self, what: str) -> str:
        return f"pas à la fois {what}"

    def more(self, count: int) -> str:
        return "1 autre" if count == 1 else f"{_number(count)} autres"

    def term(self, words: Words) -> str:
        return _term(words) + _SCOPES[words.scope]

    def words(self, group: Group, terms: Sequence[Words], left_out: int) -> str:
        """« a », « b » et 3 autres: words of one scope as a list."""
        named = [f"« {written(term)} »" for term in terms]
        if left_out:
            named.append(self.more(left_out))
        joint = self.also if group == "and" or left_out else self.either
        listed = joint.join([", ".join(named[:-1]), named[-1]])
        heads = {"and": "les mots", "or": "l'un des mots", "none": "aucun des mots"}
        return f"{heads[group]} {listed}{_SCOPES[terms[0].scope]}"

    def near(self, what: str, near: Near) -> str:
        words = "mot" if near.distance < 2 else "mots"
        apart = f"à {near.distance} {words} d'écart au plus" if near.distance else "côte à côte"
        return f"{what}, {apart}" + ", dans cet ordre" * near.ordered

    def property(self, leaf: Value | Flag | Range | Dates) -> Said:
        match leaf:
            case Value():
                return _value(leaf)
            case Flag(field, value):
                return _FLAGS.get((field, value)) or _said("portent", f"la marque « {value} »")
            case Range():
                return _range(leaf)
            case Dates():
                return _said("sont", _dates(leaf))

    def cut(self, terms: int) -> str:
        return f"… (requête de {_number(terms)} termes, trop longue pour être dite en entier)"


def _said(verb: str, rest: str) -> Said:
    """The verb in between; *ne* loses its e before a vowel."""
    denied = f"n'{verb}" if verb[0] in "aeiou" else f"ne {verb}"
    return Said(f"{verb} {rest}", f"{denied} pas {rest}")


def _term(words: Words) -> str:
    kind = kind_of(words)
    text = written(words)
    if kind == "prefix":
        return _PREFIXES.get(parts_of(words)[0].kind, _PREFIXES["word"]).format(text.rstrip("*"))
    if kind == "slop":
        return f"les mots « {text} » dans n'importe quel ordre, {_among(words.slop or 0)}"
    gap = " (« * » vaut un mot quelconque)" if has_gap(words) else ""
    return _TERMS[kind].format(text) + gap


def _among(slop: int) -> str:
    if slop == 0:
        return "sans autre mot entre eux"
    return f"avec au plus {slop} {'autre mot' if slop == 1 else 'autres mots'} entre eux"


def _value(leaf: Value) -> Said:
    value = shown(leaf.value)
    match leaf.field:
        case "lang":
            return _lang(value, prefix=leaf.prefix)
        case "country":
            return _said("ont", f"pour pays {value.upper()}" + "…" * leaf.prefix)
        case "site":
            place = f"d'un site dont le nom commence par « {value} »"
            return _said("viennent", place if leaf.prefix else f"du site {value}")
        case "source":
            place = f"d'une source dont le nom commence par « {value} »"
            return _said("viennent", place if leaf.prefix else f"de la source « {value} »")
        case "url":
            held = f"qui contient « {value} »"
            return Said(f"ont une adresse ou un lien {held}", f"n'ont ni adresse ni lien {held}")
        case "cluster":
            return _said("sont", f"des reprises du groupe « {value}{'*' * leaf.prefix} »")
        case "list":
            author = f"pour auteur une personne de la liste « {value}{'*' * leaf.prefix} »"
            return _said("ont", author)


def _lang(code: str, *, prefix: bool) -> Said:
    base, _, region = code.partition("-")
    name = _LANGUAGES.get(base)
    if prefix:
        return _said("sont", f"dans une langue dont le code commence par « {code} »")
    if name is None:
        return _said("sont", f"dans la langue « {code} »")
    return _said("sont", f"en {name}" + (f" ({code})" if region else ""))


def _range(leaf: Range) -> Said:
    low, high = leaf.low, leaf.high
    if leaf.metric == "followers":
        many = (
            f"auteur suivi par {_amount(low, high)} {_some(low, high, ('personne', 'personnes'))}"
        )
        return Said(f"ont un {many}", f"n'ont pas d'{many}")
    if leaf.metric in _MEASURES:
        return _said(
            "ont", f"{_MEASURES[leaf.metric]} {_of(_amount(low, high, between='de {} à {}'))}"
        )
    names = _COUNTS.get(leaf.metric, (leaf.metric, leaf.metric))
    return _said("ont", f"{_amount(low, high)} {_some(low, high, names)}")


def _of(amount: str) -> str:
    if amount.startswith("de "):
        return amount
    return f"d'{amount}" if amount[0] in "aeiou" else f"de {amount}"


def _amount(low: Bound | None, high: Bound | None, between: str = "entre {} et {}") -> str:
    if low is not None and exactly(low, high):
        return f"exactement {_number(low.value)}"
    if low is not None and high is not None and not low.open and not high.open:
        return between.format(_number(low.value), _number(high.value))
    ends = []
    if low is not None:
        ends.append(f"{'plus de' if low.open else 'au moins'} {_number(low.value)}")
    if high is not None:
        ends.append(f"{'moins de' if high.open else 'au plus'} {_number(high.value)}")
    return " et ".join(ends)


def _some(low: Bound | None, high: Bound | None, names: tuple[str, str]) -> str:
    """Singular or plural, as the last number says: below two is singular in French."""
    last = high or low
    return names[last is None or abs(last.value) >= 2]


def _dates(leaf: Dates) -> str:
    if day := one_day(leaf):
        return f"publiées le {_day(day)}"
    if age := same_age(leaf):
        return f"publiées {_ago(age)}"
    low, high = leaf.low, leaf.high
    if isinstance(low, date) and isinstance(high, date):
        return f"publiées du {_day(low)} au {_day(high)}"
    said = [_from(low)] if low is not None else []
    said += [_until(high)] if high is not None else []
    return f"publiées {' et '.join(said)}"


def _from(low: date | Ago) -> str:
    if isinstance(low, Ago):
        return f"{_ago(low)} ou après" if low.number <= 0 else f"{_ago(low)} au plus"
    return f"à partir du {_day(low)}"


def _until(high: date | Ago) -> str:
    if isinstance(high, Ago):
        return f"{_ago(high)} ou avant" if high.number <= 0 else f"{_ago(high)} au moins"
    return f"jusqu'au {_day(high)}"


def _day(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def _ago(age: Ago) -> str:
    if age.number <= 0:  # `published>-0d` begins tomorrow.
        return "aujourd'hui" if age.number == 0 else "demain"
    return f"il y a {age.number} {_UNITS[age.unit]}{'s' if age.number > 1 else ''}"


def _number(value: float) -> str:
    return number(value, thousands=" ", point=",")
