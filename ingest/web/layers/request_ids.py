"""An id for each request, in its answer and in every line that is logged because of it."""

from __future__ import annotations

from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.flow.api_secrets import new_id
from ingest.store.database import Clock
from ingest.web.layers.refusal import with_headers

HEADER: Final = "X-Request-Id"


class RequestIds:
    """Gives each request an id, `req_` and a ULID. One that the client sends is not used: it could be anybody's."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = new_id("req", self._clock())
        scope.setdefault("state", {})["request_id"] = request

        async def send_with_id(message: Message) -> None:
            await send(with_headers(message, {HEADER: request}))

        with structlog.contextvars.bound_contextvars(request=request):
            await self._app(scope, receive, send_with_id)
