"""The bytes of one file, held for all who look at them."""

from __future__ import annotations

from mmap import mmap
from pathlib import Path

import pytest

from ingest.readers.content import Content, Noted
from ingest.readers.sealed import ChangedWhileRead, open_changing

BYTES = bytes(range(100))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a"
    path.write_bytes(BYTES)
    return path


@pytest.mark.parametrize("most", [99, 100])
def test_content_is_the_same_in_memory_and_mapped(path: Path, most: int) -> None:
    with open_changing(path, "a") as file:
        content = Content(file, 100, most)
        read = content.reading()
        assert isinstance(content.data, mmap) == (most < 100)
        assert content.data[:] == BYTES
        assert [bytes(read(60)), bytes(read(60)), bytes(read(60))] == [BYTES[:60], BYTES[60:], b""]
        assert content.altered(3, b"xyz")[:] == BYTES[:3] + b"xyz" + BYTES[6:]
        assert content.data[:] == BYTES


def test_content_in_memory_stays_what_it_was(path: Path) -> None:
    with open_changing(path, "a") as file:
        content = Content(file, 100)
        assert content.data == BYTES
        path.write_bytes(bytes(100))
        assert (content.data, bytes(content.reading()(100))) == (BYTES, BYTES)


def test_an_empty_file_has_no_bytes(path: Path) -> None:
    path.write_bytes(b"")
    with open_changing(path, "a") as file:
        assert Content(file, 0).data == b""


def passed(noted: Noted, data: bytes) -> None:
    for start in range(0, len(data), 7):
        noted.prove(memoryview(data)[start : start + 7])


@pytest.mark.parametrize("changed", [None, *range(100)])
def test_bytes_that_were_read_are_proved_by_those_that_pass(path: Path, changed: int | None) -> None:
    read = {*range(20), *range(50, 53), 60, 61}
    with open_changing(path, "a") as file:
        noted = Noted(file, "a")
        for start, size in ((50, 3), (0, 20), (5, 10), (60, 2)):
            noted.seek(start)
            assert noted.read(size) == BYTES[start : start + size]
    if changed is None:
        passed(noted, BYTES)
        return
    data = BYTES[:changed] + b"\xff" + BYTES[changed + 1 :]
    if changed not in read:
        passed(noted, data)
        return
    with pytest.raises(ChangedWhileRead):
        passed(noted, data)
