"""FLAC frame headers (RFC 9639, section 9.1): found by sync code and CRC-8, believed when they follow one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ingest.readers.content import Held

_SYNC = re.compile(rb"\xff[\xf8\xf9]")
_MOST_SYNCS = 1 << 18
"""Sync codes that are looked at: sound holds as many in more than a gigabyte, malice in half a megabyte."""

_RATES = (0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000)
_BITS = (0, 8, 12, -1, 16, 20, 24, 32)


def _table(polynomial: int, bits: int) -> tuple[int, ...]:
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    table = []
    for value in range(256):
        rest = value << (bits - 8)
        for _ in range(8):
            rest = (rest << 1 ^ (polynomial if rest & top else 0)) & mask
        table.append(rest)
    return tuple(table)


_CRC8 = _table(0x07, 8)
_CRC16 = _table(0x8005, 16)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame header: its offset in the file, its first sample and what it says of the stream (0: as STREAMINFO).

    `layout` is the channel assignment code, `header` the length of the header in bytes.
    """

    offset: int
    position: int
    block: int
    rate: int
    channels: int
    bits: int
    layout: int
    header: int

    @property
    def end(self) -> int:
        return self.position + self.block


def frame_at(data: Held, offset: int, block_size: int) -> Frame | None:
    """The frame header at `offset`, or None when none stands there; `block_size` is that of a fixed-size stream."""
    raw = data[offset : offset + 16]
    if len(raw) < 6 or raw[0] != 0xFF or raw[1] & 0xFE != 0xF8 or raw[3] & 1:
        return None
    block_code, rate_code, layout, bits = raw[2] >> 4, raw[2] & 15, raw[3] >> 4, _BITS[raw[3] >> 1 & 7]
    if block_code == 0 or rate_code == 15 or layout > 10 or bits < 0:
        return None
    number = _number(raw)
    if number is None:
        return None
    index, at = number
    extra_block = {6: 1, 7: 2}.get(block_code, 0)
    extra_rate = {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    stop = at + extra_block + extra_rate
    if len(raw) <= stop or crc8(raw[:stop]) != raw[stop]:
        return None
    block = _block(block_code, raw[at : at + extra_block])
    rate = _rate(rate_code, raw[at + extra_block : stop])
    position = index if raw[1] & 1 else index * block_size
    return Frame(offset, position, block, rate, layout + 1 if layout < 8 else 2, bits, layout, stop + 1)


def _number(raw: bytes) -> tuple[int, int] | None:
    """The coded frame or sample number (extended UTF-8) and the offset after it."""
    first = raw[4]
    if first < 0x80:
        return first, 5
    length = 8 - (first ^ 0xFF).bit_length()
    if length < 2 or length > 7 or len(raw) < 4 + length:
        return None
    value = first & (0x7F >> length)
    for byte in raw[5 : 4 + length]:
        if byte & 0xC0 != 0x80:
            return None
        value = value << 6 | byte & 0x3F
    return value, 4 + length


def _block(code: int, extra: bytes) -> int:
    if code == 1:
        return 192
    if code < 6:
        return 576 << (code - 2)
    return int.from_bytes(extra, "big") + 1 if code < 8 else 256 << (code - 8)


def _rate(code: int, extra: bytes) -> int:
    if code < 12:
        return _RATES[code]
    return int.from_bytes(extra, "big") * {12: 1000, 13: 1, 14: 10}[code]


def crc8(data: bytes) -> int:
    rest = 0
    for byte in data:
        rest = _CRC8[rest ^ byte]
    return rest


def crc16(data: bytes) -> int:
    """Zero over a whole frame, which ends with its own CRC."""
    rest = 0
    for byte in data:
        rest = (rest << 8 & 0xFFFF) ^ _CRC16[rest >> 8 ^ byte]
    return rest


def frames(data: Held, start: int, block_size: int) -> Iterator[Frame]:
    """Frame headers from `start` on that continue an earlier one or open the stream, in file order.

    `block_size` is that of the first frame. Sample data may look like a header; it will hardly also name the very
    sample that comes next. After a quarter of a million sync codes nothing more is looked at.
    """
    ends: set[int] = {0}
    for match in islice(_SYNC.finditer(data, start), _MOST_SYNCS):
        frame = frame_at(data, match.start(), block_size)
        if frame is None:
            continue
        if frame.position in ends:
            yield frame
        ends.add(frame.end)
