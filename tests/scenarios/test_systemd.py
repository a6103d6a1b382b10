"""The units: clean, tight, and a home in which the daemon does its whole work."""

from __future__ import annotations

import ctypes.util
import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.flow.engine import DATABASE_WAIT_SECONDS
from ingest.host.data_files import data_dir
from tests.confined import allowed, values
from tests.conftest import missing
from tests.good import Good, write_good

UNITS = data_dir("systemd")
SERVICE = (UNITS / "ingestd.service").read_text("utf-8")
SOCKET = (UNITS / "ingestd.socket").read_text("utf-8")
EXPOSURE = 15
"""The largest exposure that is accepted, times ten."""

CONFIG = """
[paths]
data = "."

[sftp]
host = "127.0.0.1"
port = 0
min_free_bytes = 1
"""


def tool(name: str) -> str:
    """The command's path."""
    found = shutil.which(name)
    if found is None:
        missing(name)
    assert found is not None
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units with ExecStart pointed at the command installed here."""
    command = Path(sys.executable).parent / "ingest"
    assert command.exists()
    for name in ("ingestd.service", "ingestd.socket"):
        text = (UNITS / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace("/opt/ingest/.venv/bin/ingest", str(command)), "utf-8")
    return tmp_path


def test_the_units_verify_without_a_word(installed: Path) -> None:
    units = [str(installed / name) for name in ("ingestd.service", "ingestd.socket")]
    done = subprocess.run([tool("systemd-analyze"), "verify", *units], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_service_is_hardly_exposed() -> None:
    command = [tool("systemd-analyze"), "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager"]
    done = subprocess.run([*command, str(UNITS / "ingestd.service")], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stdout
    found = re.search(r"exposure level for ingestd\.service: ([\d.]+)", done.stdout)
    assert found is not None and float(found.group(1)) <= EXPOSURE / 10


def test_every_setting_of_the_service_stands_under_its_reason() -> None:
    """A comment opens each paragraph of settings; only settings follow it until the next one."""
    section = SERVICE.split("\n[Service]\n")[1].split("\n[Install]\n")[0]
    for paragraph in section.strip().split("\n\n"):
        assert paragraph.startswith("#"), paragraph


def test_the_service_speaks_the_daemon_s_protocol() -> None:
    assert values(SERVICE, "Type") == ["notify"]
    assert values(SERVICE, "NotifyAccess") == ["main"]
    assert values(SERVICE, "ExecStart") == ["/opt/ingest/.venv/bin/ingest serve"]
    assert values(SERVICE, "ExecReload") == []
    assert values(SERVICE, "Requires") == ["ingestd.socket"]
    assert values(SOCKET, "FileDescriptorName") == ["sftp"]
    assert values(SOCKET, "ListenStream") == ["22"]


def test_the_times_of_the_service_leave_the_daemon_its_own() -> None:
    from ingest.app import daemon
    from ingest.inbound.sftp.local_server import CLOSE_SECONDS

    assert int(values(SERVICE, "TimeoutStartSec")[0]) >= 2 * DATABASE_WAIT_SECONDS
    assert int(values(SERVICE, "TimeoutStopSec")[0]) > daemon.DRAIN_SECONDS + CLOSE_SECONDS + daemon.FLOW_SECONDS
    assert int(values(SERVICE, "WatchdogSec")[0]) >= 2 * daemon.HEARTBEAT_SECONDS


def test_the_credential_has_one_name_everywhere() -> None:
    ((name, path),) = [value.split(":") for value in values(SERVICE, "LoadCredential")]
    ((fallback, _),) = [value.split(":") for value in values(SERVICE, "SetCredential")]

    assert (name, fallback, path) == ("smtp-password", "smtp-password", "/etc/ingest/smtp-password")
    assert f'email.password_file = "/run/credentials/ingestd.service/{name}"' in SERVICE


def test_the_filter_lets_through_what_the_daemon_calls_and_nothing_that_changes_the_machine() -> None:
    tool("systemd-analyze")
    calls = allowed(SERVICE)

    assert {"openat2", "prlimit64", "flock", "inotify_add_watch", "accept4", "renameat2", "statx", "fsync"} <= calls
    assert {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "prctl"} <= calls
    assert not calls & {"chown", "mount", "ptrace", "reboot", "setuid", "init_module", "bpf", "setpriority"}


REFUSED = """
import mmap, os, sys
from pathlib import Path
from tests.confined import allowed, confine
unit = Path(sys.argv[1]).read_text("utf-8")
confine(allowed(unit), unit)
acts = [
    lambda: os.chown(sys.argv[2], 0, 0),
    lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    lambda: os.sched_setaffinity(0, {0}),
]
for act in acts:
    try:
        act()
    except OSError as fault:
        print(fault.errno)
