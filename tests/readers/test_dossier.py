"""The dossier as a whole: what was hashed is what was read, and a folder that changes meanwhile gives no facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest.core.dossier import Dossier
from ingest.core.facts import FileKind, Unread
from ingest.readers.dossier import ReaderSettings, ReadingFailed, read_dossier
from ingest.readers.fork_client import Answer, Limits, Request
from ingest.readers.pool import Pool
from ingest.readers.sealed import CHANGED
from tests.good import Good, write_good


@pytest.fixture(scope="module")
def reading() -> Iterator[ReaderSettings]:
    pool = Pool(2)
    yield ReaderSettings(pool=pool)
    pool.close()


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = write_good(tmp_path, Good.SINGLE)
    (folder / "notes.xml").write_bytes(b"<html/>")
    (folder / "delivery.complete").touch()
    return folder


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_file_has_its_digest(album: Path, reading: ReaderSettings) -> None:
    dossier = read_dossier(album, "Album", reading)
    assert {entry.path: entry.sha256 for entry in dossier.folder.entries} == {
        path.name: sha256(path) for path in album.iterdir()
    }
    assert dossier.unread == ()


def test_no_child_reads_the_message_a_second_time(album: Path, reading: ReaderSettings) -> None:
    asked: list[str] = []
    proofs: list[Request] = []

    class Asked(Pool):
        def read(self, requests: Sequence[Request], limits: Limits, *rest: Any, **more: Any) -> list[Answer]:
            proofs.extend(one for one in requests if one["path"] == str(album / "metadata.xml"))
            asked.extend(one["path"] for one in requests if one not in proofs)
            return reading.pool.read(requests, limits, *rest, **more)

    read_dossier(album, "Album", ReaderSettings(pool=Asked()))
    assert sorted(asked) == sorted(str(path) for path in (album, *album.iterdir()) if path.name != "metadata.xml")
    assert [one["read"] for one in proofs] == ["hash"]


def read_and_change(album: Path, reading: ReaderSettings, name: str) -> Dossier:
    """A reading of the folder, in which a file is rewritten as soon as the message has been read."""

    def change(done: int, total: int, which: str) -> None:
        if done == 0:
            data = (album / name).read_bytes()
            (album / name).write_bytes(data[:-1] + b"!")

    return read_dossier(album, "Album", reading, progress=change)


@pytest.mark.parametrize("name", ["artwork.jpg", "01_Sunrise.wav", "notes.xml", "delivery.complete"])
def test_a_file_that_changed_since_the_folder_was_listed_is_not_read(
    album: Path, reading: ReaderSettings, name: str
) -> None:
    dossier = read_and_change(album, reading, name)
    assert dossier.unread == (Unread(name, CHANGED),)
    assert [entry.path for entry in dossier.folder.entries if entry.sha256 is None] == [name]
    assert name not in [*(facts.file for facts in dossier.audio), *(facts.file for facts in dossier.artwork)]


def test_the_digest_of_the_message_is_of_what_was_parsed_whatever_becomes_of_the_file(
    album: Path, reading: ReaderSettings
) -> None:
    before = sha256(album / "metadata.xml")
    dossier = read_and_change(album, reading, "metadata.xml")
    assert dossier.message is not None
    assert [entry.sha256 for entry in dossier.folder.of(FileKind.MESSAGE)] == [before]
    assert sha256(album / "metadata.xml") != before


def test_a_message_that_changes_while_it_is_read_fails_the_reading(album: Path) -> None:
    pool = Pool(1, "tests.readers.hostile")
    try:
        with pytest.raises(ReadingFailed, match=r"^metadata\.xml changed while it was read$"):
            read_dossier(album, "Album", ReaderSettings(pool=_Restless(pool)))
    finally:
        pool.close()


class _Restless(Pool):
    """Has the folder read as if its message had changed."""

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._pool = pool

    def read(self, requests: Sequence[Request], limits: Limits, *rest: Any, **more: Any) -> list[Answer]:
        return self._pool.read([{**one, "read": "restless"} for one in requests], limits, *rest, **more)
