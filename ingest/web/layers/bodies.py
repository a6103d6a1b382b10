"""How much body a request may have, and how slowly it may come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.web.layers.refusal import refuse

TOO_LARGE: Final = "Request body is larger than {most} bytes"
TOO_SLOW: Final = "Request body did not arrive in time"
LEAST_RATE: Final = 1000
"""Bytes per second that a body must keep to in the long run: a byte now and then would hold a connection for ever."""


class BodyRefused(Exception):
    """The body is not read on; the layer answers, whatever the application makes of this."""


@dataclass(slots=True)
class _Body:
    """What came of one body. Once `refused` is set, nothing that the application sends reaches the client."""

    most: int
    idle_seconds: float
    waited: float = 0.0
    received: int = 0
    is_complete: bool = False
    has_answer: bool = False
    refused: tuple[int, str] | None = None

    @property
    def seconds(self) -> float:
        """How long the next part may take. Only what was waited for the client counts, not what we took in between."""
        return min(self.idle_seconds, self.idle_seconds + self.received / LEAST_RATE - self.waited)

    async def next_part(self, receive: Receive) -> Message:
        """Wait for the next part. Raises TimeoutError."""
        begun = time.monotonic()
        if self.seconds <= 0:
            raise TimeoutError
        async with asyncio.timeout(self.seconds):
            message = await receive()
        self.waited += time.monotonic() - begun
        return message

    def refuse(self, status: int, message: str) -> BodyRefused:
        if not self.has_answer:
            self.refused = (status, message)
        return BodyRefused(message)


class Bodies:
    """Refuses a body above `max_bytes` with 413, before it is read where its length is told, else as soon as it shows.

    `larger` has other maxima for some requests, by method and path. A body of which nothing came for `idle_seconds`, or
    that keeps to less than LEAST_RATE, is refused with 408.
    """

    def __init__(
        self, app: ASGIApp, max_bytes: int, idle_seconds: float, larger: Mapping[tuple[str, str], int] | None = None
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._idle_seconds = idle_seconds
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._larger.get((scope["method"], scope["path"]), self._max_bytes)
        if told_length(scope) > most:
            await refuse(send, 413, TOO_LARGE.format(most=most))
            return
        await self._guarded(_Body(most, self._idle_seconds), scope, receive, send)

    async def _guarded(self, body: _Body, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded_receive() -> Message:
            if body.is_complete:
                return await receive()
            try:
                message = await body.next_part(receive)
            except TimeoutError:
                raise body.refuse(408, TOO_SLOW) from None
            body.received += len(message.get("body", b""))
            body.is_complete = not message.get("more_body", False)
            if body.received > body.most:
                raise body.refuse(413, TOO_LARGE.format(most=body.most))
            return message

        async def guarded_send(message: Message) -> None:
            if body.refused is None:
                body.has_answer = True
                await send(message)

        try:
            await self._app(scope, guarded_receive, guarded_send)
        except Exception as error:
            if body.refused is None and not isinstance(error, BodyRefused):
                raise
        if body.refused is not None:
            status, message = body.refused
            await refuse(send, status, message, {"Connection": "close"} if status == 408 else None)


def told_length(scope: Scope) -> int:
    """The length of the body as the request tells it; 0 where it tells none (a chunked one is counted)."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