"""


def confined(*words: str) -> list[str]:
    """A command that runs `ingest` as the unit confines it."""
    tool("systemd-analyze")
    if ctypes.util.find_library("seccomp") is None:
        missing("libseccomp")
    return [sys.executable, "-m", "tests.confined", str(UNITS / "ingestd.service"), *words]


def test_the_confinement_of_these_tests_is_real(tmp_path: Path) -> None:
    confined()
    mine = tmp_path / "mine"
    mine.touch()
    command = [sys.executable, "-c", REFUSED, str(UNITS / "ingestd.service"), str(mine)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.split() == [str(errno.EPERM), str(errno.EACCES), str(errno.EPERM)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Good.SINGLE, Good.FLAC, Good.AIFF])
def test_a_release_is_read_and_judged_as_the_unit_confines_the_daemon(tmp_path: Path, kind: Good) -> None:
    folder = write_good(tmp_path, kind)
    done = subprocess.run(
        confined("check", str(folder), "--format", "json"), capture_output=True, text=True, timeout=100
    )

    assert done.stderr == ""
    (package,) = json.loads(done.stdout)["packages"]
    assert package["status"] == "Needs QC"
    assert [track["duration_seconds"] for track in package["release"]["tracks"] if not track["duration_seconds"]] == []


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(60)
        yield receiver


@pytest.mark.slow
def test_the_daemon_starts_serves_the_socket_handed_over_and_stops_as_the_unit_confines_it(
    tmp_path: Path, supervisor: socket.socket
) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    shown = tmp_path / "log"
    with socket.create_server(("127.0.0.1", 0)) as listening, shown.open("wb") as log:
        running = _activated(listening, tmp_path, supervisor, log.fileno())
        try:
            told = [supervisor.recv(4096) for _ in range(2)]
            with socket.create_connection(listening.getsockname()[:2], timeout=20) as connection:
                banner = connection.recv(100)
            running.send_signal(signal.SIGTERM)
            while b"STOPPING=1" not in told:
                told.append(supervisor.recv(4096))
            ended = running.wait(60)
        finally:
            running.kill()
            running.wait()

    assert told[:2] == [b"READY=1", b"WATCHDOG=1\nSTATUS=0 sessions, 0 uploads"]
    assert banner.startswith(b"SSH-2.0-ingest")
    assert ended == 0
    events = [json.loads(line[3:]) for line in shown.read_text("utf-8").splitlines()]
    assert {"serving", "stopping"} <= {event["event"] for event in events}
    assert not [event for event in events if event["level"] in ("warning", "error", "critical")]


def _activated(listening: socket.socket, folder: Path, supervisor: socket.socket, log: int) -> subprocess.Popen[bytes]:
    """The daemon as systemd starts it: the socket as descriptor 3, its name and the watchdog in the environment."""
    environment = dict(os.environ) | {
        "LISTEN_FDS": "1",
        "LISTEN_FDNAMES": "sftp",
        "NOTIFY_SOCKET": supervisor.getsockname(),
        "WATCHDOG_USEC": "30000000",
        "JOURNAL_STREAM": "8:1",
    }
    command = confined("--config", str(folder / "config.toml"), "serve", "--worker", "unit")
    environment["HANDED"] = str(listening.fileno())
    return subprocess.Popen(command, env=environment, pass_fds=[listening.fileno()], stdout=log, stderr=log)
