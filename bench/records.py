"""The records that the pipeline bench runs on: real ones where they are, else made ones."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

REPLAY = Path("../shared/data/replay/airline-tweets-2015.jsonl")
BRANDS = {
    "United": "@united OR united",
    "Delta": "@JetBlue OR jetblue",
    "Southwest": "@SouthwestAir OR southwest",
    "US Airways": '@USAirways OR "us airways"',
    "American": '@AmericanAir OR "american airlines"',
    "Virgin America": '@VirginAmerica OR "virgin america"',
}
_TEXT = (
    "flight delayed again thanks great crew love hate terrible service gate lost bag hours on hold "
    "amazing seat best worst never always plane today customer help please waiting food"
)
_HANDLES = ("@united", "@JetBlue", "@SouthwestAir", "@USAirways", "@AmericanAir", "@VirginAmerica")


def records(limit: int) -> tuple[str, list[dict[str, Any]]]:
    """Where they come from, and up to `limit` of them."""
    if REPLAY.is_file():
        with REPLAY.open() as file:
            found = [json.loads(line) for line, _ in zip(file, range(limit), strict=False)]
        return REPLAY.name, found
    return "generated", [_made(number) for number in range(limit)]


def _made(number: int) -> dict[str, Any]:
    draw = random.Random(number)
    words = " ".join(draw.choices(_TEXT.split(), k=draw.randint(6, 24)))
    at = datetime(2015, 2, 17, tzinfo=UTC) + timedelta(seconds=number * 45)
    return {
        "id": str(10**17 + number), "created_at": at.isoformat(), "source": "x",
        "text": f"{draw.choice(_HANDLES)} {words}", "author_hash": f"{draw.randint(0, 8000):x}",
    }  # fmt: skip
