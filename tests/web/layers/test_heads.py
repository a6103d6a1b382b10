"""Heads of requests: address and headers count together."""

from __future__ import annotations

import pytest

from ingest.web.layers.heads import Heads
from tests.web.asgi import connection, echo, envelope


@pytest.mark.parametrize(
    ("path", "query", "headers", "status"),
    [
        ("/" + "a" * 99, b"", [], 200),
        ("/" + "a" * 100, b"", [], 431),
        ("/" + "a" * 89, b"q" * 10, [], 200),
        ("/" + "a" * 89, b"q" * 11, [], 431),
        ("/", b"", [("a" * 10, "b" * 35)] * 2, 200),
        ("/", b"", [("a" * 10, "b" * 36)] * 2, 431),
        ("/", b"", [("a", "")] * 20, 431),
    ],
)
async def test_what_is_above_the_limit_is_refused(
    path: str, query: bytes, headers: list[tuple[str, str]], status: int
) -> None:
    there = connection(path=path, headers=headers)
    there.scope["query_string"] = query
    await Heads(echo, 100)(there.scope, there.receive, there.send)
    assert there.answer.status == status
    if status == 431:
        assert (there.answer.json, there.asked) == (envelope("Request header fields too large"), 0)
