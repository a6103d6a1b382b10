"""The receive accelerator: the same bytes as on asyncssh's own way, however they come, and off when unsure."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from asyncssh.connection import SSHConnection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.config import Sftp
from ingest.inbound.sftp import fast_receive
from ingest.inbound.sftp.algorithms import WIDE
from ingest.inbound.sftp.fast_receive import FastReceiver, is_available
from tests import sftp_clients as clients
from tests.sftp_clients import PASSWORD, Running, run, running_server

Chunks = Callable[[bytes], list[bytes]]


@pytest.fixture
def delivered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes went the short way, delivery by delivery."""
    counts: list[int] = []
    deliver = FastReceiver._deliver

    def counting(self: FastReceiver) -> None:
        counts.append(sum(map(len, self._pieces)))
        deliver(self)

    monkeypatch.setattr(FastReceiver, "_deliver", counting)
    return counts


@asynccontextmanager
async def proxy(port: int, chunks: Chunks) -> AsyncIterator[int]:
    """Passes on what the client sends in other chunks, each a write of its own."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: Chunks) -> None:
        with suppress(ConnectionError):
            while read := await reader.read(1 << 16):
                for chunk in cut(read):
                    writer.write(chunk)
                    await writer.drain()
                    await asyncio.sleep(0)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    ended = asyncio.Event()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, forth, chunks), pump(back, writer, lambda read: [read]))
        ended.set()

    async with await asyncio.start_server(joined, "127.0.0.1", 0) as listening:
        try:
            yield listening.sockets[0].getsockname()[1]
        finally:  # after a failure too: a connection that is left open is told of in some later test
            await asyncio.wait_for(ended.wait(), 30)


def connect(port: int, **options: Any) -> Any:
    wanted = {"encryption_algs": "aes256-gcm@openssh.com", "known_hosts": None, "username": "anna"}
    return asyncssh.connect("127.0.0.1", port, password=PASSWORD, client_keys=None, **(wanted | options))


@asynccontextmanager
async def client_of(port: int, **options: Any) -> AsyncIterator[asyncssh.SFTPClient]:
    async with connect(port, **options) as connection, connection.start_sftp_client() as client:
        yield client


async def put(client: asyncssh.SFTPClient, name: str, body: bytes, block: int = 32768) -> None:
    async with client.open(f"/incoming/{name}", "wb", block_size=block) as file:
        await file.write(body)


def arrived(running: Running, name: str) -> bytes:
    return (running.incoming / name).read_bytes()


def test_the_installed_asyncssh_is_one_it_was_tested_with() -> None:
    assert asyncssh.__version__ in fast_receive.TESTED
    assert is_available()


def test_uploads_go_the_short_way(running: Running, delivered: list[int], tmp_path: Path) -> None:
    body = random.Random(1).randbytes(3_000_000)

    async def upload() -> None:
        async with client_of(running.port) as client:
            await put(client, "a.wav", body)

    asyncio.run(upload())
    assert arrived(running, "a.wav") == body
    assert sum(delivered) > len(body)


@pytest.mark.clients
@pytest.mark.parametrize("cipher", ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"])
def test_an_upload_with_many_key_exchanges_arrives_byte_identical(
    running: Running, delivered: list[int], tmp_path: Path, cipher: str
) -> None:
    body = random.Random(2).randbytes(8_000_000)
    (tmp_path / "a.wav").write_bytes(body)
    options = ["-o", "RekeyLimit=500K", "-o", f"Ciphers={cipher}"]
    command = clients.sftp_command(running)
    run([command[0], *options, *command[1:]], f"put {tmp_path / 'a.wav'} incoming/a.wav\n")
    assert arrived(running, "a.wav") == body
    assert sum(delivered) > len(body) // 2


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_server(tmp_path_factory.mktemp("lasting")) as server:
        yield server


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 1 << 32),
    longest=st.sampled_from([1, 7, 40, 300, 5000, 40_000]),
    rekey=st.sampled_from([None, 60_000]),
    block=st.sampled_from([1000, 4096, 32768, 200_000]),
)
def test_the_same_bytes_arrive_however_the_stream_is_cut(
    lasting: Running, seed: int, longest: int, rekey: int | None, block: int
) -> None:
    chance = random.Random(seed)
    body = chance.randbytes(20_000 if longest < 100 else 400_000)

    def cut(read: bytes) -> list[bytes]:
        pieces = []
        while read:
            size = chance.randint(1, longest)
            pieces.append(read[:size])
            read = read[size:]
        return pieces

    async def upload() -> None:
        options = {} if rekey is None else {"rekey_bytes": rekey}
        async with proxy(lasting.port, cut) as port, client_of(port, **options) as client:
            await put(client, "a.wav", body, block)

    asyncio.run(upload())
    assert arrived(lasting, "a.wav") == body


def test_two_channels_of_one_connection_do_not_mix(running: Running) -> None:
    bodies = {f"{number}.wav": random.Random(number).randbytes(2_000_000) for number in range(2)}

    async def upload() -> None:
        async with (
            connect(running.port) as connection,
            connection.start_sftp_client() as first,
            connection.start_sftp_client() as second,
        ):
            both = zip((first, second), bodies.items(), strict=True)
            await asyncio.gather(*(put(client, name, body) for client, (name, body) in both))

    asyncio.run(upload())
    assert {name: arrived(running, name) for name in bodies} == bodies


def test_a_flipped_bit_ends_the_connection_and_nothing_after_it_is_stored(running: Running) -> None:
    body = random.Random(3).randbytes(2_000_000)
    passed = 0

    def flip(read: bytes) -> list[bytes]:
        nonlocal passed
        passed += len(read)
        return [bytes([read[0] ^ 1]) + read[1:]] if passed - len(read) < 1_000_000 <= passed else [read]

    async def upload() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda *about: None)
        async with proxy(running.port, flip) as port, client_of(port) as client:
            await put(client, "a.wav", body)

    with pytest.raises((asyncssh.Error, ConnectionError)):
        asyncio.run(upload())
    running.until(lambda: "upload interrupted" in running.log.events())
    stored = arrived(running, "a.wav")
    assert len(stored) < 1_000_000
    assert body.startswith(stored)


def test_packets_in_other_ciphers_take_asyncsshs_own_way(
    tmp_path: Path, delivered: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = random.Random(4).randbytes(1_000_000)
    monkeypatch.setattr("ingest.inbound.sftp.negotiation.ciphers_for", lambda version: WIDE)

    async def upload(port: int) -> None:
        async with client_of(port, encryption_algs="aes256-ctr") as client:
            await put(client, "a.wav", body)

    with running_server(tmp_path) as running:
        asyncio.run(upload(running.port))
        assert arrived(running, "a.wav") == body
    assert sum(delivered) == 0


@pytest.mark.parametrize(("cipher", "least", "most"), [("aes256-gcm@openssh.com", 0, 0), ("aes256-ctr", 20, 30)])
def test_replies_go_without_empty_packets_before_them_where_the_cipher_needs_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cipher: str, least: int, most: int
) -> None:
    kinds: list[int] = []
    log = SSHConnection.log_received_packet

    def count(self: Any, kind: int, *more: Any) -> None:
        if self.is_client():
            kinds.append(kind)
        log(self, kind, *more)

    async def ask(port: int) -> None:
        async with client_of(port, encryption_algs=cipher) as client:
            kinds.clear()
            for _ in range(20):
                await client.stat("incoming")

    monkeypatch.setattr("ingest.inbound.sftp.negotiation.ciphers_for", lambda version: WIDE)
    monkeypatch.setattr(SSHConnection, "log_received_packet", count)
    with running_server(tmp_path) as running:
        asyncio.run(ask(running.port))
    assert least <= kinds.count(fast_receive.IGNORE) <= most


@pytest.mark.parametrize("accelerator", [True, False])
def test_it_stays_off_for_an_asyncssh_it_was_not_tested_with_or_when_told_so(
    tmp_path: Path, delivered: list[int], monkeypatch: pytest.MonkeyPatch, accelerator: bool
) -> None:
    if accelerator:
        monkeypatch.setattr(fast_receive, "TESTED", frozenset({"2.99.0"}))
    body = random.Random(5).randbytes(500_000)
    config = Sftp(host="127.0.0.1", port=0, min_free_bytes=0, accelerator=accelerator)
    with running_server(tmp_path, config) as running:
        with running.paramiko() as client, client.open("/incoming/a.wav", "wb") as file:
            file.write(body)
        assert arrived(running, "a.wav") == body
        told = [event for event in running.log.events() if event.startswith("receive accelerator off")]
    assert len(told) == accelerator
    assert delivered == []


@pytest.mark.parametrize("owner, name", [("SSHServerConnection", "_recv_pkthdr"), ("SSHServerChannel", "_accept_data")])
def test_an_asyncssh_whose_insides_moved_is_noticed(monkeypatch: pytest.MonkeyPatch, owner: str, name: str) -> None:
    monkeypatch.setattr(getattr(asyncssh, owner), name, None, raising=False)
    assert not is_available()
