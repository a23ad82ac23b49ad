"""The named peer, in an environment of its own: .venv-bench with obsei 1.1.1 and vaderSentiment."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PYTHON = Path(".venv-bench/bin/python")
HOW = "python3 -m venv .venv-bench && .venv-bench/bin/pip install obsei==1.1.1 vaderSentiment"


def obsei_rate(records: Sequence[dict[str, Any]]) -> float | None:
    """Records a second through obsei with a VADER enricher and its store; None where it is not
    installed. On all records: its start is dear and would weigh on a short run."""
    if not PYTHON.exists():
        return None
    told = "".join(json.dumps(one) + "\n" for one in records)
    done = subprocess.run(
        [str(PYTHON), str(Path(__file__).with_name("peer_obsei.py"))],
        input=told, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"obsei in .venv-bench failed; make it anew: {HOW}\n{done.stderr[-800:]}")
    found = json.loads(done.stdout)
    return float(found["records"] / found["seconds"])
