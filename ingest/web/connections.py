"""Connections of HTTP clients, which may be hostile: how many there are, and how long they may keep us waiting.

uvicorn alone would wait for ever for the rest of a request's headers, for the rest of a body that was refused, and for
a client that does not read its answer.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Final

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from ingest.core.source import source_of
from ingest.web.layers.refusal import RAW_JSON, body_of, refuse

LOOK_SECONDS: Final = 5.0
WRITE_SECONDS: Final = 60.0
"""How long a client may read so little of an answer that none of it can be written: below 64 kB in that time."""
FULL: Final = "Service temporarily unavailable"
MALFORMED: Final = "Malformed HTTP request"


class ConnectionCounts:
    """The open connections, in all and by source (`core.source`). Those of `exempt` networks count in all only."""

    def __init__(self, most: int, most_per_source: int, exempt: Collection[str] = ()) -> None:
        self._most = most
        self._most_per_source = most_per_source
        self._exempt = tuple(map(ipaddress.ip_network, exempt))
        self._by_source: Counter[str] = Counter()

    @property
    def is_full(self) -> bool:
        """Whether there are more connections than are served; they are told so."""
        return self._by_source.total() > self._most

    def enter(self, address: str) -> bool:
        """Count a connection; False where it is not to be served at all: then it does not count.

        That is so where its source has too many, and where there are twice as many as are served.
        """
        source = source_of(address)
        has_room = self._by_source[source] < self._most_per_source or self._is_exempt(address)
        if not has_room or self._by_source.total() >= 2 * self._most:
            return False
        self._by_source[source] += 1
        return True

    def leave(self, address: str) -> None:
        """Count a connection less that was let in."""
        source = source_of(address)
        self._by_source[source] -= 1
        if not self._by_source[source]:
            del self._by_source[source]

    def _is_exempt(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._exempt)


class GuardedConnection(H11Protocol):
    """uvicorn's connection, with an end to each wait for the client.

    A connection on which no request is being answered ends `head_seconds` after it was made or last answered one,
    whatever came meanwhile. One whose client reads nothing of an answer for WRITE_SECONDS is broken off.
    """

    def __init__(
        self, counts: ConnectionCounts, head_seconds: float, *, look_seconds: float = LOOK_SECONDS, **given: Any
    ) -> None:
        super().__init__(**given)
        self._counts = counts
        self._head_seconds = head_seconds
        self._look_seconds = look_seconds
        self._is_counted = False
        self._was_closing = False
        self._waiting_since: float | None = None
        self._stalled_since: float | None = None
        self._next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            self.client = (self.client[0].removeprefix("::ffff:"), self.client[1])
        self._is_counted = self._counts.enter(self._address)
        if not self._is_counted:
            transport.abort()
            return
        if self._counts.is_full:
            self.app = _full
        self._waiting_since = self.loop.time()
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        if self._is_counted:
            self._counts.leave(self._address)
            self._is_counted = False
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._waiting_since = None

    def on_response_complete(self) -> None:
        self._waiting_since = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        self._stalled_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stalled_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP request in the envelope, and close. The sentence is ours; `msg` is not used."""
        body = body_of(MALFORMED)
        headers = [(b"content-type", RAW_JSON), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
        answer = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        with suppress(h11.LocalProtocolError):  # an answer to an earlier request has begun
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client is not None else ""

    def _look_later(self) -> None:
        self._next_look = self.loop.call_later(self._look_seconds, self._look)

    def _look(self) -> None:
        """End the connection where the client lets us wait; one that closes for longer than a look is broken off."""
        if self._has_lasted(self._stalled_since, WRITE_SECONDS) or self._was_closing:
            self.transport.abort()
            return
        if self.transport.is_closing():
            self._was_closing = True
        elif self._has_lasted(self._waiting_since, self._head_seconds):
            self.transport.close()
        self._look_later()

    def _has_lasted(self, since: float | None, seconds: float) -> bool:
        return since is not None and self.loop.time() - since >= seconds


async def _full(_scope: Scope, _receive: Receive, send: Send) -> None:
    await refuse(send, 503, FULL, {"Retry-After": "5", "Connection": "close"})
