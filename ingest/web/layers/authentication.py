"""Who sends a request: asked before anything of its body is read, and of every request to the API.

A partner key or a user's token stands in `x-api-key` or as `Authorization: Bearer` (guide, "Authentication & Headers",
and the sample with curl); which of them it is shows by its beginning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.core.caller import Caller
from ingest.core.log import Log
from ingest.core.source import source_of
from ingest.flow.api_secrets import is_secret, start_of
from ingest.flow.callers import Callers
from ingest.web.layers.buckets import Buckets
from ingest.web.layers.refusal import address_of, refuse

MISSING: Final = "Missing API key"
INVALID: Final = "Invalid API key"
TOO_MANY: Final = "Too many requests with an invalid API key"
SCHEME: Final = 'Bearer realm="api"'
"""How to authenticate (RFC 6750, section 3)."""

SIDE_BY_SIDE: Final = 8
"""Questions to the database at one time: a flood of unknown keys leaves the other threads free."""


class Authentication:
    """Puts the `Caller` into the state of each request below `prefix`, or answers 401; `open_paths` need no key.

    An address from which too many unknown keys came is answered 429, but for keys that were found before.
    """

    def __init__(
        self,
        app: ASGIApp,
        callers: Callers,
        failures: Buckets,
        log: Log,
        prefix: str = "/v1",
        open_paths: Collection[str] = (),
    ) -> None:
        self._app = app
        self._callers = callers
        self._failures = failures
        self._log = log
        self._prefix = prefix
        self._open_paths = frozenset(open_paths)
        self._turns = asyncio.Semaphore(SIDE_BY_SIDE)
        self._notes: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_guarded(scope["path"]):
            await self._app(scope, receive, send)
            return
        given = set(presented(scope))
        if not given:
            await refuse(send, 401, MISSING, {"WWW-Authenticate": SCHEME})
            return
        secret = given.pop()
        caller = None if given else self._callers.remembered(secret)
        if caller is None:
            caller = await self._ask(scope, send, secret, is_one=not given)
        if caller is not None:
            scope.setdefault("state", {})["caller"] = caller
            self._note_use(caller)
            await self._app(scope, receive, send)

    def _is_guarded(self, path: str) -> bool:
        return path not in self._open_paths and (path == self._prefix or path.startswith(f"{self._prefix}/"))

    async def _ask(self, scope: Scope, send: Send, secret: str, *, is_one: bool) -> Caller | None:
        """The caller of a secret that is not remembered; None after the request was refused."""
        source = source_of(address_of(scope))
        wait = self._failures.level(source).next_in
        if wait and not self._callers.was_found(secret):
            await refuse(send, 429, TOO_MANY, {"Retry-After": str(wait)})
            return None
        caller = await self._verify(secret) if is_one else None
        if caller is None:
            self._failures.take(source)
            if is_secret(secret):
                scope.setdefault("state", {})["refused_key"] = f"{start_of(secret)}..."
            await refuse(send, 401, INVALID, {"WWW-Authenticate": f'{SCHEME}, error="invalid_token"'})
        return caller

    async def _verify(self, secret: str) -> Caller | None:
        if not is_secret(secret):
            return None
        async with self._turns:
            return await asyncio.to_thread(self._callers.verify, secret)

    def _note_use(self, caller: Caller) -> None:
        """Record that the key was used, without making the request wait for it."""
        if self._callers.is_use_due(caller):
            note = asyncio.create_task(self._write_use(caller))
            self._notes.add(note)
            note.add_done_callback(self._notes.discard)

    async def _write_use(self, caller: Caller) -> None:
        try:
            await asyncio.to_thread(self._callers.note_use, caller)
        except Exception as error:  # noqa: BLE001 - a supervisor: nobody waits for this, and the next minute notes it again
            self._log("use of a key not recorded", key=caller.key_id, fault=f"{type(error).__name__}: {error}")


def presented(scope: Scope) -> Iterator[str]:
    """The secrets that a request shows: every `x-api-key`, and every `Authorization` of the scheme Bearer."""
    for name, raw in scope["headers"]:
        value = raw.decode("latin-1").strip()
        if name == b"x-api-key" and value:
            yield value
        elif name == b"authorization":
            scheme, _, secret = value.partition(" ")
            if scheme.lower() == "bearer" and secret.strip():
                yield secret.strip()
