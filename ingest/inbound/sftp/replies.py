"""SFTP version 3 replies as packets (draft-ietf-secsh-filexfer-02, section 7; OpenSSH's file PROTOCOL).

`id` is always the number of the request that is answered.
"""

from __future__ import annotations

import stat
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ingest.inbound.sftp.protocol import EXTENSIONS, MAX_PACKET, MAX_TRANSFER, VERSION, Code, Kind
from ingest.inbound.sftp.quota_limits import Room

PAGE_BYTES: Final = 30_000
"""About how many bytes of names one answer to READDIR has."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a listing says of a file: size in bytes, the mode with its type bits, times in seconds since 1970."""

    size: int
    mode: int
    modified: int
    accessed: int


def _packet(kind: Kind, id: int, rest: bytes) -> bytes:
    return struct.pack(">IBI", len(rest) + 5, kind, id) + rest


def _string(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def version() -> bytes:
    """The answer to INIT (section 4): always version 3, with our extensions."""
    rest = b"".join(_string(name) + _string(value) for name, value in EXTENSIONS)
    return _packet(Kind.VERSION, VERSION, rest)


def ok(id: int) -> bytes:
    """STATUS with the code OK and no text."""
    return struct.pack(">IBIIII", 17, Kind.STATUS, id, Code.OK, 0, 0)


def status(id: int, code: Code, text: str) -> bytes:
    """STATUS with a code, and the sentence that the client shows to the label."""
    return _packet(Kind.STATUS, id, code.to_bytes(4, "big") + _string(text.encode()) + _string(b"en"))


def handle(id: int, name: bytes) -> bytes:
    """HANDLE: the answer to OPEN and OPENDIR."""
    return _packet(Kind.HANDLE, id, _string(name))


def data(id: int, read: bytes) -> bytes:
    """DATA: the bytes that a READ asked for; there must be some, as the end of a file is a STATUS."""
    return _packet(Kind.DATA, id, _string(read))


def attrs(id: int, found: Attributes) -> bytes:
    """ATTRS: the answer to STAT, LSTAT and FSTAT."""
    return _packet(Kind.ATTRS, id, _attributes(found))


def name(id: int, path: bytes) -> bytes:
    """NAME with one name and no attributes: the answer to REALPATH (section 6.11)."""
    return _packet(Kind.NAME, id, (1).to_bytes(4, "big") + _string(path) * 2 + bytes(4))


def page(id: int, entries: bytes) -> bytes:
    """NAME: one answer to READDIR (section 6.7), from a page made by `pages`."""
    return _packet(Kind.NAME, id, entries)


def limits(id: int, handles: int) -> bytes:
    """The answer to limits@openssh.com: bytes of the largest packet, READ and WRITE, and the most open handles."""
    return _packet(Kind.EXTENDED_REPLY, id, struct.pack(">QQQQ", MAX_PACKET, MAX_TRANSFER, MAX_TRANSFER, handles))


def statvfs(id: int, block: int, room: Room) -> bytes:
    """The answer to statvfs@openssh.com: `room`, its bytes in blocks of `block` bytes."""
    blocks, free = room.total // block, room.free // block
    fields = (block, block, blocks, free, free, room.files, room.files_free, room.files_free, 0, 0, 255)
    return _packet(Kind.EXTENDED_REPLY, id, struct.pack(">11Q", *fields))


def pages(entries: Iterable[tuple[bytes, Attributes]]) -> Iterator[bytes]:
    """Pack a listing into the bodies of NAME packets of about 30 kB at most."""
    packed: list[bytes] = []
    size = 0
    for entry, found in entries:
        one = _string(entry) + _string(_long_name(entry, found)) + _attributes(found)
        if packed and size + len(one) > PAGE_BYTES:
            yield len(packed).to_bytes(4, "big") + b"".join(packed)
            packed, size = [], 0
        packed.append(one)
        size += len(one)
    if packed:
        yield len(packed).to_bytes(4, "big") + b"".join(packed)


def _attributes(found: Attributes) -> bytes:
    """Size, owner, mode and times (section 5); the owner is always 0, so that no account of this machine is shown."""
    times = (found.accessed & 0xFFFFFFFF, found.modified & 0xFFFFFFFF)
    return struct.pack(">IQIIIII", 0x0F, found.size, 0, 0, found.mode, *times)


def _long_name(entry: bytes, found: Attributes) -> bytes:
    """One line as of `ls -l`, which clients of version 3 show or parse (section 7)."""
    when = time.strftime("%b %d %H:%M", time.gmtime(found.modified)) if found.modified >= 0 else "Jan 01 00:00"
    mode = stat.filemode(found.mode)
    return f"{mode}    1 label    label    {found.size:>12} {when} ".encode() + entry
