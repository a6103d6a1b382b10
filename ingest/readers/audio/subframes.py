"""The length of one FLAC frame, by parsing its subframes without decoding them (RFC 9639, section 9.2)."""

from __future__ import annotations

from ingest.readers.audio.frames import Frame, crc16

_MOST_BYTES = 4 << 20


class Damaged(Exception):
    """The frame is not cut off but wrong: a reserved value, or its CRC-16."""


def frame_length(data: bytes, frame: Frame, bits: int) -> int | None:
    """Bytes the frame takes, `data` beginning with it; None when it is cut off. Raises Damaged.

    `bits` is the depth of STREAMINFO, for frames that do not tell.
    """
    data = data[:_MOST_BYTES]
    digits = bin(int.from_bytes(b"\x01" + data, "big"))[3:]
    position = frame.header * 8
    try:
        for channel in range(frame.channels):
            position = _subframe(digits, position, frame.block, (frame.bits or bits) + _extra(frame.layout, channel))
    except ValueError:
        return None
    length = -(-position // 8) + 2
    if length > len(data):
        return None
    if crc16(data[:length]):
        raise Damaged
    return length


def _extra(layout: int, channel: int) -> int:
    """The side channel of a stereo pair takes one bit more."""
    return int((layout, channel) in ((8, 1), (9, 0), (10, 1)))


def _number(digits: str, position: int, count: int) -> int:
    if position + count > len(digits):
        raise ValueError("cut off")
    return int(digits[position : position + count], 2)


def _subframe(digits: str, position: int, block: int, bits: int) -> int:
    """The bit after the subframe that begins at `position`. Raises ValueError where the digits end."""
    kind = _number(digits, position, 8)
    position += 8
    if kind & 1:
        end = digits.index("1", position) + 1
        bits -= end - position
        position = end
    if kind & 0x80 or bits <= 0:
        raise Damaged
    kind = kind >> 1 & 63
    if kind == 0:
        return position + bits
    if kind == 1:
        return position + bits * block
    if 8 <= kind <= 12:
        return _residual(digits, position + bits * (kind - 8), block, kind - 8)
    if kind < 32:
        raise Damaged
    order = (kind & 31) + 1
    position += bits * order
    precision = _number(digits, position, 4) + 1
    return _residual(digits, position + 9 + precision * order, block, order)


def _residual(digits: str, position: int, block: int, order: int) -> int:
    method, partitions = _number(digits, position, 2), 1 << _number(digits, position + 2, 4)
    if method > 1 or block % partitions or block // partitions < order:
        raise Damaged
    position += 6
    width = 4 + method
    for partition in range(partitions):
        count = block // partitions - (0 if partition else order)
        parameter = _number(digits, position, width)
        position += width
        if parameter == (1 << width) - 1:
            position += 5 + count * _number(digits, position, 5)
            continue
        step = parameter + 1
        for _ in range(count):
            position = digits.index("1", position) + step
    return position
