"""Attacks on the whole daemon by a label that is logged in, or by someone who is not, from an address of its own.

Meanwhile another label, a process of its own, is answered: 99 of 100 stats within 250 ms. The daemon's memory grows by
at most 40 MB, and its log says who it was.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import paramiko
import pytest

from ingest.app.application import open_app
from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from tests.daemons import HASH, PASSWORD, Daemon, running, wait_for
from tests.inbound.sftp.raw import Raw, long, number, packet, raw, session, string, transport, write
from tests.scenarios.bystander import Seen, bystander
from tests.store.rows import new_label

pytestmark = [pytest.mark.slow, pytest.mark.timed, pytest.mark.timeout(180)]

ATTACKER = "127.0.0.2"
DROPPED = (paramiko.SSHException, EOFError, OSError)
P99_SECONDS = 0.25
GROWTH = 40
MAKE = OpenFlag.WRITE | OpenFlag.CREATE
QUIET = "settle_seconds = 30\nmarker_seconds = 30\nincomplete_seconds = 240\nrescan_seconds = 60"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One daemon for all attacks, in the shipped setting, with a second label `bert`; warm."""
    with running(tmp_path_factory.mktemp("attacked"), intake=QUIET) as (served, _):
        add_label(served, "bert")
        for user in ("anna", "bert"):
            with raw(served, user, source=ATTACKER) as client:
                client.ask(Kind.MKDIR, string(b"/incoming/Warm"), number(0))
                handle = client.open("/incoming/Warm/a", MAKE)
                client.send(write(1, handle, 0, bytes(250_000)))
                client.read()
        yield served


def add_label(daemon: Daemon, name: str) -> None:
    app = open_app(daemon.config)
    with app.store.transaction() as tx:
        new_label(tx, name, password_hash=HASH)
    app.close()


@contextmanager
def attack(daemon: Daemon, *events: str, growth: float = GROWTH) -> Iterator[Seen]:
    """An attack by anna or a stranger from ATTACKER; `events` are what the log must say of that address by its end."""
    assert daemon.process is not None
    start = daemon.log_size()
    with bystander(daemon, daemon.process.pid, "bert") as seen:
        yield seen
    print(seen)
    lines = daemon.events_since(start)
    said = {line["event"] for line in lines if line.get("address") == ATTACKER}
    assert said >= set(events), said
    assert PASSWORD not in "".join(daemon.log_since(0))
    assert not [line for line in lines if "crashed" in line["event"]]
    assert seen.p99 < P99_SECONDS, seen
    assert seen.grown <= growth, seen


def sparse(daemon: Daemon, name: str = "sparse") -> str:
    """A file of 2 GiB of which almost nothing is on the disk, made by the attacker's own means."""
    with raw(daemon, source=ATTACKER) as client:
        handle = client.open(f"/incoming/{name}", MAKE)
        client.send(write(1, handle, (2 << 30) - 1, b"x"))
        assert client.read().status[0] is Code.OK
    return f"/incoming/{name}"


def test_reads_of_a_gigabyte_return_at_most_255_kibibytes(daemon: Daemon) -> None:
    path = sparse(daemon)
    with attack(daemon, "logged in"), raw(daemon, source=ATTACKER) as client:
        handle = client.open(path, OpenFlag.READ)
        for _ in range(20):
            assert len(client.ask(Kind.READ, string(handle), long(0), number(1 << 30)).body) == 4 + 261_120


def test_replies_that_are_not_read_do_not_pile_up(daemon: Daemon) -> None:
    path = sparse(daemon)
    with attack(daemon, "logged in"), raw(daemon, source=ATTACKER) as client:
        handle = client.open(path, OpenFlag.READ)
        for id in range(2000):
            client.send(packet(Kind.READ, id, string(handle), long(0), number(4 << 20)))
        time.sleep(2)


def test_a_client_that_no_longer_reads_its_socket_does_not_fill_our_memory(daemon: Daemon) -> None:
    """With a huge channel window nothing but the socket's own buffer holds replies back."""
    path = sparse(daemon)
    with attack(daemon, "logged in"), transport(daemon, source=ATTACKER) as opened:
        client = session(opened, window=1 << 31)
        handle = client.open(path, OpenFlag.READ)
        opened.packetizer.read_message = never  # type: ignore[method-assign, assignment]
        for id in range(1000):
            client.send(packet(Kind.READ, id, string(handle), long(0), number(4 << 20)))
        time.sleep(2)
        opened.sock.close()


def never() -> None:
    """In place of a read: the client's thread reads no more."""
    time.sleep(3600)


