"""The HTTP server: uvicorn in the event loop of the daemon."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, cast

import uvicorn
from starlette.types import ASGIApp

from ingest.config import Web
from ingest.host.listen import listen
from ingest.web.connections import LOOK_SECONDS, ConnectionCounts, GuardedConnection
from ingest.web.layers.heads import MOST_BYTES

START_SECONDS: Final = 10.0


class WebServer:
    """The running server. `port` is that of its first socket."""

    def __init__(self, server: uvicorn.Server, listening: Sequence[socket.socket]) -> None:
        self.port = int(listening[0].getsockname()[1])
        self._server = server
        self._listening = list(listening)
        self._serving = asyncio.create_task(server.serve(self._listening))

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._server.server_state.connections)

    async def started(self) -> None:
        """Wait until connections are accepted. Raises what kept the server from it."""
        async with asyncio.timeout(START_SECONDS):
            while not self._server.started and not self._serving.done():
                await asyncio.sleep(0.01)
        if self._serving.done():
            self._serving.result()

    async def drain(self, seconds: float) -> None:
        """Stop accepting, let running requests end for at most `seconds`, then break them off."""
        self._server.config.timeout_graceful_shutdown = max(1, round(seconds))
        self._server.should_exit = True
        await self._serving


class _Server(uvicorn.Server):
    """Leaves signals to the daemon."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve(
    app: ASGIApp,
    web: Web,
    *,
    sockets: Sequence[socket.socket] | None = None,
    look_seconds: float = LOOK_SECONDS,
) -> WebServer:
    """Start serving, on `sockets` that listen already or on the configured host and port.

    Every `look_seconds` it is looked which connections keep us waiting. Raises OSError where the port is taken or the
    files of TLS cannot be read, and ssl.SSLError (an OSError) where they are no certificate and key.
    """
    counts = ConnectionCounts(web.max_connections, web.max_connections_per_address, web.trusted_proxies)
    connection = partial(GuardedConnection, counts, web.head_seconds, look_seconds=look_seconds)
    config = uvicorn.Config(
        cast(Any, app),
        http=cast(Any, connection),
        ws="none",
        loop="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=max(1, round(web.head_seconds)),
        h11_max_incomplete_event_size=MOST_BYTES,
        ssl_certfile=web.certificate_file,
        ssl_keyfile=web.key_file,
    )
    config.load()
    listening = list(sockets) if sockets is not None else [listen(web.host, web.port)]
    server = WebServer(_Server(config), listening)
    await server.started()
    return server
