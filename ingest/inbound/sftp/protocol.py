"""SFTP version 3 as values: its numbers, and requests parsed from packets (draft-ietf-secsh-filexfer-02).

Pure: bytes in, values out; `replies` builds what goes back. `id` is the number of a request, which its reply repeats.
The four extensions are OpenSSH's (its file PROTOCOL, "SFTP protocol changes").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

VERSION: Final = 3
MAX_PACKET: Final = 257 * 1024
MAX_TRANSFER: Final = 261_120
"""Bytes of the largest READ and WRITE, as limits@openssh.com tells clients."""
MAX_HANDLE: Final = 256


class Kind(IntEnum):
    """Packet types, section 3."""

    INIT = 1
    VERSION = 2
    OPEN = 3
    CLOSE = 4
    READ = 5
    WRITE = 6
    LSTAT = 7
    FSTAT = 8
    SETSTAT = 9
    FSETSTAT = 10
    OPENDIR = 11
    READDIR = 12
    REMOVE = 13
    MKDIR = 14
    RMDIR = 15
    REALPATH = 16
    STAT = 17
    RENAME = 18
    READLINK = 19
    SYMLINK = 20
    STATUS = 101
    HANDLE = 102
    DATA = 103
    NAME = 104
    ATTRS = 105
    EXTENDED = 200
    EXTENDED_REPLY = 201


class Code(IntEnum):
    """Status codes, section 7."""

    OK = 0
    EOF = 1
    NO_SUCH_FILE = 2
    PERMISSION_DENIED = 3
    FAILURE = 4
    BAD_MESSAGE = 5
    OP_UNSUPPORTED = 8


class OpenFlag(IntEnum):
    """Open flags, section 6.3. APPEND is known and ignored: every write carries its offset."""

    READ = 0x01
    WRITE = 0x02
    APPEND = 0x04
    CREATE = 0x08
    TRUNCATE = 0x10
    EXCLUSIVE = 0x20


EXTENSIONS: Final = (
    (b"posix-rename@openssh.com", b"1"),
    (b"statvfs@openssh.com", b"2"),
    (b"fsync@openssh.com", b"1"),
    (b"limits@openssh.com", b"1"),
)


class ProtocolError(Exception):
    """The byte stream is not SFTP: the session ends."""


class Malformed(Exception):
    """The body of one packet does not parse: it is answered BAD_MESSAGE under `id`."""

    def __init__(self, id: int) -> None:
        self.id = id
        super().__init__(f"malformed packet {id}")


@dataclass(frozen=True, slots=True)
class Init:
    """INIT (section 4): the highest version that the client speaks; the answer is version 3 whatever it is."""

    version: int


@dataclass(slots=True)
class Write:
    """WRITE (section 6.4). `pieces` are the body as it came, in order, `length` bytes in all.

    Not frozen: that would double the time to make one.
    """

    id: int
    handle: bytes
    offset: int
    length: int
    pieces: list[memoryview]


@dataclass(frozen=True, slots=True)
class Open:
    """OPEN (section 6.3); `flags` are a union of `OpenFlag`. Attributes in it are not read."""

    id: int
    path: bytes
    flags: int


@dataclass(frozen=True, slots=True)
class Read:
    """READ (section 6.4): at most `length` bytes from `offset`."""

    id: int
    handle: bytes
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class OnPath:
    """A request that names one path: LSTAT, STAT, SETSTAT, OPENDIR, REMOVE, MKDIR, RMDIR, REALPATH."""

    id: int
    kind: Kind
    path: bytes


@dataclass(frozen=True, slots=True)
class OnHandle:
    """A request that names one handle: CLOSE, FSTAT, FSETSTAT, READDIR."""

    id: int
    kind: Kind
    handle: bytes


@dataclass(frozen=True, slots=True)
class Rename:
    """RENAME (section 6.5), or posix-rename@openssh.com, which `replaces` an existing file."""

    id: int
    old: bytes
    new: bytes
    replaces: bool


@dataclass(frozen=True, slots=True)
class Fsync:
    """fsync@openssh.com. Answered at once: files are flushed when their folder is sealed."""

    id: int
    handle: bytes


@dataclass(frozen=True, slots=True)
class Statvfs:
    """statvfs@openssh.com, answered with the label's quota."""

    id: int
    path: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """limits@openssh.com."""

    id: int


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A packet or extension that is not offered, symbolic links included."""

    id: int


@dataclass(frozen=True, slots=True)
class Bad:
    """A packet whose body does not parse."""

    id: int


Request = Init | Write | Open | Read | OnPath | OnHandle | Rename | Fsync | Statvfs | Limits | Unsupported | Bad

_ON_PATH: Final = frozenset(
    {Kind.LSTAT, Kind.STAT, Kind.SETSTAT, Kind.OPENDIR, Kind.REMOVE, Kind.MKDIR, Kind.RMDIR, Kind.REALPATH}
)
_ON_HANDLE: Final = frozenset({Kind.CLOSE, Kind.FSTAT, Kind.FSETSTAT, Kind.READDIR})


class _Body:
    """Reads fields off a packet's body; bytes after the last field are left alone, as OpenSSH does."""

    def __init__(self, body: bytes, at: int, id: int) -> None:
        self._body = body
        self._at = at
        self.id = id

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._body):
            raise Malformed(self.id)
        taken = self._body[self._at : end]
        self._at = end
        return taken

    def number(self) -> int:
        return int.from_bytes(self._take(4), "big")

    def long(self) -> int:
        return int.from_bytes(self._take(8), "big")

    def string(self) -> bytes:
        return self._take(self.number())

    def handle(self) -> bytes:
        handle = self.string()
        if len(handle) > MAX_HANDLE:
            raise Malformed(self.id)
        return handle


def parse(kind: int, body: bytes) -> Request:
    """The request in one packet other than WRITE; `body` is what follows the type byte.

    A body that does not parse gives `Bad`, a type that is not offered `Unsupported`. Raises ProtocolError for a body
    that is too short for a request id.
    """
    if len(body) < 4:
        raise ProtocolError("a packet has no request id")
    id = int.from_bytes(body[:4], "big")
    if kind == Kind.INIT:
        return Init(id)
    try:
        return _parse(kind, _Body(body, 4, id))
    except Malformed:
        return Bad(id)


def _parse(kind: int, body: _Body) -> Request:
    if kind in _ON_PATH:
        return OnPath(body.id, Kind(kind), body.string())
    if kind in _ON_HANDLE:
        return OnHandle(body.id, Kind(kind), body.handle())
    if kind == Kind.OPEN:
        return Open(body.id, body.string(), body.number())
    if kind == Kind.READ:
        return Read(body.id, body.handle(), body.long(), body.number())
    if kind == Kind.RENAME:
        return Rename(body.id, body.string(), body.string(), replaces=False)
    if kind == Kind.EXTENDED:
        return _parse_extended(body)
    return Unsupported(body.id)


def _parse_extended(body: _Body) -> Request:
    name = body.string()
    if name == b"posix-rename@openssh.com":
        return Rename(body.id, body.string(), body.string(), replaces=True)
    if name == b"fsync@openssh.com":
        return Fsync(body.id, body.handle())
    if name == b"statvfs@openssh.com":
        return Statvfs(body.id, body.string())
    if name == b"limits@openssh.com":
        return Limits(body.id)
    return Unsupported(body.id)
