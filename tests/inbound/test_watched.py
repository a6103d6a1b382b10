"""What is remembered of an open folder between two looks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.core.facts import FileKind, UploadEnd
from ingest.inbound.settle import View
from ingest.inbound.watched import Snapshot, Watched, view_of
from ingest.store.models import Label, ReleaseFolder
from ingest.store.uploads import UploadState

NOW = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)


def test_a_folder_is_being_looked_at_until_its_look_has_ended() -> None:
    watched, goes_on = Watched(1, NOW), threading.Event()
    seen = [watched.is_running]
    with ThreadPoolExecutor(1) as pool:
        watched.running = pool.submit(lambda: (goes_on.wait(20), None)[1])
        seen.append(watched.is_running)
        goes_on.set()
        wait([watched.running])
        seen.append(watched.is_running)
    assert seen == [False, True, False]


def test_a_look_that_failed_has_ended() -> None:
    def fail() -> None:
        raise OSError("unreadable")

    watched = Watched(1, NOW)
    with ThreadPoolExecutor(1) as pool:
        watched.running = pool.submit(fail)
    assert not watched.is_running
    with pytest.raises(OSError, match="unreadable"):
        watched.running.result()


def test_two_folders_remember_nothing_of_each_other() -> None:
    one, other = Watched(1, NOW), Watched(1, NOW)
    one.files, one.changed = (("a.wav", 5, 1),), NOW
    assert (other.files, other.changed, other.readiness) == ((), None, None)


def test_a_folder_is_decided_by_its_files_its_uploads_and_when_it_was_touched_last() -> None:
    folder = ReleaseFolder(name="Album", touched_at=NOW - timedelta(minutes=9))
    uploads = (UploadState("Album/a.wav", UploadEnd.INTERRUPTED, received=7, holes=False, connected=False),)
    seen = Snapshot(Label(name="anna"), folder, Path("/home/anna/incoming/Album"), uploads, told=True, is_online=True)
    watched = Watched(1, NOW, (("a.wav", 7, 2), (".DS_Store", 1, 3)), changed=NOW - timedelta(minutes=5))

    def kind_of(path: str) -> FileKind:
        return FileKind.AUDIO if path.endswith(".wav") else FileKind.LITTER

    view = View(
        is_empty=False,
        is_archive=False,
        touched=NOW - timedelta(minutes=5),
        writing=False,
        interrupted=True,
        temporary=False,
        connected=False,
        told=True,
        readiness=None,
    )
    assert view_of(seen, watched, kind_of, NOW) == view
    watched.files = watched.files[1:]
    empty = View(
        is_empty=True,
        is_archive=False,
        touched=NOW - timedelta(minutes=6),
        writing=False,
        interrupted=False,
        temporary=False,
        connected=True,
        told=True,
        readiness=None,
    )
    assert view_of(seen, watched, kind_of, NOW - timedelta(minutes=6)) == empty
