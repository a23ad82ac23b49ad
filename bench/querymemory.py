"""Queries as a JSON list in, megabytes that their compiled matcher takes out. A process of its own,
so that nothing freed before is used again unseen."""

from __future__ import annotations

import gc
import json
import resource
import sys
from pathlib import Path

from nlp.query import Matcher, Text, parse

if __name__ == "__main__":

    def resident() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    queries = {number: parse(source) for number, source in enumerate(json.load(sys.stdin))}
    before = resident()
    matcher = Matcher.compile(queries)
    # What is only made when first asked counts too.
    matcher.match(Text("", "warm"))
    print((resident() - before) / 1e6)
