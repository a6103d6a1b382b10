"""Clients that keep us waiting, or send what is no HTTP: each ends, and none of them takes the place of others."""

from __future__ import annotations

import asyncio
import time

import pytest
from starlette.types import Receive, Scope, Send

from ingest.web import connections
from ingest.web.connections import ConnectionCounts
from ingest.web.layers.bodies import Bodies
from tests.web.asgi import answer, echo, envelope, unread
from tests.web.servers import raw, request, running

MALFORMED = envelope("Malformed HTTP request")


async def test_a_connection_that_says_nothing_ends() -> None:
    async with running(echo, head_seconds=0.3) as server, raw(server) as there:
        begun = time.monotonic()
        assert await there.ended() == b""
        assert 0.2 < time.monotonic() - begun < 2


async def test_headers_that_come_byte_by_byte_end() -> None:
    async with running(echo, head_seconds=0.4) as server, raw(server) as there:
        ended = asyncio.create_task(there.ended())
        sent = 0
        while not ended.done():
            there.writer.write(b"GET / HTTP/1.1\r\n"[sent : sent + 1] or b"x")
            sent += 1
            await asyncio.sleep(0.02)
            assert sent < 100
        assert await ended == b""


async def test_headers_that_come_byte_by_byte_behind_an_answer_end_too() -> None:
    async with running(echo, head_seconds=0.4) as server, raw(server) as there:
        await there.send(request())
        assert (await there.reply()).status == 200
        ended = asyncio.create_task(there.ended())
        while not ended.done():
            there.writer.write(b"x")
            await asyncio.sleep(0.02)
        assert await ended == b""


async def test_a_request_that_takes_long_to_answer_is_not_cut_off() -> None:
    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.6)
        await answer(send, b"late")

    async with running(slow, head_seconds=0.2) as server, raw(server) as there:
        await there.send(request())
        assert (await there.reply()).body == b"late"


async def test_a_body_that_was_refused_is_discarded_and_the_connection_serves_on() -> None:
    async with running(Bodies(unread, 10, 5.0), head_seconds=5) as server, raw(server) as there:
        body = b"x" * 300_000
        await there.send(request("POST", body=body))
        assert (await there.reply()).status == 413
        await there.send(request("HEAD"))
        assert (await there.reply("HEAD")).status == 200


async def test_but_not_for_ever() -> None:
    async with running(Bodies(unread, 10, 5.0), head_seconds=0.4) as server, raw(server) as there:
        await there.send(request("POST", content_length="1000000000000"))
        assert (await there.reply()).status == 413
        begun = time.monotonic()
        with pytest.raises(ConnectionError):
            while True:
                await there.send(b"x" * 10_000)
                await asyncio.sleep(0.01)
                assert time.monotonic() - begun < 5
        assert time.monotonic() - begun > 0.3


async def test_a_body_that_stops_is_answered_and_the_connection_ends() -> None:
    async with running(Bodies(echo, 100, 0.2)) as server, raw(server) as there:
        await there.send(request("POST", content_length="50") + b"half")
        found = await there.reply()
        assert (found.status, found.json["message"]) == (408, "Request body did not arrive in time")
        assert await there.ended() == b""


async def test_chunks_are_counted() -> None:
    async with running(Bodies(echo, 10, 5.0)) as server, raw(server) as there:
        await there.send(request("POST", transfer_encoding="chunked"))
        for _ in range(3):
            await there.send(b"4\r\nabcd\r\n")
            await asyncio.sleep(0.02)
        assert (await there.reply()).json == envelope("Request body is larger than 10 bytes")


