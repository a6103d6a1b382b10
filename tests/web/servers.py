"""The HTTP server on loopback, and connections to it that send whatever a test wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from ingest.config import Web
from ingest.web.server import WebServer, serve

LOOK_SECONDS = 0.05


@asynccontextmanager
async def running(app: ASGIApp, **settings: Any) -> AsyncIterator[WebServer]:
    server = await serve(app, Web(port=0, **settings), look_seconds=LOOK_SECONDS)
    try:
        yield server
    finally:
        await server.drain(1)


@dataclass
class Reply:
    """One answer as it came over the line."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Raw:
    """A connection to the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self, method: str = "GET") -> Reply:
        """The next answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        first, *lines = head.decode().strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = 0 if method == "HEAD" else int(headers.get("content-length", 0))
        body = await asyncio.wait_for(self.reader.readexactly(length), 10)
        return Reply(int(first.split()[1]), headers, body)

    async def ended(self, seconds: float = 10) -> bytes:
        """What still comes until the server closes the connection. Raises TimeoutError where it does not."""
        try:
            return await asyncio.wait_for(self.reader.read(), seconds)
        except ConnectionError:
            return b""


@asynccontextmanager
async def raw(server: WebServer, **given: Any) -> AsyncIterator[Raw]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, **given)
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()


def request(method: str = "GET", path: str = "/v1/release", body: bytes = b"", **headers: str) -> bytes:
    """A request as bytes."""
    given = {"host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body:
        given.setdefault("content-length", str(len(body)))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
