"""Named places where a test may kill the process, as a power cut would (R-22).

VIGIE_CRASH_AT=deliver.after_send makes that place exit at once with code 137: no cleanup, no
commit. Without the variable a crash point does nothing.
"""

from __future__ import annotations

import os

CRASHED = 137


def crash_point(name: str) -> None:
    """Die here if VIGIE_CRASH_AT names this place."""
    if os.environ.get("VIGIE_CRASH_AT") == name:
        os._exit(CRASHED)