def test_copying_a_file_onto_itself_is_not_offered(daemon: Daemon) -> None:
    path = sparse(daemon)
    with attack(daemon, "logged in"), raw(daemon, source=ATTACKER) as client:
        handle = client.open(path, OpenFlag.READ | OpenFlag.WRITE)
        fields = (string(handle), long(0), long(0), string(handle), long(1 << 40))
        for _ in range(200):
            reply = client.ask(Kind.EXTENDED, string(b"copy-data"), *fields)
            assert reply.status == (Code.OP_UNSUPPORTED, "This is not offered here.")


def test_long_paths_are_refused_and_a_megabyte_ends_the_session(daemon: Daemon) -> None:
    with attack(daemon, "refused"):
        with raw(daemon, source=ATTACKER) as client:
            for _ in range(100):
                reply = client.ask(Kind.REALPATH, string(b"/a" * 50_000))
                assert reply.status == (Code.PERMISSION_DENIED, "This path is too long: at most 4096 bytes are taken.")
                assert client.ask(Kind.REALPATH, string(b"/.." * 1300 + b"/a" * 90)).kind is Kind.NAME
        with raw(daemon, source=ATTACKER) as client, pytest.raises((EOFError, OSError)):
            client.ask(Kind.REALPATH, string(b"/a" * 500_000))


def test_a_length_of_two_gigabytes_ends_the_session(daemon: Daemon) -> None:
    with attack(daemon, "session ended: no SFTP"):
        for _ in range(5):
            with raw(daemon, source=ATTACKER) as client:
                client.send(struct.pack(">IBI", 1 << 31, Kind.STAT, 1))
                with pytest.raises(EOFError):
                    client.read()


def test_every_handle_that_a_label_can_get_leaves_the_others_at_work(daemon: Daemon) -> None:
    """All its connections, all their channels, handles until each is refused; new logins still work."""
    with attack(daemon, "refused", "too many connections of one label"), ExitStack() as held:
        handles = 0
        for _ in range(17):
            with suppress(*DROPPED):
                opened = held.enter_context(transport(daemon, source=ATTACKER))
                handles += sum(grab(session(opened)) for _ in range(2))
        assert handles == 16 * 2 * 64
        with raw(daemon, "bert") as other:
            assert other.open("/incoming/while", MAKE)


def grab(client: Raw) -> int:
    """Open one file 625 times, 20 000 times by all sessions together; returns how often it was opened."""
    client.send(packet(Kind.OPEN, 1, string(b"/incoming/Warm/a"), number(OpenFlag.READ), number(0)) * 625)
    return [client.read().kind for _ in range(625)].count(Kind.HANDLE)


def test_twenty_thousand_folders_are_not_opened_at_once(daemon: Daemon) -> None:
    with attack(daemon, "refused"), raw(daemon, source=ATTACKER) as client:
        request = packet(Kind.OPENDIR, 7, string(b"/incoming"))
        kinds = []
        for _ in range(200):
            client.send(request * 100)
            kinds += [client.read().kind for _ in range(100)]
        assert (kinds.count(Kind.HANDLE), len(kinds)) == (8, 20_000)


def test_a_flood_of_thirty_thousand_stats_is_answered_in_order(daemon: Daemon) -> None:
    with attack(daemon, "logged in"), raw(daemon, source=ATTACKER) as client:
        for start in range(0, 30_000, 1000):
            client.send(b"".join(packet(Kind.STAT, id, string(b"/incoming")) for id in range(start, start + 1000)))
            assert [client.read().id for _ in range(1000)] == list(range(start, start + 1000))


def test_a_folder_takes_two_thousand_entries_and_listing_it_holds_nobody_up(daemon: Daemon) -> None:
    with attack(daemon, "refused"), raw(daemon, source=ATTACKER) as client:
        client.ask(Kind.MKDIR, string(b"/incoming/Full"), number(0))
        names = [f"/incoming/Full/{entry}".encode() for entry in range(2200)]
        answers = []
        for start in range(0, len(names), 200):
            some = names[start : start + 200]
            client.send(b"".join(packet(Kind.MKDIR, 1, string(name), number(0)) for name in some))
            answers += [client.read().status for _ in some]
        assert [code for code, _ in answers].count(Code.OK) == 2000
        assert answers[-1][1].startswith("This folder is full")
        for _ in range(20):
            assert entries(client, b"/incoming/Full") == 2002


def entries(client: Raw, path: bytes) -> int:
    handle, count = client.ask(Kind.OPENDIR, string(path)).handle, 0
    while (reply := client.ask(Kind.READDIR, string(handle))).kind is Kind.NAME:
        count += int.from_bytes(reply.body[:4], "big")
    client.ask(Kind.CLOSE, string(handle))
    return count


def test_writes_in_packets_of_one_byte_keep_nobody_waiting_and_do_not_fill_our_memory(daemon: Daemon) -> None:
    with attack(daemon, "upload begun"), raw(daemon, source=ATTACKER) as client:
        handle = client.open("/incoming/tiny", MAKE)
        body = write(1, handle, 0, bytes(250_000))
        until = time.monotonic() + 4
        while time.monotonic() < until:
            for at in range(1000):
                client.send(body[at : at + 1])
            client.send(body[1000:])
            assert client.read().status[0] is Code.OK


