"""Stored samples -> planes: one float32 row per channel, left-justified so that full scale is 2^31."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
FULL_SCALE = 2.0**31
HOP = 128
"""Samples of which meters first look at the greatest."""
SPAN = 16
"""Samples that are interpolated together."""
CHUNK = 262144
HISTORY = 2 * HOP
PLANE = HISTORY + CHUNK
"""Samples of a plane: HISTORY earlier ones and a chunk."""
LEAD = 16
"""Spare bytes in front of (and behind) the samples of a buffer: 24-bit samples are read four bytes at a time."""

_LOUDEST = 1e5
_KINDS = {("i", 1): "i1", ("u", 1): "u1", ("i", 2): "i2", ("i", 4): "i4", ("f", 4): "f4", ("f", 8): "f8"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How samples are stored: `kind` i, u or f, `width` in bytes, valid `bits`, byte order, channels."""

    kind: str
    width: int
    bits: int
    channels: int
    big_endian: bool = False

    @property
    def is_supported(self) -> bool:
        return (self.kind == "i" and 3 <= self.width <= 8) or (self.kind, self.width) in _KINDS

    @property
    def full_scale(self) -> float:
        """The least magnitude that counts as full scale, in the unit of the planes."""
        if self.kind == "f":
            return FULL_SCALE
        bits = min(self.bits, 32)
        return float(((1 << (bits - 1)) - 1) << (32 - bits))


class Unpacker:
    """Unpacks one buffer after another; keeps what is told by integers only: set bits, and NaN and infinities."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._bits = 0
        self._lowest = 1 << max(min(8 * encoding.width, 32) - encoding.bits, 0)
        self._scratch = np.empty(CHUNK, np.int32)
        self.non_finite = 0

    def unpack(self, raw: NDArray[np.uint8], frames: int, planes: Floats) -> None:
        """Fill `planes` (channels × at least `frames`) from `raw`, whose samples begin at byte LEAD."""
        encoding = self._encoding
        if encoding.width == 2 and encoding.channels == 2 and not encoding.big_endian:
            self._stereo16(raw, frames, planes)
        elif encoding.width == 3:
            self._packed24(raw, frames, planes)
        elif encoding.kind == "i" and encoding.width > 4:
            self._wide(raw, frames, planes)
        else:
            self._plain(raw, frames, planes)

    def effective_bits(self) -> int | None:
        """Bits a sample really uses, counted from the top, 32 at the most; None for float and for digital silence."""
        if self._encoding.kind == "f" or self._bits == 0:
            return None
        return min(self._encoding.width, 4) * 8 - ((self._bits & -self._bits).bit_length() - 1)

    def _stereo16(self, raw: NDArray[np.uint8], frames: int, planes: Floats) -> None:
        """Both 16-bit samples of a frame as one 32-bit word: the left one is its low half."""
        words = raw[LEAD : LEAD + 4 * frames].view("<i4")
        scratch = self._scratch[:frames]
        planes[0, :frames] = np.left_shift(words, 16, out=scratch)
        self._note(scratch, 16)
        planes[1, :frames] = np.bitwise_and(words, -65536, out=scratch)
        self._note(scratch, 16)

    def _packed24(self, raw: NDArray[np.uint8], frames: int, planes: Floats) -> None:
        """Four bytes at each sample with the neighbour's byte masked out."""
        encoding, scratch = self._encoding, self._scratch[:frames]
        order, shift = (">i4", 0) if encoding.big_endian else ("<i4", -1)
        for channel in range(encoding.channels):
            start = LEAD + shift + 3 * channel
            words: NDArray[Any] = np.ndarray((frames,), order, raw.data, start, (3 * encoding.channels,))
            # In three steps, for numpy takes unaligned words together with anything else much slower.
            scratch[:] = words
            planes[channel, :frames] = np.bitwise_and(scratch, -256, out=scratch)
            self._note(scratch, 8)

    def _wide(self, raw: NDArray[np.uint8], frames: int, planes: Floats) -> None:
        """The upper four bytes of samples of five to eight: more no meter can tell apart."""
        encoding, scratch = self._encoding, self._scratch[:frames]
        stop, first = (
            LEAD + encoding.width * encoding.channels * frames,
            0 if encoding.big_endian else encoding.width - 4,
        )
        columns = raw[LEAD:stop].reshape(frames, encoding.channels, encoding.width)
        for channel in range(encoding.channels):
            upper = np.ascontiguousarray(columns[:, channel, first : first + 4])
            scratch[:] = upper.view(">i4" if encoding.big_endian else "<i4")[:, 0]
            planes[channel, :frames] = scratch
            self._note(scratch, 0)

    def _plain(self, raw: NDArray[np.uint8], frames: int, planes: Floats) -> None:
        encoding = self._encoding
        order = ">" if encoding.big_endian else "<"
        stop = LEAD + encoding.width * encoding.channels * frames
        values = raw[LEAD:stop].view(order + _KINDS[encoding.kind, encoding.width]).reshape(frames, encoding.channels)
        for channel in range(encoding.channels):
            column, plane = values[:, channel], planes[channel, :frames]
            if encoding.kind == "f":
                self._floats(column, plane)
                continue
            whole, spare = self._scratch[:frames], 32 - 8 * encoding.width
            whole[:] = column
            if encoding.kind == "u":
                whole -= 128
            if spare:
                whole <<= spare
            self._note(whole, spare)
            plane[:] = whole

    def _floats(self, column: NDArray[Any], plane: Floats) -> None:
        """What is no number, or absurdly loud, counts as non-finite and as zero: energies must not overflow."""
        usable = np.isfinite(column)
        usable &= np.abs(column, where=usable, out=np.zeros(len(column), column.dtype)) < _LOUDEST
        self.non_finite += int(len(column) - np.count_nonzero(usable))
        plane[:] = 0.0
        np.multiply(column, FULL_SCALE, out=plane, where=usable, casting="same_kind")

    def _note(self, words: NDArray[np.int32], spare: int) -> None:
        """Collect the bits in use, until the lowest that is valid has been seen."""
        if not self._bits & self._lowest:
            self._bits |= int(np.bitwise_or.reduce(words)) >> spare & 0xFFFFFFFF
