"""The storage in a directory: where folders lie, and that nothing but them is reached."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.config import Paths
from ingest.flow.storage import DirectoryStorage, kept_of
from ingest.inbound.storage import Kept, OtherFilesystem
from ingest.store import packages
from tests.stage import Stage

ALBUM = Kept("anna", 7, "Album")


@pytest.fixture
def storage(tmp_path: Path) -> DirectoryStorage:
    """A storage that keeps ALBUM, with two releases of a batch, beside a file of somebody else."""
    paths = Paths(data=tmp_path)
    folder = paths.incoming("anna") / "Album"
    for path in ("one/metadata.xml", "two/metadata.xml"):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(path)
    storage = DirectoryStorage(paths)
    storage.keep(ALBUM, folder)
    (paths.spool_dir / "secret").write_text("secret")
    return storage


def test_a_folder_lies_under_its_label_its_number_and_its_name_for_us_alone(storage: DirectoryStorage) -> None:
    place = storage.paths.spool_dir / "anna" / "7" / "Album"
    assert storage.view(ALBUM) == place
    assert storage.place(ALBUM, "one") == str(place / "one")
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    with storage.local(ALBUM, "two") as release:
        assert release == place / "two"


def test_the_package_of_a_sealed_folder_is_found_in_it(on: Stage, sealed: int) -> None:
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, sealed)
        assert row is not None
        kept = kept_of(row)
    assert kept == Kept("anna", 1, row.folder)
    assert on.app.storage.holds(kept)


def test_the_folders_of_labels_and_of_the_storage_are_made_on_one_filesystem(tmp_path: Path) -> None:
    paths = Paths(data=tmp_path / "data")
    DirectoryStorage(paths).check()
    assert [stat.S_IMODE(place.stat().st_mode) for place in (paths.labels_dir, paths.spool_dir)] == [0o700, 0o700]


def test_a_spool_on_another_filesystem_is_told(tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not os.access(other, os.W_OK) or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    paths = Paths(data=tmp_path, spool=other)
    with pytest.raises(
        OtherFilesystem, match=f"^/dev/shm and {tmp_path}/labels must lie on one filesystem, under one mount$"
    ):
        DirectoryStorage(paths).check()


def test_a_spool_under_another_mount_of_the_filesystem_is_told_at_the_start_and_at_a_sealing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = DirectoryStorage(Paths(data=tmp_path))
    storage.check()
    source = tmp_path / "labels" / "anna" / "Album"
    source.mkdir(parents=True)

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OtherFilesystem, match=r"/spool and \S+/labels must lie on one filesystem, under one mount$"):
        storage.check()
    with pytest.raises(OtherFilesystem, match=r"/spool and \S+/Album must lie on one filesystem, under one mount$"):
        storage.keep(ALBUM, source)
    assert source.is_dir()
    assert [place.name for place in (tmp_path / "labels").iterdir()] == ["anna"]


NAMES = ["..", ".", "", "one", "two", "metadata.xml", "secret", "anna", "7", "Album", "/", "\0", "\ud800"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.sampled_from(NAMES), max_size=5))
def test_no_path_opens_anything_but_the_files_of_its_folder(storage: DirectoryStorage, parts: list[str]) -> None:
    path = "/".join(parts)
    if path in ("one/metadata.xml", "two/metadata.xml"):
        with storage.open(ALBUM, path) as file:
            assert file.read() == path.encode()
    else:
        with pytest.raises(OSError):
            storage.open(ALBUM, path)


def test_a_link_in_a_folder_is_not_followed(storage: DirectoryStorage) -> None:
    (storage.view(ALBUM) / "link").symlink_to(storage.paths.spool_dir)
    for path in ("link", "link/secret"):
        with pytest.raises(OSError):
            storage.open(ALBUM, path)
