"""The command line and the daemon over a large catalogue: CPU seconds of each verb, and the seconds until READY.

    python -m tests.bench.catalogue [--packages 50000] [--folder DIR]

The database is written directly, with a label for every hundred packages and, for each package, its folder, two
changes, an email, three findings, a release, and ten uploads. Nothing of it lies on the disk. A database that
is in the folder already is measured as it is, so that two versions of the program can be compared.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from ingest.app.application import open_app
from ingest.config import load
from ingest.core.status import Status
from ingest.store.database import Store
from ingest.store.models import (
    Base,
    Change,
    Connection,
    FindingRow,
    Label,
    Notice,
    Package,
    ReleaseFolder,
    ReleaseRow,
    Upload,
)
from tests.ports import free_port

CONFIG: Final = """
[operator]
name = "Bench"
public_host = "localhost"
support_email = "support@test.example"
qc_emails = ["qc@test.example"]
ops_emails = ["ops@test.example"]
[paths]
data = "data"
[database]
url = "sqlite:///{folder}/data/ingest.db"
[sftp]
host = "127.0.0.1"
port = {port}
min_free_bytes = 1000000
[email]
transport = "off"
sender = "delivery@test.example"
"""

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
PER_LABEL: Final = 100
TRACKS: Final = 10
STEP: Final = 1000
STATUSES: Final = (Status.DELIVERED, Status.DELIVERED, Status.DELIVERED, Status.INVALID, Status.QC_REJECTED)


def fill(store: Store, count: int) -> None:
    """Write `count` packages with all that belongs to them; the last hundred wait in Needs QC."""
    chance = random.Random(count)
    with store.engine.begin() as connection:
        labels = [_label(number) for number in range(1, max(1, count // PER_LABEL) + 1)]
        connection.execute(sa.insert(Label), labels)
        connections = [_connection(int(row["id"])) for row in labels]
        connection.execute(sa.insert(Connection), connections)
    for first in range(1, count + 1, STEP):
        numbers = range(first, min(first + STEP, count + 1))
        with store.engine.begin() as connection:
            for table, rows in _rows(numbers, count, len(labels), chance):
                connection.execute(sa.insert(table), rows)


def _rows(
    numbers: range, count: int, labels: int, chance: random.Random
) -> Iterator[tuple[type[Base], list[dict[str, Any]]]]:
    owners = {number: number % labels + 1 for number in numbers}
    statuses = {number: Status.NEEDS_QC if number > count - 100 else chance.choice(STATUSES) for number in numbers}
    yield ReleaseFolder, [_folder(number, owners[number]) for number in numbers]
    yield ReleaseRow, [_release(number, owners[number]) for number in numbers]
    yield Package, [_package(number, owners[number], statuses[number]) for number in numbers]
    yield Change, [row for number in numbers for row in _changes(number, statuses[number])]
    yield FindingRow, [_finding(number, track) for number in numbers for track in range(3)]
    yield Notice, [_notice(number, owners[number]) for number in numbers]
    yield Upload, [_upload(number, owners[number], track) for number in numbers for track in range(TRACKS)]


def _at(number: int) -> datetime:
    return START + timedelta(minutes=number)


def _label(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"label{number}",
        "title": f"Label {number}",
        "emails": [f"label{number}@test.example"],
        "password_hash": None,
        "public_keys": [],
        "dsps": [],
        "enabled": True,
        "created_at": START,
    }


def _connection(label: int) -> dict[str, Any]:
    return {
        "id": label,
        "label_id": label,
        "worker": "bench",
        "address": "192.0.2.1",
        "started_at": START,
        "ended_at": START,
    }


def _folder(number: int, label: int) -> dict[str, Any]:
    return {
        "id": number,
        "label_id": label,
        "name": f"Artist_Album_{number}",
        "state": "sealed",
        "seen_at": _at(number),
        "touched_at": _at(number),
        "sealed_at": _at(number),
        "fingerprint": f"{number:064x}",
        "bytes": 500_000_000,
    }


def _release(number: int, label: int) -> dict[str, Any]:
    return {
        "id": UUID(int=number),
        "label_id": label,
        "key": f"gtin:{number:013}",
        "barcode": f"{number:013}",
        "title": f"Album {number}",
        "version": None,
        "artist": f"Artist {number % 997}",
        "type": "Album",
        "release_date": "2026-06-01",
        "created_at": _at(number),
        "updated_at": _at(number),
    }


def _package(number: int, label: int, status: Status) -> dict[str, Any]:
    return {
        "id": number,
        "label_id": label,
        "folder_id": number,
        "path": "",
        "folder": f"Artist_Album_{number}",
        "status": status.value,
        "received_at": _at(number),
        "sealed_at": _at(number),
        "checked_at": _at(number),
        "starts": 1,
        "runs": 1,
        "title": f"Album {number}",
        "artist": f"Artist {number % 997}",
        "barcode": f"{number:013}",
        "release_type": "Album",
        "release_date": "2026-06-01",
        "track_count": TRACKS,
        "kind": "new release",
        "made_at": _at(number),
        "files_read": TRACKS + 1,
        "files_in_all": TRACKS + 1,
        "cover_sha256": f"{number:064x}",
        "dossier": None,
        "release_id": UUID(int=number),
    }


def _changes(number: int, status: Status) -> Iterator[dict[str, Any]]:
    for old, new in ((None, Status.INCOMING.value), (Status.INCOMING.value, status.value)):
        yield {"package_id": number, "old": old, "new": new, "who": "ingest", "at": _at(number), "note": ""}


def _finding(number: int, track: int) -> dict[str, Any]:
    return {
        "package_id": number,
        "code": "ART-001",
        "severity": "warning",
        "file": f"{track:02}_Track.wav",
        "line": 100 + track,
        "track": track,
        "text": "The cover is smaller than we like. " * 4,
        "fix": "Send a larger one. " * 4,
    }


def _notice(number: int, label: int) -> dict[str, Any]:
    return {
        "key": f"received:{number}",
        "kind": "needs_qc",
        "audience": "label",
        "recipients": [f"label{label}@test.example"],
        "reached": [],
        "refused": [],
        "label_id": label,
        "package_id": number,
        "details": {},
        "created_at": _at(number),
        "owed_at": _at(number),
        "message_id": f"<{number}@test.example>",
        "sent_at": _at(number),
        "attempts": 1,
        "runs": 1,
    }


def _upload(number: int, label: int, track: int) -> dict[str, Any]:
    return {
        "label_id": label,
        "folder_id": number,
        "connection_id": label,
        "path": f"Artist_Album_{number}/{track:02}_Track.wav",
        "fresh": True,
        "ending": "closed",
        "received": 50_000_000,
        "size": 50_000_000,
        "holes": False,
        "opened_at": _at(number),
        "closed_at": _at(number),
    }


def make(folder: Path, count: int) -> Path:
    """A configuration in the folder, and its database unless it is there; returns the configuration's path."""
    config = folder / "config.toml"
    config.write_text(CONFIG.format(folder=folder, port=free_port()))
    app = open_app(load(config))
    try:
        is_new = app.store.revision() is None
        app.migrate()
        if is_new:
            fill(app.store, count)
    finally:
        app.close()
    return config


