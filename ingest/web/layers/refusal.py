"""Answers of the layers: the envelope of the API with a message and no data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic_core import to_json
from starlette.types import Message, Scope, Send

RAW_JSON: Final = b"application/json"


def body_of(message: str) -> bytes:
    """An error in the envelope, as JSON."""
    return to_json({"success": False, "message": message, "data": None})


async def refuse(send: Send, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
    """Answer with an error. The body of the request may be unread: the server discards what still comes of it."""
    body = body_of(message)
    given = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()]
    fixed = [(b"content-type", RAW_JSON), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": fixed + given})
    await send({"type": "http.response.body", "body": body})


def with_headers(message: Message, headers: Mapping[str, str]) -> Message:
    """The beginning of a response with these headers too; other messages as they are."""
    if message["type"] != "http.response.start":
        return message
    more = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {**message, "headers": [*message.get("headers", ()), *more]}


def address_of(scope: Scope) -> str:
    """The address of the client, as the server or a trusted proxy tells it; empty where there is none."""
    client = scope.get("client")
    return str(client[0]) if client else ""
