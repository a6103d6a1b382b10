"""Ids of requests: in the answer, in the state, and in what is logged meanwhile."""

from __future__ import annotations

import asyncio
import re

import structlog
from starlette.types import Receive, Scope, Send

from ingest.web.layers.request_ids import RequestIds
from tests.stage import Clock
from tests.web.asgi import answer, call

FORM = re.compile(r"req_[0-9A-HJKMNP-TV-Z]{26}")


async def told(scope: Scope, _receive: Receive, send: Send) -> None:
    await asyncio.sleep(0)
    logged = structlog.contextvars.get_contextvars()["request"]
    await answer(send, f"{logged} {scope['state']['request_id']}".encode())


async def test_each_request_has_an_id_of_its_own_in_answer_state_and_log() -> None:
    layer = RequestIds(told, Clock())
    answers = await asyncio.gather(*(call(layer) for _ in range(20)))
    ids = [one.header("x-request-id") for one in answers]
    assert len(set(ids)) == 20 and all(id is not None and FORM.fullmatch(id) for id in ids)
    assert [one.body.decode() for one in answers] == [f"{id} {id}" for id in ids]
    assert "request" not in structlog.contextvars.get_contextvars()


async def test_an_id_that_the_client_made_is_not_believed() -> None:
    found = await call(RequestIds(told, Clock()), headers=[("X-Request-Id", "req_00000000000000000000000000")])
    assert found.header("x-request-id") not in (None, "req_00000000000000000000000000")
