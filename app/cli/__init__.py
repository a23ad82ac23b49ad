"""The command line. Importing it does nothing; each command imports what it needs."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of `vigie`."""
    import app
    from app.cli.shadow import shadowed

    if complaint := shadowed(app.__file__):
        sys.stderr.write(f"vigie: {complaint}\n")
        sys.exit(2)
    from app.cli.root import run

    run()
