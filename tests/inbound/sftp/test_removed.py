"""Files that were removed or replaced under an open handle: kept aside, and deleted with the last close."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.inbound.sftp.removed import NAME, Removed, hold, is_held


@dataclass
class Home:
    """A label's home with an open folder in it, and the handles on its files."""

    root: Path
    handles: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.root / "incoming").mkdir()
        self.removed = Removed(self.root / NAME)
        self.parent = os.open(self.root / "incoming", os.O_RDONLY | os.O_DIRECTORY)

    def put(self, name: str, size: int) -> None:
        (self.root / "incoming" / name).write_bytes(bytes(size))

    def open(self, name: str) -> int:
        handle = os.open(name, os.O_RDWR, dir_fd=self.parent)
        hold(handle)
        self.handles.append(handle)
        return handle

    def close(self, handle: int) -> int | None:
        self.handles.remove(handle)
        return self.removed.close(handle)

    def names(self) -> list[str]:
        return sorted(path.name for path in (self.root / "incoming").iterdir())

    def aside(self) -> list[int]:
        """The sizes of the files that lie aside."""
        with suppress(FileNotFoundError):
            return sorted(path.stat().st_size for path in (self.root / NAME).iterdir())
        return []


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    for descriptor in (made.parent, *made.handles):
        os.close(descriptor)


def test_a_file_that_nobody_holds_is_free_at_once(home: Home) -> None:
    home.put("a", 5)
    assert home.removed.remove(home.parent, b"a") == 5
    assert (home.names(), home.aside(), (home.root / NAME).exists()) == ([], [], False)


def test_a_held_file_lies_aside_until_its_last_handle_closes(home: Home) -> None:
    home.put("a", 5)
    first, second = home.open("a"), home.open("a")
    assert home.removed.remove(home.parent, b"a") is None
    assert (home.names(), home.aside()) == ([], [5])
    os.write(first, bytes(9))
    home.removed.sweep()
    assert (home.close(first), home.aside()) == (None, [9])
    assert (home.close(second), home.aside()) == (9, [])


def test_a_handle_on_a_file_that_still_has_its_name_frees_nothing(home: Home) -> None:
    home.put("a", 5)
    assert (home.close(home.open("a")), home.names()) == (None, ["a"])


def test_two_removed_files_of_one_name_are_kept_apart(home: Home) -> None:
    handles = []
    for size in (5, 7):
        home.put("a", size)
        handles.append(home.open("a"))
        assert home.removed.remove(home.parent, b"a") is None
    assert home.aside() == [5, 7]
    assert [home.close(handle) for handle in handles] == [5, 7]


@pytest.mark.parametrize("is_held_", [False, True])
def test_what_a_rename_replaces_lies_aside_while_it_is_held(home: Home, is_held_: bool) -> None:
    home.put("old", 5)
    home.put("new", 7)
    handle = home.open("old") if is_held_ else None

    def rename() -> None:
        os.rename("new", "old", src_dir_fd=home.parent, dst_dir_fd=home.parent)

    assert home.removed.replace(home.parent, b"old", rename) is is_held_
    assert (home.names(), home.aside()) == (["old"], [5] if is_held_ else [])
    assert (home.root / "incoming" / "old").stat().st_size == 7
    if handle is not None:
        assert (home.close(handle), home.aside()) == (5, [])


def test_a_rename_that_fails_leaves_the_held_file_under_its_name(home: Home) -> None:
    home.put("old", 5)
    home.open("old")

    def rename() -> None:
        raise OSError("broken disk")

    with pytest.raises(OSError, match="broken disk"):
        home.removed.replace(home.parent, b"old", rename)
    assert (home.names(), home.aside()) == (["old"], [])


def test_what_a_process_left_aside_when_it_died_is_swept_away(home: Home) -> None:
    home.removed.sweep()
    home.put("a", 5)
    handle = home.open("a")
    home.removed.remove(home.parent, b"a")
    home.handles.remove(handle)
    os.close(handle)
    home.removed.sweep()
    assert home.aside() == []


def test_links_and_pipes_are_held_by_nobody(home: Home) -> None:
    place = home.root / "incoming"
    home.put("a", 5)
    home.open("a")
    (place / "link").symlink_to("a")
    os.mkfifo(place / "pipe")
    for name in (b"link", b"pipe"):
        assert home.removed.remove(home.parent, name) is not None
    assert (home.names(), home.aside()) == (["a"], [])
    with pytest.raises(FileNotFoundError):
        home.removed.remove(home.parent, b"none")


def test_a_file_is_held_as_long_as_some_handle_on_it_is_open(home: Home) -> None:
    home.put("a", 5)
    probe = os.open(home.root / "incoming" / "a", os.O_RDONLY)
    seen = [is_held(probe)]
    handle = home.open("a")
    seen.append(is_held(probe))
    home.close(handle)
    seen.append(is_held(probe))
    os.close(probe)
    assert seen == [False, True, False]


def test_a_file_that_has_another_name_still_frees_nothing(home: Home) -> None:
    """A process that dies between the two halves of `replace` leaves both names."""
    home.put("a", 5)
    handle = home.open("a")

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        home.removed.replace(home.parent, b"a", die)
    home.handles.remove(handle)
    assert (home.removed.close(handle), home.names(), home.aside()) == (None, ["a"], [])


def test_the_second_name_of_a_file_that_is_still_held_is_swept_away(home: Home) -> None:
    home.put("a", 5)
    home.open("a")

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        home.removed.replace(home.parent, b"a", die)
    home.removed.sweep()
    assert (home.names(), home.aside()) == (["a"], [])
    assert home.removed.remove(home.parent, b"a") is None
    assert (home.names(), home.aside()) == ([], [5])
