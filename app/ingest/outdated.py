"""The one signal of the storing side."""

from __future__ import annotations


class Outdated(Exception):
    """The analysis was made with queries or a picture of the store that changed meanwhile:
    analyse again and store then."""
