"""digest preview, send (filled in below)."""

from __future__ import annotations

import typer


def register(root: typer.Typer) -> None:
    _ = root
