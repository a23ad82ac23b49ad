"""From what was written to what a text must hold: units, their parts, signs and joined forms."""

from __future__ import annotations

import re
import unicodedata

from nlp.query.ast import Part, PartKind, Unit
from nlp.text import OffsetMap, fold, is_emoji, tokenise, unspaced

_SIGNS = re.compile(r"[+&%$€#]+")
_UNESCAPE = re.compile(r"\\(.)", re.DOTALL)


def read_phrase(content: str, *, exact: bool = False) -> tuple[Unit, ...]:
    """The units of a phrase's content; `\\"` inside stands for a quote."""
    plain = _UNESCAPE.sub(r"\1", content)
    units = (read_unit(piece, exact=exact) for piece in plain.split())
    return tuple(unit for unit in units if unit is not None)


def read_unit(written: str, *, exact: bool = False) -> Unit | None:
    """One unit, or None where nothing in it can be searched."""
    parts = _parts(written, exact=exact)
    if not parts:
        return None
    return Unit(parts, _joined(parts), _core(written, parts))


def _core(written: str, parts: tuple[Part, ...]) -> str:
    """What was written, without the signs around it that mean nothing."""
    composed = unicodedata.normalize("NFC", written)
    start = max(0, composed.find(parts[0].written))
    end = composed.rfind(parts[-1].written)
    return composed[start : end + len(parts[-1].written) if end >= 0 else None]


def _parts(written: str, *, exact: bool) -> tuple[Part, ...]:
    folded = fold(written)
    tokens = tokenise(folded, prose=False)
    places = OffsetMap(written)
    parts = []
    before = -1
    for position, (form, (start, end)) in enumerate(zip(tokens.forms, tokens.spans, strict=True)):
        if not form:
            continue
        form = tokens.full.get(position, form)
        kind = _kind(form)
        sign = _SIGNS.match(folded, end)
        signs = sign[0] if sign and kind != "emoji" else ""
        raw = written[places.start(start) : places.end(end)]
        parts.append(
            Part(
                form=form,
                kind=kind,
                exact=exact_form(raw) if exact else None,
                signs=signs,
                glued=start == before and kind == "word" and _unspaced_joint(folded, start),
                written=unicodedata.normalize("NFC", raw) + signs,
            )
        )
        before = end
    return tuple(parts)


def exact_form(raw: str) -> str:
    """The letters as written: NFC, without zero-width characters."""
    return "".join(c for c in unicodedata.normalize("NFC", raw) if fold(c) or c.isalnum())


def _kind(form: str) -> PartKind:
    if is_emoji(form):
        return "emoji"
    if form[0] == "#":
        return "hashtag"
    return "handle" if form[0] == "@" else "word"


def _unspaced_joint(folded: str, at: int) -> bool:
    return unspaced(folded[at - 1]) or unspaced(folded[at])


def _joined(parts: tuple[Part, ...]) -> Part | None:
    if len(parts) < 2 or all(part.glued for part in parts[1:]):
        return None
    if any(part.kind != "word" or part.signs for part in parts):
        return None
    exact = None
    if parts[0].exact is not None:
        exact = "".join(part.exact or "" for part in parts)
    return Part(
        "".join(part.form for part in parts),
        exact=exact,
        written="".join(part.written for part in parts),
    )
