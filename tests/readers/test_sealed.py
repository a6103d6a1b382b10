"""Files of a sealed release: opened once, regular ones only, and any change while they are read is noticed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.readers.sealed import GRANULE_NS, ChangedWhileRead, open_changing, open_sealed, stamp_of


def rewrite_under_its_time(path: Path) -> None:
    before = path.stat()
    path.write_bytes(b"BBBB")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(path: Path) -> None:
    path.rename(path.with_name("b"))
    path.write_bytes(b"AAAA")


def replace_by_link(path: Path) -> None:
    path.rename(path.with_name("b"))
    path.symlink_to("b")


CHANGES: dict[str, Callable[[Path], object]] = {
    "rewritten": lambda path: path.write_bytes(b"BBBB"),
    "rewritten with its time put back": rewrite_under_its_time,
    "longer": lambda path: os.truncate(path, 5),
    "shorter": lambda path: os.truncate(path, 3),
    "removed": lambda path: path.unlink(),
    "renamed": lambda path: path.rename(path.with_name("b")),
    "another in its place": replace,
    "a link in its place": replace_by_link,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a"
    path.write_bytes(b"AAAA")
    return path


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_while_a_sealed_file_is_read_is_told(file: Path, change: str) -> None:
    with pytest.raises(ChangedWhileRead, match=r"^a changed while it was read$"), open_sealed(file, "a") as opened:
        opened.read()
        CHANGES[change](file)


def test_what_the_reading_stumbled_over_is_explained_by_the_change(file: Path) -> None:
    with pytest.raises(ChangedWhileRead) as told, open_sealed(file, "a"):
        CHANGES["shorter"](file)
        raise ValueError
    assert isinstance(told.value.__context__, ValueError)


def test_a_fault_of_the_reading_stays_what_it_is(file: Path) -> None:
    with pytest.raises(ValueError), open_sealed(file, "a"):
        raise ValueError


def test_a_file_that_is_not_what_was_listed_is_not_read(file: Path) -> None:
    stamp = stamp_of(file.stat())
    with open_sealed(file, "a", stamp) as opened:
        assert opened.read() == b"AAAA"
    time.sleep(0.03)
    CHANGES["rewritten"](file)
    with pytest.raises(ChangedWhileRead), open_sealed(file, "a", stamp):
        pass


def test_two_changes_within_one_tick_of_the_clock_are_told_apart(file: Path) -> None:
    for _ in range(50):
        file.write_bytes(b"AAAA")
        with pytest.raises(ChangedWhileRead), open_sealed(file, "a"):
            assert time.time_ns() - file.stat().st_ctime_ns >= GRANULE_NS
            file.write_bytes(b"BBBB")


def test_a_file_that_may_still_be_uploaded_may_change(file: Path) -> None:
    for change in CHANGES.values():
        file.unlink(missing_ok=True)
        file.with_name("b").unlink(missing_ok=True)
        file.write_bytes(b"AAAA")
        with open_changing(file, "a") as opened:
            assert opened.read() == b"AAAA"
            change(file)


@pytest.mark.parametrize("opener", [open_sealed, open_changing])
def test_only_regular_files_are_opened_and_no_link_is_followed(tmp_path: Path, file: Path, opener: type) -> None:
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder", "gone"):
        with pytest.raises(OSError), opener(tmp_path / name, name):
            pass
