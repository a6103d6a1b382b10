"""Counts of what a label stores, in one file for all threads and processes."""

from __future__ import annotations

import multiprocessing
import os
import stat
import threading
from pathlib import Path

import pytest

from ingest.inbound.sftp.usage import NAME, NEVER, Usage, forget_counts


def add_ones(path: Path, count: int) -> None:
    usage = Usage(path)
    for _ in range(count):
        with usage:
            usage.bytes += 1


def test_processes_that_count_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tally"
    forking = multiprocessing.get_context("fork")
    workers = [forking.Process(target=add_ones, args=(path, 2000)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    usage = Usage(path)
    with usage:
        assert usage.bytes == 6000


def counts(path: Path) -> tuple[float, ...]:
    usage = Usage(path)
    with usage:
        found = usage.bytes, usage.files, usage.folders, usage.kept, usage.counted
    usage.close()
    return found


def test_a_new_file_is_for_us_alone_and_says_that_nothing_was_counted(tmp_path: Path) -> None:
    path = tmp_path / NAME
    assert counts(path) == (0, 0, 0, 0, 0.0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_counts_are_kept_also_of_a_block_that_fails_and_over_a_restart(tmp_path: Path) -> None:
    usage = Usage(tmp_path / NAME)
    with pytest.raises(OSError, match="disk"), usage:
        usage.bytes, usage.files, usage.folders, usage.kept, usage.counted = 2**40, 3, 4, 2**41, 5.5
        raise OSError("disk")
    usage.close()
    assert counts(tmp_path / NAME) == (2**40, 3, 4, 2**41, 5.5)


def die_while_held(path: Path) -> None:
    with Usage(path):
        os._exit(0)


def test_counts_that_a_process_held_when_it_died_are_to_be_counted_anew(tmp_path: Path) -> None:
    usage = Usage(tmp_path / NAME)
    with usage:
        usage.bytes, usage.counted = 7, 5.5
    usage.close()
    dying = multiprocessing.get_context("fork").Process(target=die_while_held, args=(tmp_path / NAME,))
    dying.start()
    dying.join()
    assert counts(tmp_path / NAME) == (7, 0, 0, 0, NEVER)


def test_a_thread_waits_while_another_holds_the_counts(tmp_path: Path) -> None:
    usage, order = Usage(tmp_path / NAME), list[str]()

    def count() -> None:
        with usage:
            order.append("second")

    waiting = threading.Thread(target=count)
    with usage:
        waiting.start()
        waiting.join(0.2)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    usage.close()


def test_forgotten_counts_are_to_be_counted_anew_and_nothing_is_made_for_it(tmp_path: Path) -> None:
    forget_counts(tmp_path)
    assert list(tmp_path.iterdir()) == []
    usage = Usage(tmp_path / NAME)
    with usage:
        usage.bytes, usage.counted = 7, 5.5
    forget_counts(tmp_path)
    with usage:
        assert (usage.bytes, usage.counted) == (7, NEVER)
    usage.close()


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"secret")
    (tmp_path / NAME).symlink_to(tmp_path / "target")
    with pytest.raises(OSError), Usage(tmp_path / NAME):
        pass
    assert (tmp_path / "target").read_bytes() == b"secret"


def test_closed_counts_hold_no_descriptor_and_the_next_block_opens_them_again(tmp_path: Path) -> None:
    usage = Usage(tmp_path / NAME)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with usage:
        usage.bytes = 7
    assert len(list(Path("/proc/self/fd").iterdir())) == before + 2  # mmap(2) holds the file by a descriptor of its own
    usage.close()
    usage.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    with usage:
        assert usage.bytes == 7
    usage.close()
