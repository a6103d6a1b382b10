"""Any packets, and the requests that they must parse to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import strategies as st

from ingest.inbound.sftp.framing import Framing
from ingest.inbound.sftp.protocol import (
    Fsync,
    Kind,
    Limits,
    OnHandle,
    OnPath,
    Open,
    Read,
    Rename,
    Request,
    SetHandle,
    SetPath,
    Statvfs,
    Unsupported,
    Wanted,
    Write,
)
from tests.inbound.sftp.raw import long, number, packet, string, wanted, write

IDS = st.integers(0, 0xFFFFFFFF)
NAMES = st.binary(max_size=60)
HANDLES = st.binary(max_size=256)
OFFSETS = st.integers(0, 2**64 - 1)
PATH_KINDS = (Kind.LSTAT, Kind.STAT, Kind.OPENDIR, Kind.REMOVE, Kind.MKDIR, Kind.RMDIR, Kind.REALPATH)
HANDLE_KINDS = (Kind.CLOSE, Kind.FSTAT, Kind.READDIR)

Pair = tuple[bytes, Request]


def plain(request: Request) -> Request:
    """Writes with their body in one piece, to compare."""
    if isinstance(request, Write):
        body = memoryview(b"".join(request.pieces))
        return Write(request.id, request.handle, request.offset, request.length, [body])
    return request


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """A packet and the request that it must parse to; any packet may carry a tail."""
    id, tail = draw(IDS), draw(st.binary(max_size=8))
    a, b, handle, at, size = draw(NAMES), draw(NAMES), draw(HANDLES), draw(OFFSETS), draw(IDS)
    kind, other = draw(st.sampled_from(PATH_KINDS)), draw(st.sampled_from(HANDLE_KINDS))
    body = draw(st.binary(max_size=300))
    made: list[Pair] = [
        (packet(kind, id, string(a), tail=tail), OnPath(id, kind, a)),
        (packet(other, id, string(handle), tail=tail), OnHandle(id, other, handle)),
        (packet(Kind.SETSTAT, id, string(a), wanted(at, size), tail=tail), SetPath(id, a, Wanted(at, (1, size)))),
        (packet(Kind.SETSTAT, id, string(a), wanted(), tail=tail), SetPath(id, a, Wanted())),
        (packet(Kind.FSETSTAT, id, string(handle), wanted(at)), SetHandle(id, handle, Wanted(at))),
        (packet(Kind.FSETSTAT, id, string(handle), wanted(None, size)), SetHandle(id, handle, Wanted(None, (1, size)))),
        (packet(Kind.OPEN, id, string(a), number(size), tail=tail), Open(id, a, size)),
        (packet(Kind.READ, id, string(handle), long(at), number(size)), Read(id, handle, at, size)),
        (packet(Kind.RENAME, id, string(a), string(b), tail=tail), Rename(id, a, b, replaces=False)),
        (extended(id, b"posix-rename@openssh.com", string(a), string(b)), Rename(id, a, b, replaces=True)),
        (extended(id, b"fsync@openssh.com", string(handle)), Fsync(id, handle)),
        (extended(id, b"statvfs@openssh.com", string(a)), Statvfs(id, a)),
        (extended(id, b"limits@openssh.com"), Limits(id)),
        (extended(id, b"copy-data", string(handle)), Unsupported(id)),
        (extended(id, b"hardlink@openssh.com", string(a), string(b)), Unsupported(id)),
        (packet(Kind.SYMLINK, id, string(a), string(b)), Unsupported(id)),
        (packet(Kind.READLINK, id, string(a)), Unsupported(id)),
        (write(id, handle, at, body, tail), Write(id, handle, at, len(body), [memoryview(body)])),
    ]
    return draw(st.sampled_from(made))


def extended(id: int, name: bytes, *fields: bytes) -> bytes:
    return packet(Kind.EXTENDED, id, string(name), *fields)


def framed(stream: bytes, cuts: Sequence[int] = ()) -> list[Request]:
    taken: list[Request] = []
    framing = Framing(taken.append)
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    for start, end in itertools.pairwise(edges):
        if start < end:
            framing.feed(stream[start:end])
    return [plain(request) for request in taken]
