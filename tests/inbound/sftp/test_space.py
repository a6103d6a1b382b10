"""A label's room: quota, entries and the floor of free disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.inbound.door import NoSpace
from ingest.inbound.sftp import space as module
from ingest.inbound.sftp.space import Room, Space


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_quota_is_refused_with_its_size_and_freed_by_removing(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(bytes(700_000_000 // 1000))
    clock = Clock()
    room = Space(tmp_path, 1_000_000, 0, clock)
    room.grow(300_000)
    with pytest.raises(NoSpace, match=r"Your space here is full \(0.0 GB\)"):
        room.grow(1)
    (tmp_path / "old").unlink()
    with pytest.raises(NoSpace):
        room.grow(1)
    clock.now = 6
    room.grow(1_000_000)
    assert room.room() == Room(1_000_000, 0)
    room.shrink(400_000)
    assert room.room() == Room(1_000_000, 400_000)


def test_the_floor_of_free_disk_holds_for_labels_without_a_quota(tmp_path: Path) -> None:
    with pytest.raises(NoSpace, match="Our disk is full"):
        Space(tmp_path, None, 1 << 62).grow(1)
    Space(tmp_path, None, 0).grow(1)


def test_entries_are_counted_below_all_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ENTRIES", 3)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").touch()
    room = Space(tmp_path, None, 0)
    room.add_entry()
    with pytest.raises(NoSpace, match="3 files and folders"):
        room.add_entry()
    room.shrink(0, 1)
    room.add_entry()
