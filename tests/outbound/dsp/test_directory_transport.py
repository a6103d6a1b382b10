"""A directory as a DSP: no part of a file is ever shown, nothing leads out of it, refusals are told."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ingest.outbound.dsp.directory_transport import DirectoryTransport
from ingest.outbound.dsp.transport import TransportError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    place.mkdir()
    return place


@pytest.fixture
def local(tmp_path: Path) -> Path:
    path = tmp_path / "song.flac"
    path.write_bytes(bytes(3_000_000))
    return path


def test_files_are_put_listed_read_and_removed(root: Path, local: Path) -> None:
    transport, sent = DirectoryTransport(root), list[int]()
    transport.put({"a/b/song.flac": local}, sent.append)
    transport.put({"a/b/song.flac": local}, sent.append)
    transport.put_bytes("a/marker", b"done")
    transport.put_bytes("a/marker", b"d")
    assert sum(sent) == 3_000_000
    assert transport.sizes("a") == {"a/b/song.flac": 3_000_000, "a/marker": 1}
    assert (transport.names("a"), transport.names("none"), transport.sizes("none")) == (["marker"], [], {})
    assert transport.read("a/marker", 10) == b"d"
    for _ in range(2):
        transport.remove("a/marker")
    assert transport.names("a") == []


def test_others_may_read_what_is_put_whatever_our_umask_is(root: Path, local: Path) -> None:
    before = os.umask(0o077)
    try:
        DirectoryTransport(root).put({"a/song.flac": local}, lambda size: None)
    finally:
        os.umask(before)
    assert [oct((root / path).stat().st_mode & 0o777) for path in ("a", "a/song.flac")] == ["0o755", "0o644"]


def test_an_unfinished_file_is_not_listed_and_is_written_anew(root: Path, local: Path) -> None:
    (root / "a").mkdir()
    (root / "a" / "song.flac.part").write_bytes(b"x" * 10)
    transport = DirectoryTransport(root)
    assert transport.sizes("a") == {}
    transport.put({"a/song.flac": local}, lambda size: None)
    assert transport.sizes("a") == {"a/song.flac": 3_000_000}
    assert [path.name for path in (root / "a").iterdir()] == ["song.flac"]


def test_links_are_not_followed(root: Path, tmp_path: Path, local: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_bytes(b"1")
    (root / "a").mkdir()
    (root / "a" / "link").symlink_to(tmp_path / "secret" / "key")
    (root / "a" / "folder").symlink_to(tmp_path / "secret")
    transport = DirectoryTransport(root)
    assert (transport.sizes("a"), transport.names("a")) == ({}, [])
    for trial in (
        lambda: transport.read("a/link", 10),
        lambda: transport.read("a/folder/key", 10),
        lambda: transport.put_bytes("a/folder/key", b"2"),
        lambda: transport.put({"a/folder/new": local}, lambda size: None),
        lambda: transport.remove("a/folder/key"),
    ):
        with pytest.raises(TransportError):
            trial()
    transport.put_bytes("a/link", b"3")
    assert [path.name for path in (tmp_path / "secret").iterdir()] == ["key"]
    assert (tmp_path / "secret" / "key").read_bytes() == b"1"
    assert (root / "a" / "link").is_symlink() is False


def test_the_root_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(root)
    DirectoryTransport(tmp_path / "linked").put_bytes("a", b"1")
    assert (root / "a").read_bytes() == b"1"


def test_a_root_that_is_gone_is_told_and_nothing_is_made_below_it(tmp_path: Path, local: Path) -> None:
    gone = tmp_path / "mount"
    with pytest.raises(TransportError) as caught:
        DirectoryTransport(gone).put({"a/song.flac": local}, lambda size: None)
    assert caught.value.reason == f"{gone}: No such file or directory"
    assert caught.value.cure == "Make the directory, or mount what belongs there"
    assert not gone.exists()


def test_a_full_disk_is_told(root: Path, local: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TransportError) as caught:
        DirectoryTransport(root).put({"a/song.flac": local}, lambda size: None)
    assert (caught.value.reason, caught.value.cure) == (
        f"{root}: No space left on device",
        "Make room on that disk",
    )
