"""ASGI applications called without a server, and small applications to put behind the layers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.core.caller import Caller
from ingest.core.caller import Scope as KeyScope

CALLER = Caller(7, "anna", "key_1", frozenset({KeyScope.READ}), is_test=False)


@dataclass
class Answer:
    """What an application sent. `status` is None for one that sent nothing; `is_whole` unless it broke off."""

    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    is_whole: bool = False

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key == name]
        assert len(found) <= 1
        return found[0] if found else None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Connection:
    """One request: its parts arrive as the application asks; behind them nothing comes, unless it `hangs_up`."""

    scope: Scope
    parts: list[bytes]
    hangs_up: bool = False
    asked: int = 0
    answer: Answer = field(default_factory=Answer)

    async def receive(self) -> Message:
        self.asked += 1
        if self.parts:
            body = self.parts.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(self.parts) or self.hangs_up}
        if self.hangs_up:
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            assert self.answer.status is None, "the answer began twice"
            self.answer.status = message["status"]
            self.answer.headers = [(key.decode(), value.decode()) for key, value in message["headers"]]
        else:
            assert self.answer.status is not None and not self.answer.is_whole
            self.answer.body += message.get("body", b"")
            self.answer.is_whole = not message.get("more_body", False)


def connection(
    method: str = "GET",
    path: str = "/v1/release",
    headers: Iterable[tuple[str, str]] = (),
    parts: Sequence[bytes] = (b"",),
    client: str | None = "192.0.2.1",
    **more: Any,
) -> Connection:
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(key.lower().encode(), value.encode("latin-1")) for key, value in headers],
        "client": None if client is None else (client, 40000),
        "state": {},
    }
    return Connection(scope, list(parts), **more)


async def call(app: ASGIApp, *words: Any, **given: Any) -> Answer:
    """The answer to one request."""
    there = connection(*words, **given)
    await app(there.scope, there.receive, there.send)
    return there.answer


async def read(receive: Receive) -> bytes:
    """The whole body, as an application reads it."""
    body, more = b"", True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def answer(send: Send, body: bytes = b"", status: int = 200) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the body."""
    await answer(send, await read(receive))


async def unread(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers without reading the body."""
    await answer(send, b"unread")


async def who(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers with who asks."""
    caller = scope["state"].get("caller")
    await answer(send, json.dumps(None if caller is None else [caller.label_name, caller.key_id]).encode())


def signed(app: ASGIApp, caller: Caller = CALLER) -> ASGIApp:
    """The application as if the caller had been authenticated."""

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["caller"] = caller
        await app(scope, receive, send)

    return called


def envelope(message: str) -> dict[str, Any]:
    return {"success": False, "message": message, "data": None}
