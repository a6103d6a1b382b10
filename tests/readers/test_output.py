"""The one file that a child may write is one that was made for it, under one name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.readers.output import NotWritten, most_written, open_output, write_all


def test_the_file_is_opened_and_emptied(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.write_bytes(b"of an earlier attempt")
    number = open_output({"out": str(place), "most_bytes": 5})["descriptor"]
    write_all(number, b"whole")
    os.close(number)
    assert place.read_bytes() == b"whole"


def test_a_request_without_a_file_stays_as_it_is() -> None:
    assert open_output({"read": "audio"}) == {"read": "audio"}
    assert (most_written({"most_bytes": 5}), most_written({"most_bytes": 5, "out": "x"})) == (0, 5)


def test_links_second_names_folders_and_pipes_are_refused_untouched(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    (tmp_path / "link").symlink_to(precious)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "second").hardlink_to(precious)
    for name in ("link", "folder", "pipe", "second", "missing"):
        with pytest.raises(OSError, match=r".+"):
            open_output({"out": str(tmp_path / name), "most_bytes": 5})
    assert precious.read_bytes() == b"precious"


def test_a_disk_that_is_full_is_told() -> None:
    number = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(NotWritten, match="No space left on device"):
            write_all(number, b"anything")
    finally:
        os.close(number)
