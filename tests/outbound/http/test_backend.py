"""Connections: to public addresses only, to those that were looked at, and read up to a limit."""

from __future__ import annotations

from collections.abc import Sequence

import httpcore2
import pytest

from ingest.config.http import Http
from ingest.outbound.http.backend import Forbidden, GuardedBackend, TooMuch
from ingest.outbound.http.resolve import resolve
from tests.outbound.http.servers import answering, endless, lab, serving


class Answers:
    """A resolver that gives one answer after the other, and keeps what it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "::1",
        "0.0.0.0",
        "10.0.0.1",
        "[::1]",
    ],
)
async def test_this_machine_is_not_reached_in_any_spelling(host: str) -> None:
    backend = GuardedBackend(Http(), resolve, 100)
    with pytest.raises((Forbidden, httpcore2.ConnectError)) as refused:
        await backend.connect_tcp(host, 443, 2)
    assert isinstance(refused.value, Forbidden) is not host.startswith("[")


async def test_one_address_that_is_not_public_is_enough_to_refuse_a_host() -> None:
    answers = Answers(["93.184.215.14", "10.0.0.1"])
    with pytest.raises(Forbidden, match=r"^hooks.example is not at a public address$"):
        await GuardedBackend(Http(), answers, 100).connect_tcp("hooks.example", 443, 1)


async def test_a_resolver_that_answers_otherwise_the_next_time_is_asked_once_for_each_connection() -> None:
    async with serving(answering(b"hello")) as server:
        answers = Answers(["127.0.0.1"], ["169.254.169.254"])
        backend = GuardedBackend(lab(server.port), answers, 100)
        stream = await backend.connect_tcp("hooks.example", server.port, 2)
        assert answers.asked == ["hooks.example"]
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", server.port)
        await stream.aclose()
        with pytest.raises(Forbidden, match=r"is not at a public address"):
            await backend.connect_tcp("hooks.example", server.port, 2)


async def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    async with serving(answering(b"hello")) as server:
        backend = GuardedBackend(lab(server.port), Answers(["127.0.0.99", "127.0.0.1"], ["127.0.0.99"]), 100)
        stream = await backend.connect_tcp("hooks.example", server.port, 2)
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", server.port)
        await stream.aclose()
        with pytest.raises(httpcore2.ConnectError):
            await backend.connect_tcp("hooks.example", server.port, 2)


async def test_other_ports_and_sockets_of_this_machine_are_refused() -> None:
    backend = GuardedBackend(Http(ports=(443, 8443)), Answers([]), 100)
    with pytest.raises(Forbidden, match="port 22 is not allowed"):
        await backend.connect_tcp("hooks.example", 22, 1)
    with pytest.raises(Forbidden, match="no socket of this machine"):
        await backend.connect_unix_socket("/run/docker.sock")
    with pytest.raises(httpcore2.ConnectError, match=r"hooks.example has no address"):
        await backend.connect_tcp("hooks.example", 443, 1)


async def test_no_more_than_the_limit_is_read_of_a_connection() -> None:
    async with serving(endless(b"", b"x" * 30)) as server:
        stream = await GuardedBackend(lab(server.port), resolve, 100).connect_tcp("127.0.0.1", server.port, 2)
        await stream.write(b"\r\n\r\n")
        got = b""
        with pytest.raises(TooMuch):
            while True:
                got += await stream.read(30, 2)
        assert len(got) <= 100
        await stream.aclose()
