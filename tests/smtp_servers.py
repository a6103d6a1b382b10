"""A real SMTP server on loopback that leaves no connection behind when it ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class _Served(Controller):
    """A controller that knows its connections: its own `stop` leaves open whatever a client has just left."""

    def __init__(self, handler: object, **options: Any) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=free_port(), **options)
        self.connections: list[SMTP] = []

    def factory(self) -> SMTP:
        connection = SMTP(self.handler, **self.SMTP_kwargs)
        self.connections.append(connection)
        return connection

    async def hang_up(self) -> None:
        for connection in self.connections:
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.abort()
        await asyncio.sleep(0.01)


@contextmanager
def smtp_server(handler: object, **options: Any) -> Iterator[int]:
    """Serve until the block ends; gives the port. `options` are those of aiosmtpd's SMTP."""
    controller = _Served(handler, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        asyncio.run_coroutine_threadsafe(controller.hang_up(), controller.loop).result(10)
        controller.stop()
