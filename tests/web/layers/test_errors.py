"""Errors of ours: told to nobody but the log, and never as a part of an answer that looks whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from ingest.web.layers.errors import Errors
from tests.store.full import error_of_a_full_database
from tests.web.asgi import call, echo, envelope

SECRET = "hunter2 at /srv/secret"


class Lines:
    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def __call__(self, event: str, *, exc_info: bool, **values: Any) -> None:
        self.found.append({"event": event, "exc_info": exc_info, **values})


def raising(error: BaseException, begun: bool = False) -> Any:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise error

    return app


@pytest.mark.parametrize("error", [RuntimeError(SECRET), KeyError(SECRET), IntegrityError(SECRET, {}, Exception())])
async def test_whatever_is_raised_is_an_internal_error_and_only_the_log_knows_more(error: Exception) -> None:
    lines = Lines()
    found = await call(Errors(raising(error), lines), "PATCH")
    assert (found.status, found.json, found.is_whole) == (500, envelope("Internal server error"), True)
    assert found.header("content-type") == "application/json"
    assert SECRET not in str(found)
    assert lines.found == [{"event": "request failed", "exc_info": True, "method": "PATCH"}]


@pytest.mark.parametrize(
    "error", [error_of_a_full_database(), OperationalError("", {}, Exception("gone"), connection_invalidated=True)]
)
async def test_a_database_that_is_away_or_full_is_for_trying_again(error: Exception) -> None:
    found = await call(Errors(raising(error), Lines()))
    assert (found.status, found.json) == (503, envelope("Service temporarily unavailable"))
    assert found.header("retry-after") == "5"


async def test_an_answer_that_has_begun_is_broken_off() -> None:
    lines = Lines()
    found = await call(Errors(raising(RuntimeError(), begun=True), lines))
    assert (found.status, found.body, found.is_whole, len(lines.found)) == (200, b"half", False, 1)


async def test_a_client_that_went_away_is_no_error_and_a_task_that_ends_is_not_held() -> None:
    lines = Lines()
    assert (await call(Errors(raising(ClientDisconnect()), lines))).status is None
    with pytest.raises(asyncio.CancelledError):
        await call(Errors(raising(asyncio.CancelledError()), lines))
    assert lines.found == []


async def test_what_is_no_error_passes() -> None:
    assert (await call(Errors(echo, Lines()), parts=[b"a"])).body == b"a"
