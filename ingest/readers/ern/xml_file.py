"""An XML file as it was read, once: its bytes, and the digest of exactly those."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from io import FileIO

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class XmlFile:
    """`data` is None where there are more than `most` bytes; `sha256` is of the whole file all the same."""

    name: str
    data: bytes | None = field(repr=False)
    sha256: str
    most: int


def read_xml(file: FileIO, name: str, most: int, head: bytes = b"") -> XmlFile:
    """Read the rest of an open file, of which `head` has been read. Raises OSError."""
    data = bytearray(head)
    while len(data) <= most and (piece := file.read(PIECE)):
        data += piece
    digest = hashlib.sha256(data)
    if len(data) <= most:
        return XmlFile(name, bytes(data), digest.hexdigest(), most)
    while piece := file.read(PIECE):
        digest.update(piece)
    return XmlFile(name, None, digest.hexdigest(), most)
