"""An SFTP worker from the inside: what it says and asks over its channel, and how it ends."""

from __future__ import annotations

import asyncio
import functools
import json
import pickle
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
import pytest

from ingest.config import Sftp
from ingest.inbound.sftp.ipc import MESSAGE, IpcChannel, pair
from ingest.inbound.sftp.local_server import no_read_only_folders
from ingest.inbound.sftp.sftp_worker import Alarm, Noticed, WorkerParts
from ingest.inbound.sftp.sftp_worker_process import RemoteLimits
from tests.inbound.sftp.memory_backend import MemoryBackend
from tests.sftp_clients import PASSWORD, RecordingLog, add_label, host_keys

CONFIG = Sftp(host="127.0.0.1", port=0, min_free_bytes=0)


@contextmanager
def open_rooms(root: Path, number: int, noticed: Noticed, alarm: Alarm) -> Iterator[WorkerParts]:
    """What the process opens; it says so to whom it may tell things."""
    backend = MemoryBackend()
    add_label(backend, root, "anna", root / "key")
    noticed(1, f"opened by {number}")
    alarm("the rooms are open", "in words")
    yield WorkerParts(backend, RecordingLog(), no_read_only_folders, lambda: None)


def open_nothing(number: int, noticed: Noticed, alarm: Alarm) -> AbstractContextManager[WorkerParts]:
    raise OSError("no database")


@dataclass
class Worker:
    """The process, our end of its channel, and what it said but for its state."""

    process: subprocess.Popen[bytes]
    end: socket.socket
    said: list[list[Any]] = field(default_factory=list)

    def send(self, *words: object, carry: socket.socket | None = None) -> None:
        socket.send_fds(self.end, [json.dumps(words).encode()], [carry.fileno()] if carry else [])

    def hear_until(self, word: str) -> None:
        """Take in what it says, and let every connection of a label in, until it says `word`."""
        while not self.said or self.said[-1][0] != word:
            message = json.loads(self.end.recv(MESSAGE))
            if message[0] == "state":
                continue
            self.said.append(message)
            if message[0] == "ask":
                self.send("answer", message[1], message[2] == "enter")


@contextmanager
def started(opening: object) -> Iterator[Worker]:
    ours, theirs = pair()
    ours.settimeout(60)
    ours.send(pickle.dumps((opening, 3, CONFIG, (host_keys() / "ssh_host_ed25519_key",))))
    command = [sys.executable, "-m", "ingest.inbound.sftp.sftp_worker_process", str(theirs.fileno())]
    with ours, subprocess.Popen(command, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE) as process:
        theirs.close()
        try:
            yield Worker(process, ours)
        finally:
            process.kill()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    (tmp_path / "key.pub").write_text((host_keys() / "ssh_host_ed25519_key.pub").read_text())
    with started(functools.partial(open_rooms, tmp_path)) as worker:
        worker.hear_until("alarm")
        yield worker


@contextmanager
def handed_over(worker: Worker) -> Iterator[socket.socket]:
    """A client's end of a connection that the worker serves as number 1."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        near = socket.create_connection(listening.getsockname())
        far, _ = listening.accept()
    with far:
        worker.send("serve", 1, "192.0.2.1", carry=far)
    yield near
    near.close()


def make_folder(near: socket.socket) -> None:
    with paramiko.Transport(near) as transport:
        transport.connect(username="anna", password=PASSWORD)
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        client.mkdir("/incoming/Album")


def test_a_connection_is_served_to_its_end_and_its_label_is_let_in_by_the_accepting_process(
    worker: Worker, tmp_path: Path
) -> None:
    assert worker.said == [["noticed", 1, "opened by 3"], ["alarm", "the rooms are open", "in words"]]
    worker.said.clear()
    with handed_over(worker) as near, ThreadPoolExecutor(1) as client:
        making = client.submit(make_folder, near)
        worker.hear_until("ended")
        making.result(20)
    questions: tuple[list[object], ...] = (
        ["banned", "192.0.2.1"],
        ["guarded", 1],
        ["banned", "192.0.2.1"],
        ["guarded", 1],
        ["enter", 1],
    )
    asked = [["ask", number, *said] for number, said in enumerate(questions, 1)]
    whole = [["logged in", 1], ["succeeded", "192.0.2.1", 1], *asked, ["left", 1], ["ended", 1]]
    assert sorted(worker.said, key=str) == sorted(whole, key=str)
    assert (tmp_path / "labels" / "anna" / "incoming" / "Album").is_dir()
    worker.send("drain", 0)
    assert worker.process.wait(20) == 0


def test_a_connection_that_is_dropped_ends_and_the_worker_goes_on(worker: Worker) -> None:
    with handed_over(worker) as near:
        assert near.recv(255).startswith(b"SSH-2.0-ingest")
        worker.send("drop", 1)
        worker.hear_until("ended")
    assert worker.process.poll() is None
    worker.send("drain", 0)
    assert worker.process.wait(20) == 0


def test_a_worker_whose_channel_is_cut_ends_and_signals_alone_do_not_end_it(worker: Worker) -> None:
    worker.process.terminate()
    with handed_over(worker) as near:
        assert near.recv(255).startswith(b"SSH-2.0-ingest")
    worker.hear_until("ended")
    worker.end.close()
    assert worker.process.wait(20) == 1


def test_a_worker_that_cannot_open_its_rooms_ends() -> None:
    with started(open_nothing) as worker:
        assert worker.process.stderr is not None
        assert worker.process.wait(60) == 1
        assert worker.process.stderr.read().strip().endswith(b"OSError: no database")


async def test_each_question_about_the_limits_gets_its_own_answer() -> None:
    ours, theirs = pair()
    asked: list[list[Any]] = []
    far = IpcChannel(theirs, lambda message, carried: asked.append(message), lambda: None)
    near = IpcChannel(ours, lambda message, carried: limits.answer(*message), lambda: None)
    limits = RemoteLimits(near)
    asking = (limits.failed("192.0.2.1", None), limits.enter(7), limits.is_banned("192.0.2.3"), limits.is_guarded(9))
    questions = [asyncio.create_task(question) for question in asking]
    limits.succeeded("192.0.2.2", 7)
    limits.leave(8)
    async with asyncio.timeout(20):
        while len(asked) < 6:
            await asyncio.sleep(0.001)
    told = [["succeeded", "192.0.2.2", 7], ["left", 8]]
    words: tuple[list[object], ...] = (
        ["failed", "192.0.2.1", None],
        ["enter", 7],
        ["banned", "192.0.2.3"],
        ["guarded", 9],
    )
    expected = [["ask", number, *said] for number, said in enumerate(words, 1)]
    assert sorted(asked, key=str) == sorted([*expected, *told], key=str)
    for number, answer in ((2, True), (1, False), (4, True), (3, False)):
        far.send(number, answer)
    assert await asyncio.gather(*questions) == [False, True, False, True]
    near.close()
    far.close()
