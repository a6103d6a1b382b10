"""Sample data of a file, chunk by chunk, into a meter: PCM by our own reads, FLAC through its decoder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import FileIO
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.decoder import FlacDecoder, flac_decoder, packed
from ingest.readers.audio.pcm import CHUNK, LEAD, Encoding
from ingest.readers.audio.second_decoder import SecondDecoder, second_decoder
from ingest.readers.audio.structure import Pcm
from ingest.readers.content import Content


class Feed(Protocol):
    """What samples are fed to, as a Meter takes them."""

    def feed(self, raw: NDArray[np.uint8], frames: int) -> None: ...


def encoding_of(pcm: Pcm, bits: int) -> Encoding:
    return Encoding(pcm.kind, pcm.width, min(bits, 8 * pcm.width), pcm.channels, pcm.big_endian)


def read_pcm(file: FileIO, pcm: Pcm, meter: Feed) -> None:
    """Read the samples once and in order, into `meter`."""
    file.seek(pcm.offset)
    step = pcm.channels * pcm.width
    left = pcm.frames
    raw = np.zeros(2 * LEAD + CHUNK * step, np.uint8)
    while left > 0:
        wanted = min(left, CHUNK)
        window = raw.data[LEAD : LEAD + wanted * step]
        got = file.readinto(window) or 0
        if got // step:
            meter.feed(raw, got // step)
        if got < len(window):
            return
        left -= wanted


@dataclass(frozen=True, slots=True)
class Decoded:
    """What decoding gave: frames until the decoder stopped, and the MD5 of the samples as FLAC defines it."""

    frames: int
    md5: bytes


def read_flac_samples(
    content: Content, encoding: Encoding, meter: Feed, mend: int | None, most: int | None
) -> Decoded | None:
    """Decode every frame; None when the decoder does not take the file. `mend` is for flac_decoder.

    Decoding stops beyond `most` frames.
    """
    with flac_decoder(content, encoding, mend) as decoder:
        return None if decoder is None else _decoded(decoder, encoding, meter, most)


def read_flac_again(file: FileIO, base: int, encoding: Encoding, meter: Feed, most: int | None) -> Decoded | None:
    """The same by another decoder, up to the first frame that it finds broken."""
    with second_decoder(file, base, encoding) as decoder:
        return None if decoder is None else _decoded(decoder, encoding, meter, most)


def _decoded(decoder: FlacDecoder | SecondDecoder, encoding: Encoding, meter: Feed, most: int | None) -> Decoded:
    digest, total = hashlib.md5(usedforsecurity=False), 0
    while got := decoder.read():
        digest.update(packed(decoder.samples(got), encoding))
        meter.feed(decoder.raw, got)
        total += got
        if got < CHUNK or (most is not None and total > most):
            break
    return Decoded(total, digest.digest())
