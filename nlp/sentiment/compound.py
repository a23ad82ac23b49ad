"""VADER's compound score, computed with fewer steps and the same answers.

vaderSentiment looks at every token with some 150 calls of `lower()`. Only tokens of its lexicon can
have a valence, so here the tokens are lowered once and the rules run on those that hit. Constants,
lexicon and the rare rule paths (idioms, "but", "n't") are the package's own; that every answer is
the same, to the last bit, is tested against it. Rules: Hutto & Gilbert (2014), cjhutto/
vaderSentiment (MIT).
"""

from __future__ import annotations

import hashlib
from string import punctuation

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    C_INCR,
    N_SCALAR,
    NEGATE,
    SentimentIntensityAnalyzer,
    normalize,
)

_NEGATIONS = frozenset(NEGATE)
_BOOSTERS: dict[str, float] = dict(BOOSTER_DICT)
_FLIP: float = N_SCALAR
_SHOUT: float = C_INCR
_FADE = (1.0, 0.95, 0.9)


class Compound:
    """Callable: text → compound, −1..1, rounded to four places. Reads the lexicon when built."""

    def __init__(self) -> None:
        self._package = SentimentIntensityAnalyzer()
        self._lexicon: dict[str, float] = self._package.lexicon
        # The package looks emoji up one code point at a time: longer keys can never match there.
        self._emoji = {key: text for key, text in self._package.emojis.items() if len(key) == 1}
        self._emoji_set = frozenset(self._emoji)

    @property
    def digest(self) -> str:
        """Changes with the lexicons."""
        told = repr(sorted(self._lexicon.items())) + repr(sorted(self._emoji.items()))
        return hashlib.sha256(told.encode("utf8", "surrogatepass")).hexdigest()

    def __call__(self, text: str) -> float:
        if not text.isascii() and not self._emoji_set.isdisjoint(text):
            text = self._described(text)
        text = text.strip()
        words = [_stripped(token) for token in text.split()]
        lowered = [word.lower() for word in words]
        lexicon = self._lexicon
        hits = [place for place, word in enumerate(lowered) if word in lexicon]
        if not hits:
            return 0.0
        valences: list[float] = [0.0] * len(words)
        shouting = _some_shout(words)
        for place in hits:
            if lowered[place] not in _BOOSTERS and not _is_kind_of(lowered, place):
                valences[place] = self._valence(words, lowered, place, shouting)
        return self._total(valences, lowered, text)

    def _total(self, valences: list[float], lowered: list[str], text: str) -> float:
        if "but" in lowered:
            valences = self._package._but_check(lowered, valences)
        total = float(sum(valences))
        if total > 0:
            total += self._package._punctuation_emphasis(text)
        elif total < 0:
            total -= self._package._punctuation_emphasis(text)
        return float(round(normalize(total), 4))

    def _valence(self, words: list[str], lowered: list[str], place: int, shouting: bool) -> float:
        valence = self._start(lowered, place)
        if shouting and words[place].isupper():
            valence += _SHOUT if valence > 0 else -_SHOUT
        for distance in range(min(3, place)):
            before = place - distance - 1
            if lowered[before] in self._lexicon:
                continue
            boost = _boost(words[before], lowered[before], valence, shouting)
            valence += boost * _FADE[distance] if boost else 0.0
            valence = _negate(valence, lowered, place, distance)
            if distance == 2:
                valence = self._package._special_idioms_check(valence, lowered, place)
        return self._least(valence, lowered, place)

    def _start(self, lowered: list[str], place: int) -> float:
        """The lexicon's valence, with "no" as a word of its own or as a negation."""
        word, last = lowered[place], len(lowered) - 1
        valence = self._lexicon[word]
        if word == "no" and place != last and lowered[place + 1] in self._lexicon:
            valence = 0.0
        if (
            (place > 0 and lowered[place - 1] == "no")
            or (place > 1 and lowered[place - 2] == "no")
            or (place > 2 and lowered[place - 3] == "no" and lowered[place - 1] in ("or", "nor"))
        ):
            valence = self._lexicon[word] * _FLIP
        return valence

    def _least(self, valence: float, lowered: list[str], place: int) -> float:
        if place == 0 or lowered[place - 1] != "least" or "least" in self._lexicon:
            return valence
        if place > 1 and lowered[place - 2] in ("at", "very"):
            return valence
        return valence * _FLIP

    def _described(self, text: str) -> str:
        """Emoji replaced by their descriptions, with the package's spacing."""
        parts: list[str] = []
        after_space = True
        for char in text:
            description = self._emoji.get(char)
            if description is None:
                parts.append(char)
                after_space = char == " "
            else:
                parts.append(description if after_space else " " + description)
                after_space = False
        return "".join(parts)


def _stripped(token: str) -> str:
    # What loses all but two characters was likely an emoticon.
    bare = token.strip(punctuation)
    return bare if len(bare) > 2 else token


def _some_shout(words: list[str]) -> bool:
    upper = sum(map(str.isupper, words))
    return 0 < upper < len(words)


def _is_kind_of(lowered: list[str], place: int) -> bool:
    return lowered[place] == "kind" and lowered[place + 1 : place + 2] == ["of"]


def _boost(word: str, lowered: str, valence: float, shouting: bool) -> float:
    boost = _BOOSTERS.get(lowered)
    if boost is None:
        return 0.0
    if valence < 0:
        boost = -boost
    if shouting and word.isupper():
        boost += _SHOUT if valence > 0 else -_SHOUT
    return boost


def _negate(valence: float, lowered: list[str], place: int, distance: int) -> float:
    before = lowered[place - distance - 1]
    if distance == 1:
        if before == "never" and lowered[place - 1] in ("so", "this"):
            return valence * 1.25
        if before == "without" and lowered[place - 1] == "doubt":
            return valence
    if distance == 2:
        nearer = lowered[place - 2], lowered[place - 1]
        # The package's condition reads "(never and so/this two before) or so/this one before".
        if (before == "never" and nearer[0] in ("so", "this")) or nearer[1] in ("so", "this"):
            return valence * 1.25
        if before == "without" and "doubt" in nearer:
            return valence
    return valence * _FLIP if before in _NEGATIONS or "n't" in before else valence
