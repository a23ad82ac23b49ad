"""`make bench`: every bench, one after the other.

The absolute figures (second start, memory) stand in one run with bare VADER texts/s and raw sqlite3
inserts/s, which the pipeline's report prints: they say what this machine was able to do that day.
"""

from __future__ import annotations

import sys

from bench import pipeline, queries, startup

if __name__ == "__main__":
    # The starts first: the pipeline's run ties us, and so our children, to one core.
    startup.report(lambda line: sys.stdout.write(line + "\n"))
    sys.stdout.flush()
    pipeline.main()
    queries.main([])
