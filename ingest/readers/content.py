"""The bytes of one open file, held so that whoever walks, decodes or hashes them gets the same ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from io import FileIO
from mmap import ACCESS_COPY, ACCESS_READ, mmap
from typing import Final

from ingest.readers.sealed import ChangedWhileRead

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

    def reading(self) -> Callable[[int], memoryview]:
        """A function that gives the next so many bytes."""
        whole, at = memoryview(self.data), 0

        def take(most: int) -> memoryview:
            nonlocal at
            piece = whole[at : at + most]
            at += len(piece)
            return piece

        return take

    def altered(self, at: int, piece: bytes) -> bytearray | mmap:
        """A copy of our own in which `piece` stands at `at`."""
        copy = bytearray(self.data) if isinstance(self.data, bytes) else self._private()
        copy[at : at + len(piece)] = piece
        return copy

    def _private(self) -> mmap:
        return mmap(self._file.fileno(), self._size, access=ACCESS_COPY)


class Noted(FileIO):
    """A view of an open file that remembers what was read here and there, so that the hash can be proved to cover it.

    Raises ChangedWhileRead when the bytes that pass by (`prove`, in order from the start) are others than were read.
    """

    def __init__(self, file: FileIO, name: str) -> None:
        super().__init__(file.fileno(), closefd=False)
        self._called = name
        self._notes: list[tuple[int, bytes]] = []
        self._passed = 0

    def read(self, size: int | None = -1, /) -> bytes:
        at = self.tell()
        piece = super().read(size)
        self._notes.append((at, piece))
        return piece

    def prove(self, piece: memoryview) -> None:
        start, end = self._passed, self._passed + len(piece)
        for at, seen in self._notes:
            low, high = max(at, start), min(at + len(seen), end)
            if low < high and bytes(piece[low - start : high - start]) != seen[low - at : high - at]:
                raise ChangedWhileRead(self._called)
        self._notes = [(at, seen) for at, seen in self._notes if at + len(seen) > end]
        self._passed = end
