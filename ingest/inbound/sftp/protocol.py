"""SFTP version 3 as values: its numbers and its requests (draft-ietf-secsh-filexfer-02).

`parsing` makes requests of packets, `replies` builds what goes back. `id` is the number of a request, which its reply
repeats. The four extensions are OpenSSH's (its file PROTOCOL, "SFTP protocol changes").
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What SETSTAT and FSETSTAT ask for (section 5): `size` in bytes, and times in seconds since 1970; None: not asked.

    Modes and owners are left out: a label cannot change them, and programs that try expect OK.
    """

    size: int | None = None
    times: tuple[int, int] | None = None

    def is_so(self, size: int, modified: int) -> bool:
        """True for a file that has this size already, and was modified in this second. Access times do not matter."""
        return self.size in (None, size) and (self.times is None or self.times[1] == modified)


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
    """OPEN (section 6.3); `flags` are a union of `OpenFlag`.

    Attributes in it are not read. The size in them is one to come, and OpenSSH's server passes it over too: a file made
    that long at once would look whole to a client that resumes.
    """

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
    """A request that names one path: LSTAT, STAT, OPENDIR, REMOVE, MKDIR, RMDIR, REALPATH."""

    id: int
    kind: Kind
    path: bytes


@dataclass(frozen=True, slots=True)
class OnHandle:
    """A request that names one handle: CLOSE, FSTAT, READDIR."""

    id: int
    kind: Kind
    handle: bytes


@dataclass(frozen=True, slots=True)
class SetPath:
    """SETSTAT (section 6.9)."""

    id: int
    path: bytes
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class SetHandle:
    """FSETSTAT (section 6.9)."""

    id: int
    handle: bytes
    wanted: Wanted


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


Request = (
    Init
    | Write
    | Open
    | Read
    | OnPath
    | OnHandle
    | SetPath
    | SetHandle
    | Rename
    | Fsync
    | Statvfs
    | Limits
    | Unsupported
    | Bad
)
