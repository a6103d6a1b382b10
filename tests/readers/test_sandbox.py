"""Children that crash, hang or eat memory cost the file they read, and nothing else."""

from __future__ import annotations

import hashlib
import os
import resource
from pathlib import Path

import pytest

from ingest.readers.sandbox import Child, Failure, Limits, read_all

SMALL = Limits(memory_bytes=1_500_000_000, cpu_seconds=5, wall_seconds=3)


def hash_of(path: Path) -> dict[str, object]:
    return {"read": "hash", "path": str(path), "name": path.name}


def test_facts_come_in_the_order_of_the_requests_from_several_children(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.bin" for n in range(7)]
    for n, path in enumerate(paths):
        path.write_bytes(bytes([n]) * 1000)
    progress: list[tuple[int, int]] = []
    answers = read_all([hash_of(path) for path in paths], SMALL, 3, lambda done, total: progress.append((done, total)))
    assert answers == [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    assert sorted(progress) == [(n, 7) for n in range(1, 8)]


def test_a_file_that_makes_a_reader_raise_is_a_failure_of_ours_and_the_next_one_is_read(tmp_path: Path) -> None:
    good = tmp_path / "good.bin"
    good.write_bytes(b"x")
    first, second = read_all([hash_of(tmp_path / "gone.bin"), hash_of(good)], SMALL, 1)
    assert isinstance(first, Failure) and "FileNotFoundError" in first.reason
    assert second == hashlib.sha256(b"x").hexdigest()


def test_a_file_that_makes_a_reader_hang_is_ended_and_the_next_one_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless")
    good = tmp_path / "good.bin"
    good.write_bytes(b"x")
    first, second = read_all([hash_of(tmp_path / "endless"), hash_of(good)], SMALL, 1)
    assert first == Failure("no answer within 3 seconds")
    assert second == hashlib.sha256(b"x").hexdigest()


def test_a_child_that_is_killed_is_replaced(tmp_path: Path) -> None:
    good = tmp_path / "good.bin"
    good.write_bytes(b"x")
    child = Child(SMALL)
    try:
        assert child.ask(hash_of(good)) == hashlib.sha256(b"x").hexdigest()
        assert child._process is not None
        child._process.kill()
        child._process.wait()
        dead = child.ask(hash_of(good))
        assert isinstance(dead, Failure) and "SIGKILL" in dead.reason
        assert child.ask(hash_of(good)) == hashlib.sha256(b"x").hexdigest()
    finally:
        child.close()


def test_a_child_that_may_use_no_memory_is_our_failure_and_not_the_labels(tmp_path: Path) -> None:
    good = tmp_path / "good.bin"
    good.write_bytes(b"x")
    (answer,) = read_all([hash_of(good)], Limits(memory_bytes=1_000_000, cpu_seconds=5, wall_seconds=10), 1)
    assert isinstance(answer, Failure)


def test_reading_works_beyond_a_thousand_open_descriptors(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2000:
        pytest.skip("this machine allows too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    good = tmp_path / "good.bin"
    good.write_bytes(b"x")
    held = [os.open(good, os.O_RDONLY) for _ in range(1100)]
    try:
        assert read_all([hash_of(good)], SMALL, 1) == [hashlib.sha256(b"x").hexdigest()]
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
