"""Whether a JPEG's data are all there, where the decoder fills what is missing with grey and says nothing.

A decoder that lacks data goes on at the next marker: a restart marker or the next scan of a progressive picture. What
it makes of a part shows by itself whether that part is whole: it needs all of it, and nothing behind it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import IO, Final, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.readers.content import Held
from ingest.readers.parts import Parts

BEYOND: Final = b"\xff\x00" * 16
"""Bits of 1, which are no code of a JPEG: as many as a decoder may have in hand at the picture's last bit."""
_RESTART: Final = re.compile(rb"\xff[\xd0-\xd7]")
_KEPT: Final = frozenset((0xC0, 0xC1, 0xC4, 0xDB, 0xDA))
"""What is needed to decode one part: frame, Huffman and quantisation tables, scan."""
_MOST_PARTS: Final = 2_000
_LONGEST_SIDE: Final = 65_000
_LAST: Final = 32
"""Bytes of a part that are read apart, so that it shows whether the decoder came that far."""
_OTHER: Final = bytes((17 * step + 5) % 251 for step in range(256))
"""Bits that no scan ends in; none of these bytes is 0xFF."""
_MOST_COMPARED: Final = 50_000_000
_TALLER: Final = 160
_SPOILT: Final = 48


def has_gap_between_restarts(
    data: Held, start: int, end: int, interval: int, units: int, size: tuple[int, int]
) -> bool:
    """Whether a part between two restart markers of the scan from `start` to `end` has more or less data than it needs.

    `interval` units of `size` pixels are coded between two markers, `units` in all. Nothing is said of a scan of
    thousands of parts: where one of these is damaged markers are missing.
    """
    marks = [match.start() for match in _RESTART.finditer(data, start, end)]
    if not 0 < len(marks) < _MOST_PARTS or interval * size[0] > _LONGEST_SIDE:
        return False
    begins, ends = [start, *(mark + 2 for mark in marks)], [*marks, end]
    for number, (begin, stop) in enumerate(zip(begins, ends, strict=True)):
        width = min(interval, units - number * interval) * size[0]
        if width <= 0 or not _is_exact(_header(data, start, width, size[1]), data[begin:stop]):
            return True
    return False


def _header(data: Held, start: int, width: int, height: int) -> bytes:
    """What stands before the scan's data, of a picture of other sides and without restarts."""
    kept = [b"\xff\xd8"]
    for marker, at, length in _segments(data, start):
        piece = bytearray(data[at : at + 2 + length])
        if marker in (0xC0, 0xC1):
            piece[5:9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
        if marker in _KEPT:
            kept.append(bytes(piece))
    return b"".join(kept)


def _segments(data: Held, stop: int) -> Iterator[tuple[int, int, int]]:
    """Marker, place and length of the segments up to `stop`."""
    at = 2
    while at + 4 <= stop:
        if data[at] != 0xFF or data[at + 1] == 0xFF:
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1], at, length
        at += 2 + length


def _is_exact(header: bytes, part: bytes) -> bool:
    """Whether the decoder comes to the last bytes of a part, and asks for none behind them."""
    whole = header + part
    last = max(len(header), len(whole) - _LAST)
    parts = Parts(whole, [(0, last), (last, len(whole))], BEYOND)
    try:
        with Image.open(cast(IO[bytes], parts), formats=("JPEG",)) as image:
            image.draft("L", (1, 1))
            image.load()
    except OSError as error:
        if error.errno is not None:
            raise
        return False
    return parts.left < _LAST or set(part[-_LAST:]) <= {0, 0xFF}


def has_gap_in_a_scan(data: Held, scans: list[tuple[int, int]], size: tuple[int, int]) -> bool:
    """Whether a scan of a progressive picture of `size` has more or less data than the picture needs.

    A scan that has less takes what is put behind it. One that has more goes on in a picture that is made taller: there
    all others leave grey. `scans` are where the data of each begin and end.
    """
    width, height = size
    if not scans or width * height > _MOST_COMPARED or height > _LONGEST_SIDE:
        return False
    frame = next((at for marker, at, _ in _segments(data, scans[0][0]) if marker == 0xC2), None)
    if frame is None:
        return False
    taller = b"".join((data[: frame + 5], (height + _TALLER).to_bytes(2, "big"), data[frame + 7 :]))
    pieces, at = [], 0
    for _, end in scans:
        pieces += [data[at:end], _OTHER]
        at = end
    try:
        below, changed = _pixels(taller), _pixels(b"".join((*pieces, data[at:])))
    except OSError as error:
        if error.errno is not None:
            raise
        return True
    # The last rows of the smaller picture are smoothed with what stands under them.
    rows = height // 2 - 2
    return not np.array_equal(below[:rows], changed[:rows]) or _is_drawn_on(below, height)


def _is_drawn_on(picture: NDArray[np.uint8], height: int) -> bool:
    """Whether something is drawn under `height`, but for the one unit into which the last bits of a scan may go."""
    rows = picture[-(-height // 32) * 16 + 4 :]
    rest = np.concatenate((rows[:12, _SPOILT:].reshape(-1, *rows.shape[2:]), rows[12:].reshape(-1, *rows.shape[2:])))
    return bool(len(rest)) and bool((rest != rest[-1]).any())


def _pixels(data: bytes) -> NDArray[np.uint8]:
    """At half the size, without putting colours together."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        image.draft("YCbCr", (image.width // 2, image.height // 2))
        return np.asarray(image)
