"""SFTP version 3 replies as packets (draft-ietf-secsh-filexfer-02, section 7; OpenSSH's PROTOCOL, section 4)."""

from __future__ import annotations

import stat
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ingest.inbound.sftp.protocol import EXTENSIONS, MAX_PACKET, MAX_TRANSFER, VERSION, Code, Kind

PAGE_BYTES: Final = 30_000


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a listing says of a file: size in bytes, the mode with its type bits, times in seconds since 1970."""

    size: int
    mode: int
    modified: int
    accessed: int

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


def _packet(kind: Kind, id: int, rest: bytes) -> bytes:
    return struct.pack(">IBI", len(rest) + 5, kind, id) + rest


def _string(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def version() -> bytes:
    """The answer to INIT: always version 3, with our extensions."""
    rest = b"".join(_string(name) + _string(value) for name, value in EXTENSIONS)
    return _packet(Kind.VERSION, VERSION, rest)


def ok(id: int) -> bytes:
    return struct.pack(">IBIIII", 17, Kind.STATUS, id, Code.OK, 0, 0)


def status(id: int, code: Code, text: str) -> bytes:
    """A status with the sentence that the client shows to the label."""
    return _packet(Kind.STATUS, id, code.to_bytes(4, "big") + _string(text.encode()) + _string(b"en"))


def handle(id: int, name: bytes) -> bytes:
    return _packet(Kind.HANDLE, id, _string(name))


def data(id: int, read: bytes) -> bytes:
    return _packet(Kind.DATA, id, _string(read))


def attrs(id: int, found: Attributes) -> bytes:
    return _packet(Kind.ATTRS, id, _attributes(found))


def name(id: int, path: bytes) -> bytes:
    """The answer to REALPATH: one name without attributes."""
    return _packet(Kind.NAME, id, (1).to_bytes(4, "big") + _string(path) * 2 + bytes(4))


def page(id: int, entries: bytes) -> bytes:
    """One answer to READDIR, from a page made by `pages`."""
    return _packet(Kind.NAME, id, entries)


def limits(id: int, handles: int) -> bytes:
    return _packet(Kind.EXTENDED_REPLY, id, struct.pack(">QQQQ", MAX_PACKET, MAX_TRANSFER, MAX_TRANSFER, handles))


def statvfs(id: int, block: int, blocks: int, free: int) -> bytes:
    """Space in blocks of `block` bytes; files are not counted (OpenSSH's PROTOCOL, section 4.4)."""
    fields = (block, block, blocks, free, free, 0, 0, 0, 0, 0, 255)
    return _packet(Kind.EXTENDED_REPLY, id, struct.pack(">11Q", *fields))


def pages(entries: Iterable[tuple[bytes, Attributes]]) -> Iterator[bytes]:
    """Pack a listing into the bodies of NAME packets of at most about 30 kB."""
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
    """Size, owner, mode and times (section 5); the owner is always 0, so no account of ours shows."""
    times = (found.accessed & 0xFFFFFFFF, found.modified & 0xFFFFFFFF)
    return struct.pack(">IQIIIII", 0x0F, found.size, 0, 0, found.mode, *times)


def _long_name(entry: bytes, found: Attributes) -> bytes:
    """One line as of `ls -l`, which clients of version 3 show or parse (section 7)."""
    when = time.strftime("%b %d %H:%M", time.gmtime(found.modified)) if found.modified >= 0 else "Jan 01 00:00"
    mode = stat.filemode(found.mode)
    return f"{mode}    1 label    label    {found.size:>12} {when} ".encode() + entry
