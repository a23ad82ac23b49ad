"""Write docs/reference/collectors.md: each collector's README, heads gathered in one table.

`python -m scripts.collector_page` rewrites it; `--check` only compares (a test does).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.quality import evidence

PAGE = Path("docs/reference/collectors.md")
COLUMNS = ("kind", "level", "shown by", "auth", "server_side_query", "history", "cost")
HEAD = """# Collectors

<!-- made by `python -m scripts.collector_page` from the READMEs; a test keeps it true -->

Levels, computed by `scripts/quality.py` from the cases, the tests and the READMEs: *experimental*
(the contract holds on three cases and more, one of them with trouble), *supported* (besides, its
answers are recorded, a real server's, or written by hand after the documents named; limits and
identity stated), *proven* (besides, watched over months of use).
"""


def front_matter(text: str) -> tuple[Mapping[str, str], str]:
    """The `key: value` head between --- lines, and the rest. Raises ValueError without one."""
    if not text.startswith("---\n"):
        raise ValueError("a collector's README begins with its front matter (---)")
    head, _, body = text.removeprefix("---\n").partition("\n---\n")
    return dict(line.split(": ", 1) for line in head.splitlines()), body.strip()


def page() -> str:
    """The whole page."""
    readmes = [
        front_matter(p.read_text("utf-8")) for p in sorted(Path("collectors").glob("*/README.md"))
    ]
    heads = [_judged(head, body) for head, body in readmes]
    table = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    table += ["| " + " | ".join(head[column] for column in COLUMNS) + " |" for head in heads]
    bodies = [body.replace("\n# ", "\n## ").replace("# ", "## ", 1) for _, body in readmes]
    return "\n".join([HEAD, *table, "", "\n\n".join(bodies), ""])


def _judged(head: Mapping[str, str], body: str) -> Mapping[str, str]:
    """The head with what the tests know. Raises ValueError where the README claims otherwise."""
    known = evidence(head["kind"], head, body)
    if head["level"] != known.level:
        raise ValueError(
            f"{head['kind']}: its README says {head['level']}, the tests know {known.level} "
            f"({known.shown_by}; unsaid: {', '.join(known.unsaid) or 'nothing'})"
        )
    return {**head, "shown by": known.shown_by}


def main() -> int:
    wanted = page()
    if "--check" in sys.argv:
        return int(not PAGE.is_file() or PAGE.read_text("utf-8") != wanted)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
