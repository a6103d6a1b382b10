"""How large the head of a request may be: its address and headers.

The server itself only refuses a head that is too large while parts of it are missing; what comes in one go is larger.
"""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.web.layers.refusal import refuse

MOST_BYTES: Final = 32 * 1024
"""The request line and all headers of a request together."""
TOO_LARGE: Final = "Request header fields too large"
BETWEEN: Final = 4
"""Bytes of each header that are neither its name nor its value: the colon, a space, the end of the line."""


class Heads:
    """Refuses larger heads with 431 (RFC 6585, section 5)."""

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and size_of(scope) > self._most:
            await refuse(send, 431, TOO_LARGE)
            return
        await self._app(scope, receive, send)


def size_of(scope: Scope) -> int:
    """The bytes of the address and of all headers."""
    headers = sum(len(name) + len(value) + BETWEEN for name, value in scope["headers"])
    return len(scope["raw_path"]) + len(scope["query_string"]) + headers
