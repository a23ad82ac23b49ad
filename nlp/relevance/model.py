"""A trained filter: a linear head over hashed features, small enough to lie in a row.

Per group of features the weighted sum is divided by the length of the known part, so that a long
text says no more than a short one. `words` gives every word that the stored texts know its share of
the marked words' weight (see `neighbours`). Nothing in it is a word: buckets and numbers only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlp.relevance.features import AFTER, BEFORE, GROUPS, NEAR
from nlp.relevance.values import Features

FORMAT: Final = 1
SHORTEST: Final = 0.3
"""Length below which the known part of a group is not stretched to 1."""
UNKNOWN_RARE: Final = 0.8
"""How rare a word is taken to be that the stored texts do not know."""
PLACES: Final = (NEAR, BEFORE, AFTER)

_FEATURE = np.dtype([("group", "u1"), ("bucket", "<u4"), ("weight", "<f2"), ("scale", "<f2")])
_WORD = np.dtype([("bucket", "<u4"), (NEAR, "i1"), (BEFORE, "i1"), (AFTER, "i1"), ("rare", "u1")])
MAX_FEATURES: Final = 1_600
MAX_BYTES: Final = 50_000

Weights = Mapping[int, tuple[float, float]]


class NotAFilter(ValueError):
    """Bytes that this version cannot read: train anew."""


@dataclass(frozen=True, slots=True)
class Filter:
    """features: group → bucket → (weight, scale). words: bucket → share near, before, after the
    name, and how rare. A text is kept where its score reaches the threshold; slope and middle turn
    scores into probabilities."""

    featurizer: str
    features: Mapping[str, Weights]
    words: Mapping[int, tuple[float, float, float, float]]
    offset: float
    threshold: float
    slope: float
    middle: float

    def score(self, features: Features) -> float:
        """Above the threshold: about the brand."""
        total = self.offset
        for group, weights in self.features.items():
            total += _share(features[group], weights)
        for place, kind in enumerate(PLACES):
            total += self._company(features[kind], place)
        return total

    def probability(self, features: Features) -> float:
        """That it is about the brand."""
        return self.chance(self.score(features))

    def chance(self, score: float) -> float:
        """The probability that a score stands for."""
        return sigmoid(self.slope * (score - self.middle))

    def keeps(self, features: Features) -> bool:
        return self.score(features) >= self.threshold

    def _company(self, values: Mapping[int, float], place: int) -> float:
        total = length = 0.0
        for bucket, value in values.items():
            word = self.words.get(bucket)
            rare = UNKNOWN_RARE if word is None else word[3]
            length += (value * rare) ** 2
            if word is not None:
                total += value * rare * word[place]
        return total / math.sqrt(length) if length else 0.0

    def to_bytes(self) -> bytes:
        """JSON, at most MAX_BYTES, with the digest of all of it."""
        return self.packed()[0]

    def packed(self) -> tuple[bytes, str]:
        """The bytes and the digest in them."""
        body = {
            "format": FORMAT, "featurizer": self.featurizer, "offset": self.offset,
            "threshold": self.threshold, "slope": self.slope, "middle": self.middle,
            **self._tables(),
        }  # fmt: skip
        digest = digest_of(body)
        return json.dumps({**body, "digest": digest}, sort_keys=True).encode(), digest

    def _tables(self) -> dict[str, Any]:
        rows = [
            (GROUPS.index(group), bucket, *pair)
            for group, weights in self.features.items()
            for bucket, pair in weights.items()
        ]
        words = [(bucket, *shares) for bucket, shares in self.words.items()]
        top = max((abs(share) for word in words for share in word[1:4]), default=0.0) or 1.0
        coded = [
            (bucket, *(round(share / top * 127) for share in shares), round(rare * 255))
            for bucket, *shares, rare in words
        ]
        return {
            "features": _coded(np.array(rows, _FEATURE)), "words": _coded(np.array(coded, _WORD)),
            "unit": top / 127,
        }  # fmt: skip


def from_bytes(stored: bytes) -> Filter:
    """Raises NotAFilter."""
    try:
        body = json.loads(stored)
        digest = body.pop("digest")
        if body["format"] != FORMAT or digest != digest_of(body):
            raise NotAFilter("another format, or not whole")
        features: dict[str, dict[int, tuple[float, float]]] = {group: {} for group in GROUPS}
        for group, bucket, weight, scale in _decoded(body["features"], _FEATURE).tolist():
            features[GROUPS[group]][bucket] = (weight, scale)
        unit = body["unit"]
        words = {
            bucket: (near * unit, before * unit, after * unit, rare / 255)
            for bucket, near, before, after, rare in _decoded(body["words"], _WORD).tolist()
        }
        numbers = (float(body[name]) for name in ("offset", "threshold", "slope", "middle"))
        return Filter(str(body["featurizer"]), features, words, *numbers)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, zlib.error) as error:
        raise NotAFilter(f"cannot be read: {error}") from error


def digest_of(body: Mapping[str, Any]) -> str:
    """Of everything a filter consists of."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]


def sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))


def _share(values: Mapping[int, float], weights: Weights) -> float:
    total = length = 0.0
    for bucket, value in values.items():
        known = weights.get(bucket)
        if known is not None:
            total += value * known[0]
            length += (value * known[1]) ** 2
    return total / max(math.sqrt(length), SHORTEST)


def _coded(rows: npt.NDArray[Any]) -> str:
    """Column by column, byte by byte and sorted, so that they compress well."""
    kind = rows.dtype
    assert kind.names is not None
    rows = np.sort(rows, order="bucket")
    rows["bucket"][1:] = np.diff(rows["bucket"])
    columns = [np.ascontiguousarray(rows[name]) for name in kind.names]
    planes = [one.view("u1").reshape(len(one), one.itemsize).T.tobytes() for one in columns]
    return base64.b64encode(zlib.compress(b"".join(planes), 9)).decode()


def _decoded(text: str, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    assert kind.names is not None
    unpack = zlib.decompressobj()
    planes = unpack.decompress(base64.b64decode(text, validate=True), 4 * MAX_BYTES)
    size = len(planes) // kind.itemsize
    rows, at = np.zeros(size, kind), 0
    for name in kind.names:
        width = kind[name].itemsize
        plane = np.frombuffer(planes[at : at + size * width], "u1").reshape(width, size)
        rows[name] = np.ascontiguousarray(plane.T).view(kind[name])[:, 0]
        at += size * width
    rows["bucket"] = np.cumsum(rows["bucket"])
    return rows
