"""The server: starts, serves with and without TLS, ends in order, and says what kept it from starting."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from ingest.config import Web
from ingest.host.listen import listen
from ingest.web.server import serve
from tests.web.asgi import answer, echo
from tests.web.servers import raw, request, running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    names = [
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
    ]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    subprocess.run([*command, *names], cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


async def test_it_serves_until_it_is_drained_and_tells_nothing_of_itself() -> None:
    async with running(echo) as server, raw(server) as there:
        await there.send(request("POST", body=b"hello"))
        found = await there.reply()
        assert (found.status, found.body) == (200, b"hello")
        assert set(found.headers) == {"date", "content-type", "content-length"}
        assert server.connections == 1
        await server.drain(5)
        assert await there.ended() == b""
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", server.port)


async def test_requests_that_run_are_answered_while_it_drains_and_broken_off_when_they_take_too_long() -> None:
    async def slow(scope: Scope, _receive: Receive, send: Send) -> None:
        await asyncio.sleep(float(scope["path"][1:]))
        await answer(send, b"done")

    async with running(slow) as server, raw(server) as short, raw(server) as long:
        await short.send(request(path="/0.4"))
        await long.send(request(path="/60"))
        await asyncio.sleep(0.1)
        draining = asyncio.create_task(server.drain(1))
        assert (await short.reply()).body == b"done"
        await asyncio.wait_for(draining, 5)
        assert await long.ended() != b"done"


async def test_sockets_that_listen_already_are_served_all() -> None:
    sockets = [listen("127.0.0.1", 0), listen("127.0.0.2", 0)]
    ports = [(one.getsockname()[0], one.getsockname()[1]) for one in sockets]
    server = await serve(echo, Web(), sockets=sockets)
    assert server.port == ports[0][1]
    for host, port in ports:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(request(connection="close"))
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()
    await server.drain(1)


async def test_with_tls_it_speaks_nothing_else(certificate: tuple[Path, Path]) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    async with running(echo, certificate_file=certificate[0], key_file=certificate[1]) as server:
        async with raw(server, ssl=trusting, server_hostname="localhost") as there:
            await there.send(request("POST", body=b"hello"))
            assert (await there.reply()).body == b"hello"
        old = ssl.create_default_context(cafile=str(certificate[0]))
        with pytest.warns(DeprecationWarning):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(OSError):
            async with raw(server, ssl=old, server_hostname="localhost"):
                pass
        async with raw(server) as there:
            await there.send(request())
            assert b"HTTP/" not in await there.ended()


async def test_what_keeps_it_from_starting_is_raised(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(OSError, match="in use"):
        await serve(echo, Web(port=taken.getsockname()[1]))
    with pytest.raises(FileNotFoundError):
        await serve(echo, Web(port=0, certificate_file=tmp_path / "none", key_file=tmp_path / "none"))
    (tmp_path / "text").write_text("no certificate")
    with pytest.raises(ssl.SSLError):
        await serve(echo, Web(port=0, certificate_file=tmp_path / "text", key_file=tmp_path / "text"))


async def test_signals_stay_with_the_daemon() -> None:
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, heard.set)
    try:
        async with running(echo) as server, raw(server) as there:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(heard.wait(), 5)
            await there.send(request())
            assert (await there.reply()).status == 200
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
