"""The client for addresses that others name: one request, one connection, bounded in time and bytes.

It follows no redirect, keeps no connection, decodes no content, and asks the environment for no proxy.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import httpcore2

from ingest.config.http import Http
from ingest.core.visible import visible
from ingest.outbound.http.backend import Forbidden, GuardedBackend, TooMuch
from ingest.outbound.http.resolve import Resolve, resolve
from ingest.outbound.http.target import Target, target_of

HEAD_BYTES: Final = 128 * 1024
"""What a reply may have besides its content."""
AGENT: Final = "ingest"
LONGEST_REASON: Final = 300
LONG: Final = "the reply is longer than allowed"


class HttpError(Exception):
    """The request got no reply, or not all of it; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds until the connection stands (with TLS), the head of the reply is there, and everything is; and the most
    bytes of content.
    """

    connect: float = 5
    head: float = 15
    whole: float = 20
    content: int = 4096


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server replied. `headers` have names in lower case; `content` is cut unless `is_whole`."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    is_whole: bool


@dataclass(slots=True)
class OpenReply:
    """A reply whose head is there; its content is read piece by piece."""

    status: int
    headers: Mapping[str, str]
    _pieces: AsyncGenerator[bytes]
    _until: float
    _left: int

    async def read(self) -> bytes:
        """The next piece; empty at the end. Raises HttpError, also where time is up or there is more than allowed."""
        piece = await self.piece()
        self._left -= len(piece)
        if self._left < 0:
            raise HttpError(LONG)
        return piece

    async def piece(self) -> bytes:
        """As `read`, without a limit of its own; the connection's is twice as much."""
        with _told():
            async with asyncio.timeout_at(self._until):
                piece: bytes = await anext(self._pieces, b"")
        return piece


@dataclass
class GuardedClient:
    """Makes requests where `settings` allow; `tls` is what proves servers, by default with the system's authorities."""

    settings: Http
    resolve: Resolve = resolve
    tls: ssl.SSLContext | None = None

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes, limits: Limits
    ) -> Reply:
        """The reply to a request, with the first `limits.content` bytes at most. Raises HttpError, BadUrl.

        Its content may be cut: what counts is the head.
        """
        async with self.opened(method, url, headers, content, limits) as reply:
            got, is_over = bytearray(), False
            with suppress(HttpError):
                while not is_over and len(got) <= limits.content:
                    piece = await reply.piece()
                    got, is_over = got + piece, not piece
            is_whole = is_over and len(got) <= limits.content
            return Reply(reply.status, reply.headers, bytes(got[: limits.content]), is_whole)

    @asynccontextmanager
    async def opened(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes, limits: Limits
    ) -> AsyncIterator[OpenReply]:
        """The reply to a request, whose connection ends with the block. Raises HttpError, BadUrl."""
        target, loop = target_of(url, self.settings), asyncio.get_running_loop()
        began = loop.time()
        backend = GuardedBackend(self.settings, self.resolve, HEAD_BYTES + 2 * limits.content)
        pool = httpcore2.AsyncConnectionPool(
            ssl_context=self._tls, max_connections=1, max_keepalive_connections=0, network_backend=backend
        )
        async with pool:
            with _told():
                async with asyncio.timeout_at(began + min(limits.head, limits.whole)):
                    response = await pool.handle_async_request(self._request(method, target, headers, content, limits))
            async with aclosing(response.aiter_stream()) as pieces:
                known = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                yield OpenReply(response.status, known, pieces, began + limits.whole, limits.content)

    def _request(
        self, method: str, target: Target, headers: Mapping[str, str], content: bytes, limits: Limits
    ) -> httpcore2.Request:
        ours = {
            "Host": target.authority,
            "User-Agent": AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        if content or method not in ("GET", "HEAD"):
            ours["Content-Length"] = str(len(content))
        url = httpcore2.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        waits = {"connect": limits.connect, "read": limits.whole, "write": limits.whole, "pool": limits.whole}
        return httpcore2.Request(
            method, url, headers=[*ours.items(), *headers.items()], content=content, extensions={"timeout": waits}
        )


@contextmanager
def _told() -> Iterator[None]:
    """Raise HttpError in place of what libraries raise. What others wrote is made visible, and cut."""
    try:
        yield
    except httpcore2.ConnectTimeout as error:
        raise HttpError("no connection was made in time") from error
    except (TimeoutError, httpcore2.TimeoutException) as error:
        raise HttpError("it did not answer in time") from error
    except Forbidden as error:
        raise HttpError(f"nothing was sent: {error}") from error
    except TooMuch as error:
        raise HttpError(LONG) from error
    except httpcore2.ConnectError as error:
        raise HttpError(f"it cannot be reached: {visible(str(error), LONGEST_REASON)}") from error
    except httpcore2.ProtocolError as error:
        raise HttpError(f"its reply cannot be read as HTTP: {visible(str(error), LONGEST_REASON)}") from error
    except httpcore2.NetworkError as error:
        raise HttpError("the connection broke") from error
