"""Files that hold what people wrote: nobody but their owner may read them."""

from __future__ import annotations

import os
from pathlib import Path


def make_private(path: Path) -> None:
    """Make an empty file of mode 0600, so that it is never open to others, not even while SQLite
    fills it (its log and shared memory take the mode of the database).

    Raises FileExistsError, OSError.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
