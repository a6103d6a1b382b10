"""JPEG and PNG by their own walk: size, depth, end marker, what follows it; other formats by name only."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

from ingest.readers.content import Held
from ingest.readers.jpeg_data import BEYOND

_PNG = b"\x89PNG\r\n\x1a\n"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_SCAN = 0xDA
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_ANCILLARY = 0x20
_JUDGED = (b"tRNS", b"iCCP", b"eXIf", b"iTXt", b"zTXt", b"tEXt")
"""Text may hold an orientation."""
_LARGE = (b"iCCP", b"iTXt", b"zTXt", b"tEXt")
_MOST_HELD = 16 << 20
"""Bytes, as stored and unpacked, of what is looked at beside the picture: what is larger says nothing that we need."""
_MOST_PARTS = 100_000
_MOST_SCANS = 64
"""A progressive JPEG has about ten; each costs a decoder a pass over all pixels."""
_MOST_SCANNED = 3_000_000_000
"""Pixels in all scans together."""
LAST = 512
"""Bytes of a JPEG's data that are a span of their own, so that it shows whether the decoder came that far."""
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
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a", "JPEG XL"),
    (b"\0\0\0\x0cjP  \x0d\x0a\x87\x0a", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\x01\0", "ICO"),
)


@dataclass(slots=True)
class Picture:
    """What the walk found; `trailing` bytes follow its end marker."""

    format: str
    width: int | None = None
    height: int | None = None
    mode: str | None = None
    """Of a JPEG only, by the number of its colours."""
    depth: int | None = None
    is_progressive: bool = False
    is_animated: bool = False
    is_mpo: bool = False
    is_whole: bool = False
    trailing: int = 0
    units: int = 0
    """Squares that a JPEG of one scan is coded in (its MCUs)."""
    interval: int = 0
    """Units between two restart markers; 0 without them."""
    unit: tuple[int, int] = (8, 8)
    """Pixels that a unit is wide and high."""
    scans: list[tuple[int, int]] = field(default_factory=list)
    """Where the data of each scan of a JPEG begin and end."""
    lacks_restarts: bool = False
    is_bomb: bool = False
    """Small, but built so that decoding it would take minutes."""
    spans: list[tuple[int, int]] = field(default_factory=list)
    """Where in the file stands what is needed to decode the picture."""
    tail: bytes = b""
    """What to decode behind the spans: by more than that no picture goes beyond its data, unless some are missing."""


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


def walk_image(data: Held) -> Picture:
    """Walk all bytes of a file."""
    picture = Picture(format_of(data[:1024]))
    if picture.format == "JPEG":
        _walk_jpeg(data, picture)
    elif picture.format == "PNG":
        _walk_png(data, picture)
    return picture


def _walk_jpeg(data: Held, picture: Picture) -> None:
    """Markers with their lengths up to the scan, then from marker to marker through it (ITU-T T.81, annex B)."""
    position, scans, fill, is_scan = 2, 0, 0, False
    for _ in range(_MOST_PARTS):
        match = _MARKER.search(data, position)
        if match is None:
            return
        if is_scan:
            picture.scans.append((position, match.start()))
        marker, body = data[match.end() - 1], match.end()
        is_scan = marker == _SCAN
        scans += is_scan
        fill += 0 if scans else match.start() - position
        picture.is_bomb = fill > _MOST_FILL or _is_long(scans, picture)
        if marker == 0xD9:
            picture.is_whole = True
            picture.trailing = 0 if picture.is_mpo else len(data) - body
            if scans == 1 and not picture.is_progressive:
                _end_with_scan(picture, *picture.scans[0])
                picture.lacks_restarts = _lacks_restarts(data, picture, *picture.scans[0])
            return
        if marker in (0x01, 0xD8):
            position = body
            continue
        length = int.from_bytes(data[body : body + 2], "big")
        if length < 2 or body + length > len(data):
            return
        _segment(data[body + 2 : body + min(length, 64)], marker, picture)
        position = body + length