def cpu(*command: str) -> tuple[float, float]:
    """CPU seconds and seconds of a command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([sys.executable, "-m", "ingest", *command], stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, time.monotonic() - began


def until_ready(config: Path, folder: Path) -> float:
    """Seconds until the daemon has said READY=1 (sd_notify(3))."""
    with NotifySocket(folder / "notify") as notified:
        began = time.monotonic()
        with (folder / "log").open("wb") as log:
            daemon = subprocess.Popen(
                [sys.executable, "-m", "ingest", "--config", str(config), "serve"],
                env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")},
                stdout=log,
                stderr=log,
            )
        try:
            notified.wait()
            return time.monotonic() - began
        finally:
            daemon.terminate()
            daemon.wait(60)


class NotifySocket:
    """The socket that systemd would listen on."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> NotifySocket:
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        self._socket.settimeout(120)
        return self

    def __exit__(self, *raised: object) -> None:
        self._socket.close()

    def wait(self) -> None:
        """Until READY=1 was said. Raises TimeoutError after two minutes."""
        while b"READY=1" not in self._socket.recv(4096):
            pass


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=int, default=50_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        config = make(folder, given.packages)
        some = str(max(1, given.packages // 2))
        for words in (("packages",), ("packages", "--status", "Needs QC"), ("show", some), ("status",), ("doctor",)):
            used, seconds = cpu("--config", str(config), *words)
            print(f"{' '.join(words):30} {used:5.2f} s CPU {seconds:5.2f} s")
        print(f"{'READY':30} {until_ready(config, folder):17.2f} s")


if __name__ == "__main__":
    main()
