"""All layers together: in which order they answer, over a real server, and what one request costs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from io import StringIO
from typing import Any

import pytest
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.config import Web
from ingest.flow.api_secrets import LIVE_KEY, new_secret
from ingest.host.logs import configure
from ingest.web.layers.around import around
from ingest.web.server import WebServer
from tests.stage import Stage, by
from tests.web.asgi import Connection, call, connection, echo, envelope, unread, who
from tests.web.servers import raw, request, running

ROOT = by("root")


@pytest.fixture
def secret(on: Stage) -> str:
    return on.app.api_keys.create("anna", ROOT).secret


@pytest.fixture
def log() -> Iterator[StringIO]:
    """The log, as the daemon writes it."""
    stream = StringIO()
    configure("info", "json", stream)
    yield stream
    structlog.reset_defaults()


def written(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def layered(on: Stage, app: ASGIApp = echo, larger: Any = None, **settings: Any) -> ASGIApp:
    return around(app, Web(**settings), on.app.callers, on.clock, larger=larger)


def served(on: Stage, app: ASGIApp = echo, **settings: Any) -> AbstractAsyncContextManager[WebServer]:
    return running(layered(on, app, **settings), **settings)


async def test_a_request_passes_with_its_id_and_what_is_left(on: Stage, secret: str) -> None:
    found = await call(layered(on), "POST", headers=[("x-api-key", secret)], parts=[b"body"])
    assert (found.status, found.body) == (200, b"body")
    assert str(found.header("x-request-id")).startswith("req_")
    assert found.header("ratelimit") == '"key";r=2999;t=1'


async def test_every_refusal_has_an_id_and_a_line_in_the_log(on: Stage, secret: str, log: StringIO) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise RuntimeError("ours")

    key = [("x-api-key", secret)]
    app = layered(on, broken, max_body_bytes=5, max_requests_per_minute_per_key=3)
    asked: list[Connection] = [
        connection(),
        connection(headers=[("x-api-key", new_secret(LIVE_KEY))]),
        connection(headers=[*key, ("content-length", "6")]),
        connection(headers=key, parts=[b"123456"]),
        connection(headers=key),
        connection(headers=key),
        connection(headers=[("x", "y" * 40_000)]),
    ]
    for one in asked:
        await app(one.scope, one.receive, one.send)
    lines = written(log)
    statuses = [401, 401, 413, 413, 500, 429, 431]
    assert [one.answer.status for one in asked] == statuses
    assert [line["status"] for line in lines if line["event"] == "request"] == statuses
    assert all(str(one.answer.header("x-request-id")).startswith("req_") for one in asked)
    assert all(one.answer.json == envelope(one.answer.json["message"]) for one in asked)
    labels = [line["label"] for line in lines if line["event"] == "request"]
    assert labels == [None, None, "anna", "anna", "anna", "anna", None]
    failed = [line for line in lines if line["event"] == "request failed"]
    assert [(line["level"], line["exception"].splitlines()[-1]) for line in failed] == [("error", "RuntimeError: ours")]
    assert {line["request"] for line in lines} == {one.answer.header("x-request-id") for one in asked}
    assert secret not in log.getvalue()


async def test_an_address_that_floods_is_refused_before_its_keys_are_looked_at(on: Stage, secret: str) -> None:
    app = layered(on, max_requests_per_minute_per_address=2)
    keys = [[("x-api-key", secret)], [("x-api-key", "wrong")], [("x-api-key", secret)]]
    assert [(await call(app, headers=one)).status for one in keys] == [200, 401, 429]
    assert (await call(app, headers=keys[0], client="192.0.2.9")).status == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
    ],
)
async def test_only_a_trusted_proxy_says_for_whom_it_asks(
    on: Stage, log: StringIO, peer: str, forwarded: list[str], address: str
) -> None:
    app = layered(on, trusted_proxies=("10.0.0.0/8",))
    await call(app, headers=[("x-forwarded-for", one) for one in forwarded], client=peer)
    assert [line["address"] for line in written(log)] == [address]


async def test_an_upload_without_a_key_is_refused_unread_over_the_line(on: Stage) -> None:
    async with served(on, max_body_bytes=100) as server, raw(server) as there:
        await there.send(request("POST", "/v1/files", expect="100-continue", content_length="100000000"))
        found = await there.reply()
        assert (found.status, found.json) == (401, envelope("Missing API key"))


async def test_files_may_be_large_and_nothing_else(on: Stage, secret: str) -> None:
    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message.get("body", b"")), message.get("more_body", False)
        body = str(size).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    size = 20_000_000
    app = layered(on, counted, {("POST", "/v1/files"): size})
    async with running(app) as server, raw(server) as there:
        await there.send(request("POST", "/v1/files", body=b"x" * size, x_api_key=secret))
        assert (await there.reply()).body == str(size).encode()
        await there.send(request("POST", "/v1/track", content_length=str(size), x_api_key=secret))
        assert (await there.reply()).status == 413


async def test_many_clients_at_one_moment_are_all_answered_for_themselves(on: Stage) -> None:
    made = [on.app.api_keys.create("anna", ROOT) for _ in range(5)]

    async def ask(server: WebServer, number: int) -> None:
        key = made[number % 5]
        async with raw(server) as there:
            for _ in range(4):
                await there.send(request(x_api_key=key.secret))
                assert (await there.reply()).json == ["anna", key.line.id]

    async with served(on, who) as server:
        await asyncio.gather(*(ask(server, number) for number in range(40)))


async def test_the_layers_take_less_than_half_a_millisecond(on: Stage, secret: str, log: StringIO) -> None:
    app = layered(on, unread, max_requests_per_minute_per_key=10**6, max_requests_per_minute_per_address=10**6)
    headers = [("x-api-key", secret)]
    await call(app, headers=headers)
    costs = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(100):
            await call(app, headers=headers)
        costs.append((time.process_time() - begun) / 100)
    assert len(written(log)) == 501
    assert min(costs) < 0.5e-3, f"{min(costs) * 1000:.3f} ms"
