"""Two walls that import-linter cannot see (DESIGN §4), checked on the syntax tree.

slices: a slice uses another slice's `service` or `rules` only; the day somebody's query leaned on
another slice's table layout, changing a column meant reading the whole house.
dialect: only `app/db` may ask which database it is; a branch elsewhere is a bug on the other one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

SLICES = frozenset(
    {
        "watchlists", "sources", "ingest", "enrich", "mentions", "trends", "topics", "people",
        "campaigns", "incidents", "alerts", "deliveries", "digests", "reports", "exports",
        "access", "privacy", "demo", "querylab", "search", "relevance", "intake",
    }
)  # fmt: skip
OPEN_DOORS = frozenset({"service", "rules"})
# What routes and pages may use of any slice, besides (gate: the HTTP half of access).
READ_DOORS = OPEN_DOORS | {"queries", "schemas", "routes", "gate"}
DIALECT = ("sqlalchemy.dialects",)


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module imported in a file, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def slice_fault(importer: str, module: str) -> str | None:
    """Why `importer` ("app.alerts.service") may not import `module`, or None."""
    parts, own = module.split("."), importer.split(".")
    if len(parts) < 3 or parts[0] != "app" or parts[1] not in SLICES or own[0] != "app":
        return None
    if parts[1] == own[1]:
        return None
    reads = own[1] == "web" or own[-1] in {"routes", "schemas"}
    doors = READ_DOORS if reads else OPEN_DOORS
    if own[1] in SLICES | {"web"} and parts[2] not in doors:
        return f"{importer} imports {module}: use its {' or '.join(sorted(doors))}"
    return None


def dialect_faults(importer: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Uses of a dialect outside app.db."""
    if importer.startswith("app.db"):
        return
    for line, module in imported(tree):
        if module.startswith(DIALECT):
            yield line, f"{importer} imports {module}: dialects belong in app.db"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"dialect", "is_sqlite"}:
            yield node.lineno, f"{importer} asks for .{node.attr}: that belongs in app.db"


def faults_in(importer: str, source: str) -> Iterator[str]:
    """All faults of one module."""
    tree = ast.parse(source)
    for line, module in imported(tree):
        if fault := slice_fault(importer, module):
            yield f"{line}: {fault}"
    for line, fault in dialect_faults(importer, tree):
        yield f"{line}: {fault}"


def main() -> int:
    found = [
        f"{path}:{fault}"
        for path in sorted(Path("app").rglob("*.py"))
        for fault in faults_in(".".join(path.with_suffix("").parts), path.read_text())
    ]
    sys.stdout.write("".join(f"{f}\n" for f in dict.fromkeys(found)) or "walls: all stand\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
