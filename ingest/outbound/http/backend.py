"""The connections of our HTTP client: made to public addresses only, and read up to a limit.

A name is resolved once and the connection goes to the very addresses that were looked at, so that a DNS server which
answers otherwise a second time gains nothing. TLS still proves the name of the host.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Sequence
from ipaddress import ip_network
from typing import Any, Final

import httpcore2

from ingest.config.http import Http
from ingest.outbound.http.addresses import may_be_reached
from ingest.outbound.http.resolve import Resolve

MOST_TRIED: Final = 4
"""Addresses of one host to which connections are tried."""


class Forbidden(Exception):
    """A connection that is not made; the message says which and why."""


class TooMuch(Exception):
    """The server sent more than was asked for."""


class BoundedStream(httpcore2.AsyncNetworkStream):
    """A connection of which `most` bytes are read at most, counted after decryption. Reading more raises TooMuch."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream, most: int) -> None:
        self._stream = stream
        self._most = most
        self._left = most

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Raises TooMuch beyond the limit."""
        data = await self._stream.read(max_bytes, timeout)
        self._left -= len(data)
        if self._left < 0:
            raise TooMuch
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As the connection's own."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """As the connection's own."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        """The connection with TLS, whose bytes are counted from the beginning."""
        inner = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return BoundedStream(inner, self._most)

    def get_extra_info(self, info: str) -> Any:
        """As the connection's own."""
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to hosts whose every address may be reached, on allowed ports; `most` bounds what is read of each."""

    def __init__(self, settings: Http, resolve: Resolve, most: int) -> None:
        self._ports = settings.ports
        self._private = [ip_network(network) for network in settings.allow_private_networks]
        self._resolve = resolve
        self._most = most
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address that answers. Raises Forbidden, and httpcore2's ConnectError and ConnectTimeout.

        The caller bounds the time of the look-up; `timeout` seconds are for the connection.
        """
        if self._ports and port not in self._ports:
            raise Forbidden(f"port {port} is not allowed")
        addresses = await self._addresses(host, port)
        deadline = time.monotonic() + (timeout or 0)
        while True:
            address, *addresses = addresses
            share = None if timeout is None else max(0.01, (deadline - time.monotonic()) / (len(addresses) + 1))
            try:
                stream = await self._inner.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if not addresses:
                    raise
            else:
                return BoundedStream(stream, self._most)

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses to try, resolved once. Raises Forbidden if any of all addresses may not be reached.

        Which one it was is not said: whoever named the host may read it, and would learn the addresses of our network.
        """
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(f"{host} has no address: {error.strerror or error}") from error
        if not addresses:
            raise httpcore2.ConnectError(f"{host} has no address")
        if not all(may_be_reached(address, self._private) for address in addresses):
            raise Forbidden(f"{host} is not at a public address")
        return addresses[:MOST_TRIED]

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Raises Forbidden."""
        raise Forbidden("no socket of this machine is connected to")

    async def sleep(self, seconds: float) -> None:
        """As the inner one's."""
        await self._inner.sleep(seconds)
