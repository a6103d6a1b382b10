"""A label's room: quotas of bytes, files and folders, and the floor of free disk; who is told, and how often."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ingest.inbound.backend import NoSpace
from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from ingest.inbound.sftp.quota import LabelQuota
from ingest.inbound.sftp.quota_limits import DISK, QuotaLimits, Room
from ingest.inbound.sftp.usage import NAME, Usage, forget_counts
from tests.inbound.sftp.offline_session import offline_session
from tests.inbound.sftp.raw import number, string, write

WIDE = QuotaLimits(bytes=10**15, files=10**6, folders=10**6, min_free=0)


@dataclass
class Ops:
    """A clock that is set by hand, and what ops were told."""

    now: float = 0.0
    kept: int | None = 0
    told: list[str] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def quota(self, home: Path, quota: QuotaLimits) -> LabelQuota:
        (home / "incoming").mkdir(exist_ok=True)
        usage = Usage(home / NAME)
        return LabelQuota(
            home / "incoming",
            "anna",
            quota,
            usage,
            lambda what, detail: self.told.append(what),
            self,
            lambda: self.kept,
        )


@dataclass
class Files:
    """What a session does to files of one folder, without any SFTP."""

    room: LabelQuota
    folder: Path

    def __post_init__(self) -> None:
        self.parent = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)

    def open(self, name: str, *, truncates: bool = False) -> int:
        def opening(more: int) -> int:
            return os.open(name, os.O_RDWR | more, dir_fd=self.parent)

        return self.room.open_to_write(self.parent, name.encode(), opening, creates=True, truncates=truncates)

    def write(self, handle: int, data: bytes, at: int = 0) -> None:
        self.room.write(handle, at, len(data), lambda: assert_whole(os.pwrite(handle, data, at), data))

    def put(self, name: str, size: int) -> None:
        handle = self.open(name, truncates=True)
        self.write(handle, bytes(size))
        self.room.close_held(handle)

    def remove(self, name: str) -> None:
        self.room.remove_file(self.parent, name.encode())

    def replace(self, source: str, target: str) -> None:
        self.room.replace_file(
            self.parent,
            target.encode(),
            lambda: os.rename(source, target, src_dir_fd=self.parent, dst_dir_fd=self.parent),
        )


def assert_whole(written: int, data: bytes) -> None:
    assert written == len(data)


def files_of(ops: Ops, home: Path, **quota: int) -> Files:
    return Files(ops.quota(home, replace(WIDE, **quota)), home / "incoming")


def test_a_quota_is_refused_with_its_size_and_freed_by_removing(tmp_path: Path) -> None:
    ops = Ops()
    files = files_of(ops, tmp_path, bytes=1_000_000, files=9)
    files.put("old", 700_000)
    files.put("new", 300_000)
    with pytest.raises(NoSpace) as refused:
        files.put("more", 1)
    assert str(refused.value) == (
        "Your space here is full: at most 1 MB may wait under /incoming at one time. "
        "Remove what you no longer need, or ask us for more."
    )
    assert (tmp_path / "incoming" / "more").stat().st_size == 0
    files.remove("old")
    assert files.room.room() == Room(1_000_000, 700_000, 9, 7)
    files.put("more", 700_000)
    assert files.room.room() == Room(1_000_000, 0, 9, 6)
    files.put("more", 300_000)
    assert files.room.room() == Room(1_000_000, 400_000, 9, 6)


def test_what_was_moved_away_by_others_is_found_before_a_refusal_and_every_ten_minutes(tmp_path: Path) -> None:
    ops = Ops()
    files = files_of(ops, tmp_path, bytes=1_000_000)
    files.put("a", 1_000_000)
    (tmp_path / "incoming" / "a").unlink()
    with pytest.raises(NoSpace):
        files.put("b", 1)
    ops.now = 6
    files.put("b", 400_000)
    (tmp_path / "incoming" / "b").unlink()
    assert files.room.room().free == 600_000
    ops.now += 601
    assert files.room.room().free == 1_000_000
    (tmp_path / "incoming" / "c").write_bytes(bytes(10))
    forget_counts(tmp_path)
    assert files.room.room().free == 999_990


def test_the_floor_of_free_disk_is_refused_and_ops_are_told(tmp_path: Path) -> None:
    ops = Ops()
    with pytest.raises(NoSpace, match=r"^Our disk is full at the moment. We have been told; try again later\.$"):
        ops.quota(tmp_path, replace(WIDE, min_free=1 << 62)).check_file(is_new=False)
    assert ops.told == [DISK]
    ops.quota(tmp_path, WIDE).check_file(is_new=True)


def test_files_and_folders_are_counted_below_all_folders(tmp_path: Path) -> None:
    (tmp_path / "incoming" / "a").mkdir(parents=True)
    (tmp_path / "incoming" / "a" / "b").touch()
    files = files_of(Ops(), tmp_path, files=2, folders=2)
    files.put("c", 1)
    files.room.make_folder((tmp_path / "incoming" / "d").mkdir)
    with pytest.raises(NoSpace, match=r"^Your space here is full: at most 2 files may wait"):
        files.put("e", 1)
    with pytest.raises(NoSpace, match=r"^Your space here is full: at most 2 folders may wait"):
        files.room.make_folder((tmp_path / "incoming" / "e").mkdir)
    assert not (tmp_path / "incoming" / "e").exists()
    files.remove("c")
    files.put("e", 1)
    files.room.remove_folder((tmp_path / "incoming" / "d").rmdir)
    files.room.make_folder((tmp_path / "incoming" / "f").mkdir)


@pytest.mark.parametrize("way", ["remove", "replace", "truncate"])
def test_what_is_taken_away_under_an_open_handle_counts_until_the_last_one_closes(tmp_path: Path, way: str) -> None:
    files = files_of(Ops(), tmp_path, bytes=1000)
    files.put("small", 0)
    first = files.open("big")
    files.write(first, bytes(600))
    reading = files.room.open_held(lambda: os.open("big", os.O_RDONLY, dir_fd=files.parent))
    match way:
        case "remove":
            files.remove("big")
        case "replace":
            files.replace("small", "big")
        case _:
            files.room.close_held(files.open("big", truncates=True))
    assert files.room.room().free == 400
    files.write(first, bytes(300), 600)
    assert files.room.room().free == 100
    with pytest.raises(NoSpace):
        files.write(first, bytes(101), 900)
    if way != "remove":
        assert (tmp_path / "incoming" / "big").stat().st_size == 0
    files.room.close_held(first)
    assert files.room.room().free == 100
    files.room.close_held(reading)
    assert files.room.room().free == 1000
    assert list((tmp_path / ".removed").iterdir()) == []


def test_what_a_process_that_died_held_is_deleted_at_the_next_count(tmp_path: Path) -> None:
    ops = Ops()
    files = files_of(ops, tmp_path, bytes=1000)
    handle = files.open("big")
    files.write(handle, bytes(1000))
    files.remove("big")
    os.close(handle)
    assert files.room.room().free == 0
    ops.now = 601
    assert files.room.room().free == 1000
    assert list((tmp_path / ".removed").iterdir()) == []


def test_what_one_process_stores_counts_in_the_others(tmp_path: Path) -> None:
    ops = Ops()
    one, other = files_of(ops, tmp_path, bytes=1000), files_of(ops, tmp_path, bytes=1000)
    one.put("of-one", 300)
    other.put("of-other", 700)
    for files in (one, other):
        with pytest.raises(NoSpace):
            files.put("more", 1)
    other.remove("of-one")
    assert one.room.room().free == 300
    handles = [one.open("both"), other.open("both")]
    one.write(handles[0], bytes(200))
    other.write(handles[1], bytes(250))
    assert (one.room.room().free, other.room.room().free) == (50, 50)
    one.remove("both")
    one.room.close_held(handles[0])
    assert other.room.room().free == 50
    other.room.close_held(handles[1])
    assert one.room.room().free == 300


def test_a_write_that_fails_takes_no_room(tmp_path: Path) -> None:
    files = files_of(Ops(), tmp_path, bytes=1000)
    handle = files.open("a")

    def fail() -> None:
        os.pwrite(handle, bytes(10), 0)
        raise OSError(5, "broken disk")

    with pytest.raises(OSError, match="broken disk"):
        files.room.write(handle, 0, 500, fail)
    assert files.room.room().free == 990


def test_sealed_folders_count_to_a_ceiling_of_which_ops_hear_long_before(tmp_path: Path) -> None:
    ops = Ops(kept=790)
    files = files_of(ops, tmp_path, bytes=500, ceiling=1000)
    files.put("a", 100)
    assert (files.room.room().free, ops.told) == (110, [])
    ops.kept = 850
    forget_counts(tmp_path)
    files.room.check_file(is_new=True)
    near = "anna comes near the ceiling of what is kept for a label"
    assert (files.room.room().free, ops.told) == (50, [near])
    files.put("b", 50)
    with pytest.raises(NoSpace) as refused:
        files.put("c", 1)
    assert str(refused.value) == (
        "We hold as much of your music as was agreed, 1 kB in all. We have been told; please write to us."
    )
    assert ops.told == [near, "anna has used up its quota of bytes in all"]


def test_what_fills_a_hole_is_refused_below_the_floor_of_free_disk(tmp_path: Path) -> None:
    with offline_session(tmp_path) as session:
        flags = number(OpenFlag.WRITE | OpenFlag.CREATE)
        handle = session.ask(Kind.OPEN, string(b"/incoming/a"), flags, number(0)).handle
        (far,) = session.send(write(1, handle, 1_000_000, b"x"))
        assert far.status[0] is Code.OK
        quota = session.answers._quota
        quota.quota = replace(quota.quota, min_free=1 << 62)
        (filling,) = session.send(write(2, handle, 0, bytes(1000)))
        assert filling.status == (
            Code.FAILURE,
            "Our disk is full at the moment. We have been told; try again later.",
        )
    assert (tmp_path / "incoming" / "a").read_bytes() == bytes(1_000_000) + b"x"


def test_releases_sealed_one_after_the_other_never_pass_the_ceiling(tmp_path: Path) -> None:
    ops = Ops()
    files = files_of(ops, tmp_path, bytes=400, ceiling=1000)
    other = files_of(ops, tmp_path, bytes=400, ceiling=1000)
    stored = 0
    with pytest.raises(NoSpace, match="in all"):
        for number in range(10):
            (files, other)[number % 2].put("a", 300)
            (tmp_path / "incoming" / "a").unlink()
            stored += 300
            ops.kept = stored
            forget_counts(tmp_path)
    assert stored == 900


def test_what_is_not_known_of_sealed_folders_changes_nothing(tmp_path: Path) -> None:
    ops = Ops(kept=900)
    files = files_of(ops, tmp_path, bytes=400, ceiling=1000)
    assert files.room.room().free == 100
    ops.kept = None
    forget_counts(tmp_path)
    assert files.room.room().free == 100


def test_a_quota_that_is_changed_holds_for_who_is_connected(tmp_path: Path) -> None:
    files = files_of(Ops(), tmp_path, bytes=1000)
    handle = files.open("a")
    files.write(handle, bytes(500))
    files.room.quota = replace(WIDE, bytes=600)
    with pytest.raises(NoSpace, match="600 bytes"):
        files.write(handle, bytes(101), 500)


def test_ops_are_told_once_an_hour_of_each_thing_that_is_full(tmp_path: Path) -> None:
    ops = Ops()
    files = files_of(ops, tmp_path, bytes=10, files=1)
    handle = files.open("a")
    for minute in range(0, 61, 10):
        ops.now = minute * 60.0
        for _ in range(50):
            with suppress(NoSpace):
                files.write(handle, bytes(11))
            with suppress(NoSpace):
                files.put("b", 0)
    bytes_full, files_full = "anna has used up its quota of bytes", "anna has used up its quota of files"
    assert ops.told == [bytes_full, files_full, bytes_full, files_full]


def test_the_files_that_are_left_are_told_until_none_is(tmp_path: Path) -> None:
    files = files_of(Ops(), tmp_path, files=2)
    for left, name in enumerate("ba"):
        files.put(name, 1)
        assert files.room.room().files_free == 1 - left
    files.room.quota = replace(WIDE, files=1)
    assert (files.room.room().files, files.room.room().files_free) == (1, 0)


def test_below_the_floor_of_free_disk_a_file_is_cut_but_not_extended(tmp_path: Path) -> None:
    room = Ops().quota(tmp_path, WIDE)
    descriptor = os.open(tmp_path / "incoming" / "a", os.O_RDWR | os.O_CREAT)
    room.resize(descriptor, 10)
    room.quota = replace(WIDE, min_free=1 << 62)
    with pytest.raises(NoSpace):
        room.resize(descriptor, 11)
    room.resize(descriptor, 10)
    room.resize(descriptor, 9)
    assert os.fstat(descriptor).st_size == 9
    os.close(descriptor)
    room.close()
