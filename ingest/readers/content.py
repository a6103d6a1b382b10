"""The bytes of one open file, held so that whoever walks and whoever decodes them gets the same ones."""

from __future__ import annotations

from functools import cached_property
from io import FileIO
from mmap import ACCESS_COPY, ACCESS_READ, mmap
from typing import Final

Held = bytes | mmap
MOST_IN_MEMORY: Final = 256 << 20
"""Bytes of a file up to which it is read into memory; a larger one is mapped."""


class Content:
    """All bytes of an open file of `size` bytes, read when they are first asked for, once.

    A mapped file (one of more than `most` bytes) shows changes: there it is `open_sealed` that tells of them.
    """

    def __init__(self, file: FileIO, size: int, most: int = MOST_IN_MEMORY) -> None:
        self._file, self._size, self._most = file, size, most

    @cached_property
    def data(self) -> Held:
        if self._size > self._most:
            return mmap(self._file.fileno(), self._size, access=ACCESS_READ)
        self._file.seek(0)
        return self._file.read(self._size)

    def altered(self, at: int, piece: bytes) -> bytearray | mmap:
        """A copy of our own in which `piece` stands at `at`."""
        copy = bytearray(self.data) if isinstance(self.data, bytes) else self._private()
        copy[at : at + len(piece)] = piece
        return copy

    def _private(self) -> mmap:
        return mmap(self._file.fileno(), self._size, access=ACCESS_COPY)
