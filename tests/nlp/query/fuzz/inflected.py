"""A small table of inflections of our own, put in the place of the library's while pairs are
compared: what is checked is how `lemma:` is matched, not what a dictionary holds."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from nlp.text import fold
from tests.nlp.query.fuzz.vocabulary import INFLECTED


@functools.cache
def inflections(form: str) -> frozenset[str]:
    for word, forms in INFLECTED.items():
        if fold(word) == form:
            # One form is left out of the table on purpose: texts hold near misses too.
            return frozenset({form, *map(fold, forms[:-1])})
    return frozenset({form})


@contextmanager
def small_table() -> Iterator[None]:
    with mock.patch("nlp.query.matcher.inflections", inflections):
        yield