async def test_a_client_that_does_not_read_its_answer_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WRITE_SECONDS", 0.3)
    ended = asyncio.Event()

    async def endless(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.ensure_future(receive())
        while not gone.done():
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            await asyncio.sleep(0)
        ended.set()

    async with running(endless) as server, raw(server, limit=1000) as there:
        await there.send(request())
        await asyncio.wait_for(ended.wait(), 10)
        assert server.connections == 0


async def test_one_that_reads_slowly_but_steadily_gets_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WRITE_SECONDS", 0.5)
    size = 8_000_000

    async def large(_scope: Scope, _receive: Receive, send: Send) -> None:
        await answer(send, b"x" * size)

    async with running(large, head_seconds=30) as server, raw(server, limit=10_000) as there:
        await there.send(request(connection="close"))
        received = 0
        while part := await there.reader.read(200_000):
            received += len(part)
            await asyncio.sleep(0.001)
        assert received > size


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS where none is spoken
        b"GET / HTTP/3.7 nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, gzip\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 20_000 + b"\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_answered_in_the_envelope_and_ends(sent: bytes) -> None:
    async with running(echo) as server, raw(server) as there:
        for part in (sent[:20_000], sent[20_000:40_000]):  # a head that comes whole is never too large for h11
            await there.send(part)
            await asyncio.sleep(0.02)
        found = await there.reply()
        assert (found.status, found.json, found.headers["connection"]) == (400, MALFORMED, "close")
        assert await there.ended() == b""


async def test_many_small_headers_pass_up_to_the_limit() -> None:
    async with running(echo) as server, raw(server) as there:
        headers = {f"x_{number}": "y" * 20 for number in range(500)}
        await there.send(request("POST", body=b"", **headers, transfer_encoding="chunked") + b"0\r\n\r\n")
        assert (await there.reply()).status == 200


async def test_nonsense_in_the_middle_of_a_body_ends_the_connection_and_the_request() -> None:
    ended = asyncio.Event()

    async def reading(_scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.set()
        await answer(send)

    async with running(reading) as server, raw(server) as there:
        await there.send(request("POST", transfer_encoding="chunked") + b"4\r\nabcd\r\nnonsense\r\n")
        assert (await there.reply()).json == MALFORMED
        await asyncio.wait_for(ended.wait(), 5)


async def test_two_requests_in_one_go_are_answered_in_turn() -> None:
    async with running(echo) as server, raw(server) as there:
        await there.send(request("POST", body=b"one") + request("POST", body=b"two", connection="close"))
        assert [(await there.reply()).body for _ in range(2)] == [b"one", b"two"]
        assert await there.ended() == b""


async def test_one_address_has_only_so_many_connections_and_others_their_own() -> None:
    async with running(echo, max_connections_per_address=2) as server:
        async with raw(server) as first, raw(server) as second:
            for there in (first, second):
                await there.send(request())
                assert (await there.reply()).status == 200
            async with raw(server) as third:
                assert await third.ended() == b""
            async with raw(server, local_addr=("127.0.0.2", 0)) as other:
                await other.send(request())
                assert (await other.reply()).status == 200
        await asyncio.sleep(0.1)
        async with raw(server) as there:
            await there.send(request())
            assert (await there.reply()).status == 200


async def test_beyond_all_that_are_served_clients_are_told_to_come_again() -> None:
    async with running(echo, max_connections=1) as server, raw(server) as first:
        await first.send(request())
        assert (await first.reply()).status == 200
        async with raw(server) as second:
            await second.send(request())
            found = await second.reply()
            assert (found.status, found.json) == (503, envelope("Service temporarily unavailable"))
            assert found.headers["retry-after"] == "5"
            assert await second.ended() == b""
        async with raw(server), raw(server) as third:
            assert await third.ended() == b""


def test_connections_are_counted_by_source_and_those_of_proxies_in_all_only() -> None:
    counts = ConnectionCounts(4, 1, ["10.0.0.0/8", "::1"])
    assert [counts.enter(one) for one in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")] == [True, False, True]
    assert [counts.enter("10.1.2.3") for _ in range(3)] == [True, True, True]
    assert counts.is_full
    assert [counts.enter("::1") for _ in range(4)] == [True, True, True, False]
    counts.leave("2001:db8::1")
    assert counts.enter("2001:db8::2")
    for one in ("2001:db8::2", "2001:db8:0:1::1", *["10.1.2.3"] * 3, *["::1"] * 3):
        counts.leave(one)
    assert (counts.is_full, dict(counts._by_source)) == (False, {})
