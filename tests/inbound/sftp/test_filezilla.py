"""FileZilla, which nearly every label uses: its window under a virtual screen, and its engine driven directly."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest

from tests import filezilla
from tests.fzsftp import Failed, fzsftp
from tests.sftp_clients import Running, digests, release_folder

NAME = "Artist_Album_5034567890123_20260401"
MEGABYTE = 1 << 20


@pytest.mark.clients
def test_the_engine_uploads_a_folder_byte_identical(running: Running, tmp_path: Path) -> None:
    folder = release_folder(tmp_path / "source")
    with fzsftp(tmp_path) as engine:
        engine.open(running.port)
        for path in [folder, *sorted(folder.rglob("*"))]:
            target = f"/incoming/{path.relative_to(folder.parent)}"
            if path.is_dir():
                engine.command(f'mkdir "{target}"')
            else:
                engine.put(path, target)
    assert digests(running.incoming / NAME) == digests(folder)
    running.until(lambda: not running.backend.connections)
    assert [end for end in running.backend.ended if end.interrupted or end.holes] == []


@pytest.mark.clients
def test_the_engine_killed_midway_is_torn_and_resumes_byte_identical(running: Running, tmp_path: Path) -> None:
    source = tmp_path / "01_Track.wav"
    source.write_bytes(random.Random(1).randbytes(MEGABYTE + 3) * 100)
    arrived = running.incoming / source.name
    with fzsftp(tmp_path) as engine:
        engine.open(running.port)
        killing = threading.Thread(target=kill_when, args=(engine.process.kill, arrived, MEGABYTE))
        killing.start()
        with pytest.raises((EOFError, BrokenPipeError, Failed)):
            engine.put(source, f"/incoming/{source.name}")
        killing.join()
    running.until(lambda: not running.backend.connections)
    partial = arrived.stat().st_size
    (first,) = running.backend.ended
    assert (first.interrupted, first.size) == (True, partial)
    assert partial < source.stat().st_size
    with fzsftp(tmp_path) as engine:
        engine.open(running.port)
        engine.put(source, f"/incoming/{source.name}", resume=True)
    assert arrived.read_bytes() == source.read_bytes()
    running.until(lambda: not running.backend.connections)
    last = running.backend.ended[-1]
    assert (last.interrupted, last.holes, last.received) == (False, False, source.stat().st_size - partial)


def kill_when(kill: object, arriving: Path, size: int) -> None:
    assert callable(kill)
    end = time.monotonic() + 20
    while not (arriving.exists() and arriving.stat().st_size > size):
        assert time.monotonic() < end
        time.sleep(0.001)
    kill()


def album(where: Path, tracks: int, size: int) -> Path:
    """A release folder with many tracks, so that ten connections have something to do."""
    folder = release_folder(where, NAME)
    chance = random.Random(7)
    for track in range(3, tracks + 3):
        (folder / f"{track:02}_Track.wav").write_bytes(chance.randbytes(size + track))
    return folder


@pytest.mark.gui
@pytest.mark.timeout(180)
def test_a_new_folder_dragged_into_filezilla_arrives_over_ten_connections_and_resumes_after_a_kill(
    running: Running, tmp_path: Path
) -> None:
    folder = album(tmp_path / "source", tracks=20, size=6 * MEGABYTE)
    home = tmp_path / "home"
    home.mkdir()
    command = filezilla.filezilla(running.port, folder.parent)
    with filezilla.screen(home) as here:
        filezilla.configure(home, running.port, transfers=10, kibibytes_a_second=12_000)
        with filezilla.started(command, here.environment) as program:
            running.until(lambda: bool(running.backend.connections), 30)
            filezilla.drop_into_incoming(here, lambda: (running.incoming / NAME).exists())
            running.until(
                lambda: len(running.backend.connections) == 11 and len(running.backend.open_uploads) == 10, 30
            )
            running.until(lambda: bytes_in(running.incoming) > 20 * MEGABYTE, 30)
            here.picture("uploading")
            filezilla.kill(program)
        running.until(lambda: not running.backend.connections)
        interrupted = [end for end in running.backend.ended if end.interrupted]
        assert len(interrupted) >= 5
        assert digests(running.incoming / NAME) != digests(folder)
        filezilla.configure(home, running.port, transfers=10)
        begun = len(running.backend.calls)
        with filezilla.started(command, here.environment):
            running.until(lambda: bool(running.backend.connections), 30)
            filezilla.drop_into_incoming(here, lambda: len(running.backend.calls) > begun)
            running.until(lambda: digests(running.incoming / NAME) == digests(folder), 60)
            running.until(lambda: not running.backend.open_uploads)
            time.sleep(1)
            here.picture("uploaded")
    running.until(lambda: not running.backend.connections)
    resumed = {path for verb, _, path, *fresh in map(tuple, running.backend.calls[begun:]) if fresh == [False]}
    assert {end.path for end in interrupted if end.size > 0} & resumed
    assert [end for end in running.backend.ended[-20:] if end.holes] == []
    assert running.backend.late == []


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
