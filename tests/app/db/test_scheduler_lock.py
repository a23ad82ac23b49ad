"""One scheduler on one database, whichever it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from app.db.scheduler_lock import scheduler_lock
from app.errors import SetupError

HOLD = (
    "import sys\nfrom app.db.scheduler_lock import scheduler_lock\n"
    "with scheduler_lock(sys.argv[1]):\n    print('held', flush=True)\n    sys.stdin.read()\n"
)


def test_a_second_scheduler_is_refused_and_the_holder_named(database_url: str) -> None:
    with (
        scheduler_lock(database_url),
        pytest.raises(SetupError, match=f"process {os.getpid()}"),
        scheduler_lock(database_url),
    ):
        pass
    with scheduler_lock(database_url):
        pass  # given back at the end of the block


def test_a_scheduler_killed_without_farewell_holds_nothing(database_url: str) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, database_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(SetupError), scheduler_lock(database_url):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with scheduler_lock(database_url):
        pass
