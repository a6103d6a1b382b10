"""What a child says of a file that it was asked to make, and why one cannot be made."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):
    """The file cannot be made into what was asked for, now or later; the text says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written. `samples` is the MD5 of a track's samples as FLAC defines it: that of the source where this
    is a FLAC that is kept, else as the encoder made it of the samples that it was given.

    Of a refusal, or a write that failed, only the reason is set.
    """

    samples: str = ""
    frames: int = 0
    width: int = 0
    height: int = 0
    refused: str = ""
    unwritten: str = ""


@dataclass(frozen=True, slots=True)
class Sound:
    """What a second child found in a written FLAC: `samples` is the MD5 of what it decoded; `fault` says what is wrong.

    Rate in Hz; `frames` were decoded.
    """

    samples: str = ""
    sample_rate: int = 0
    bits: int = 0
    channels: int = 0
    frames: int = 0
    fault: str = ""
