"""`app`, `collectors`, `nlp`, `migrations` are common names: refuse to run on somebody else's."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

OURS = ("collectors", "nlp", "migrations")


def shadowed(app_file: str | None) -> str | None:
    """One line naming the package that hides ours, or None."""
    home = Path(app_file or "").resolve().parent.parent
    for name in OURS:
        found = Path(import_module(name).__file__ or "").resolve().parent.parent
        if found != home:
            return (
                f"the package '{name}' in {found} hides Vigie's: "
                "install Vigie in a virtual environment of its own (make setup)"
            )
    return None
