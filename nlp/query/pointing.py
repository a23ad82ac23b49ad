"""A spot of a query, shown under its line."""

from __future__ import annotations

_BEFORE, _AFTER = 60, 40
"""Characters of a long line that stay in sight round the spot."""


def pointed(source: str, position: int, message: str, *, end: int | None = None) -> str:
    """Three lines: the source line, a caret under the spot (to `end` where given), the message."""
    start = source[:position].rfind("\n") + 1
    stop = source.find("\n", position)
    line = source[start : stop if stop >= 0 else None]
    column = position - start
    left = max(0, column - _BEFORE)
    shown = line[left : column + _AFTER].replace("\t", " ")
    inside = len(shown) - (column - left)
    carets = max(1, min(inside, (end or position) - position))
    return f"{shown}\n{' ' * (column - left)}{'^' * carets}\n{message}"
