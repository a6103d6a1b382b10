"""Packets both ways, framing in any chunking, and hostile bytes."""

from __future__ import annotations

import itertools
import stat
import struct
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.inbound.sftp import replies
from ingest.inbound.sftp.framing import MAX_PIECES, Framing
from ingest.inbound.sftp.protocol import (
    MAX_PACKET,
    Bad,
    Code,
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
    Write,
)
from ingest.inbound.sftp.replies import Attributes
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


@settings(max_examples=150, deadline=None)
@given(st.lists(pairs(), max_size=6), st.lists(st.integers(0, 5000), max_size=12))
def test_any_packets_in_any_chunking_parse_to_their_requests(made: list[Pair], cuts: list[int]) -> None:
    assert framed(b"".join(packed for packed, _ in made), cuts) == [request for _, request in made]


@settings(max_examples=40, deadline=None)
@given(st.lists(pairs(), min_size=1, max_size=3))
def test_packets_arriving_byte_by_byte_parse_to_their_requests(made: list[Pair]) -> None:
    stream = b"".join(packed for packed, _ in made)
    assert framed(stream, range(len(stream))) == [request for _, request in made]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=5))
def test_random_bytes_end_in_requests_or_a_protocol_error(stream: bytes, cuts: list[int]) -> None:
    with suppress(ProtocolError):
        framed(stream, cuts)


@settings(max_examples=300, deadline=None)
@given(pairs(), st.integers(0, 200), st.integers(0, 255))
def test_a_mutated_packet_followed_by_a_good_one_never_crashes(made: Pair, at: int, byte: int) -> None:
    stream = bytearray(made[0])
    stream[at % len(stream)] = byte
    with suppress(ProtocolError):
        framed(bytes(stream) + packet(Kind.STAT, 1, string(b"/")))


@pytest.mark.parametrize("length", [0, 4, MAX_PACKET + 1, 2**31, 2**32 - 1])
def test_a_length_that_no_packet_may_have_ends_the_session(length: int) -> None:
    with pytest.raises(ProtocolError):
        framed(struct.pack(">IBI", length, Kind.STAT, 1))


def test_fields_longer_than_their_packet_are_answered_as_bad() -> None:
    good = packet(Kind.STAT, 9, string(b"/"))
    cases = [
        packet(Kind.STAT, 1, number(2**32 - 1), b"x"),
        packet(Kind.OPEN, 2, string(b"/a")),
        packet(Kind.CLOSE, 3, string(b"h" * 257)),
        packet(Kind.WRITE, 4, string(b"h"), long(0), number(100), b"short"),
        packet(Kind.WRITE, 5, number(2**32 - 1), b"h" * 40),
        packet(Kind.WRITE, 6, string(b"h" * 257), long(0), string(b"body")),
        packet(Kind.WRITE, 7),
        packet(Kind.WRITE, 8, b"ab"),
    ]
    for id, case in enumerate(cases, start=1):
        expected = [Bad(id), OnPath(9, Kind.STAT, b"/")]
        assert framed(case + good) == expected
        assert framed(case + good, range(len(case))) == expected


def test_init_carries_its_version() -> None:
    assert framed(struct.pack(">IBI", 5, Kind.INIT, 6)) == [Init(6)]


def test_a_write_in_one_byte_chunks_is_held_in_few_pieces() -> None:
    taken: list[Request] = []
    framing = Framing(taken.append)
    body = bytes(range(256)) * 20
    for byte in write(1, b"h", 0, body):
        framing.feed(bytes([byte]))
    (request,) = taken
    assert isinstance(request, Write)
    assert len(request.pieces) <= MAX_PIECES
    assert b"".join(request.pieces) == body


def test_replies_have_the_bytes_of_the_draft() -> None:
    assert replies.ok(7) == struct.pack(">IBII", 17, 101, 7, 0) + bytes(8)
    assert replies.status(7, Code.FAILURE, "no") == struct.pack(">IBII", 21, 101, 7, 4) + string(b"no") + string(b"en")
    assert replies.handle(7, b"abc") == struct.pack(">IBI", 12, 102, 7) + string(b"abc")
    assert replies.data(7, b"abc") == struct.pack(">IBI", 12, 103, 7) + string(b"abc")
    assert replies.name(7, b"/a") == struct.pack(">IBII", 25, 104, 7, 1) + string(b"/a") * 2 + bytes(4)
    found = Attributes(size=5, mode=stat.S_IFREG | 0o644, modified=1_700_000_000, accessed=1)
    packed = struct.pack(">IQIIIII", 15, 5, 0, 0, 0o100644, 1, 1_700_000_000)
    assert replies.attrs(7, found) == struct.pack(">IBI", 37, 105, 7) + packed
    assert replies.limits(7, 64)[9:] == struct.pack(">QQQQ", 263168, 261120, 261120, 64)
    assert replies.version().startswith(struct.pack(">IBI", len(replies.version()) - 4, 2, 3))


def test_a_long_listing_is_packed_into_pages_that_fit() -> None:
    found = Attributes(size=1, mode=stat.S_IFREG | 0o644, modified=0, accessed=0)
    pages = list(replies.pages((b"n" * 200, found) for _ in range(1000)))
    assert sum(int.from_bytes(page[:4], "big") for page in pages) == 1000
    assert max(map(len, pages)) < 32_000
