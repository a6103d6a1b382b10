"""Requests parsed from the packets of SFTP version 3 (draft-ietf-secsh-filexfer-02). Pure: bytes in, values out."""

from __future__ import annotations

from typing import Final

from ingest.inbound.sftp.protocol import (
    MAX_HANDLE,
    Bad,
    Fsync,
    Init,
    Kind,
    Limits,
    OnHandle,
    OnPath,
    Open,
    ProtocolError,
    Read,
    Rename,
    Request,
    SetHandle,
    SetPath,
    Statvfs,
    Unsupported,
    Wanted,
)

_ON_PATH: Final = frozenset({Kind.LSTAT, Kind.STAT, Kind.OPENDIR, Kind.REMOVE, Kind.MKDIR, Kind.RMDIR, Kind.REALPATH})
_ON_HANDLE: Final = frozenset({Kind.CLOSE, Kind.FSTAT, Kind.READDIR})
_SIZE: Final = 0x01
_OWNER: Final = 0x02
_MODE: Final = 0x04
_TIMES: Final = 0x08


class Malformed(Exception):
    """The body of one packet does not parse: it is answered BAD_MESSAGE under `id`."""

    def __init__(self, id: int) -> None:
        self.id = id
        super().__init__(f"malformed packet {id}")


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

    def wanted(self) -> Wanted:
        """ATTRS (section 5); owner and mode are read over."""
        flags = self.number()
        size = self.long() if flags & _SIZE else None
        self._take((8 if flags & _OWNER else 0) + (4 if flags & _MODE else 0))
        times = (self.number(), self.number()) if flags & _TIMES else None
        return Wanted(size, times)


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
    if kind == Kind.SETSTAT:
        return SetPath(body.id, body.string(), body.wanted())
    if kind == Kind.FSETSTAT:
        return SetHandle(body.id, body.handle(), body.wanted())
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
