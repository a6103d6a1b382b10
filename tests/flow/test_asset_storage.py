"""Contents of assets on the disk."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from ingest.config import Paths
from ingest.flow.asset_storage import AssetStorage, DiskFull


@pytest.fixture
def storage(tmp_path: Path) -> AssetStorage:
    return AssetStorage(Paths(data=tmp_path), 0)


def test_a_content_lies_under_its_digest_read_only(storage: AssetStorage) -> None:
    with storage.arriving() as arriving:
        for piece in (b"one", b"", b"two"):
            arriving.write(piece)
        storage.keep(7, arriving)
        assert (arriving.size, arriving.head, arriving.sha256) == (6, b"onetwo", hashlib.sha256(b"onetwo").hexdigest())
    place = storage.place(7, hashlib.sha256(b"onetwo").hexdigest())
    assert (place.read_bytes(), place.stat().st_mode & 0o777, place.stat().st_nlink) == (b"onetwo", 0o440, 1)
    with storage.arriving() as again:
        again.write(b"onetwo")
        storage.keep(7, again)
    assert place.read_bytes() == b"onetwo"


def test_nothing_stays_of_a_file_that_was_not_kept(storage: AssetStorage, tmp_path: Path) -> None:
    with pytest.raises(KeyError), storage.arriving() as arriving:
        arriving.write(b"part")
        raise KeyError
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_what_a_crash_left_is_swept(storage: AssetStorage, tmp_path: Path) -> None:
    storage.sweep()
    left = tmp_path / "spool/.assets/arriving/01ABC"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"part")
    storage.sweep()
    assert not left.exists()


def test_the_least_free_space_stays_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(_: Any) -> Any:
        return shutil._ntuple_diskusage(10_000, 9_000, 1_000)

    monkeypatch.setattr("ingest.flow.asset_storage.shutil.disk_usage", usage)
    with AssetStorage(Paths(data=tmp_path), 996).arriving() as arriving:
        arriving.write(b"four")
    with AssetStorage(Paths(data=tmp_path), 996).arriving() as arriving, pytest.raises(DiskFull):
        arriving.write(b"fives")
