"""Bodies: none that is too large is read, however its length is told, and none that never comes is waited for."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.web.layers.bodies import Bodies
from ingest.web.layers.errors import Errors
from tests.web.asgi import answer, call, connection, echo, envelope, read, unread

LARGE = envelope("Request body is larger than 10 bytes")
SLOW = envelope("Request body did not arrive in time")


def limited(app: ASGIApp, **given: Any) -> Bodies:
    return Bodies(app, **{"max_bytes": 10, "idle_seconds": 5.0, **given})


async def test_a_body_up_to_the_limit_passes_and_an_answer_needs_no_body() -> None:
    assert (await call(limited(echo), "POST", parts=[b"12345", b"67890"])).body == b"1234567890"
    assert (await call(limited(unread), "POST", parts=[b"x" * 100, b""])).body == b"unread"


async def test_a_body_whose_length_is_told_is_refused_before_it_is_asked_for() -> None:
    there = connection("POST", headers=[("Content-Length", "11")], parts=[b"x" * 11])
    await limited(echo)(there.scope, there.receive, there.send)
    assert (there.answer.status, there.answer.json, there.asked) == (413, LARGE, 0)


@pytest.mark.parametrize("told", [[], [("Content-Length", "10")], [("Content-Length", "x")]])
async def test_one_whose_length_is_not_told_or_is_a_lie_is_counted(told: list[tuple[str, str]]) -> None:
    there = connection("POST", headers=told, parts=[b"123456", b"78901", b"never asked for"])
    await limited(echo)(there.scope, there.receive, there.send)
    assert (there.answer.status, there.answer.json, there.asked) == (413, LARGE, 2)


async def catching(scope: Scope, receive: Receive, send: Send) -> None:
    """As a framework that takes every error while it reads a body for one of the client."""
    try:
        await read(receive)
    except Exception:
        await answer(send, b"There was an error parsing the body", 400)


async def raising(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        await Request(scope, receive).body()
    except Exception as error:
        raise HTTPException(400) from error


@pytest.mark.parametrize("app", [catching, raising])
async def test_whatever_the_application_makes_of_it_the_answer_is_that_of_the_limit(app: ASGIApp) -> None:
    def never(event: str, **values: object) -> None:
        raise AssertionError(event)

    found = await call(Errors(limited(app), never), "POST", parts=[b"x" * 11])
    assert (found.status, found.json, found.is_whole) == (413, LARGE, True)


async def test_other_requests_may_have_larger_bodies_by_method_and_path() -> None:
    layer = limited(echo, larger={("POST", "/v1/files"): 20})
    for method, path, size, status in (
        ("POST", "/v1/files", 20, 200),
        ("POST", "/v1/files", 21, 413),
        ("PUT", "/v1/files", 20, 413),
        ("POST", "/v1/files/", 20, 413),
    ):
        assert (await call(layer, method, path, parts=[b"x" * size])).status == status


async def test_a_body_that_stops_coming_is_refused_and_the_connection_closed() -> None:
    there = connection("POST", parts=[b"12"])
    there.scope["headers"] = [(b"content-length", b"9")]
    stopping = stopped_after(there.receive)
    await limited(echo, idle_seconds=0.1)(there.scope, stopping, there.send)
    assert (there.answer.status, there.answer.json, there.answer.header("connection")) == (408, SLOW, "close")


def stopped_after(receive: Receive) -> Receive:
    """The parts of a body whose last never comes."""

    async def parts() -> Any:
        return {**await receive(), "more_body": True}

    return parts


async def test_a_byte_now_and_then_is_not_enough() -> None:
    there = connection("POST", parts=[b"x"] * 1000)

    async def trickling() -> Any:
        await asyncio.sleep(0.02)
        return await there.receive()

    await limited(echo, max_bytes=1000, idle_seconds=0.2)(there.scope, trickling, there.send)
    assert (there.answer.status, there.answer.json) == (408, SLOW)
    assert there.asked < 30


async def test_what_we_take_to_store_a_body_is_not_held_against_the_client() -> None:
    async def slow(_scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(4):
            await receive()
            time.sleep(0.06)  # as a disk that is slow
        await answer(send)

    assert (await call(limited(slow, idle_seconds=0.1), "POST", parts=[b"1"] * 4)).status == 200


async def test_an_answer_that_has_begun_is_broken_off() -> None:
    async def streaming(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": await read(receive)})

    found = await call(limited(streaming), "POST", parts=[b"x" * 11])
    assert (found.status, found.body, found.is_whole) == (200, b"", False)


async def test_behind_the_body_a_client_may_wait_for_its_answer_as_long_as_it_takes() -> None:
    async def watching(_scope: Scope, receive: Receive, send: Send) -> None:
        await read(receive)
        assert (await receive())["type"] == "http.disconnect"
        await answer(send)

    there = connection("POST", parts=[b"a"])

    async def receive() -> Any:
        if there.parts:
            return await there.receive()
        await asyncio.sleep(0.15)
        return {"type": "http.disconnect"}

    await limited(watching, idle_seconds=0.1)(there.scope, receive, there.send)
    assert there.answer.status == 200
