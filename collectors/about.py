"""What a kind is called by people, and how well it is known to work: the head of its README.

A third party's collector without such a README is called by the first line of its docstring.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collectors.api import Collector


@dataclass(frozen=True, slots=True)
class About:
    """fr, en: one line for a list of kinds. level: experimental, supported, proven, or ""."""

    en: str
    fr: str
    level: str = ""


def about(kind: type[Collector]) -> About:
    """Read from the disk at each call: it is asked for seldom, and never in a poll."""
    own = (kind.__doc__ or kind.kind).strip().split("\n")[0]
    head, body = front_matter(_readme(kind))
    title = next((line for line in body.splitlines() if line.startswith("# ")), "")
    en = title.removeprefix("# ").strip() or own
    return About(en=en, fr=head.get("fr", en), level=head.get("level", ""))


def front_matter(text: str) -> tuple[Mapping[str, str], str]:
    """The `key: value` head between --- lines, and the rest; an empty head where there is none."""
    if not text.startswith("---\n"):
        return {}, text
    head, _, body = text.removeprefix("---\n").partition("\n---\n")
    return dict(line.split(": ", 1) for line in head.splitlines() if ": " in line), body.strip()


def _readme(kind: type[Collector]) -> str:
    module = sys.modules.get(kind.__module__)
    place = getattr(module, "__file__", None)
    path = Path(place).with_name("README.md") if place else None
    try:
        return path.read_text("utf-8") if path else ""
    except OSError:
        return ""