def test_scattered_writes_and_offsets_beyond_any_file_are_refused(daemon: Daemon) -> None:
    with attack(daemon, "refused"), raw(daemon, source=ATTACKER) as client:
        handle = client.open("/incoming/scattered", MAKE)
        for start in range(0, 1500, 100):
            client.send(b"".join(write(1, handle, 2 * at, b"x") for at in range(start, start + 100)))
            texts = [client.read().status[1] for _ in range(100)]
        assert texts[-1].startswith("This file arrives in too many scattered pieces.")
        client.send(write(2, handle, 1 << 63, b"x"))
        assert client.read().status[0] is Code.PERMISSION_DENIED


def test_password_guesses_end_in_a_ban_of_the_address_and_good_logins_elsewhere_are_quick(daemon: Daemon) -> None:
    stranger = "127.0.0.9"
    with attack(daemon):
        begun = time.monotonic()
        refused = [guess(daemon, stranger, f"wrong {attempt}") for attempt in range(40)]
        with raw(daemon, "bert"):
            assert time.monotonic() - begun < 30
    assert refused.count("wrong") == 20
    assert refused[20:] == ["banned"] * 20
    events = [line for line in daemon.events_since(0) if line.get("address") == stranger]
    assert [line["event"] for line in events].count("login failed") == 20
    assert "address banned" in {line["event"] for line in events}
    assert {"connection refused", "banned"} <= {word for line in events for word in (line["event"], line.get("why"))}


def guess(daemon: Daemon, source: str, password: str) -> str:
    """One login on one connection; says how it ended."""
    try:
        with transport(daemon, "bert", password, source=source):
            return "in"
    except paramiko.AuthenticationException:
        return "wrong"
    except DROPPED:
        return "banned"


def test_two_thousand_idle_connections_before_login_keep_nobody_out(daemon: Daemon) -> None:
    with attack(daemon, "connection dropped"), ExitStack() as held:
        for number_ in range(2000):
            source = (f"127.0.1.{1 + number_ % 40}" if number_ % 2 else ATTACKER, 0)
            with suppress(OSError):
                held.enter_context(socket.create_connection(("127.0.0.1", daemon.port), 5, source_address=source))
        for _ in range(3):
            with raw(daemon, "bert") as other:
                assert other.ask(Kind.STAT, string(b"/incoming")).kind is Kind.ATTRS


def test_channels_beyond_two_on_one_connection_are_refused(daemon: Daemon) -> None:
    with attack(daemon, "logged in"), transport(daemon, source=ATTACKER) as opened:
        clients = [session(opened), session(opened)]
        for _ in range(200):
            with pytest.raises(paramiko.ChannelException):
                opened.open_session()
        assert [client.ask(Kind.STAT, string(b"/")).kind for client in clients] == [Kind.ATTRS] * 2


def test_a_label_gets_the_connections_that_filezilla_wants_and_no_more_than_sixteen(daemon: Daemon) -> None:
    with attack(daemon, "too many connections of one label"), ExitStack() as held:
        for _ in range(16):
            held.enter_context(raw(daemon, source=ATTACKER))
        with pytest.raises(DROPPED):
            held.enter_context(raw(daemon, source=ATTACKER))
    with raw(daemon, source=ATTACKER) as client:
        wait_for(lambda: client.ask(Kind.STAT, string(b"/")).kind is Kind.ATTRS, 60, "a new connection")


def test_writing_on_all_sessions_without_reading_a_reply_ends_them(daemon: Daemon) -> None:
    """Sixteen connections with two sessions each: every one asks for data, reads none, and sends as much as it can.

    What they send before they are found out is all that is held: without that it would be twelve megabytes of each.
    """
    path = sparse(daemon)
    with attack(daemon, "client does not read", growth=2 * GROWTH), ExitStack() as held:
        connections = [held.enter_context(transport(daemon, source=ATTACKER)) for _ in range(16)]
        clients = [session(opened, window=32_768) for opened in connections for _ in range(2)]
        sending = [threading.Thread(target=write_on, args=(client, path)) for client in clients]
        for thread in sending:
            thread.start()
        for thread in sending:
            thread.join()


def write_on(client: Raw, path: str) -> None:
    client.channel.settimeout(5)
    with suppress(*DROPPED):
        handle = client.open(path, OpenFlag.READ | OpenFlag.WRITE)
        client.send(packet(Kind.READ, 1, string(handle), long(0), number(261_120)) * 4)
        for _ in range(40):
            client.send(write(2, handle, 0, bytes(200_000)))
