"""Sessions that do anything at the same time, in threads and in processes, while their folders are being sealed."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest

from tests.inbound.sftp.blocks import Sealed, faults_of, has_changed
from tests.inbound.sftp.sessions import BLOCK, LABELS, Server, Session, prepare
from tests.inbound.sftp.stored import Counts, stored
from tests.inbound.sftp.traffic import Sealing, Traffic, uploads_of
from tests.inbound.sftp.traffic_process import serve

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unflushed")]

QUOTA = Counts(bytes=60_000, files=8, folders=6)
PAUSE = 0.02
"""Seconds between two tries to seal, so that a folder may fill up first."""
MEGABYTE = 10**6
STEPS = 40
WHOSE = ("anna", "anna", "anna", "bert")
SEED = 20_260_501


def check(server: Server, sessions: Iterable[Session], sealed: Sequence[Sealed], pids: Sequence[int | str]) -> None:
    """Nobody asks anything now: what is counted is what is stored, and nothing sealed has changed."""
    assert server.trouble() == []
    assert [str(one.place) for one in sealed if has_changed(one)] == []
    for session in sessions:
        _, free = session.statvfs()
        there = stored(server.paths, session.label, pids)
        assert server.counts(session.label) == there
        assert free == max(0, QUOTA.bytes - there.bytes) // BLOCK
        assert there.bytes <= QUOTA.bytes + MEGABYTE and there.files <= QUOTA.files


@contextmanager
def sealing_goes_on(sealing: Sealing) -> Iterator[None]:
    """During the block a thread seals what it can."""
    over, faults = threading.Event(), list[BaseException]()

    def seal() -> None:
        try:
            while not over.is_set():
                sealing.try_one()
                over.wait(PAUSE)
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=seal)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert faults == []


@contextmanager
def watching(server: Server) -> Iterator[list[Session]]:
    """One idle session of each label."""
    sessions = [server.session(label) for label in LABELS]
    try:
        yield sessions
    finally:
        for session in sessions:
            session.end()


def test_sessions_in_threads_count_what_they_store_and_change_nothing_sealed(tmp_path: Path) -> None:
    prepare(tmp_path, QUOTA)
    server = Server(tmp_path)
    traffic = [Traffic(server, label, SEED + at, at * 10_000_000) for at, label in enumerate(WHOSE)]
    sealing = Sealing(server, SEED, LABELS)
    end, checked = time.monotonic() + 12, 0
    with ThreadPoolExecutor(len(traffic)) as threads, watching(server) as sessions:
        while time.monotonic() < end:
            with sealing_goes_on(sealing):
                for playing in [threads.submit(one.run, STEPS) for one in traffic]:
                    playing.result()
            check(server, sessions, sealing.done, ["self"])
            fresh, checked = sealing.done[checked:], len(sealing.done)
            assert [fault for one in fresh for fault in faults_of(one, uploads_of(traffic))] == []
        for one in traffic:
            one.lose()
        check(server, sessions, sealing.done, ["self"])
    assert nothing_removed_is_kept(server)
    assert len(sealing.done) >= 3
    server.close()


def test_sessions_in_two_processes_count_what_they_store_and_change_nothing_sealed(tmp_path: Path) -> None:
    prepare(tmp_path, QUOTA)
    server = Server(tmp_path)
    sealing = Sealing(server, SEED, LABELS)
    with processes(tmp_path, 2) as (pipes, numbers), watching(server) as sessions:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with sealing_goes_on(sealing):
                for pipe in pipes:
                    pipe.send(STEPS)
                assert [pipe.recv() for pipe in pipes] == [[] for _ in pipes]
            check(server, sessions, sealing.done, [*numbers, "self"])
        for pipe in pipes:
            pipe.send(0)
        uploads = [upload for pipe in pipes for upload in pipe.recv()]
        check(server, sessions, sealing.done, ["self"])
    assert [fault for one in sealing.done for fault in faults_of(one, uploads)] == []
    assert nothing_removed_is_kept(server)
    assert len(sealing.done) >= 3
    server.close()


def nothing_removed_is_kept(server: Server) -> bool:
    """True when no file without a name is left once nothing is open any more."""
    return not [path for label in LABELS for path in server.paths.home(label).glob(".removed/**/*") if path.is_file()]


@contextmanager
def processes(root: Path, count: int) -> Iterator[tuple[list[Connection], list[int]]]:
    """Processes of the server with sessions of their own, by their pipes and process ids."""
    spawning = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    started: list[SpawnProcess] = []
    try:
        for number in range(1, count + 1):
            ours, theirs = spawning.Pipe()
            process = spawning.Process(target=serve, args=(theirs, root, number, SEED + 100 * number))
            process.start()
            theirs.close()
            pipes.append(ours)
            started.append(process)
        assert [pipe.recv() for pipe in pipes] == ["ready"] * count
        yield pipes, [process.pid for process in started if process.pid]
    finally:
        for pipe in pipes:
            pipe.close()
        for process in started:
            process.join(20)
            process.kill()
