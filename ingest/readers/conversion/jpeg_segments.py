"""A JPEG that needs no new pixels: what stands around its picture is left out, the picture stays as it was coded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ingest.readers.content import Held

_START, _END, _SCAN, _BASELINE = 0xD8, 0xD9, 0xDA, 0xC0
_ADOBE, _JFIF, _COMMENT = 0xEE, 0xE0, 0xFE
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_APPLICATION: Final = range(0xE0, 0xF0)
_YCC: Final = 1
"""The transform of Adobe's segment by which the colours are YCbCr, as JFIF has them."""
_MOST_SEGMENTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Segments:
    """What stands before the scan of a baseline JPEG in YCbCr: `kept` is needed, the scan begins at byte `scan`."""

    kept: tuple[bytes, ...]
    scan: int
    is_bare: bool


def segments_of(data: Held) -> Segments | None:
    """None for any other JPEG: one that is not of 8 bits and three colours, progressive, or coded in RGB."""
    kept: list[bytes] = []
    position, is_bare, frame = 2, True, 0
    for _ in range(_MOST_SEGMENTS):
        marker, length = data[position + 1 : position + 2], int.from_bytes(data[position + 2 : position + 4], "big")
        whole = bytes(data[position : position + 2 + length])
        if data[position : position + 1] != b"\xff" or not marker or length < 2 or len(whole) < 2 + length:
            return None
        kind, body = marker[0], whole[4:]
        if kind == _SCAN:
            is_one_scan = body[:1] == b"\x03"
            return Segments(tuple(kept), position, is_bare) if frame == 1 and is_one_scan else None
        if (kind in _FRAMES and (kind != _BASELINE or body[5:6] != b"\x03" or body[:1] != b"\x08")) or _is_rgb(
            kind, body
        ):
            return None
        frame += kind in _FRAMES
        if _is_left_out(kind, body):
            is_bare = False
        else:
            kept.append(whole)
        position += len(whole)
    return None


def _is_rgb(kind: int, body: bytes) -> bool:
    """By Adobe's segment; or by names of colours, which some decoders go by where that is missing."""
    if kind == _ADOBE and body[:5] == b"Adobe":
        return body[11:12] != bytes([_YCC])
    return kind == _BASELINE and body[6::3][:3] == b"RGB"


def _is_left_out(kind: int, body: bytes) -> bool:
    """Everything that is not the picture, but the short segments by which decoders know what the colours are."""
    if kind == _JFIF:
        return body[:5] != b"JFIF\0" or body[12:14] != bytes(2)
    if kind == _ADOBE:
        return body[:5] != b"Adobe"
    return kind in _APPLICATION or kind == _COMMENT
