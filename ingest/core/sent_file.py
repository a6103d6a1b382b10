"""A file as it is sent to a DSP: derived from a checked file of the package, or that file itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SentAudio:
    """What a sent audio file is: `codec` a value of AudioCodecType (`FLAC`, `PCM`), rate in Hz, length in seconds."""

    codec: str
    sample_rate: int
    bits: int
    channels: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SentImage:
    """What a sent image is: `codec` a value of ImageCodecType (`JPEG`, `PNG`), sides in pixels."""

    codec: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a shipment. `path` is relative to the shipment's folder, digests are lower-case hex of its bytes.

    `source` is the path of the package's file that it was made from. Exactly one of `audio` and `image` is set for
    tracks and covers; neither for any other file.
    """

    path: str
    source: str
    size: int
    md5: str
    sha1: str
    sha256: str
    audio: SentAudio | None = None
    image: SentImage | None = None
