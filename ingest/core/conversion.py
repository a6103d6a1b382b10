"""A file for a DSP made from a checked one: what is asked for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ingest.core.sent_file import SentAudio, SentImage


class Form(StrEnum):
    """What a file is made into. The values are those of `audio` and `cover` in the configuration of a DSP."""

    FLAC = "flac"
    SRGB_JPEG = "srgb-jpeg"
    AS_RECEIVED = "as-received"


@dataclass(frozen=True, slots=True)
class Conversion:
    """Make the file at `source` into `form`, and write it to `target`, an empty file that exists; paths are absolute.

    `name` is the source's path inside its package. `stamp` is what `fstat` said of the source when it was looked at
    last: device, inode, size in bytes, times of the last change of content and of anything in nanoseconds.
    """

    source: str
    name: str
    stamp: tuple[int, ...]
    form: Form
    target: str


@dataclass(frozen=True, slots=True)
class Converted:
    """A file that was made and proved: the SHA-256 of its source, and size, digests and kind of what was written.

    Digests are lower-case hex; exactly one of `audio` and `image` is set.
    """

    source_sha256: str
    size: int
    md5: str
    sha1: str
    sha256: str
    audio: SentAudio | None = None
    image: SentImage | None = None


@dataclass(frozen=True, slots=True)
class NotConverted:
    """No file was made; `reason` says why in words for ops. `permanent`: no later attempt can succeed.

    `is_crash`: a child that makes or proves it ended before it had told what it made; it may do so every time.
    """

    reason: str
    permanent: bool
    is_crash: bool = False
