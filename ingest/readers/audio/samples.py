"""Sample data of a file, chunk by chunk, into a meter: PCM by our own reads, FLAC through libsndfile."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from ingest.readers.audio.measure import Meter
from ingest.readers.audio.pcm import CHUNK, LEAD, Encoding
from ingest.readers.audio.structure import Pcm

Take = Callable[[memoryview], object]
Bytes = NDArray[np.uint8]
_PIECE = 1 << 20


def encoding_of(pcm: Pcm, bits: int) -> Encoding:
    return Encoding(pcm.kind, pcm.width, min(bits, 8 * pcm.width), pcm.channels, pcm.big_endian)


def read_pcm(file: BinaryIO, pcm: Pcm, meter: Meter | None, take: Take, size: int) -> None:
    """Read the whole file once and in order: every byte goes to `take`, the samples to `meter`."""
    file.seek(0)
    _pass_on(file, pcm.offset, take)
    step = pcm.channels * pcm.width
    left = pcm.frames
    if meter is not None:
        raw = np.zeros(2 * LEAD + CHUNK * step, np.uint8)
        while left > 0:
            wanted = min(left, CHUNK)
            window = raw.data[LEAD : LEAD + wanted * step]
            got = file.readinto(window)  # type: ignore[attr-defined]  # BinaryIO lacks it; every open file has it
            take(window[:got])
            if got // step:
                meter.feed(raw, got // step)
            if got < len(window):
                return
            left -= wanted
    _pass_on(file, size, take)


def pass_file(file: BinaryIO, take: Take, size: int) -> None:
    """Every byte of the file to `take`."""
    file.seek(0)
    _pass_on(file, size, take)


def _pass_on(file: BinaryIO, most: int, take: Take) -> None:
    left = most
    while left > 0 and (piece := file.read(min(left, _PIECE))):
        take(memoryview(piece))
        left -= len(piece)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What decoding gave: frames until the decoder stopped, and the MD5 of the samples as FLAC defines it."""

    frames: int
    md5: bytes


def flac_encoding(bits: int, channels: int) -> Encoding:
    """How libsndfile hands the samples over: 16 bits and fewer as shorts, more as left-justified ints."""
    width = 2 if bits <= 16 else 4
    return Encoding("i", width, min(bits, 8 * width), channels)


def read_flac_samples(path: Path, bits: int, channels: int, meter: Meter) -> Decoded | None:
    """Decode every frame; None when libsndfile does not take the file (depths other than 8, 16 and 24 bits).

    The C functions are called directly: SoundFile.read seeks at every call and fails at the end of a stream of untold
    length, and its exceptions hide how far it got.
    """
    try:
        opened = soundfile.SoundFile(str(path))
    except soundfile.SoundFileError:
        return None
    with opened as file:
        if file.channels != channels:
            return None
        width = 2 if bits <= 16 else 4
        raw = np.zeros(2 * LEAD + CHUNK * channels * width, np.uint8)
        target = soundfile._ffi.from_buffer(raw[LEAD:])
        call = soundfile._snd.sf_readf_short if width == 2 else soundfile._snd.sf_readf_int
        pointer = soundfile._ffi.cast("short *" if width == 2 else "int *", target)
        digest, total = hashlib.md5(usedforsecurity=False), 0
        while (got := int(call(file._file, pointer, CHUNK))) > 0:
            digest.update(_packed(raw[LEAD : LEAD + got * channels * width], bits))
            meter.feed(raw, got)
            total += got
            if got < CHUNK:
                break
    return Decoded(total, digest.digest())


def _packed(raw: Bytes, bits: int) -> memoryview:
    """Samples as FLAC's MD5 takes them: signed, little-endian, in whole bytes."""
    if bits == 16:
        return raw.data
    width, spare = (1, 1) if bits <= 8 else (3, 1)
    words = raw.reshape(-1, width + spare)
    packed = np.empty((len(words), width), np.uint8)
    for column in range(width):
        packed[:, column] = words[:, column + spare]
    return packed.reshape(-1).data
