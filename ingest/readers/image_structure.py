"""JPEG and PNG by their own walk: size, depth, end marker, what follows it; other formats by name only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

_PNG = b"\x89PNG\r\n\x1a\n"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN = 0xDA
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_MOST_PARTS = 100_000
_MOST_SCANS = 500
"""A progressive JPEG has about ten; each costs a decoder a pass over all pixels."""
_MOST_FILL = 65536
"""Bytes of 0xFF that may stand between the segments of a JPEG in all (ITU-T T.81, B.1.1.2 allows any number)."""
_NAMES = (
    (b"\xff\xd8\xff", "JPEG"),
    (_PNG, "PNG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"BM", "BMP"),
    (b"8BPS", "PSD"),
    (b"%PDF", "PDF"),
)


@dataclass(slots=True)
class Picture:
    """What the walk found; `trailing` bytes follow its end marker."""

    format: str
    width: int | None = None
    height: int | None = None
    depth: int | None = None
    is_progressive: bool = False
    is_animated: bool = False
    is_mpo: bool = False
    is_whole: bool = False
    trailing: int = 0
    is_bomb: bool = False
    """Small, but built so that decoding it would take minutes."""


def format_of(head: bytes) -> str:
    """The format by the file's first bytes."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"avif"):
        return "AVIF" if head[8:12] == b"avif" else "HEIF"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "HTML"
    if b"<svg" in text:
        return "SVG"
    return next((name for mark, name in _NAMES if head.startswith(mark)), "other")


def walk_image(path: Path) -> Picture:
    """Walk a file that is not empty."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        picture = Picture(format_of(data[:1024]))
        if picture.format == "JPEG":
            _walk_jpeg(data, picture)
        elif picture.format == "PNG":
            _walk_png(data, picture)
        return picture


def _walk_jpeg(data: mmap, picture: Picture) -> None:
    """Markers with their lengths up to the scan, then from marker to marker through it (ITU-T T.81, annex B)."""
    position, scans, fill = 2, 0, 0
    for _ in range(_MOST_PARTS):
        match = _MARKER.search(data, position)
        if match is None:
            return
        marker, body = data[match.end() - 1], match.end()
        scans += marker == _SCAN
        fill += 0 if scans else match.start() - position
        picture.is_bomb = scans > _MOST_SCANS or fill > _MOST_FILL
        if marker == 0xD9:
            picture.is_whole = True
            picture.trailing = 0 if picture.is_mpo else len(data) - body
            return
        if marker in (0x01, 0xD8):
            position = body
            continue
        length = int.from_bytes(data[body : body + 2], "big")
        if length < 2 or body + length > len(data):
            return
        _segment(data[body + 2 : body + min(length, 64)], marker, picture)
        position = body + length


def _segment(raw: bytes, marker: int, picture: Picture) -> None:
    if marker in _FRAMES and len(raw) >= 6 and picture.width is None:
        picture.depth = raw[0]
        picture.height, picture.width = int.from_bytes(raw[1:3], "big"), int.from_bytes(raw[3:5], "big")
        picture.is_progressive = marker in _PROGRESSIVE
    elif marker == 0xE2 and raw[:4] == b"MPF\0":
        picture.is_mpo = True


def _walk_png(data: mmap, picture: Picture) -> None:
    """Chunks by their lengths (ISO 15948, clause 5)."""
    position, profiles = len(_PNG), 0
    for _ in range(_MOST_PARTS):
        head = data[position : position + 8]
        if len(head) < 8:
            return
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        after = position + 12 + length
        body = data[position + 8 : position + 8 + min(length, 13)]
        if kind == b"IHDR" and len(body) == 13 and picture.width is None:
            picture.width, picture.height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
            picture.depth = 8 if body[9] == 3 else body[8]
        elif kind == b"acTL":
            picture.is_animated = True
        profiles += kind == b"iCCP"
        picture.is_bomb = profiles > 1
        if after > len(data):
            return
        position = after
        if kind == b"IEND":
            picture.is_whole, picture.trailing = True, len(data) - after
            return
