"""FLAC frames -> samples by libsndfile, for files that dr_flac does not decode whole: no file is damaged by one's word.

dr_flac takes Rice partitions of orders up to 8, and FLAC has up to 15 (RFC 9639, section 9.2.7). The library is called
on the open file, without callbacks: where readers run no code can be made. It stops at the first frame that is broken.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from ingest.readers.audio.pcm import CHUNK, LEAD, Encoding

# The library's own reading seeks at each call; these are what it calls itself.
_FFI: Final[Any] = soundfile._ffi
_LIBRARY: Final[Any] = soundfile._snd
_DEPTHS: Final = (8, 16, 24)


class SecondDecoder:
    """An open file of `encoding`; as FlacDecoder."""

    def __init__(self, stream: Any, encoding: Encoding) -> None:
        self._stream = stream
        self._step = encoding.channels * encoding.width
        self.raw: NDArray[np.uint8] = np.zeros(2 * LEAD + CHUNK * self._step, np.uint8)
        kind, name = ("short *", "short") if encoding.width == 2 else ("int *", "int")
        self._target = _FFI.cast(kind, _FFI.from_buffer(self.raw[LEAD:]))
        self._read = getattr(_LIBRARY, f"sf_readf_{name}")

    def read(self) -> int:
        """Frames of the next chunk: fewer than CHUNK at the end of what can be decoded."""
        return int(self._read(self._stream, self._target, CHUNK))

    def samples(self, frames: int) -> NDArray[np.uint8]:
        return self.raw[LEAD : LEAD + frames * self._step]


@contextmanager
def second_decoder(file: FileIO, base: int, encoding: Encoding) -> Iterator[SecondDecoder | None]:
    """None for a file that this decoder does not take either. `base` is the offset of its `fLaC`."""
    info = _FFI.new("SF_INFO *")
    os.lseek(file.fileno(), base, os.SEEK_SET)
    stream = _LIBRARY.sf_open_fd(file.fileno(), _LIBRARY.SFM_READ, info, 0)
    if stream == _FFI.NULL:
        yield None
        return
    try:
        is_ours = info.channels == encoding.channels and encoding.bits in _DEPTHS
        yield SecondDecoder(stream, encoding) if is_ours else None
    finally:
        _LIBRARY.sf_close(stream)
