"""A written FLAC decoded again, by a child that never saw its source and by another decoder than wrote it."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.decoder import flac_encoding
from ingest.readers.audio.reader import structure_of
from ingest.readers.audio.samples import Decoded, read_flac_again, read_flac_samples
from ingest.readers.audio.structure import Flac, Structure
from ingest.readers.content import Content
from ingest.readers.conversion.answers import Sound
from ingest.readers.sealed import Stamp, open_sealed

BLOCKS = frozenset({"STREAMINFO", "VORBIS_COMMENT"})
_MOST_OF_EMPTY = 72
"""Bytes of a list of comments that names its encoder alone."""


class _Unheard:
    """Takes samples of which nothing but their MD5 is wanted."""

    def feed(self, raw: NDArray[np.uint8], frames: int) -> None:
        """Nothing is kept."""


def prove_flac(path: Path, name: str, stamp: Stamp | None) -> Sound:
    """What the file holds; `fault` where it is no FLAC, damaged, or holds anything but samples.

    Raises ChangedWhileRead and OSError.
    """
    with open_sealed(path, name, stamp) as file:
        size = os.fstat(file.fileno()).st_size
        content = Content(file, size)
        structure = structure_of(file, size, content)
        info = structure.stream
        if not isinstance(info, Flac) or structure.damages or info.base or not _is_bare(structure, content):
            return Sound(fault="it is no whole FLAC of samples alone")
        decoded = _decoded(file, content, info)
    if decoded is None or decoded.frames != info.total or decoded.md5 != info.md5:
        return Sound(fault="its samples are not those that its MD5 is of")
    return Sound(decoded.md5.hex(), info.rate, info.bits, info.channels, decoded.frames)


def _decoded(file: FileIO, content: Content, info: Flac) -> Decoded | None:
    """By the second decoder where the first does not come to the end, as of Rice partitions of high orders."""
    encoding = flac_encoding(info.bits, info.channels)
    decoded = read_flac_samples(content, encoding, _Unheard(), None, info.total)
    if decoded is not None and decoded.frames >= info.total:
        return decoded
    return read_flac_again(file, info.base, encoding, _Unheard(), info.total)


def _is_bare(structure: Structure, content: Content) -> bool:
    """Whether there is no block but STREAMINFO and a list of no comments (RFC 9639, section 8.6)."""
    if structure.tag_at is None:
        return structure.chunks == ("STREAMINFO",)
    start, length = structure.tag_at
    vendor = int.from_bytes(content.data[start : start + 4], "little")
    is_empty = length <= _MOST_OF_EMPTY and content.data[start + 4 + vendor : start + length] == bytes(4)
    return is_empty and set(structure.chunks) == BLOCKS
