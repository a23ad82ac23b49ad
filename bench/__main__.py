"""`make bench`: every bench, one after the other."""

from __future__ import annotations

from bench import pipeline

if __name__ == "__main__":
    pipeline.main()
