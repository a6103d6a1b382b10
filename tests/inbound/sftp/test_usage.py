"""Counts of what a label stores, in one file for all threads and processes."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from ingest.inbound.sftp.usage import Usage


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
