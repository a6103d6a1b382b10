"""The floor of free disk, held by labels that write at once, in threads and in processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.inbound.backend import NoSpace
from ingest.inbound.sftp import disk_floor
from ingest.inbound.sftp.disk_floor import DiskFloor
from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from ingest.inbound.sftp.quota import LabelQuota
from ingest.inbound.sftp.quota_limits import QuotaLimits
from ingest.inbound.sftp.usage import NAME, Usage
from tests.inbound.sftp.offline_session import offline_session
from tests.inbound.sftp.raw import number, string, write
from tests.inbound.sftp.stored import bytes_under

MEGABYTE = 10**6
FLOOR = 50 * MEGABYTE
PIECE = 4 * MEGABYTE
ROOM = 25 * PIECE
WRITERS = 6


@pytest.fixture
def labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The homes of labels, on a disk with ROOM above its floor; of what is written only the size of files is kept."""
    homes = tmp_path / "labels"
    for label in range(WRITERS):
        (homes / str(label) / "incoming").mkdir(parents=True)
    monkeypatch.setattr(DiskFloor, "free", lambda floor: FLOOR + ROOM - stored(homes))
    return homes


def stored(homes: Path) -> int:
    return sum(bytes_under(incoming) for incoming in homes.glob("*/incoming"))


def fill(home: Path) -> None:
    """Write until there is no room any more, each time some milliseconds after it was found that there is."""
    limits = QuotaLimits(bytes=10**12, files=100, folders=100, min_free=FLOOR)
    quota = LabelQuota(home / "incoming", "anna", limits, Usage(home / NAME), lambda what, detail: None)
    handle = os.open(home / "incoming" / "a.wav", os.O_WRONLY | os.O_CREAT)

    def longer(end: int) -> None:
        time.sleep(0.005)
        os.ftruncate(handle, end)

    try:
        for at in range(0, 2 * ROOM, PIECE):
            quota.write(handle, at, PIECE, lambda end=at + PIECE: longer(end))  # type: ignore[misc]
    except NoSpace:
        return
    finally:
        os.close(handle)
        quota.close()


def in_threads(homes: Path) -> None:
    writing = [threading.Thread(target=fill, args=(homes / str(label),)) for label in range(WRITERS)]
    for one in writing:
        one.start()
    for one in writing:
        one.join()


def in_processes(homes: Path) -> None:
    forking = multiprocessing.get_context("fork")
    writing = [forking.Process(target=fill, args=(homes / str(label),)) for label in range(WRITERS)]
    for one in writing:
        one.start()
    for one in writing:
        one.join()


@pytest.mark.parametrize("at_once", [in_threads, in_processes])
@pytest.mark.parametrize("near", [1 << 30, WRITERS * PIECE])
def test_the_floor_holds_however_many_write_at_once(
    labels: Path, monkeypatch: pytest.MonkeyPatch, at_once: Callable[[Path], None], near: int
) -> None:
    monkeypatch.setattr(disk_floor, "NEAR", near)
    at_once(labels)
    assert stored(labels) == ROOM


def test_far_from_the_floor_writes_go_on_beside_each_other(tmp_path: Path) -> None:
    both = threading.Barrier(2)
    floors = [DiskFloor(tmp_path), DiskFloor(tmp_path)]
    writing = [threading.Thread(target=floor.write, args=(0, 1, lambda: both.wait(20))) for floor in floors]
    for one in writing:
        one.start()
    for one in writing:
        one.join()
    assert not both.broken


def test_a_write_that_fills_a_hole_and_makes_the_file_longer_takes_all_of_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with offline_session(tmp_path / "labels" / "anna") as session:
        flags = number(OpenFlag.WRITE | OpenFlag.CREATE)
        handle = session.ask(Kind.OPEN, string(b"/incoming/a"), flags, number(0)).handle
        session.send(write(1, handle, 99_999, b"x"))
        monkeypatch.setattr(DiskFloor, "free", lambda floor: 90_000)
        (filling,) = session.send(write(2, handle, 0, bytes(100_001)))
        assert filling.status[0] is Code.FAILURE
        (smaller,) = session.send(write(3, handle, 20_000, bytes(90_000)))
        assert smaller.status[0] is Code.OK


def test_no_label_takes_the_last_inodes_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with offline_session(tmp_path / "labels" / "anna") as session:
        flags = number(OpenFlag.WRITE | OpenFlag.CREATE)
        handle = session.ask(Kind.OPEN, string(b"/incoming/a"), flags, number(0)).handle
        few = os.statvfs_result((4096, 4096, 10**9, 10**9, 10**9, 30_000, 300, 299, 0, 255))
        monkeypatch.setattr("os.statvfs", lambda path: few)
        told = "Our disk is full at the moment. We have been told; try again later."
        refused = [
            session.ask(Kind.OPEN, string(b"/incoming/b"), flags, number(0)).status,
            session.ask(Kind.MKDIR, string(b"/incoming/Folder"), number(0)).status,
        ]
        assert refused == [(Code.FAILURE, told)] * 2
        assert [path.name for path in (tmp_path / "labels" / "anna" / "incoming").iterdir()] == ["a"]
        assert session.send(write(1, handle, 0, b"bytes"))[0].status[0] is Code.OK
        enough = os.statvfs_result((4096, 4096, 10**9, 10**9, 10**9, 30_000, 300, 300, 0, 255))
        unknown = os.statvfs_result((4096, 4096, 10**9, 10**9, 10**9, 0, 0, 0, 0, 255))
        for name, disk in ((b"/incoming/c", enough), (b"/incoming/d", unknown)):
            monkeypatch.setattr("os.statvfs", lambda path, disk=disk: disk)
            assert session.ask(Kind.OPEN, string(name), flags, number(0)).kind is Kind.HANDLE
