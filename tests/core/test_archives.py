"""Archives are told by the endings of their names."""

from __future__ import annotations

import pytest

from ingest.core.archives import is_archive


@pytest.mark.parametrize("name", ["Album.zip", "ALBUM.ZIP", "a/b.rar", "x.7z", "x.tar", "x.tar.gz", "x.tgz"])
def test_an_archive_is_told_by_its_ending(name: str) -> None:
    assert is_archive(name)


@pytest.mark.parametrize("name", ["zip", "Album.zip.wav", "01_zip.flac", "metadata.xml", "Album.zip.part"])
def test_other_files_are_none(name: str) -> None:
    assert not is_archive(name)
