"""The outermost layer of HTTP: request id, security fields on every answer, the body's ceiling,
last-resort 500."""

from __future__ import annotations

import secrets
import time
from typing import Protocol

import structlog
from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import from_bug, from_http

MOST_BODY_BYTES = 2**20

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Observer(Protocol):
    """Is told of each answer."""

    def answered(self, *, method: str, status: int, seconds: float) -> None: ...


class Shell:
    """ASGI middleware. It is the first that a request meets and the last that an answer leaves,
    so that no answer, not even that of a bug, goes out without the security fields."""

    def __init__(self, app: ASGIApp, *, observer: Observer) -> None:
        self._app = app
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.monotonic(), 0

        async def send_fenced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _fence(MutableHeaders(scope=message), request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, _bounded(scope, receive), send_fenced)
            except Exception as error:
                if status:  # half an answer is out already: cut it, the reader must not trust it
                    raise
                request = Request(scope, receive)
                known = isinstance(error, HTTPException)
                answer = from_http(request, error) if known else from_bug(request, error)
                await answer(scope, receive, send_fenced)
        self._observer.answered(
            method=scope["method"], status=status, seconds=time.monotonic() - started
        )


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """The same body, but reading past a mebibyte of it is a 413, announced or not (R-47)."""
    got = 0

    async def receive_bounded() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > MOST_BODY_BYTES:
            raise HTTPException(413)
        return message

    return receive_bounded


def _fence(headers: MutableHeaders, request_id: str) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    headers["X-Request-Id"] = request_id
    headers.setdefault("Cache-Control", "no-store")
