"""`vigie` on data folders of its own; see tests/support/cli.py."""

from __future__ import annotations

from tests.support.cli import bare, vigie, watched

__all__ = ["bare", "vigie", "watched"]
