"""What a walker found out about the structure of one audio file."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.core.facts import Container, Damage, DamageFact

FATAL = frozenset(
    {
        Damage.ZERO_LENGTH,
        Damage.HEADER_ONLY,
        Damage.TRUNCATED,
        Damage.NO_AUDIO,
        Damage.UNREADABLE,
        Damage.DAMAGED_FRAMES,
    }
)
"""Damages after which there is no whole audio to measure."""


@dataclass(frozen=True, slots=True)
class Pcm:
    """Uncompressed samples: where they lie (bytes), and how one sample is stored.

    `kind` is `i` (signed), `u` (unsigned) or `f` (IEEE float); `width` is in bytes.
    """

    offset: int
    size: int
    channels: int
    width: int
    kind: str
    big_endian: bool

    @property
    def frames(self) -> int:
        return self.size // (self.channels * self.width)


@dataclass(frozen=True, slots=True)
class Flac:
    """A FLAC stream: where it and its first frame begin, and STREAMINFO; `total` 0, `md5` None: it does not tell."""

    base: int
    first_frame: int
    rate: int
    channels: int
    bits: int
    min_block: int
    max_block: int
    max_frame: int
    total: int
    md5: bytes | None


@dataclass(frozen=True, slots=True)
class Structure:
    """The facts of the header, the damages, and where the samples are when they can be decoded."""

    container: Container
    codec: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    bits: int | None = None
    frames: int | None = None
    damages: tuple[DamageFact, ...] = ()
    chunks: tuple[str, ...] = ()
    format_tag: int | None = None
    subformat: str | None = None
    stream: Pcm | Flac | None = None
    tags: dict[str, str] = field(default_factory=dict)
    tag_at: tuple[int, int] | None = None
    """Where an ID3 tag or Vorbis comments lie, and how many bytes they take."""

    @property
    def is_whole(self) -> bool:
        return not any(damage.kind in FATAL for damage in self.damages)
