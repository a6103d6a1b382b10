"""An installation that the doctor looks at, and what it says of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from click.testing import CliRunner, Result

from ingest.cli import main
from ingest.doctor import Check, Outcome, examine

NOBODY = 65534

CONFIG = """
[operator]
qc_emails = ["qc@label.example"]
ops_emails = ["ops@label.example"]

[paths]
data = "."

[sftp]
host = "127.0.0.1"
port = 0
min_free_bytes = 1

[dsp.shop]
path = "shop"
"""

NAMES = [
    "versions",
    "kernel",
    "sandbox",
    "inotify",
    "shipped files",
    "clock",
    "config",
    "labels folder",
    "spool folder",
    "shelves folder",
    "state folder",
    "one filesystem",
    "host keys",
    "database",
    "migrations",
    "labels",
    "emails given up",
    "disk",
    "port",
    "email",
    "addresses",
    "schema",
    "dsp shop",
]

Home = Path
Turned = dict[str, Outcome]


def edit(home: Home, old: str, new: str) -> None:
    config = home / "config.toml"
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))


def checks(home: Home) -> dict[str, Check]:
    return {check.name: check for check in examine(home / "config.toml")}


def is_usual(check: Check) -> bool:
    return check.outcome is Outcome.OK or (check.outcome is Outcome.WARN and "into the Maildir" in check.text)


def turned(home: Home) -> Turned:
    """The lines that are not OK; all others must be there and OK.

    The configuration has the transport maildir, of which the doctor warns: that line is left out.
    """
    found = list(examine(home / "config.toml"))
    assert len({check.name for check in found}) == len(found)
    assert all(bool(check.cure) == (check.outcome in (Outcome.WARN, Outcome.FAIL)) for check in found)
    return {check.name: check.outcome for check in found if not is_usual(check)}


def run(home: Home, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(home / "config.toml"), *words])


def as_nobody(question: Callable[[], object]) -> str:
    """What `question` answers in a process without root's rights; the modules it needs are loaded already."""
    if os.geteuid() != 0:
        return repr(question())
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os.write(writing, repr(question()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return told


@contextmanager
def answering(line: bytes, waits: bool = True) -> Iterator[int]:
    """A server on loopback that says `line` to everyone, after their first word if it `waits`; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    accepted, _ = listening.accept()
                except OSError:
                    return
                with accepted:
                    if waits:
                        accepted.recv(255)
                    accepted.sendall(line)

        thread = Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
