"""The supervisor's protocol, on real sockets and real descriptors."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.host.sd_notify import listen_sockets, notify, watchdog_seconds
from tests.conftest import missing
from tests.ports import free_port

ECHO = """
import os, socket
from ingest.host.sd_notify import listen_sockets
found = listen_sockets()
print({name: len(several) for name, several in found.items()}, flush=True)
listener = found["sftp"][0]
left = [key for key in os.environ if "LISTEN" in key]
print(listener.family.name, listener.get_inheritable(), left, flush=True)
accepted, _ = listener.accept()
accepted.sendall(b"served by the socket handed over")
accepted.close(); listener.close()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(60)
        yield receiver


def test_lines_arrive_in_one_message(supervisor: socket.socket) -> None:
    sent = notify("READY=1", "STATUS=3 sessions", environment={"NOTIFY_SOCKET": supervisor.getsockname()})

    assert sent
    assert supervisor.recv(4096) == b"READY=1\nSTATUS=3 sessions"


def test_a_line_break_cannot_smuggle_in_an_assignment(supervisor: socket.socket) -> None:
    notify("STATUS=folder\nMAINPID=1\r\nX=1", environment={"NOTIFY_SOCKET": supervisor.getsockname()})

    assert supervisor.recv(4096) == b"STATUS=folder MAINPID=1 X=1"


def test_an_abstract_socket_is_reached() -> None:
    name = f"ingest-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("\0" + name)
        receiver.settimeout(60)
        assert notify("WATCHDOG=1", environment={"NOTIFY_SOCKET": "@" + name})
        assert receiver.recv(4096) == b"WATCHDOG=1"


@pytest.mark.parametrize("place", ["", "relative", "/nowhere/notify", "@nobody-listens-here"])
def test_without_a_supervisor_nothing_is_sent_and_nothing_fails(place: str) -> None:
    assert not notify("READY=1", environment={"NOTIFY_SOCKET": place})
    assert not notify("READY=1", environment={})


def test_a_supervisor_that_does_not_read_holds_up_nobody(supervisor: socket.socket) -> None:
    place = {"NOTIFY_SOCKET": supervisor.getsockname()}
    start = time.monotonic()
    sent = [notify("WATCHDOG=1", environment=place) for _ in range(1000) if time.monotonic() - start < 1]

    assert not all(sent)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "1500000", "WATCHDOG_PID": str(os.getpid())}, 1.5),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_ours_only_if_it_says_so(environment: dict[str, str], seconds: float | None) -> None:
    assert watchdog_seconds(environment) == seconds


def test_sockets_of_another_process_are_left_alone_and_the_variables_removed() -> None:
    environment = {"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "sftp", "KEPT": "yes"}

    assert listen_sockets(environment) == {}
    assert environment == {"KEPT": "yes"}


def test_no_sockets_are_found_where_none_were_handed_over() -> None:
    assert listen_sockets({}) == {}
    assert listen_sockets({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "many"}) == {}


def _child(names: str, *sockets: socket.socket) -> str:
    """What a process prints that gets `sockets` as the descriptors from 3 on."""
    descriptors = [one.fileno() for one in sockets]
    moves = "".join(f"os.dup2({fd}, {100 + at});" for at, fd in enumerate(descriptors))
    moves += "".join(f"os.dup2({100 + at}, {3 + at});" for at in range(len(descriptors)))
    script = (
        f"import os; {moves}\n"
        f"os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='{len(sockets)}')\n"
        f"if {names!r}: os.environ['LISTEN_FDNAMES'] = {names!r}\n"
        "from ingest.host.sd_notify import listen_sockets\n"
        "found = listen_sockets()\n"
        "print({name: [one.getsockname()[1] for one in several] for name, several in found.items()})\n"
        "print([one.get_inheritable() for several in found.values() for one in several])\n"
        "for several in found.values():\n    for one in several: one.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], pass_fds=descriptors, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout


def test_sockets_come_under_the_names_of_their_unit_and_no_child_inherits_them() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        ports = [one.getsockname()[1], two.getsockname()[1]]
        named = _child("sftp:sftp", one, two)
        partly = _child("sftp", one, two)
        unnamed = _child("", one)

    assert named == f"{ {'sftp': ports} }\n[False, False]\n"
    assert partly == f"{ {'sftp': ports[:1], 'unknown': ports[1:]} }\n[False, False]\n"
    assert unnamed == f"{ {'unknown': ports[:1]} }\n[False]\n"


def test_systemd_socket_activation_hands_over_a_port_that_serves(tmp_path: Path) -> None:
    tool = shutil.which("systemd-socket-activate")
    if tool is None:
        missing("systemd-socket-activate")
    assert tool is not None
    port = free_port()
    command = [tool, f"--listen=127.0.0.1:{port}", "--fdname=sftp", sys.executable, "-c", ECHO]
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        with _connected(port) as connection:
            served = connection.recv(100)
        out, _ = running.communicate(timeout=20)
    finally:
        running.kill()
        running.wait()

    assert served == b"served by the socket handed over"
    assert out == "{'sftp': 1}\nAF_INET False []\n"


def _connected(port: int) -> socket.socket:
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
