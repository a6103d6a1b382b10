"""The bytes of one file, held for all who look at them."""

from __future__ import annotations

from mmap import mmap
from pathlib import Path

import pytest

from ingest.readers.content import Content
from ingest.readers.sealed import open_changing

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
        assert isinstance(content.data, mmap) == (most < 100)
        assert content.data[:] == BYTES
        assert content.altered(3, b"xyz")[:] == BYTES[:3] + b"xyz" + BYTES[6:]
        assert content.data[:] == BYTES


def test_content_in_memory_stays_what_it_was(path: Path) -> None:
    with open_changing(path, "a") as file:
        content = Content(file, 100)
        assert content.data == BYTES
        path.write_bytes(bytes(100))
        assert content.data == BYTES


def test_an_empty_file_has_no_bytes(path: Path) -> None:
    path.write_bytes(b"")
    with open_changing(path, "a") as file:
        assert Content(file, 0).data == b""
