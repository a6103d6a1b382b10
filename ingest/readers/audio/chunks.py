"""The walk over the chunks of a RIFF or IFF file: id, declared and present size, pad bytes, what follows the last."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

MOST_CHUNKS = 4096
MOST_TOLD = 64
STREAMED = 0xFFFFFFFF
_NEVER_LEARNED = (
    range(0x7F00_0000 - 64, 0x7F00_0000 + 64),
    range(0x7FFF_F000 - 64, 0x8000_0000),
    range(STREAMED - 255, STREAMED + 1),
)
"""Sizes that stand in a file written to a pipe, where no encoder can go back: sox's for AIFF, sox's and arecord's for
WAV, and the greatest there is; each but for a frame or a header."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk; `start` is the offset of its body, `declared` and `present` its body's size in bytes."""

    id: str
    start: int
    declared: int
    present: int
    unpadded: bool = False

    @property
    def is_streamed(self) -> bool:
        """Whether this is sound up to the end of a file whose encoder never learned how much it would be."""
        if self.declared == 0:
            return self.present > 0
        return 0 < self.present < self.declared and any(self.declared in sizes for sizes in _NEVER_LEARNED)


@dataclass(frozen=True, slots=True)
class Walk:
    """All chunks up to the end of the file; `end` is where they end and `trailing` the bytes after that."""

    chunks: tuple[Chunk, ...]
    end: int
    trailing: int

    def named(self, name: str) -> list[Chunk]:
        return [chunk for chunk in self.chunks if chunk.id == name]

    @property
    def id3(self) -> tuple[int, int] | None:
        """Where the first chunk with an ID3 tag lies, and its size."""
        return next(((chunk.start, chunk.present) for chunk in self.chunks if chunk.id.upper() == "ID3 "), None)

    @property
    def unpadded(self) -> list[Chunk]:
        """Chunks of odd size that lack their pad byte; the first of those alone where there are very many."""
        return [chunk for chunk in self.chunks if chunk.unpadded][:MOST_TOLD]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(chunk.id for chunk in self.chunks[:MOST_TOLD])


def walk(file: BinaryIO, start: int, size: int, order: str, audio: str, sizes: Mapping[str, int]) -> Walk:
    """Walk from `start` to the end of the file, `size`; the containers' own size field is not believed.

    `order` is `<` or `>`, `audio` the id of the chunk with the samples, `sizes` the 64-bit sizes of RF64 (EBU Tech
    3306) for chunks that declare 0xFFFFFFFF. The chunk with the samples goes on to the end of the file where it
    declares 0 and no other chunk follows.
    """
    found: list[Chunk] = []
    position = start
    while position < size and len(found) < MOST_CHUNKS:
        header = _header(file, position, order)
        if header is None:
            break
        name, declared = header
        if declared == STREAMED:
            declared = sizes.get(name, declared)
        body = position + 8
        present = min(declared, size - body)
        if name == audio and declared == 0 and body < size and not _is_chunk(file, body, size, order):
            present = size - body
        position = body + present
        unpadded = declared % 2 == 1 and present == declared and not _is_padded(file, position, size, order)
        position = min(position + (declared % 2 and not unpadded), size)
        found.append(Chunk(name, body, declared, present, unpadded))
    return Walk(tuple(found), position, size - position)


def body(file: BinaryIO, chunk: Chunk, most: int = 65536) -> bytes:
    """The first bytes of a chunk's body."""
    file.seek(chunk.start)
    return file.read(min(chunk.present, most))


def _header(file: BinaryIO, position: int, order: str) -> tuple[str, int] | None:
    file.seek(position)
    raw = file.read(8)
    if len(raw) < 8 or not all(0x20 <= byte < 0x7F for byte in raw[:4]):
        return None
    return raw[:4].decode("ascii"), int(struct.unpack(order + "I", raw[4:])[0])


def _is_chunk(file: BinaryIO, position: int, size: int, order: str) -> bool:
    header = _header(file, position, order)
    return header is not None and (position + 8 + header[1] <= size or header[1] == STREAMED)


def _is_padded(file: BinaryIO, end: int, size: int, order: str) -> bool:
    """Whether an odd chunk that ends at `end` has its pad byte: the next chunk begins one further."""
    if end + 1 >= size:
        return end + 1 == size
    if _is_chunk(file, end + 1, size, order):
        return True
    return not _is_chunk(file, end, size, order)