def _is_long(scans: int, picture: Picture) -> bool:
    return scans > _MOST_SCANS or scans * (picture.width or 0) * (picture.height or 0) > _MOST_SCANNED


def _end_with_scan(picture: Picture, start: int, end: int) -> None:
    """Without its end marker a picture that lacks data lets a decoder ask for more, instead of filling it with grey."""
    last = max(start, end - LAST)
    picture.spans, picture.tail = [(0, last), (last, end)], BEYOND


def _lacks_restarts(data: Held, picture: Picture, start: int, end: int) -> bool:
    """Whether restart markers are too few for the picture: a decoder goes on at the next one, and says nothing."""
    if not picture.interval:
        return False
    return sum(1 for _ in _RESTART.finditer(data, start, end)) < (picture.units - 1) // picture.interval


def _unit(raw: bytes) -> tuple[int, int]:
    """The colours' samplings stand in a frame's bytes 7, 10, ...; a single colour is coded in squares of 8 (A.2)."""
    samplings = raw[7 : 6 + 3 * raw[5] : 3]
    if len(samplings) == 1:
        samplings = b"\x11"
    across, down = (8 * max((one >> shift & 15 for one in samplings), default=1) for shift in (4, 0))
    return max(across, 8), max(down, 8)


def _segment(raw: bytes, marker: int, picture: Picture) -> None:
    if marker in _FRAMES and len(raw) >= 6 and picture.width is None:
        picture.depth = raw[0]
        picture.mode = _MODES.get(raw[5])
        picture.height, picture.width = int.from_bytes(raw[1:3], "big"), int.from_bytes(raw[3:5], "big")
        picture.is_progressive = marker in _PROGRESSIVE
        picture.unit = _unit(raw)
        picture.units = -(-picture.width // picture.unit[0]) * -(-picture.height // picture.unit[1])
    elif marker == 0xDD:
        picture.interval = int.from_bytes(raw[:2], "big")
    elif marker == 0xE2 and raw[:4] == b"MPF\0":
        picture.is_mpo = True


def _walk_png(data: Held, picture: Picture) -> None:
    """Chunks by their lengths (ISO 15948, clause 5)."""
    position, spare, has_profile = len(_PNG), _MOST_HELD, False
    picture.spans = [(0, position)]
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
        if after > len(data):
            return
        is_needed = _is_needed(data, kind, position + 4, after) and not (kind == b"iCCP" and has_profile)
        if is_needed and kind in _LARGE:
            size = _unpacked(data, kind, position + 8, after - 4, spare)
            is_needed = size <= spare
            # Each that is too large costs the time to find that out: there must not be many.
            spare = spare - size if is_needed else spare // 2
            has_profile |= is_needed and kind == b"iCCP"
        if is_needed:
            first = picture.spans.pop()[0] if picture.spans[-1][1] == position else position
            picture.spans.append((first, after))
        position = after
        if kind == b"IEND":
            picture.is_whole, picture.trailing = True, len(data) - after
            return


def _is_needed(data: Held, kind: bytes, start: int, after: int) -> bool:
    """Critical chunks, and of the others those that we judge and whose check sum holds; viewers skip the rest too."""
    if not kind[0] & _ANCILLARY:
        return True
    with memoryview(data) as view, view[start : after - 4] as checked:
        return kind in _JUDGED and zlib.crc32(checked) == int.from_bytes(data[after - 4 : after], "big")


def _unpacked(data: Held, kind: bytes, start: int, end: int, most: int) -> int:
    """Bytes that a text or a profile takes in memory, or more than `most` where it would take more."""
    if end - start > most:
        return end - start
    stored = bytes(data[start:end])
    keyword = stored.find(b"\0") + 1
    if kind == b"tEXt" or not keyword or (kind == b"iTXt" and stored[keyword : keyword + 1] != b"\1"):
        return len(stored)
    packed = stored[keyword + 1 :] if kind != b"iTXt" else stored[keyword + 2 :].split(b"\0", 2)[-1]
    try:
        return len(stored) + len(zlib.decompressobj().decompress(packed, most + 1))
    except zlib.error:
        return len(stored)
