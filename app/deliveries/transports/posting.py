"""One HTTP POST through the guarded door, its faults named as a transport names them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from app.deliveries.transports.base import NeedsConfig, Retry, Unknown
from collectors.errors import BadPayload, NeedsAttention, Transient
from collectors.http import Http, Response, Unanswered

ANSWER_LIMIT = 2_048
"""Characters of an answer that are kept."""


async def post(
    http: Http, url: str, *, content: bytes, headers: Mapping[str, str] | None = None
) -> Response:
    """Send once and return any answer, whatever its status. Raises a TransportError."""
    host = urlsplit(url).hostname or ""
    try:
        return await http.post(url, content=content, headers=headers, raw=True)
    except NeedsAttention as error:
        raise NeedsConfig(str(error)) from error
    except Unanswered as error:
        raise Unknown(f"{host}: sent, but no answer came") from error
    except Transient as error:
        raise Retry(str(error)) from error
    except BadPayload as error:
        raise Unknown(f"{host}: the answer could not be read") from error


def answer_text(response: Response) -> str:
    """The first characters of what the receiver said."""
    return response.text()[:ANSWER_LIMIT].replace("\x00", "\ufffd")
