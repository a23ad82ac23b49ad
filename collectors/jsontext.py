"""JSON as platforms and files really send it."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

from collectors.errors import BadPayload

UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What reading a record raises that has another shape than its platform documents."""


def read_json(data: bytes) -> Any:
    """Parse data, fast where it is strict JSON, leniently where it is not.

    One post with half a surrogate pair (`"\\ud83c"`) makes orjson refuse the whole answer, and a
    cursor that cannot pass that post would stand still for ever; the standard library takes it.
    Raises BadPayload where data is no JSON at all.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise BadPayload("not JSON") from error
