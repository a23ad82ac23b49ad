"""One guarded GET for commands that need no database."""

from __future__ import annotations

from app.config import load_settings
from collectors.errors import CollectorError
from collectors.http import Http, Policy


async def fetch(url: str) -> bytes:
    """The body at `url`. Raises ValueError in plain words."""
    settings = load_settings()
    http = Http(Policy.parse(settings.allow_private), user_agent=settings.user_agent)
    try:
        answer = await http.get(url)
    except CollectorError as error:
        raise ValueError(str(error)) from error
    finally:
        await http.aclose()
    return answer.body if answer else b""
