"""A child that was taken over lies: nothing outside the package is read for it, and the next package is."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.readers.dossier import ReaderSettings, ReadingFailed, read_dossier, read_readiness
from ingest.readers.fork_client import Answer, ForkClient, Limits, Request
from ingest.readers.pool import Pool
from tests.good import Good, write_good
from tests.readers.lying import FAT_FIELDS, FAT_LIES, FOLDER_LIES, MEDIA_LIES, WRONG_DIGEST

NONE = r"^the reading process gave an answer that is none$"


class Noting(Pool):
    """Notes every file that a child is let at."""

    def __init__(self) -> None:
        super().__init__(2, "tests.readers.lying")
        self.asked: list[str] = []

    def read(self, requests: Sequence[Request], limits: Limits, *rest: Any, **more: Any) -> list[Answer]:
        self.asked.extend(one["path"] for one in requests)
        return super().read(requests, limits, *rest, **more)


@pytest.fixture(scope="module")
def pool() -> Iterator[Noting]:
    opened = Noting()
    yield opened
    opened.close()


@pytest.fixture
def reading(pool: Noting) -> ReaderSettings:
    pool.asked.clear()
    return ReaderSettings(pool=pool)


def release(parent: Path) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    folder = write_good(parent, Good.SINGLE)
    (folder / "notes.xml").write_bytes(b"<html/>")
    return folder


@pytest.mark.parametrize("lie", FOLDER_LIES)
def test_a_lie_about_the_folder_fails_the_reading_at_once(tmp_path: Path, reading: ReaderSettings, lie: str) -> None:
    folder = release(tmp_path)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(ReadingFailed, match=NONE) as failed:
        read_dossier(folder, lie, reading)
    assert failed.value.__context__ is None or len(str(failed.value.__context__)) < 100
    assert reading.pool.asked == [str(folder)]  # type: ignore[attr-defined]
    assert time.monotonic() - started < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000
    assert read_dossier(folder, "Honest", reading).unread == ()


def test_a_message_with_another_digest_than_was_told_fails_the_reading(tmp_path: Path, reading: ReaderSettings) -> None:
    with pytest.raises(ReadingFailed, match=r"^metadata\.xml changed while it was read$"):
        read_dossier(release(tmp_path), WRONG_DIGEST, reading)


@pytest.mark.parametrize("lie", MEDIA_LIES)
def test_a_lie_about_a_file_costs_that_file(tmp_path: Path, reading: ReaderSettings, lie: str) -> None:
    folder = release(tmp_path / lie)
    dossier = read_dossier(folder, "Album", reading)
    assert {one.file for one in dossier.unread} == {"01_Sunrise.wav", "artwork.jpg"}
    assert (dossier.audio, dossier.artwork) == ((), ())
    assert {one.reason for one in dossier.unread} <= {NONE.strip("^$"), "its answer has no end"}


TRACKS = 63
GROWTH = 150_000_000
"""Bytes that four packages of as many lying tracks may take."""


@pytest.mark.slow
@pytest.mark.parametrize("lie", [*FAT_LIES, *FAT_FIELDS])
def test_packages_full_of_lies_take_little_memory(tmp_path: Path, reading: ReaderSettings, lie: str) -> None:
    folders = [release(tmp_path / f"{number}" / f"fat {lie}") for number in range(4)]
    for folder in folders:
        for number in range(1, TRACKS):
            os.link(folder / "01_Sunrise.wav", folder / f"more{number}.wav")
    read_dossier(release(tmp_path / "honest"), "Honest", reading)
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    with ThreadPoolExecutor(4) as threads:
        read = list(threads.map(lambda folder: read_dossier(folder, "Honest", reading), folders))
    assert peak() - before < GROWTH
    kept = {len(dossier.audio) for dossier in read}
    assert kept == {TRACKS if lie in FAT_FIELDS else 0}


def peak() -> int:
    """Bytes of memory that this process had at the most."""
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def test_a_digest_that_is_none_costs_its_file(tmp_path: Path, reading: ReaderSettings) -> None:
    dossier = read_dossier(release(tmp_path / "null hash"), "Album", reading)
    assert [(one.file, one.reason) for one in dossier.unread] == [("notes.xml", NONE.strip("^$"))]


def test_a_digest_without_end_is_cut_short(tmp_path: Path, reading: ReaderSettings) -> None:
    with pytest.raises(ReadingFailed, match=r"^its answer has no end$"):
        read_dossier(release(tmp_path / "endless hash"), "Album", reading)


@pytest.mark.parametrize("name", ["many", "few"])
def test_a_readiness_that_is_none_is_said(tmp_path: Path, reading: ReaderSettings, name: str) -> None:
    with pytest.raises(ReadingFailed, match=NONE):
        read_readiness(release(tmp_path), name, reading)


def test_a_folder_that_changes_while_it_is_read_is_not_called_a_lie(tmp_path: Path, reading: ReaderSettings) -> None:
    folder = release(tmp_path)

    class Growing(Pool):
        def read(self, requests: Sequence[Request], limits: Limits, *rest: Any, **more: Any) -> list[Answer]:
            (folder / "more.txt").touch()
            return reading.pool.read(requests, limits, *rest, **more)

    with pytest.raises(ReadingFailed, match=r"^the folder changed while it was read$"):
        read_dossier(folder, "Honest", replace(reading, pool=Growing()))


def test_those_who_wait_are_told_when_the_listening_thread_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    lost: list[str] = []
    monkeypatch.setattr("ingest.readers.fork_client._head", full)
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    ForkClient(lambda *_: None, lost.append).wait()
    deadline = time.monotonic() + 20
    while not lost:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert lost[0].startswith("the process that keeps the readers ended")
