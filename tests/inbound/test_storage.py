"""What sealing and reading rely on, for every storage that there is."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.config import Paths
from ingest.flow.storage import DirectoryStorage
from ingest.inbound.storage import Kept, Storage

ALBUM, OTHER = Kept("anna", 7, "Album"), Kept("anna", 8, "Album")
FILES = {"metadata.xml": b"<xml/>", "CD 1/a.wav": b"sound"}
STORAGES: list[Callable[[Paths], Storage]] = [DirectoryStorage]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(data=tmp_path)


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest, paths: Paths) -> Storage:
    made: Storage = request.param(paths)
    made.check()
    return made


@pytest.fixture
def source(paths: Paths) -> Path:
    """The label's folder, before it is sealed."""
    folder = paths.incoming("anna") / "Album"
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def read(storage: Storage, kept: Kept, path: str = "") -> dict[str, bytes]:
    with storage.local(kept, path) as folder:
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_folder_is_taken_over_whole_and_is_no_longer_the_label_s(storage: Storage, source: Path) -> None:
    assert not storage.holds(ALBUM)
    storage.keep(ALBUM, source)
    assert (storage.holds(ALBUM), storage.holds(OTHER), source.exists()) == (True, False, False)
    assert read(storage, ALBUM) == FILES
    assert read(storage, ALBUM, "CD 1") == {"a.wav": b"sound"}
    assert {path.name for path in storage.view(ALBUM).iterdir()} == {"metadata.xml", "CD 1"}
    assert "anna" in storage.place(ALBUM) and storage.place(ALBUM, "CD 1").endswith("CD 1")


def test_a_locked_folder_cannot_be_written_and_stands_as_it_is_told(storage: Storage, source: Path) -> None:
    storage.keep(ALBUM, source)
    stands = storage.lock(ALBUM)
    assert stands.bytes == sum(map(len, FILES.values()))
    assert storage.fingerprint(ALBUM) == stands == storage.lock(ALBUM)
    assert storage.fingerprint(ALBUM, "CD 1").bytes == len(b"sound")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in storage.view(ALBUM).rglob("*") if path.is_file()}
    assert all(not mode & 0o222 for mode in modes)
    (storage.view(ALBUM) / "new").touch()
    assert storage.fingerprint(ALBUM) != stands


def test_one_file_is_read_by_its_path(storage: Storage, source: Path) -> None:
    storage.keep(ALBUM, source)
    with storage.open(ALBUM, "CD 1/a.wav") as file:
        assert file.read() == b"sound"
    for path in ("none.wav", "CD 1", "CD 1/none.wav", "../Album/metadata.xml", "/etc/hostname", ""):
        with pytest.raises(OSError):
            storage.open(ALBUM, path)


def test_a_folder_that_is_gone_is_kept_as_an_empty_one(storage: Storage) -> None:
    for _ in range(2):
        storage.keep_nothing(ALBUM)
    assert (storage.holds(ALBUM), read(storage, ALBUM), storage.fingerprint(ALBUM).bytes) == (True, {}, 0)


def test_a_removed_folder_takes_no_other_along_and_may_be_removed_again(
    storage: Storage, paths: Paths, source: Path
) -> None:
    storage.keep(ALBUM, source)
    storage.lock(ALBUM)
    storage.keep_nothing(OTHER)
    assert [storage.remove(ALBUM) for _ in range(2)] == [True, True]
    assert (storage.holds(ALBUM), storage.holds(OTHER)) == (False, True)
    with pytest.raises(OSError):
        storage.fingerprint(ALBUM)


def test_what_cannot_be_taken_over_stays_with_its_label(storage: Storage, source: Path) -> None:
    storage.keep_nothing(ALBUM)
    (storage.view(ALBUM) / "a.wav").touch()
    with pytest.raises(OSError):
        storage.keep(ALBUM, source)
    assert {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()} == FILES.keys()
