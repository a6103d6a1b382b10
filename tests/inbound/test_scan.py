"""What lies on the disk, without opening a file: for any tree, and for what comes and goes meanwhile."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.inbound.scan import Found, files_of, list_incoming

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..")
)


@contextmanager
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="scan-"))
    try:
        yield place
    finally:
        shutil.rmtree(place)


@settings(max_examples=50, deadline=None)
@given(files=st.dictionaries(NAMES, st.binary(max_size=5), max_size=4), folders=st.sets(NAMES, max_size=3))
def test_any_names_are_told_as_they_are_sorted(files: dict[str, bytes], folders: set[str]) -> None:
    with folder() as place:
        for name in folders:
            (place / name).mkdir()
            for file, content in files.items():
                (place / name / file).write_bytes(content)
        for name in files.keys() - folders:
            (place / name).write_bytes(files[name])
        found = list_incoming(place)
        assert found == Found(tuple(sorted(folders)), tuple(sorted(files.keys() - folders)), ())
        below = {f"{name}/{file}": len(content) for name in folders for file, content in files.items()}
        beside = {name: len(content) for name, content in files.items() if name not in folders}
        assert [(path, size) for path, size, _ in files_of(place)] == sorted((below | beside).items())


def test_a_name_that_is_not_utf_8_is_told_with_escapes(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))).mkdir()
    (tmp_path / "café").mkdir()
    assert list_incoming(tmp_path) == Found(("café",), (), ("caf\\xe9",))


def test_links_are_files_that_lead_nowhere(tmp_path: Path) -> None:
    place = tmp_path / "incoming"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.wav").write_bytes(b"sound")
    place.mkdir()
    (place / "link").symlink_to(tmp_path / "outside")
    (place / "broken").symlink_to("nowhere")
    assert list_incoming(place) == Found((), ("broken", "link"), ())
    assert [path for path, *_ in files_of(place)] == ["broken", "link"]


def test_what_is_not_there_and_what_is_no_folder_has_no_files(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert list_incoming(tmp_path / "none") == Found((), (), ())
    assert (files_of(tmp_path / "none"), files_of(tmp_path / "file")) == ((), ())
    with pytest.raises(NotADirectoryError):
        list_incoming(tmp_path / "file")


def test_a_change_of_any_file_changes_what_is_told(tmp_path: Path) -> None:
    (tmp_path / "CD 1").mkdir()
    (tmp_path / "CD 1" / "a.wav").write_bytes(b"sound")
    before = files_of(tmp_path)
    assert files_of(tmp_path) == before
    os.utime(tmp_path / "CD 1" / "a.wav", (1, 1))
    assert files_of(tmp_path) != before
