"""A label's room: quotas of bytes, files and folders, and the floor of free disk; who is told, and how often."""

from __future__ import annotations

import multiprocessing
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ingest.inbound.door import NoSpace
from ingest.inbound.sftp.space import DISK, Quota, Room, Space, spelled
from ingest.inbound.sftp.tally import Tally

WIDE = Quota(bytes=10**15, files=10**6, folders=10**6, min_free=0)


@dataclass
class Ops:
    """A clock that is set by hand, and what ops were told."""

    now: float = 0.0
    told: list[str] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def space(self, root: Path, quota: Quota) -> Space:
        tally = Tally(root.with_name(f"{root.name}.tally"))
        return Space(root, "anna", quota, tally, lambda what, detail: self.told.append(what), self)


def test_a_quota_is_refused_with_its_size_and_freed_by_removing(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(bytes(700_000))
    ops = Ops()
    room = ops.space(tmp_path, replace(WIDE, bytes=1_000_000))
    room.grow(300_000)
    with pytest.raises(NoSpace) as refused:
        room.grow(1)
    assert str(refused.value) == (
        "Your space here is full: at most 1 MB may wait under /incoming at one time. "
        "Remove what you no longer need, or ask us for more."
    )
    (tmp_path / "old").unlink()
    with pytest.raises(NoSpace):
        room.grow(1)
    ops.now = 6
    room.grow(1_000_000)
    assert room.room() == Room(1_000_000, 0)
    room.shrink(400_000)
    assert room.room() == Room(1_000_000, 400_000)


def test_the_floor_of_free_disk_is_refused_and_ops_are_told(tmp_path: Path) -> None:
    ops = Ops()
    with pytest.raises(NoSpace, match=r"^Our disk is full at the moment. We have been told; try again later\.$"):
        ops.space(tmp_path, replace(WIDE, min_free=1 << 62)).grow(1)
    assert ops.told == [DISK]
    ops.space(tmp_path, WIDE).grow(1)


def test_files_and_folders_are_counted_below_all_folders(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").touch()
    ops = Ops()
    room = ops.space(tmp_path, replace(WIDE, files=2, folders=2))
    room.add_file()
    room.add_folder()
    with pytest.raises(NoSpace, match=r"^Your space here is full: at most 2 files may wait"):
        room.add_file()
    with pytest.raises(NoSpace, match=r"^Your space here is full: at most 2 folders may wait"):
        room.add_folder()
    room.shrink(0, files=1)
    room.add_file()
    room.shrink(0, folders=1)
    room.add_folder()


def test_what_one_process_stores_counts_in_the_others(tmp_path: Path) -> None:
    ops, quota = Ops(), replace(WIDE, bytes=1000)
    one, other = ops.space(tmp_path, quota), ops.space(tmp_path, quota)
    one.grow(300)
    other.shrink(0)
    (tmp_path / "of-one").write_bytes(bytes(300))
    other.grow(700)
    (tmp_path / "of-other").write_bytes(bytes(700))
    for room in (one, other):
        with pytest.raises(NoSpace):
            room.grow(1)
    other.shrink(400)
    assert one.room().free == 400


def add_ones(path: Path, count: int) -> None:
    tally = Tally(path)
    for _ in range(count):
        with tally.held():
            tally.bytes += 1


def test_processes_that_count_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tally"
    forking = multiprocessing.get_context("fork")
    workers = [forking.Process(target=add_ones, args=(path, 2000)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tally = Tally(path)
    with tally.held():
        assert tally.bytes == 6000


def test_ops_are_told_once_an_hour_of_each_thing_that_is_full(tmp_path: Path) -> None:
    ops = Ops()
    room = ops.space(tmp_path, replace(WIDE, bytes=10, files=1))
    for minute in range(0, 61, 10):
        ops.now = minute * 60.0
        for _ in range(50):
            with suppress(NoSpace):
                room.grow(11)
            with suppress(NoSpace):
                room.add_file()
    bytes_full, files_full = "anna has used up its quota of bytes", "anna has used up its quota of files"
    assert ops.told == [bytes_full, files_full, bytes_full, files_full]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1500, "1.5 kB"),
        (2 * 10**9, "2 GB"),
        (2 * 10**11, "200 GB"),
        (10**12, "1 TB"),
    ],
)
def test_bytes_are_spelled_for_people(count: int, expected: str) -> None:
    assert spelled(count) == expected
