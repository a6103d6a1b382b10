"""Hashes of a file, by a process that looks at nothing of it but its bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from io import FileIO
from mmap import ACCESS_READ, MADV_SEQUENTIAL, mmap
from pathlib import Path
from typing import Final

from ingest.readers.sealed import Stamp, open_sealed

PIECE: Final = 1 << 20


def hashes_of(path: Path, name: str, stamp: Stamp | None, kinds: Sequence[str]) -> dict[str, str]:
    """By kind (sha256, md5, sha1), in hexadecimal digits.

    Raises ChangedWhileRead, of a file that has another `stamp` too, and OSError.
    """
    digests = {kind: hashlib.new(kind, usedforsecurity=False) for kind in kinds}
    with open_sealed(path, name, stamp) as file:
        for piece in _pieces(file, os.fstat(file.fileno()).st_size):
            for digest in digests.values():
                digest.update(piece)
    return {kind: digest.hexdigest() for kind, digest in digests.items()}


def _pieces(file: FileIO, size: int) -> Iterator[bytes | memoryview]:
    """All bytes in order, out of the kernel's memory without a copy where the filesystem lets files be mapped."""
    try:
        whole = mmap(file.fileno(), size, access=ACCESS_READ)
    except (OSError, ValueError):  # a filesystem without mmap(2); an empty file, or one that is shorter by now
        yield from iter(lambda: file.read(PIECE), b"")
        return
    whole.madvise(MADV_SEQUENTIAL)
    view = memoryview(whole)
    yield from (view[at : at + PIECE] for at in range(0, size, PIECE))
