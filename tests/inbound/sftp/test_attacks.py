"""Attacks by a client that is logged in, or that is not; another label keeps working meanwhile."""

from __future__ import annotations

import asyncio
import os
import random
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncssh
import paramiko
import pytest

from ingest.config import Sftp
from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from tests.inbound.sftp.raw import DROPPED, Raw, long, number, packet, raw, string, transport, write
from tests.sftp_clients import PASSWORD, Running, digests, running_server

MEGABYTE = 1 << 20


def memory() -> int:
    """Resident memory of this process, which the server runs in, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def another_label_works(running: Running) -> Iterator[None]:
    """During the block, stats of a second label are answered: 99 in 100 within 250 ms, and memory stays bounded."""
    running.add_label("bert")
    times: list[float] = []
    stop = threading.Event()
    with raw(running, "bert") as other:

        def ask() -> None:
            while not stop.is_set():
                start = time.monotonic()
                other.ask(Kind.STAT, string(b"/incoming"))
                times.append(time.monotonic() - start)
                time.sleep(0.005)

        before = memory()
        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield
            time.sleep(0.3)
            grown = memory() - before
        finally:
            stop.set()
            asking.join()
    assert sorted(times)[len(times) * 99 // 100 - 1] < 0.25, sorted(times)[-5:]
    assert grown < 40 * MEGABYTE, grown / MEGABYTE


@pytest.mark.timed
def test_reads_of_a_gigabyte_return_at_most_255_kibibytes(running: Running) -> None:
    with (running.incoming / "sparse").open("wb") as file:
        file.truncate(2 << 30)
    with another_label_works(running), raw(running) as client:
        handle = client.open("/incoming/sparse", OpenFlag.READ)
        for _ in range(5):
            reply = client.ask(Kind.READ, string(handle), long(0), number(1 << 30))
            assert len(reply.body) == 4 + 261120


@pytest.mark.timed
def test_replies_that_are_not_read_do_not_pile_up(running: Running) -> None:
    with (running.incoming / "sparse").open("wb") as file:
        file.truncate(2 << 30)
    with another_label_works(running), raw(running) as client:
        handle = client.open("/incoming/sparse", OpenFlag.READ)
        for id in range(2000):
            client.send(packet(Kind.READ, id, string(handle), long(0), number(4 << 20)))
        time.sleep(1)


@pytest.mark.timed
def test_a_client_that_stops_reading_its_socket_does_not_fill_our_memory(running: Running) -> None:
    """With a huge channel window nothing but the socket's own buffer holds replies back."""
    with (running.incoming / "sparse").open("wb") as file:
        file.truncate(2 << 30)
    with another_label_works(running), transport(running) as opened:
        channel = opened.open_session(window_size=1 << 31, max_packet_size=1 << 15)
        channel.invoke_subsystem("sftp")
        client = Raw(channel)
        client.greet()
        handle = client.open("/incoming/sparse", OpenFlag.READ)
        opened.packetizer.read_message = _never  # type: ignore[method-assign, assignment]
        for id in range(1000):
            client.send(packet(Kind.READ, id, string(handle), long(0), number(4 << 20)))
        time.sleep(1)
        opened.sock.close()


@pytest.mark.timed
def test_a_path_of_a_megabyte_ends_the_session_and_one_of_100_kilobytes_is_refused(running: Running) -> None:
    with another_label_works(running):
        with raw(running) as client:
            for _ in range(50):
                reply = client.ask(Kind.REALPATH, string(b"/a" * 50_000))
                assert reply.status == (Code.PERMISSION_DENIED, "This path is too long: at most 4096 bytes are taken.")
        with raw(running) as client, pytest.raises((EOFError, OSError)):
            client.ask(Kind.REALPATH, string(b"/a" * 500_000))


@pytest.mark.timed
def test_an_sftp_length_of_two_gigabytes_ends_the_session(running: Running) -> None:
    with another_label_works(running), raw(running) as client:
        client.send(struct.pack(">IBI", 1 << 31, Kind.STAT, 1))
        with pytest.raises(EOFError):
            client.read()


@pytest.mark.timed
def test_ten_thousand_opens_stop_at_the_cap(running: Running) -> None:
    with another_label_works(running), raw(running) as client:
        making = OpenFlag.WRITE | OpenFlag.CREATE
        codes = [
            client.ask(Kind.OPEN, string(f"/incoming/{number_}".encode()), number(making), number(0)).kind
            for number_ in range(500)
        ]
        assert codes.count(Kind.HANDLE) == 64
    running.until(lambda: not running.backend.open_uploads)
    assert len(running.backend.ended) == 64


@pytest.mark.timed
def test_a_flood_of_small_requests_and_open_folders_is_answered_in_order(running: Running) -> None:
    with another_label_works(running), raw(running) as client:
        count = 20_000

        def flood() -> None:
            for start in range(0, count, 500):
                client.send(b"".join(packet(Kind.STAT, id, string(b"/incoming")) for id in range(start, start + 500)))

        sending = threading.Thread(target=flood)
        sending.start()
        assert [client.read().id for _ in range(count)] == list(range(count))
        sending.join()
        answers = [client.ask(Kind.OPENDIR, string(b"/incoming")).kind for _ in range(40)]
        assert answers.count(Kind.HANDLE) == 8


@pytest.mark.timed
def test_writes_in_one_byte_packets_do_not_fill_our_memory(running: Running) -> None:
    with another_label_works(running), raw(running) as client:
        handle = client.open("/incoming/a", OpenFlag.WRITE | OpenFlag.CREATE)
        body = write(1, handle, 0, bytes(250_000))
        for at in range(3000):
            client.send(body[at : at + 1])
        client.send(body[3000:])
        assert client.read().status[0] is Code.OK


