"""Written by `python -m nlp.sentiment.train`: which weights this code goes with."""

from __future__ import annotations

SHA256 = "2a636da22451fc36179817fdd74d7b05b2ce2bcf6e1988829e119d1e468ede79"
