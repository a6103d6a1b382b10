"""The system's resolver: every spelling of an address becomes the address."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest

from ingest.outbound.http.resolve import resolve


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1"])
async def test_spellings_of_an_address_are_that_address(host: str) -> None:
    assert await resolve(host, 443) == ["127.0.0.1"]


async def test_localhost_is_this_machine() -> None:
    assert set(await resolve("localhost", 443)) <= {"127.0.0.1", "::1"}


async def test_a_name_without_address_is_an_error() -> None:
    for host in ("nowhere.invalid", f"{'a' * 70}.example"):
        with pytest.raises(OSError):
            await resolve(host, 443)


async def test_who_gives_up_does_not_wait_for_the_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def slow(*arguments: Any, **more: Any) -> list[Any]:
        answer.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(resolve("slow.example", 443), 0.05)
    answer.set()
