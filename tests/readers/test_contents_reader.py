"""The quick half of a dossier: the message is opened and read once, and its digest is of the bytes that were parsed."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.core.facts import FileKind
from ingest.core.message import MessageProblem
from ingest.readers.contents import Contents
from ingest.readers.contents_reader import read_contents
from ingest.readers.readiness import look
from ingest.readers.sealed import ChangedWhileRead
from tests.good import Good, write_good
from tests.lives import manifest
from tests.readers.meddling import moments, outcome, replaced, rewritten

MOST = 20_000_000
OPENING = ("contents_reader.py", "folder.py", "sealed.py", "candidates.py", "xml_file.py")
"""The modules that open and read; parsing takes place in others."""
OPENED = """
import json, sys
from pathlib import Path
from ingest.readers.contents_reader import read_contents
opened = []
sys.addaudithook(lambda event, of: opened.append(str(of[0])) if event == "open" else None)
found = read_contents(Path(sys.argv[1]), "Album", int(sys.argv[2]))
print(json.dumps([sum(one.endswith("metadata.xml") for one in opened), found.digest]))
"""


@pytest.fixture
def album(tmp_path: Path) -> Path:
    return write_good(tmp_path, Good.SINGLE)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def edited(folder: Path, *pairs: tuple[bytes, bytes]) -> bytes:
    data = (folder / "metadata.xml").read_bytes()
    for old, new in pairs:
        assert old in data
        data = data.replace(old, new)
    return data


STATES: dict[str, Callable[[Path], bytes]] = {
    "good": lambda folder: edited(folder),
    "misspelt": lambda folder: edited(folder, (b"ReferenceTitle>", b"ReferenceTitel>")),
    "cut": lambda folder: edited(folder)[:-200],
    "empty": lambda folder: b"",
    "too large": lambda folder: edited(folder) + b" " * MOST,
    "another XML": lambda folder: b"<html/>",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("beside", [{}, {"a.xml": b"<html/>", "z.xml": b"<html"}], ids=["alone", "with others"])
def test_the_message_is_opened_once_and_hashed_as_it_was_parsed(
    album: Path, state: str, beside: dict[str, bytes]
) -> None:
    data = STATES[state](album)
    for name, content in {"metadata.xml": data, **beside}.items():
        (album / name).write_bytes(content)
    ran = subprocess.run(
        [sys.executable, "-c", OPENED, str(album), str(MOST)], check=True, capture_output=True, text=True
    )
    is_none = state == "another XML" and bool(beside)
    assert json.loads(ran.stdout) == [1, sha256(b"<html") if is_none else sha256(data)]


def test_a_message_that_is_too_large_is_hashed_in_whole(album: Path) -> None:
    found = read_contents(album, "Album", 1000)
    assert found.unreadable is not None and found.unreadable.problem is MessageProblem.TOO_LARGE
    assert found.digest == sha256((album / "metadata.xml").read_bytes())


def test_where_several_could_be_the_message_none_has_a_digest(album: Path) -> None:
    shutil.copy(album / "metadata.xml", album / "second.xml")
    found = read_contents(album, "Album", MOST)
    assert (found.message, found.digest) == (None, None)


def test_every_file_has_the_stamp_that_it_was_listed_with(album: Path) -> None:
    found = read_contents(album, "Album", MOST)
    assert found.stamps == {
        entry.path: (at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns)
        for entry in found.folder.entries
        for at in [(album / entry.path).stat()]
    }


def test_a_gap_in_an_xml_file_is_told_whoever_opened_it(album: Path) -> None:
    for name in ("metadata.xml", "ack_1.xml", "notes.xml", "sub/other.xml"):
        (album / name).parent.mkdir(exist_ok=True)
        with (album / name).open("wb") as file:
            file.truncate(100_000)
            file.seek(90_000)
            file.write(b"<a/>")
    found = read_contents(album, "Album", MOST)
    gaps = {entry.path for entry in found.folder.entries if entry.is_sparse}
    assert gaps == {"metadata.xml", "ack_1.xml", "notes.xml", "sub/other.xml"}


@pytest.mark.parametrize("way", [rewritten, replaced])
@pytest.mark.parametrize("of_two", [False, True])
def test_a_message_that_is_changed_gives_facts_and_digest_of_the_same_bytes(
    album: Path, way: Callable[[Path, bytes], Callable[[], None]], of_two: bool
) -> None:
    path = album / "metadata.xml"
    one = edited(album, (b"ReferenceTitle>", b"ReferenceTitel>"))
    other = one.replace(b"Sunrise</TitleText>", b"Sunset!</TitleText>")
    assert one != other
    if of_two:
        (album / "notes.xml").write_bytes(b"<html/>")
    states = {}
    for data in (other, one):
        path.write_bytes(data)
        states[sha256(data)] = seen(read_contents(album, "Album", MOST))
    told = 0
    for moment in moments(lambda: read_contents(album, "Album", MOST), 45, OPENING):
        path.write_bytes(one)
        found = outcome(lambda: read_contents(album, "Album", MOST), way(path, other), moment, OPENING)
        if isinstance(found, ChangedWhileRead):
            assert str(found) == "metadata.xml changed while it was read"
            told += 1
        else:
            assert isinstance(found, Contents) and found.digest is not None, found
            assert seen(found) == states[found.digest]
    assert told


def seen(contents: Contents) -> object:
    """All that is told of the message."""
    sizes = [entry.size for entry in contents.folder.entries if entry.kind is FileKind.MESSAGE]
    return contents.message, contents.unreadable, contents.files, sizes


def test_a_look_at_an_open_folder_takes_changes_as_they_come(album: Path) -> None:
    path = album / "metadata.xml"
    one = path.read_bytes()
    for way in (rewritten, replaced):
        for moment in moments(lambda: look(album, "Album", MOST), 40):
            path.write_bytes(one)
            found = outcome(lambda: look(album, "Album", MOST), way(path, one), moment)
            assert not isinstance(found, Exception), found


def test_a_manifest_that_is_changed_is_told(album: Path, tmp_path: Path) -> None:
    batch = tmp_path / "20260323100000000"
    batch.mkdir()
    release = album.rename(batch / album.name)
    path = batch / "BatchComplete_20260323100000000.xml"
    one, other = (manifest("b", (release.name, kind)) for kind in ("NewReleaseDelivery", "TakeDown"))
    entries = []
    for data in (other, one):
        path.write_bytes(data)
        entries.append(read_contents(release, release.name, MOST, batch=batch).manifest)
    told = 0

    def read() -> Contents:
        return read_contents(release, release.name, MOST, batch=batch)

    opening = ("manifest.py", "sealed.py")
    for moment in moments(read, 60, opening):
        path.write_bytes(one)
        found = outcome(read, rewritten(path, other), moment, opening)
        if isinstance(found, Contents):
            assert found.manifest in entries
        else:
            assert isinstance(found, ChangedWhileRead), found
            told += 1
    assert told
