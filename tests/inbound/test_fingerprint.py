"""Every change of a folder changes its fingerprint; looking at it changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.inbound.fingerprint import fingerprint, is_open_for_writing, make_read_only


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "CD 1").mkdir()
    (tmp_path / "CD 1" / "a.wav").write_bytes(b"sound")
    (tmp_path / "metadata.xml").write_bytes(b"<xml/>")
    return tmp_path


def rewritten_in_its_old_time(folder: Path) -> None:
    """The same size, and the time of the last change set back."""
    path = folder / "metadata.xml"
    before = path.stat()
    path.write_bytes(b"<xmL/>")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def put_back_under_its_name(folder: Path) -> None:
    path = folder / "metadata.xml"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


CHANGES: dict[str, Callable[[Path], object]] = {
    "written": lambda folder: (folder / "CD 1" / "a.wav").write_bytes(b"noise"),
    "longer": lambda folder: (folder / "CD 1" / "a.wav").write_bytes(b"sounds"),
    "old time": rewritten_in_its_old_time,
    "same bytes anew": put_back_under_its_name,
    "made": lambda folder: (folder / "b.wav").touch(),
    "removed": lambda folder: (folder / "metadata.xml").unlink(),
    "renamed": lambda folder: (folder / "metadata.xml").rename(folder / "other.xml"),
    "folder renamed": lambda folder: (folder / "CD 1").rename(folder / "CD 2"),
    "folder made": lambda folder: (folder / "CD 2").mkdir(),
    "link": lambda folder: (folder / "link").symlink_to("metadata.xml"),
    "mode": lambda folder: (folder / "metadata.xml").chmod(0o600),
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_change_is_seen(folder: Path, how: str) -> None:
    before = fingerprint(folder)
    time.sleep(0.02)  # the kernel's clock of files moves in steps of some milliseconds
    CHANGES[how](folder)
    assert fingerprint(folder).digest != before.digest


def test_reading_changes_nothing_and_all_bytes_are_counted(folder: Path) -> None:
    make_read_only(folder)
    before = fingerprint(folder)
    time.sleep(0.02)
    assert (folder / "metadata.xml").read_bytes() == b"<xml/>"
    assert not is_open_for_writing(folder)
    make_read_only(folder)
    assert fingerprint(folder) == before
    assert before.bytes == 11


def test_a_process_that_opens_a_file_while_it_is_asked_for_ends_nobody(folder: Path) -> None:
    """The kernel signals whoever holds a lease on a file that is opened for writing; by SIGIO that would be the end."""
    asking = (
        "import sys, pathlib\n"
        "from ingest.inbound.fingerprint import is_open_for_writing\n"
        "print('ready', flush=True)\n"
        "while not pathlib.Path(sys.argv[2]).exists():\n"
        "    is_open_for_writing(pathlib.Path(sys.argv[1]))\n"
    )
    stop = folder.with_name(f"{folder.name}.stop")
    command = [sys.executable, "-c", asking, str(folder), str(stop)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        end = time.monotonic() + 1
        while time.monotonic() < end:
            os.close(os.open(folder / "metadata.xml", os.O_WRONLY))
        stop.touch()
    assert process.returncode == 0, signal.Signals(-process.returncode)
