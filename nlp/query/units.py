"""From what was written to what a text must hold: units, their parts, signs and joined forms."""

from __future__ import annotations

import re
import unicodedata

from nlp.query.ast import Part, PartKind, Unit
from nlp.text import OffsetMap, fold, is_emoji, tokenise, unspaced

ANY = Part("*", wild="any", written="*")
"""The lone star in a phrase."""

_SIGNS = re.compile(r"[+&%$€#]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# A star of the emoji *️⃣ is none of ours.
_WILD = re.compile(r"(?:\?|\*(?![\ufe0f\u20e3]))+")
# While a unit is tokenised, letters of a script of the bronze age stand for the wildcards.
_ONE, _REST = "\U00010600", "\U00010601"
_HIDE = str.maketrans("?*", _ONE + _REST)
_SHOW = str.maketrans(_ONE + _REST, "?*")


def read_phrase(content: str, *, exact: bool = False, lemma: bool = False) -> tuple[Unit, ...]:
    """The units of a phrase's content; `\\"` inside stands for a quote, a lone `*` for any word."""
    plain = unescape(content)
    units = [_phrase_unit(piece, exact=exact, lemma=lemma) for piece in plain.split()]
    return tuple(unit for unit in units if unit is not None)


def unescape(content: str) -> str:
    """Escaped signs lose their meaning: a wildcard is a sign then, and signs are ignored."""
    return _ESCAPED.sub(lambda match: " " if match[1] in "*?" else match[1], content)


def _phrase_unit(piece: str, *, exact: bool, lemma: bool) -> Unit | None:
    return Unit((ANY,), written="*") if piece == "*" else read_unit(piece, exact=exact, lemma=lemma)


def read_unit(written: str, *, exact: bool = False, lemma: bool = False) -> Unit | None:
    """One unit, or None where nothing in it can be searched."""
    if written.isascii() and written.isalnum():
        # A plain word, as nearly all are: there is nothing in it to take apart.
        part = Part(written.lower(), exact=written if exact else None, lemma=lemma, written=written)
        return Unit((part,), written=written)
    parts = _parts(_hidden(written), exact=exact, lemma=lemma)
    if not parts:
        return None
    return Unit(parts, _joined(parts), _core(written, parts))


def _hidden(written: str) -> str:
    """Wildcards that touch a letter or digit, made letters; the others are signs like any other
    (« prêt ? », 😀?)."""

    def letters(match: re.Match[str]) -> str:
        start, end = match.span()
        touches = _wordlike(written[max(0, start - 1) : start]) or _wordlike(written[end : end + 1])
        return match[0].translate(_HIDE) if touches else match[0]

    return _WILD.sub(letters, written)


def _wordlike(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character or " ").startswith("M")


def _core(written: str, parts: tuple[Part, ...]) -> str:
    """What was written, without the signs around it that mean nothing."""
    composed = unicodedata.normalize("NFC", written)
    start = max(0, composed.find(parts[0].written))
    end = composed.rfind(parts[-1].written)
    return composed[start : end + len(parts[-1].written) if end >= 0 else None]


def _parts(written: str, *, exact: bool, lemma: bool) -> tuple[Part, ...]:
    folded = fold(written)
    tokens = tokenise(folded, prose=False)
    places = OffsetMap(written)
    parts = []
    before = -1
    for position, (form, (start, end)) in enumerate(zip(tokens.forms, tokens.spans, strict=True)):
        if not form or form == _REST:  # A star behind a script without spaces adds nothing.
            continue
        form = tokens.full.get(position, form)
        kind = _kind(form)
        sign = _SIGNS.match(folded, end)
        signs = sign[0] if sign and kind != "emoji" else ""
        raw = written[places.start(start) : places.end(end)]
        shown = form.translate(_SHOW)
        parts.append(
            Part(
                form=shown,
                kind=kind,
                exact=exact_form(raw) if exact else None,
                signs=signs,
                glued=start == before and kind == "word" and _unspaced_joint(folded, start),
                wild="pattern" if shown != form else "",
                lemma=lemma and kind == "word",
                written=unicodedata.normalize("NFC", raw).translate(_SHOW) + signs,
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
    if any(part.kind != "word" or part.signs or part.lemma for part in parts):
        return None
    if any(part.form.endswith("*") for part in parts[:-1]):
        return None
    exact = None
    if parts[0].exact is not None:
        exact = "".join(part.exact or "" for part in parts)
    return Part(
        "".join(part.form for part in parts),
        exact=exact,
        wild="pattern" if any(part.wild for part in parts) else "",
        written="".join(part.written for part in parts),
    )
