"""The pipeline's house, for accounts."""

from __future__ import annotations

from tests.app.ingest.conftest import house

__all__ = ["house"]
