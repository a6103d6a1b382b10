"""One line in the log for each request: what was asked by whom, and how it was answered."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.core.log import Log
from ingest.flow.api_secrets import without_secrets
from ingest.web.layers.refusal import address_of

LONGEST_PATH: Final = 300


@dataclass(slots=True)
class _Seen:
    status: int | None = None
    sent: int = 0
    received: int = 0


class AccessLog:
    """Logs each request once it is answered, or given up: `status` is None for one that got no answer.

    Of the address only the path is logged, with what looks like a secret in it left out: queries may hold anything.
    """

    def __init__(self, app: ASGIApp, log: Log, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._log = log
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen, begun = _Seen(), self._clock()

        async def counted_receive() -> Message:
            message = await receive()
            seen.received += len(message.get("body", b""))
            return message

        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
            await send(message)
            seen.sent += len(message.get("body", b""))

        try:
            await self._app(scope, counted_receive, counted_send)
        finally:
            self._write(scope, seen, self._clock() - begun)

    def _write(self, scope: Scope, seen: _Seen, seconds: float) -> None:
        state = scope.get("state", {})
        caller = state.get("caller")
        self._log(
            "request",
            method=scope["method"],
            path=without_secrets(scope["path"][:LONGEST_PATH]),
            status=seen.status,
            ms=round(seconds * 1000, 1),
            sent=seen.sent,
            received=seen.received,
            label=caller.label_name if caller else None,
            key=caller.key_id if caller else state.get("refused_key"),
            address=address_of(scope),
        )
