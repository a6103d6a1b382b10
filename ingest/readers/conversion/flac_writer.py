"""Samples -> FLAC, by libsndfile on a descriptor: samples alone, without tags, pictures or other chunks.

The library is called without callbacks, as by `second_decoder`. What it writes is STREAMINFO, with the MD5 of the
samples, an empty list of comments that names the encoder, and the frames.
"""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from ingest.readers.audio.pcm import LEAD, Encoding
from ingest.readers.conversion.answers import Refused
from ingest.readers.output import NotWritten

_FFI: Final[Any] = soundfile._ffi
_LIBRARY: Final[Any] = soundfile._snd
_FLAC: Final = 0x170000
_DEPTHS: Final = {16: 0x0002, 24: 0x0003}
_SET_LEVEL: Final = 0x1301
LEVEL: Final = 4
"""Of FLAC's 0 to 8. It takes an eighth less time than 5 and a thousandth more room; 3 and less code no stereo jointly,
which makes files of two like channels up to twice as long.
"""
_MD5: Final = 26
"""Where the MD5 of the samples stands in a FLAC, in STREAMINFO (RFC 9639, section 8.2)."""

Bytes = NDArray[np.uint8]


def depth_of(encoding: Encoding) -> int:
    """Bits of the FLAC that holds such samples without loss. Raises Refused where there is none.

    32 bits may hold no more than 24: that shows sample by sample.
    """
    if encoding.kind != "i" or not 2 <= encoding.width <= 4:
        what = "floating-point" if encoding.kind == "f" else f"{8 * encoding.width}-bit"
        raise Refused(f"{what} samples cannot be made into FLAC of 16 or 24 bits without loss")
    return 16 if encoding.width == 2 else 24


class FlacWriter:
    """Takes samples of `encoding` as a Feed, and writes them to a descriptor, from which it can read too.

    `frames` were taken.

    Raises Refused for an encoding, or a sample, that the written depth does not hold, and NotWritten.
    """

    def __init__(self, descriptor: int, encoding: Encoding, rate: int) -> None:
        self._encoding, self.bits = encoding, depth_of(encoding)
        self._descriptor, self.frames = descriptor, 0
        info = _FFI.new("SF_INFO *")
        info.samplerate, info.channels, info.format = rate, encoding.channels, _FLAC | _DEPTHS[self.bits]
        self._stream = _LIBRARY.sf_open_fd(descriptor, _LIBRARY.SFM_WRITE, info, 0)
        if self._stream == _FFI.NULL:
            raise Refused(f"no FLAC can be made of {encoding.channels} channels at {rate} Hz")
        level = _FFI.new("double *", LEVEL / 8)
        _LIBRARY.sf_command(self._stream, _SET_LEVEL, level, _FFI.sizeof("double"))

    def feed(self, raw: Bytes, frames: int) -> None:
        """Write `frames` of `raw`, whose samples begin at byte LEAD."""
        samples = self._left_justified(raw, frames * self._encoding.channels)
        kind, write = ("short *", "sf_writef_short") if self.bits == 16 else ("int *", "sf_writef_int")
        pointer = _FFI.cast(kind, _FFI.from_buffer(samples))
        if getattr(_LIBRARY, write)(self._stream, pointer, frames) != frames:
            raise NotWritten(self._reason())
        self.frames += frames

    def close(self) -> str:
        """Write what is left, and STREAMINFO as it is now known; the MD5 in it, which the encoder made of the samples
        that it was given. Raises NotWritten.
        """
        stream, self._stream = self._stream, _FFI.NULL
        if _LIBRARY.sf_close(stream) != 0:
            raise NotWritten("the end of the file could not be written")
        return os.pread(self._descriptor, 16, _MD5).hex()

    def abandon(self) -> None:
        """End without a word, after a failure."""
        if self._stream != _FFI.NULL:
            _LIBRARY.sf_close(self._stream)
            self._stream = _FFI.NULL

    def _left_justified(self, raw: Bytes, count: int) -> NDArray[Any]:
        """Native shorts, or ints of which the lowest byte is any: the library takes the upper three."""
        encoding = self._encoding
        order, stop = ">" if encoding.big_endian else "<", LEAD + count * encoding.width
        if encoding.width == 3:
            start = LEAD - (0 if encoding.big_endian else 1)
            return np.ndarray((count,), f"{order}i4", raw.data, start, (3,)).astype("<i4")
        words = raw[LEAD:stop].view(f"{order}i{encoding.width}").astype(f"<i{encoding.width}", copy=False)
        if encoding.width == 4 and np.bitwise_or.reduce(words) & 0xFF:
            raise Refused("its samples use more than 24 bits, and cannot be made into FLAC of 24 bits without loss")
        return words

    def _reason(self) -> str:
        return str(_FFI.string(_LIBRARY.sf_strerror(self._stream)).decode("ascii", "replace"))
