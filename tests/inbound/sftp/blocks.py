"""Content that says where it comes from: blocks of 16 bytes with the number of their upload and their own offset.

So a sealed file tells by itself what was mixed into it, what came late and what was lost.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SIZE: Final = 16
_BLOCK: Final = struct.Struct(">4sIQ")
_MARK: Final = b"from"
_NOTHING: Final = bytes(SIZE)


@dataclass
class Sent:
    """One upload as its client saw it. Times are of the monotonic clock, in ns; offsets are of blocks, in bytes.

    `is_fresh`: its file was empty when it was opened. `closing_at` is noted before its CLOSE is sent
    or its connection is lost.
    """

    number: int
    label: str
    inode: int
    is_fresh: bool
    opened_at: int
    closing_at: int | None = None
    acknowledged: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Sealed:
    """A folder as it was right after its sealing: each file's inode and bytes."""

    label: str
    place: Path
    at: int
    files: Mapping[str, tuple[int, bytes]]


def body(number: int, offset: int, count: int) -> bytes:
    """What the upload `number` writes at `offset`: `count` blocks."""
    return b"".join(_BLOCK.pack(_MARK, number, offset + at * SIZE) for at in range(count))


def read_folder(place: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder."""
    paths = [path for path in place.rglob("*") if path.is_file()]
    return {str(path.relative_to(place)): (path.stat().st_ino, path.read_bytes()) for path in paths}


def faults_of(sealed: Sealed, uploads: Iterable[Sent]) -> Iterator[str]:
    """What is wrong with a folder as it was right after its sealing."""
    own = [upload for upload in uploads if upload.label == sealed.label]
    for name, (inode, data) in sealed.files.items():
        ours = {upload.number: upload for upload in own if upload.inode == inode}
        for offset in range(0, len(data), SIZE):
            for fault in _faults_at(data[offset : offset + SIZE], offset, ours, sealed.at):
                yield f"{sealed.place}/{name}: {fault}"
        if lost := _must_be_there(ours.values(), sealed.at) - _there(data):
            yield f"{sealed.place}/{name}: acknowledged but not there at {sorted(lost)[:5]}"


def _faults_at(block: bytes, offset: int, ours: Mapping[int, Sent], sealed_at: int) -> Iterator[str]:
    if block == _NOTHING:
        return
    mark, number, place = _BLOCK.unpack(block.ljust(SIZE, b"\0"))
    upload = ours.get(number)
    if mark != _MARK or place != offset:
        yield f"no block of anybody's at {offset}: {block!r}"
    elif upload is None:
        yield f"at {offset} a block of the upload {number}, which never had this file open"
    elif offset not in upload.acknowledged:
        yield f"at {offset} a block of the upload {number} that was not acknowledged"
    elif upload.closing_at is None or upload.closing_at > sealed_at:
        yield f"at {offset} a block of the upload {number}, which was open when the folder was sealed"


def has_changed(sealed: Sealed) -> bool:
    """True when a file of the folder changed, came or went since its sealing."""
    return read_folder(sealed.place) != sealed.files


def _there(data: bytes) -> set[int]:
    return {offset for offset in range(0, len(data), SIZE) if data[offset : offset + SIZE] != _NOTHING}


def _must_be_there(ours: Iterable[Sent], sealed_at: int) -> set[int]:
    """What was acknowledged since the file last began empty: an earlier upload's bytes may have been truncated."""
    before = sorted((upload for upload in ours if upload.opened_at < sealed_at), key=lambda upload: upload.opened_at)
    found: set[int] = set()
    for upload in before:
        found = upload.acknowledged | (set() if upload.is_fresh else found)
    return found
