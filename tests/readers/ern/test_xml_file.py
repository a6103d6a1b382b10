"""The message is read once: its digest is of the bytes that are parsed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ingest.readers.ern.xml_file import PIECE, read_xml
from ingest.readers.sealed import open_sealed


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1001, PIECE, 3 * PIECE + 1])
@pytest.mark.parametrize("most", [1000, 2 * PIECE])
@pytest.mark.parametrize("head", [0, 700])
def test_the_digest_is_of_the_whole_file_and_only_so_many_bytes_are_kept(
    tmp_path: Path, size: int, most: int, head: int
) -> None:
    data = bytes(number % 251 for number in range(size))
    (tmp_path / "a.xml").write_bytes(data)
    with open_sealed(tmp_path / "a.xml", "a.xml") as file:
        xml = read_xml(file, "a.xml", most, file.read(head))
    assert xml.sha256 == hashlib.sha256(data).hexdigest()
    assert xml.data == (data if size <= most else None)