def test_the_escape_by_a_renamed_link_is_refused_at_its_first_step(running: Running) -> None:
    outside = running.root / "outside"
    outside.mkdir()
    (outside / "canary").write_text("canary")
    before = digests(outside)
    with running.paramiko() as client:
        client.mkdir("/incoming/x")
        for attempt in ("../../../outside", str(outside), "/"):
            with pytest.raises(OSError):
                client.symlink(attempt, "/incoming/x/l")
        with pytest.raises(OSError):
            client.readlink("/incoming/x")
        for path in ("/../../outside/canary", "/incoming/../../../outside/canary", f"/incoming/..{outside}/canary"):
            for mode in ("r", "w"):
                with pytest.raises(OSError):
                    client.open(path, mode)
    assert digests(outside) == before
    assert [path.name for path in running.incoming.rglob("*")] == ["x"]


def test_races_of_renames_and_writes_never_leave_the_tree(running: Running) -> None:
    """Two sessions change the same few names at random; a canary beside the label's home stays as it is."""
    before = {path: path.read_bytes() for path in running.root.glob("keys/*")}
    names = ["a", "b", "a/c", "b/c", "a/c/d", "../../keys/ssh_host_rsa_key", "..", "a/../b/e"]

    def play(seed: int) -> None:
        chance = random.Random(seed)
        with running.paramiko() as client:
            for _ in range(150):
                one, other = (f"/incoming/{chance.choice(names)}" for _ in range(2))
                with suppress(OSError):
                    match chance.randrange(5):
                        case 0:
                            client.mkdir(one)
                        case 1:
                            client.rename(one, other)
                        case 2:
                            client.posix_rename(one, other)
                        case 3:
                            client.open(one, "w").close()
                        case _:
                            chance.choice((client.remove, client.rmdir))(one)

    players = [threading.Thread(target=play, args=(seed,)) for seed in range(3)]
    for player in players:
        player.start()
    for player in players:
        player.join()
    assert {path: path.read_bytes() for path in running.root.glob("keys/*")} == before
    assert {path.name for path in running.account.home.iterdir()} - {".removed"} == {".tally", "incoming"}
    assert list(running.account.home.glob(".removed/*")) == []
    assert "request crashed" not in running.log.events()


class Guesser(asyncssh.SSHClient):
    """Offers one wrong password after the other for as long as it is asked."""

    guesses = 0

    def password_auth_requested(self) -> str:
        self.guesses += 1
        return f"wrong {self.guesses}"


def guess(running: Running, method: str, user: str = "anna") -> int:
    """Guess passwords on one connection until it ends; returns how many were tried."""
    guesser = Guesser()

    async def connect() -> None:
        options = {"known_hosts": None, "username": user, "preferred_auth": method, "client_keys": None}
        with suppress(asyncssh.Error, OSError):
            await asyncssh.connect("127.0.0.1", running.port, client_factory=lambda: guesser, **options)

    asyncio.run(connect())
    return guesser.guesses


@pytest.mark.timed
def test_password_guesses_end_the_connection_and_then_ban_the_address(running: Running) -> None:
    with another_label_works(running):
        assert guess(running, "password") == 4
        for _ in range(4):
            guess(running, "password", "nobody")
    assert running.log.events().count("login failed") == 20
    assert "address banned" in running.log.events()
    with pytest.raises(DROPPED), running.paramiko():
        pass
    assert PASSWORD not in str(running.log.lines)


def test_guesses_at_another_label_end_in_a_ban_whoever_logs_in_to_its_own_account_in_between(running: Running) -> None:
    running.add_label("bert")
    answers: list[str] = []
    for attempt in range(240):
        if attempt % 4 == 0:
            with suppress(*DROPPED), running.paramiko():
                pass
        answers.append(one_guess(running, "bert", f"wrong {attempt}"))
        if answers[-1] == "dropped":
            break
    assert answers == ["wrong"] * 20 + ["dropped"]


def one_guess(running: Running, user: str, password: str) -> str:
    """One wrong password on one connection; says how it ended."""
    try:
        with running.paramiko(user, password):
            return "in"
    except paramiko.AuthenticationException:
        return "wrong"
    except DROPPED:
        return "dropped"


@pytest.mark.slow
def test_a_client_that_falls_silent_for_good_is_cut_by_the_keepalive_and_its_upload_is_torn(tmp_path: Path) -> None:
    config = Sftp(host="127.0.0.1", port=0, min_free_bytes=0, keepalive_seconds=1)
    with running_server(tmp_path, config) as running, raw(running) as client:
        client.open("/incoming/a.wav", OpenFlag.WRITE | OpenFlag.CREATE)
        opened = client.channel.get_transport()
        opened.packetizer.read_message = _never  # type: ignore[method-assign, assignment]
        begun = time.monotonic()
        running.until(lambda: bool(running.backend.ended))
        assert time.monotonic() - begun > 1
        assert running.backend.ended[0].interrupted


@pytest.mark.slow
@pytest.mark.timed
def test_a_hundred_thousand_entries_put_there_by_other_means_hold_nobody_up(running: Running) -> None:
    """Far more than the backend takes into one folder: an operator's copy."""
    (running.incoming / "Huge").mkdir()
    for entry in range(100_000):
        (running.incoming / "Huge" / f"{entry:06}_Track.wav").touch()
    with another_label_works(running), raw(running) as client:
        handle = client.ask(Kind.OPENDIR, string(b"/incoming/Huge")).handle
        names = []
        while (reply := client.ask(Kind.READDIR, string(handle))).kind is Kind.NAME:
            names.append(int.from_bytes(reply.body[:4], "big"))
        assert sum(names) == 100_002


def _never() -> None:
    """In place of a read: the client's thread reads no more."""
    time.sleep(3600)
