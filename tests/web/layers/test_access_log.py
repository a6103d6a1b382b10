"""The line of each request: who asked what, how it was answered, and no secret."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from ingest.flow.api_secrets import LIVE_KEY, new_secret
from ingest.web.layers.access_log import AccessLog
from tests.web.asgi import answer, call, connection, echo, read, signed

SECRET = new_secret(LIVE_KEY)


class Lines:
    """What was logged, and a clock on which each look takes 12.34 milliseconds."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []
        self.now = 0.0

    def log(self, event: str, **values: object) -> None:
        self.found.append({"event": event, **values})

    def clock(self) -> float:
        self.now += 0.01234
        return self.now


async def test_a_line_says_who_asked_what_and_how_it_was_answered() -> None:
    lines = Lines()
    layer = AccessLog(signed(echo), lines.log, lines.clock)
    await call(layer, "POST", "/v1/release", parts=[b"ab", b"cde"])
    line = {
        "event": "request",
        "method": "POST",
        "path": "/v1/release",
        "status": 200,
        "ms": 12.3,
        "sent": 5,
        "received": 5,
        "label": "anna",
        "key": "key_1",
        "address": "192.0.2.1",
    }
    assert lines.found == [line]


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (f"/v1/release/{SECRET}", f"/v1/release/{SECRET[:13]}..."),
        ("/v1/\r\nx", "/v1/\r\nx"),  # the log escapes it (host.logs)
        ("/" + "a" * 1000, "/" + "a" * 299),
    ],
    ids=["secret", "line ends", "long"],
)
async def test_the_path_is_logged_without_secrets_query_and_end(path: str, logged: str) -> None:
    lines = Lines()
    there = connection(path=path)
    there.scope["query_string"] = f"key={SECRET}".encode()
    await AccessLog(echo, lines.log, lines.clock)(there.scope, there.receive, there.send)
    assert [line["path"] for line in lines.found] == [logged]
    assert SECRET not in str(lines.found)


async def test_what_was_refused_names_the_key_that_was_shown_and_an_unknown_address_is_empty() -> None:
    async def refused(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["state"]["refused_key"] = "isp_live_Ab3d..."
        await answer(send, status=401)

    lines = Lines()
    await call(AccessLog(refused, lines.log, lines.clock), client=None)
    (line,) = lines.found
    assert (line["status"], line["label"], line["key"], line["address"]) == (401, None, "isp_live_Ab3d...", "")


async def test_a_request_that_is_given_up_or_breaks_is_logged_too() -> None:
    async def broken(_scope: Scope, receive: Receive, _send: Send) -> None:
        await read(receive)
        raise RuntimeError("ours")

    lines = Lines()
    with pytest.raises(RuntimeError):
        await call(AccessLog(broken, lines.log, lines.clock), parts=[b"abc"])
    assert [(line["status"], line["received"]) for line in lines.found] == [(None, 3)]
