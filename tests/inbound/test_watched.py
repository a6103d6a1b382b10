"""What is remembered of an open folder between two looks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime

import pytest

from ingest.inbound.watched import Watched

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
