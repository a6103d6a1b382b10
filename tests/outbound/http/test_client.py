"""The HTTP client against servers that mean no good: bounded in time and bytes, following nothing, decoding nothing."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest.outbound.http.client import GuardedClient, HttpError, Limits, Reply
from ingest.outbound.http.target import BadUrl
from tests.outbound.http.servers import OK, Serve, Server, answering, certified, endless, lab, serving

PATIENCE = Limits(connect=20, head=20, whole=20, content=100)
HASTE = Limits(connect=0.5, head=0.6, whole=1, content=100)
"""For servers that would never come to an end."""
SLOW = "it did not answer in time"


async def posted(server: Server, limits: Limits = PATIENCE, url: str = "") -> Reply:
    client = GuardedClient(lab(server.port))
    return await client.exchange("POST", url or server.url, {"X-Kind": "test"}, b'{"a":1}', limits)


async def test_a_request_says_what_it_must_and_its_reply_is_read() -> None:
    async with serving(answering(b"HTTP/1.1 201 Created\r\nX-Name: one\r\nContent-Length: 4\r\n\r\ndone")) as server:
        reply = await posted(server)
    assert reply == Reply(201, {"x-name": "one", "content-length": "4"}, b"done", is_whole=True)
    head, *rows = server.heads[0].strip().split("\r\n")
    assert (head, server.bodies) == ("POST /in HTTP/1.1", [b'{"a":1}'])
    assert {row.split(":")[0] for row in rows} == {
        "Host",
        "User-Agent",
        "Accept",
        "Accept-Encoding",
        "Connection",
        "Content-Length",
        "X-Kind",
    }
    assert f"Host: 127.0.0.1:{server.port}" in rows
    assert {"Accept-Encoding: identity", "Connection: close"} <= set(rows)


async def test_no_connection_is_kept() -> None:
    async with serving(answering(OK, pause=0.1)) as server:
        for _ in range(3):
            assert (await posted(server)).status == 200
        assert server.connections == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_nowhere(status: int) -> None:
    async with serving(answering(OK)) as other:
        where = f"Location: http://127.0.0.1:{other.port}/x\r\nRefresh: 0; url=http://169.254.169.254/latest/meta-data/"
        head = f"HTTP/1.1 {status} Moved\r\n{where}\r\nContent-Length: 0\r\n\r\n".encode()
        async with serving(answering(head)) as server:
            reply = await posted(server)
        assert (reply.status, other.connections) == (status, 0)


async def test_a_gzip_bomb_stays_packed() -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    async with serving(answering(head + bomb)) as server:
        reply = await posted(server)
    assert (reply.content, reply.is_whole) == (bomb[:100], False)


@pytest.mark.parametrize(
    ("serve", "why"),
    [
        (endless(b"HTTP/1.1 200 OK\r\n", b"X-More: yes\r\n"), "its reply cannot be read as HTTP"),
        (endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 1000), "its reply cannot be read as HTTP"),
        (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), "the reply is longer than allowed"),
        (endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.1), SLOW),
        (endless(b"", b"H", pause=0.1), SLOW),
        (answering(b"", pause=2), SLOW),
        (answering(), "its reply cannot be read as HTTP: Server disconnected without sending a response."),
        (answering(b"SSH-2.0-OpenSSH_9.6\r\n"), "its reply cannot be read as HTTP"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"), "its reply cannot be read"),
        (answering(b"HTTP/1.1 2000 OK\r\n\r\n"), "its reply cannot be read as HTTP"),
    ],
    ids=["headers", "header", "continue", "drip", "byte", "silent", "closed", "ssh", "lengths", "status"],
)
async def test_a_reply_without_an_end_or_a_head_is_given_up_in_time(serve: Serve, why: str) -> None:
    began = time.monotonic()
    async with serving(serve) as server:
        with pytest.raises(HttpError) as failed:
            await posted(server, HASTE if why == SLOW else PATIENCE)
    assert str(failed.value).startswith(why)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "serve",
    [
        endless(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", b"x" * 1000),
        endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause=0.005),
    ],
    ids=["long", "chunked", "drip"],
)
async def test_of_an_endless_content_the_beginning_is_kept(serve: Serve) -> None:
    began = time.monotonic()
    async with serving(serve) as server:
        reply = await posted(server, Limits(3, 3, 3, content=100))
    assert (reply.status, set(reply.content), reply.is_whole) == (200, {ord("x")}, False)
    assert len(reply.content) <= 100
    assert time.monotonic() - began < 10


async def test_where_the_content_breaks_off_the_head_counts() -> None:
    async with serving(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")) as server:
        assert await posted(server) == Reply(200, {"content-length": "10"}, b"half", is_whole=False)


async def test_a_download_must_come_whole_and_within_its_limit() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
    async with serving(answering(head + b"0123456789")) as server:
        client = GuardedClient(lab(server.port))
        async with client.opened("GET", server.url, {}, b"", PATIENCE) as reply:
            assert (await reply.read(), await reply.read()) == (b"0123456789", b"")
        with pytest.raises(HttpError, match="the reply is longer than allowed"):
            async with client.opened("GET", server.url, {}, b"", Limits(20, 20, 20, content=9)) as reply:
                await reply.read()
    async with (
        serving(answering(head + b"01234")) as server,
        GuardedClient(lab(server.port)).opened("GET", server.url, {}, b"", PATIENCE) as reply,
    ):
        assert await reply.read() == b"01234"
        with pytest.raises(HttpError, match="its reply cannot be read as HTTP"):
            await reply.read()


async def test_a_block_may_be_left_before_the_end_of_the_content() -> None:
    slow = endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10, pause=0.01)
    async with (
        serving(slow) as server,
        GuardedClient(lab(server.port)).opened("GET", server.url, {}, b"", PATIENCE) as reply,
    ):
        assert (await reply.read())[:1] == b"x"


async def test_who_proves_another_name_or_nobody_that_is_trusted_gets_nothing(tmp_path: Path) -> None:
    ours, trusting = certified(tmp_path, ["hooks.example"])

    async def here(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with serving(answering(OK), ours) as server:

        async def get(host: str, client: GuardedClient) -> str:
            try:
                reply = await client.exchange("GET", f"https://{host}:{server.port}/", {}, b"", PATIENCE)
            except HttpError as error:
                return str(error)
            return str(reply.status)

        settings = lab(server.port)
        assert await get("hooks.example", GuardedClient(settings, here, trusting)) == "200"
        assert f"Host: hooks.example:{server.port}\r\n" in server.heads[0]
        for host, client in (
            ("other.example", GuardedClient(settings, here, trusting)),
            ("hooks.example", GuardedClient(settings, here)),
        ):
            assert "CERTIFICATE_VERIFY_FAILED" in await get(host, client)
        assert len(server.heads) == 1


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(answering(OK)) as proxy, serving(answering(OK)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await posted(server)).status == 200
        assert (proxy.connections, server.connections) == (0, 1)


async def test_a_name_that_turns_to_the_metadata_address_sends_nothing() -> None:
    async def turned(host: str, port: int) -> Sequence[str]:
        return ["169.254.169.254"]

    client = GuardedClient(lab(443), turned)
    with pytest.raises(HttpError, match=r"^nothing was sent: hooks.example is not at a public address$"):
        await client.exchange("POST", "https://hooks.example/", {}, b"", PATIENCE)


async def test_a_resolver_that_never_answers_is_given_up() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    began = time.monotonic()
    with pytest.raises(HttpError, match=SLOW):
        await GuardedClient(lab(443), never).exchange("GET", "https://hooks.example/", {}, b"", HASTE)
    assert time.monotonic() - began < 10


async def test_a_url_that_is_not_allowed_is_refused_before_anything_is_looked_up() -> None:
    async with serving(answering(OK)) as server:
        with pytest.raises(BadUrl):
            await posted(server, url="http://127.0.0.1:22/")
        with pytest.raises(HttpError, match="it cannot be reached"):
            await posted(Server(1), url="http://127.0.0.1:1/")
