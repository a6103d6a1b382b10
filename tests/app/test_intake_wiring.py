"""What the disk tells the daemon by itself."""

from __future__ import annotations

import ctypes
import errno
import itertools
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from watchdog.observers import inotify_c
from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, InotifyFD, Mask

from ingest.app import intake_wiring
from ingest.app.intake_wiring import watch
from tests.daemons import wait_for
from tests.sftp_clients import RecordingLog


@dataclass
class Told:
    """An intake that only counts how often it is told of something."""

    rescans: list[float] = field(default_factory=list)

    def rescan_soon(self) -> None:
        self.rescans.append(time.monotonic())


@dataclass
class NoLabels:
    """An application in which no label is known."""

    @property
    def store(self) -> Any:
        raise LookupError("no label")


@dataclass
class Readers:
    """The readers of the kernel's events that were started."""

    started: list[InotifyFD] = field(default_factory=list)
    run_of_watchdog: Callable[[InotifyFD], None] = InotifyFD.run

    @property
    def run(self) -> Callable[[InotifyFD], None]:
        def run(reader: InotifyFD) -> None:
            self.started.append(reader)
            self.run_of_watchdog(reader)

        return run

    def tell_again(self, root: Path, name: bytes) -> None:
        """Hand out the event of a folder's making once more, as when it was found by walking before."""
        (reader,) = self.started
        (descriptor,) = [wd for wd, one in reader._watch_for_wd.items() if one._initial_creation_path == bytes(root)]
        made = Mask(InotifyConstants.IN_CREATE | InotifyConstants.IN_ISDIR)
        reader.handle_event(InotifyEvent(descriptor, made, 0, name))


def test_a_folder_that_is_found_by_walking_and_by_its_own_event_is_watched_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, readers = Told(), Readers()
    monkeypatch.setattr(InotifyFD, "run", readers.run)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        end = watch(tmp_path, cast(Any, told), cast(Any, NoLabels()))
        try:
            (tmp_path / "anna" / "incoming" / "Release").mkdir(parents=True)
            wait_for(lambda: told.rescans, 60, "the first event")
            readers.tell_again(tmp_path, b"anna")
            before = len(told.rescans)
            (tmp_path / "anna" / "incoming" / "Another").mkdir()
            wait_for(lambda: len(told.rescans) > before, 60, "an event after it")
        finally:
            end()

    assert [str(one.message) for one in said] == []


def test_what_happens_on_the_disk_while_the_watching_ends_is_no_error_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    over = threading.Event()

    def upload() -> None:
        for number in itertools.count():
            if over.is_set():
                return
            (tmp_path / f"{number % 100}.wav").write_bytes(b"x")

    uploading = threading.Thread(target=upload)
    uploading.start()
    try:
        for _ in range(10):
            told = Told()
            end = watch(tmp_path, cast(Any, told), cast(Any, NoLabels()))
            time.sleep(0.05)
            end()
    finally:
        over.set()
        uploading.join()

    assert [one.getMessage() for one in caplog.records if one.name.startswith("watchdog")] == []


def test_without_a_free_inotify_instance_the_disk_is_only_rescanned_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted() -> int:
        ctypes.set_errno(errno.EMFILE)
        return -1

    monkeypatch.setattr(inotify_c, "inotify_init", exhausted)
    log = RecordingLog()
    monkeypatch.setattr(intake_wiring, "logger", lambda name: log)
    end = watch(tmp_path, cast(Any, Told()), cast(Any, NoLabels()))
    end()
    fault = "[Errno 24] inotify instance limit reached"
    assert log.lines == [("warning", "the disk is not watched, only rescanned", {"fault": fault})]
