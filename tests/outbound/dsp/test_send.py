"""Sending: everything is there before the marker, and whatever breaks, all of it lands, once."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.outbound.dsp.directory_transport import DirectoryTransport
from ingest.outbound.dsp.layouts import Placed
from ingest.outbound.dsp.send import send
from ingest.outbound.dsp.sftp_transport import SftpTransport
from ingest.outbound.dsp.transport import Progress, TransportError
from tests.outbound.dsp.servers import Server, asyncssh_server, openssh
from tests.outbound.dsp.shipments import FOLDER, landed, shipment, wanted


class Recording:
    """A DSP in memory that records what is put in which order; `lost` paths never arrive."""

    def __init__(self, lost: frozenset[str] = frozenset()) -> None:
        self.put_paths: list[str] = []
        self._there: dict[str, int] = {}
        self._lost = lost

    def sizes(self, folder: str) -> dict[str, int]:
        return {path: size for path, size in self._there.items() if path.startswith(f"{folder}/")}

    def put(self, files: Mapping[str, Path], progress: Progress) -> None:
        for path, local in files.items():
            self.put_paths.append(path)
            if path not in self._lost:
                self._there[path] = local.stat().st_size

    def put_bytes(self, path: str, data: bytes) -> None:
        self.put_paths.append(path)
        if path not in self._lost:
            self._there[path] = len(data)

    def names(self, folder: str) -> Sequence[str]:
        return ()

    def read(self, path: str, limit: int) -> bytes:
        return b""

    def remove(self, path: str) -> None:
        del self._there[path]

    def remove_folder(self, path: str) -> None:
        """Folders are not kept."""


def nothing(size: int) -> None:
    """Progress that nobody looks at."""


def test_media_come_first_then_the_message_then_the_marker(tmp_path: Path) -> None:
    placed, dsp = shipment(tmp_path / "shipment", (10, 20)), Recording()
    assert send(dsp, placed, nothing)
    assert [path.rpartition("/")[2] for path in dsp.put_paths] == [
        "1.flac",
        "2.flac",
        "1.xml",
        f"BatchComplete_{FOLDER}.xml",
    ]


def test_where_the_marker_is_the_shipment_was_sent_even_if_the_dsp_took_files_away(tmp_path: Path) -> None:
    placed, dsp = shipment(tmp_path / "shipment", (10,)), Recording()
    send(dsp, placed, nothing)
    dsp.remove(f"{FOLDER}/1/resources/1.flac")
    dsp.put_paths.clear()
    assert not send(dsp, placed, nothing)
    assert dsp.put_paths == []


def test_a_marker_that_was_written_in_part_is_put_again(tmp_path: Path) -> None:
    placed, dsp = shipment(tmp_path / "shipment", (10,)), Recording()
    send(dsp, placed, nothing)
    assert placed.marker is not None
    dsp.put_bytes(placed.marker[0], b"<man")
    assert send(dsp, placed, nothing)
    assert dsp.sizes(FOLDER)[placed.marker[0]] == len(placed.marker[1])


def test_without_a_marker_the_message_is_it_and_all_files_must_be_there(tmp_path: Path) -> None:
    placed, dsp = replace(shipment(tmp_path / "shipment", (10,)), marker=None), Recording()
    assert send(dsp, placed, nothing)
    assert not send(dsp, placed, nothing)
    dsp.remove(f"{FOLDER}/1/resources/1.flac")
    assert send(dsp, placed, nothing)


@pytest.mark.parametrize("lost", [f"{FOLDER}/1/resources/1.flac", f"{FOLDER}/1/1.xml"])
def test_no_marker_is_put_while_a_file_is_not_listed_with_its_size(tmp_path: Path, lost: str) -> None:
    dsp = Recording(frozenset({lost}))
    with pytest.raises(TransportError, match=r"is listed not at all where \d+ bytes were put"):
        send(dsp, shipment(tmp_path / "shipment", (10,)), nothing)
    assert not any("BatchComplete" in path for path in dsp.put_paths)


def test_a_marker_that_does_not_stay_is_a_failure(tmp_path: Path) -> None:
    dsp = Recording(frozenset({f"{FOLDER}/BatchComplete_{FOLDER}.xml"}))
    with pytest.raises(TransportError, match="is not there after it was put"):
        send(dsp, shipment(tmp_path / "shipment", (10,)), nothing)


def test_a_shipment_lands_in_a_directory_and_is_not_put_twice(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    placed = shipment(tmp_path / "shipment", (100_000, 0))
    assert send(DirectoryTransport(root), placed, nothing)
    assert landed(root) == wanted(placed)
    assert not send(DirectoryTransport(root), placed, nothing)


# Kills

SIZES = (9_000_000, 3_000_000, 7_000_000)


class Watch(threading.Thread):
    """Looks again and again whether the marker lies there before a file is whole."""

    def __init__(self, root: Path, placed: Placed) -> None:
        super().__init__(daemon=True)
        assert placed.marker is not None
        self._marker = root / placed.marker[0]
        self._files = {root / path: local.stat().st_size for path, local in placed.files.items()}
        self._ended = threading.Event()
        self.early = 0

    def run(self) -> None:
        while not self._ended.wait(0.002):
            if self._marker.exists():
                self.early += any(
                    not path.exists() or path.stat().st_size != size for path, size in self._files.items()
                )

    def end(self) -> int:
        self._ended.set()
        self.join()
        return self.early


def started(server: Server, folder: Path) -> subprocess.Popen[bytes]:
    """A process that sends the shipment."""
    sizes = ",".join(map(str, SIZES))
    arguments = [server.target.model_dump_json(), str(folder), sizes]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.outbound.dsp.shipments", *arguments], stderr=subprocess.DEVNULL
    )


def killed_often(server: Server, folder: Path, rounds: int, source: random.Random) -> None:
    """Send a shipment while either end is killed `rounds` times, then let it come to its end."""
    placed = shipment(folder, SIZES)
    watch = Watch(server.root, placed)
    watch.start()
    for number in range(rounds):
        process = started(server, folder)
        time.sleep(source.uniform(0.3, 1.1))
        if number % 2:
            server.kill()
        else:
            process.kill()
        process.kill() if source.random() < 0.5 else None
        process.wait(30)
    for _ in range(20):
        try:
            with closing(SftpTransport(server.target)) as transport:
                send(transport, placed, nothing)
            break
        except TransportError:
            time.sleep(0.1)
    assert landed(server.root) == wanted(placed)
    assert watch.end() == 0


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize("make", [openssh, asyncssh_server], ids=["openssh", "asyncssh"])
@pytest.mark.parametrize("part_names", [False, True])
def test_forty_kills_at_either_end_lose_nothing_and_send_nothing_twice(
    tmp_path: Path, make: Any, part_names: bool
) -> None:
    source = random.Random(7 + part_names)
    with make(tmp_path) as server:
        target = server.target.model_copy(update={"part_names": part_names, "max_bytes_per_second": 30_000_000})
        killed_often(replace(server, target=target), tmp_path / "shipment", 10, source)


@pytest.mark.slow
def test_a_resume_at_sixty_percent_sends_less_than_forty_five_percent_again(tmp_path: Path) -> None:
    sizes = tuple(24_000_000 for _ in range(5))
    placed, sent = shipment(tmp_path / "shipment", sizes), list[int]()

    def until(size: int) -> None:
        sent.append(size)
        if sum(sent) >= 0.6 * sum(sizes):
            running.kill()

    with openssh(tmp_path) as running:
        with pytest.raises(TransportError), closing(SftpTransport(running.target)) as transport:
            send(transport, placed, until)
        before = sum(sent)
        there = sum(path.stat().st_size for path in running.root.rglob("*") if path.is_file())
        with closing(SftpTransport(running.target)) as transport:
            send(transport, placed, sent.append)  # what was there already is told of too
        assert landed(running.root) == wanted(placed)
    assert sum(sent) - before - there < 0.45 * sum(sizes)
