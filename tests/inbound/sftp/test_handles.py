"""What a session has open: uploads, files being read, and listings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.config import Sftp
from ingest.inbound.backend import Gone, Refused
from ingest.inbound.sftp.handles import MAX_LISTINGS, REMOVED, BadHandle, Handles, Listing, Reading
from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from ingest.inbound.sftp.replies import Attributes
from ingest.inbound.sftp.tree import Area, OpenFolder
from tests.inbound.sftp.raw import number, raw, string
from tests.sftp_clients import Running, running_server


def test_folders_and_handles_have_their_limits(tmp_path: Path) -> None:
    config = Sftp(host="127.0.0.1", port=0, min_free_bytes=0, max_open_files=3, max_files_per_folder=2)
    with running_server(tmp_path, config) as running, raw(running) as client:
        handles = [client.open(f"/incoming/{name}", OpenFlag.WRITE | OpenFlag.CREATE) for name in "ab"]
        full = client.ask(Kind.OPEN, string(b"/incoming/c"), number(0x0A), number(0)).status
        assert full == (Code.PERMISSION_DENIED, "This folder is full: 2 files and folders are the most we take in one.")
        assert client.ask(Kind.MKDIR, string(b"/incoming/c"), number(0)).status[1].startswith("This folder is full")
        client.open("/incoming/a", OpenFlag.READ)
        many = client.ask(Kind.OPEN, string(b"/incoming/b"), number(1), number(0)).status
        assert many == (Code.PERMISSION_DENIED, "Too many files are open: close some of the 3 first.")
        assert client.ask(Kind.CLOSE, string(handles[0])).status[0] is Code.OK


def test_listings_that_are_left_open_give_their_descriptors_back(running: Running) -> None:
    (running.incoming / "Album").mkdir()
    with raw(running) as client:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(3):
            handles = [client.ask(Kind.OPENDIR, string(b"/incoming/Album")).handle for _ in range(8)]
            assert client.ask(Kind.READDIR, string(handles[0])).kind is Kind.NAME
            assert [client.ask(Kind.CLOSE, string(handle)).status[0] for handle in handles] == [Code.OK] * 8
        assert len(list(Path("/proc/self/fd").iterdir())) == before
        for _ in range(8):
            client.ask(Kind.OPENDIR, string(b"/incoming/Album"))
    running.until(lambda: len(list(Path("/proc/self/fd").iterdir())) < before)


def reading(place: Path, closed: list[int] | None = None) -> Reading:
    def release(descriptor: int) -> None:
        os.close(descriptor)
        if closed is not None:
            closed.append(descriptor)

    return Reading(os.open(place, os.O_RDONLY), release)


def listing() -> Listing:
    return Listing(OpenFolder(None, {}, Area.TOP, Attributes(0, 0, 0, 0)), iter([b"page"]))


def test_each_handle_has_a_name_of_its_own_that_never_comes_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"sound")
    handles, names = Handles(3), set()
    for _ in range(20):
        name = handles.keep(lambda: reading(tmp_path / "a"))
        assert handles.file(name).read(3, 1) == b"oun"
        handles.close(name)
        names.add(name)
        with pytest.raises(BadHandle):
            handles.get(name)
    assert len(names) == 20


def test_a_handle_of_another_sort_or_of_no_sort_is_a_bad_one(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    handles = Handles(9)
    file, folder = handles.keep(lambda: reading(tmp_path / "a")), handles.keep(listing)
    assert (handles.uploads, next(handles.listing(folder).pages)) == (0, b"page")
    for ask, name in ((handles.upload, file), (handles.listing, file), (handles.file, folder), (handles.close, b"no")):
        with pytest.raises(BadHandle):
            ask(name)
    assert handles.interrupt() == []
    with pytest.raises(BadHandle):
        handles.get(file)


def test_what_is_too_much_is_refused_before_it_is_opened() -> None:
    handles = Handles(MAX_LISTINGS + 1)
    for _ in range(MAX_LISTINGS):
        handles.keep(listing)
    with pytest.raises(Refused, match=f"^Too many files are open: close some of the {MAX_LISTINGS} first\\.$"):
        handles.keep(lambda: pytest.fail("it was opened"))


def test_a_file_that_lost_its_name_is_let_go_and_one_that_has_it_is_not(tmp_path: Path) -> None:
    closed: list[int] = []
    handles = Handles(9)
    names = {}
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"sound")
        names[name] = handles.keep(lambda name=name: reading(tmp_path / name, closed))  # type: ignore[misc]
    (tmp_path / "a").unlink()
    handles.close_removed()
    handles.close_removed()
    gone, kept = handles.file(names["a"]), handles.file(names["b"])
    assert (len(closed), kept.read(9, 0), kept.stat().st_size) == (1, b"sound", 5)
    for ask in (lambda: gone.read(1, 0), gone.stat):
        with pytest.raises(Gone, match=REMOVED.replace(".", r"\.")):
            ask()
    for held in names.values():
        handles.close(held)
    assert len(closed) == 2
