"""A real SMTP server on loopback that leaves no connection behind when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.ports import free_port


class _Served(Controller):
    """A controller that knows its connections: its own `stop` leaves open whatever a client has just left."""

    def __init__(self, handler: object, **options: Any) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=free_port(), ready_timeout=60, **options)
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
