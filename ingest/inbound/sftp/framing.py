"""From the byte stream to requests (draft-ietf-secsh-filexfer-02, section 3).

WRITE bodies are kept as the pieces in which they came and never joined. A session holds at most one unfinished packet,
and no packet may be larger than 257 KiB.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from ingest.inbound.sftp.parsing import parse
from ingest.inbound.sftp.protocol import MAX_HANDLE, MAX_PACKET, Bad, Kind, ProtocolError, Request, Write

_HEAD: Final = 5
_TWO: Final = struct.Struct(">II")
_PLACE: Final = struct.Struct(">QI")
_WRITE_FIXED: Final = 8 + 4
_WRITE: Final = struct.Struct(">IBIIIQI")
"""The head of a WRITE with a handle of ours: length, type, id, handle length and handle, offset, size of the body."""
HANDLE: Final = 4
MAX_PIECES: Final = 512


class Framing:
    """Feed it chunks of any size; it passes each complete request to `take`, in order.

    The memory of a chunk must not change afterwards: pieces of WRITE bodies refer to it.
    """

    def __init__(self, take: Callable[[Request], None]) -> None:
        self._take = take
        self._rest = bytearray()
        self._needed = 0
        self._write: Write | None = None
        self._missing = 0
        self._skip = 0

    def feed(self, chunk: bytes) -> None:
        """Take in the next bytes. Raises ProtocolError when the end of a packet cannot be found."""
        if self._rest:
            self._rest += chunk
            if len(self._rest) < self._needed:
                return
            chunk = bytes(self._rest)
            self._rest.clear()
        view = memoryview(chunk)
        at = 0
        while at < len(chunk):
            if not self._skip and not self._write:
                at = self._whole_writes(chunk, view, at)
            step = self._body(view, at) if self._write else self._skipped(view, at) or self._packet(chunk, view, at)
            if not step:
                self._rest += view[at:]
                return
            at += step

    def _whole_writes(self, chunk: bytes, view: memoryview, at: int) -> int:
        """Take all WRITEs from `at` on that lie whole in this chunk and have a handle of ours; returns where they end.

        Clients send hundreds of small WRITEs in one chunk; this loop is faster than the general way through `_packet`.
        """
        last = len(chunk) - _WRITE.size
        while at <= last:
            length, kind, id, handle_length, _, offset, size = _WRITE.unpack_from(chunk, at)
            end = at + _WRITE.size + size
            if kind != Kind.WRITE or handle_length != HANDLE or length != _WRITE.size - 4 + size or end > len(chunk):
                break
            self._take(Write(id, chunk[at + 13 : at + 17], offset, size, [view[at + _WRITE.size : end]]))
            at = end
        return at

    def _body(self, view: memoryview, at: int) -> int:
        """Take the next piece of the WRITE under way; returns its length."""
        assert self._write is not None
        piece = view[at : at + self._missing]
        pieces = self._write.pieces
        if len(pieces) == MAX_PIECES:
            pieces[:] = [memoryview(b"".join(pieces))]
        pieces.append(piece)
        self._missing -= len(piece)
        if not self._missing:
            done, self._write = self._write, None
            self._take(done)
        return len(piece)

    def _skipped(self, view: memoryview, at: int) -> int:
        """Pass over bytes that trail a WRITE body inside its packet, as some clients send."""
        step = min(self._skip, len(view) - at)
        self._skip -= step
        return step

    def _packet(self, chunk: bytes, view: memoryview, at: int) -> int:
        """Take one packet, or the head of a WRITE; 0 when more bytes are needed."""
        if len(chunk) - at < _HEAD:
            return self._wait_for(_HEAD)
        length = int.from_bytes(chunk[at : at + 4], "big")
        if not 5 <= length <= MAX_PACKET:
            raise ProtocolError(f"a packet of {length} bytes")
        kind = chunk[at + 4]
        if kind == Kind.WRITE:
            return self._write_head(chunk, at, length)
        end = at + 4 + length
        if end > len(chunk):
            return self._wait_for(4 + length)
        self._take(parse(kind, bytes(view[at + _HEAD : end])))
        return 4 + length

    def _write_head(self, chunk: bytes, at: int, length: int) -> int:
        """Take the head of a WRITE: id, handle, offset and the length of the body that follows."""
        if length < 1 + 8:
            return self._bad_write(chunk, at, length)
        if len(chunk) - at < _HEAD + 8:
            return self._wait_for(_HEAD + 8)
        id, handle_length = _TWO.unpack_from(chunk, at + _HEAD)
        head = 4 + 4 + handle_length + _WRITE_FIXED
        if handle_length > MAX_HANDLE or head > length - 1:
            return self._bad_write(chunk, at, length)
        start = at + _HEAD + 8
        if len(chunk) < at + _HEAD + head:
            return self._wait_for(_HEAD + head)
        offset, size = _PLACE.unpack_from(chunk, start + handle_length)
        if head + size > length - 1:
            return self._bad_write(chunk, at, length)
        write = Write(id, chunk[start : start + handle_length], offset, size, [])
        self._skip = length - 1 - head - size
        if size:
            self._write, self._missing = write, size
        else:
            self._take(write)
        return _HEAD + int(head)

    def _bad_write(self, chunk: bytes, at: int, length: int) -> int:
        """Answer a WRITE whose fields do not fit its packet, and pass over it."""
        if len(chunk) - at < _HEAD + 4:
            return self._wait_for(_HEAD + 4)
        self._take(Bad(int.from_bytes(chunk[at + _HEAD : at + _HEAD + 4], "big")))
        self._skip = length - 5
        return _HEAD + 4

    def _wait_for(self, count: int) -> int:
        self._needed = count
        return 0
