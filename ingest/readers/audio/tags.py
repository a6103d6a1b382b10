"""Embedded title, artist and ISRC, by mutagen, out of the piece of the file that our own walk found; never structure.

mutagen takes its time with each frame and comment, and would walk the file by itself: it is handed the few that are
wanted, so that a file of a million empty ones costs nothing.
"""

from __future__ import annotations

import io
import struct
from typing import Any, BinaryIO

import mutagen
from mutagen.flac import VCFLACDict
from mutagen.id3 import ID3

# Neither library class has types.
_ID3: Any = ID3
_COMMENTS: Any = VCFLACDict
_KEYS = {"title": ("TIT2", "title"), "artist": ("TPE1", "artist"), "isrc": ("TSRC", "isrc")}
_FRAMES = {keys[0].encode() for keys in _KEYS.values()}
# A tag parser may trip over hostile bytes in any of these ways; tags are then simply not there.
_FAULTS = (mutagen.MutagenError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, struct.error)
_FAULTS_TOO = (EOFError, RecursionError, NotImplementedError, AssertionError)
_LONGEST = 500
_MOST_BYTES = 16_000_000
_MOST_ENTRIES = 1000
_LONGEST_FRAME = 65536


def read_tags(file: BinaryIO, start: int, size: int) -> dict[str, str]:
    """Tags of the ID3v2 tag or the Vorbis comments of `size` bytes at `start`; empty where they are broken or huge."""
    if not 0 < size <= _MOST_BYTES:
        return {}
    file.seek(start)
    raw = file.read(size)
    try:
        held = _ID3(io.BytesIO(_wanted(raw))) if raw[:3] == b"ID3" else _comments(raw)
        return {name: value for name, keys in _KEYS.items() if (value := _value(held, keys))}
    except (*_FAULTS, *_FAULTS_TOO):
        return {}


def _wanted(raw: bytes) -> bytes:
    """An ID3 tag of the wanted frames of this one (ID3v2.3 and 2.4, section 3); of other kinds its beginning."""
    version, flags = raw[3], raw[5]
    if version not in (3, 4) or flags:
        return raw[:_LONGEST_FRAME]
    kept, position = b"", 10
    for _ in range(_MOST_ENTRIES):
        head = raw[position : position + 10]
        if len(head) < 10 or head[0] == 0:
            break
        length = _synchsafe(head[4:8]) if version == 4 else int.from_bytes(head[4:8], "big")
        if head[:4] in _FRAMES and length <= _LONGEST_FRAME:
            kept += raw[position : position + 10 + length]
        position += 10 + length
    size = bytes(len(kept) >> shift & 127 for shift in (21, 14, 7, 0))
    return raw[:5] + b"\0" + size + kept


def _synchsafe(raw: bytes) -> int:
    """Seven bits of each byte (ID3v2.4, section 6.2)."""
    return sum((byte & 127) << shift for byte, shift in zip(raw, (21, 14, 7, 0), strict=True))


def _comments(raw: bytes) -> Any:
    """Vorbis comments (RFC 9639, section 8.6); none where there are too many to be meant."""
    vendor = int.from_bytes(raw[:4], "little")
    count = int.from_bytes(raw[4 + vendor : 8 + vendor], "little")
    return _COMMENTS(raw, framing=False) if count <= _MOST_ENTRIES else {}


def _value(tags: Any, keys: tuple[str, ...]) -> str:
    for key in keys:
        if key in tags:
            found = tags[key]
            values = getattr(found, "text", found)
            value = values[0] if isinstance(values, list) and values else values
            return "".join(letter for letter in str(value) if letter.isprintable())[:_LONGEST].strip()
    return ""
