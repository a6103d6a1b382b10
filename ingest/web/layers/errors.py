"""What the application did not expect: an answer that tells nothing, and the traceback in the log."""

from __future__ import annotations

from typing import Any, Final, Protocol

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.store.database import is_passing
from ingest.web.layers.refusal import refuse

OURS: Final = "Internal server error"
AWAY: Final = "Service temporarily unavailable"
RETRY_SECONDS: Final = 5


class ErrorLog(Protocol):
    """Logs an event with the exception that is being handled."""

    def __call__(self, event: str, *, exc_info: bool, **values: Any) -> object: ...


class Errors:
    """Answers whatever is raised: 503 where the database is away, busy or full, else 500.

    An answer that has begun is broken off, so that nobody takes a part of it for the whole. That the client went away
    is no error.
    """

    def __init__(self, app: ASGIApp, log: ErrorLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def noted_send(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted_send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the supervisor of requests: no error may reach a client, or the server
            self._log("request failed", exc_info=True, method=scope["method"])
            if has_begun:
                return
            if isinstance(error, SQLAlchemyError) and is_passing(error):
                await refuse(send, 503, AWAY, {"Retry-After": str(RETRY_SECONDS)})
            else:
                await refuse(send, 500, OURS)
