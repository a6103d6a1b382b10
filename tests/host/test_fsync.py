"""Flushing files and folders to the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.host.fsync import flush


@pytest.mark.parametrize("name", ["file", "folder", "link to the file", "link to the folder"])
def test_files_and_folders_are_flushed_through_links_too(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link to the file").symlink_to("file")
    (tmp_path / "link to the folder").symlink_to("folder")
    flush(tmp_path / name)


@pytest.mark.parametrize("target", ["file", "folder"])
def test_a_link_is_not_followed_where_others_may_put_one(tmp_path: Path, target: str) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"):
        flush(tmp_path / "link", follow=False)


def test_what_is_not_there_cannot_be_flushed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        flush(tmp_path / "nothing")
