"""AIFF and AIFF-C by their own walk (Apple, "Audio Interchange File Format", versions 1.3 and AIFF-C draft 8/26/91)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import BinaryIO

from ingest.core.facts import Container, Damage, DamageFact
from ingest.readers.audio.chunks import Chunk, Walk, body, walk
from ingest.readers.audio.structure import Pcm, Structure

_UNCOMPRESSED = {
    "NONE": ("PCM", False),
    "twos": ("PCM", False),
    "sowt": ("PCM", True),
    "42ni": ("PCM", True),
    "23ni": ("PCM", True),
    "in24": ("PCM", False),
    "in32": ("PCM", False),
    "raw ": ("PCM", False),
}
_BITS = {"raw ": 8, "in24": 24, "42ni": 24, "23ni": 32, "in32": 32, "fl32": 32, "FL32": 32, "fl64": 64, "FL64": 64}
"""QuickTime's kinds that say themselves how long a sample is."""
_UNSIGNED = "raw "

_MOST_BLOCK = 65_536
_FLOAT = ("fl32", "FL32", "fl64", "FL64")
_CODECS = {"ulaw": "mu-law", "ULAW": "mu-law", "alaw": "A-law", "ALAW": "A-law", "ima4": "IMA ADPCM"}


@dataclass(frozen=True, slots=True)
class Common:
    """The COMM chunk; `width` is the bytes a sample takes, `little` marks `sowt`, `unsigned` samples with an offset."""

    codec: str
    channels: int
    frames: int
    bits: int
    rate: int
    width: int
    little: bool
    unsigned: bool


def read_aiff(file: BinaryIO, base: int, size: int, container: Container) -> Structure:
    """Structure of the file of `size` bytes whose `FORM` stands at `base`."""
    file.seek(base)
    head = file.read(12)
    if len(head) < 12:
        return Structure(container, damages=(DamageFact(Damage.HEADER_ONLY, present=size),))
    form_end = base + 8 + int(struct.unpack(">I", head[4:8])[0])
    chunks = walk(file, base + 12, size, ">", "SSND", {})
    commons, sounds = chunks.named("COMM"), chunks.named("SSND")
    common = _common(body(file, commons[0], 64), container) if commons else None
    damages: list[DamageFact] = []
    if sounds and (common is None or len(commons) > 1 or not (common.channels and common.rate and common.width)):
        damages.append(DamageFact(Damage.BAD_HEADER, chunk="COMM"))
    if len(sounds) > 1:
        damages.append(DamageFact(Damage.SECOND_DATA_CHUNK, present=sounds[1].present, chunk="SSND"))
    offset, block = _offset_and_block(file, sounds[0]) if sounds else (0, 0)
    damages += _sizes(chunks, sounds, offset, form_end, size)
    stream, frames = None, common.frames if common else None
    if common and sounds and common.channels and common.width:
        if sounds[0].is_streamed and common.codec in ("PCM", "float"):
            frames = max(sounds[0].present - offset, 0) // (common.channels * common.width)
            common = replace(common, frames=frames)
        else:
            damages += _count(common, sounds[0], offset, block)
        stream = _stream(common, sounds[0], offset)
    return Structure(
        container,
        common.codec if common else None,
        common.rate if common else None,
        common.channels if common else None,
        common.bits if common else None,
        frames,
        tuple(damages),
        chunks.ids,
        stream=stream,
        tag_at=chunks.id3,
    )


def _common(raw: bytes, container: Container) -> Common | None:
    if len(raw) < 18 or (container is Container.AIFC and len(raw) < 22):
        return None
    channels, frames, bits = struct.unpack(">HIH", raw[:8])
    kind = raw[18:22].decode("latin-1") if container is Container.AIFC else "NONE"
    codec, little = _UNCOMPRESSED.get(kind, ("float" if kind in _FLOAT else _CODECS.get(kind, kind.strip()), False))
    bits = _BITS.get(kind, bits)
    return Common(
        codec, channels, frames, bits, _rate(raw[8:18]), (bits + 7) // 8 if bits <= 64 else 0, little, kind == _UNSIGNED
    )


def _rate(raw: bytes) -> int:
    """An 80-bit extended float as a whole number of Hz; 0 for anything that is no sample rate."""
    exponent, mantissa = struct.unpack(">HQ", raw)
    shift = 16383 + 63 - exponent
    return int(mantissa >> shift) if 31 < shift < 64 else 0


def _offset_and_block(file: BinaryIO, sound: Chunk) -> tuple[int, int]:
    """Bytes of the SSND chunk in front of the first sample, and the size of the blocks that it may be padded to."""
    raw = body(file, sound, 8)
    offset, block = struct.unpack(">II", raw) if len(raw) == 8 else (0, 0)
    return 8 + int(offset), int(block)


def _sizes(chunks: Walk, sounds: list[Chunk], offset: int, form_end: int, size: int) -> list[DamageFact]:
    """Declared against present sizes, in the order of gravity; a cause is told once."""
    if not sounds:
        if form_end > size or (chunks.chunks and chunks.chunks[-1].present < chunks.chunks[-1].declared):
            return [DamageFact(Damage.HEADER_ONLY, form_end, size)]
        return [DamageFact(Damage.NO_AUDIO, chunk="SSND")]
    sound, last = sounds[0], chunks.chunks[-1]
    if sound.is_streamed:
        return [DamageFact(Damage.SIZE_FIELD, sound.present, sound.declared, "SSND")]
    expected, present = max(sound.declared - offset, 0), max(sound.present - offset, 0)
    if expected == 0:
        return [DamageFact(Damage.NO_AUDIO, 0, 0, "SSND")]
    if present < expected:
        kind = Damage.TRUNCATED if present else Damage.HEADER_ONLY
        return [DamageFact(kind, expected, present, "SSND")]
    found = [DamageFact(Damage.UNPADDED_CHUNK, chunk=chunk.id) for chunk in chunks.unpadded]
    cut = last.present < last.declared
    end = last.start - 8 if cut else chunks.end
    if cut and form_end > size:
        return [*found, DamageFact(Damage.TRUNCATED, last.declared, last.present, last.id)]
    if end < size:
        found.append(DamageFact(Damage.TRAILING_BYTES, present=size - end))
    if form_end not in (end, size) and not (last.unpadded and abs(form_end - end) == 1):
        start = chunks.chunks[0].start - 12
        found.append(DamageFact(Damage.SIZE_FIELD, end - start, form_end - start, "FORM"))
    return found


def _count(common: Common, sound: Chunk, offset: int, block: int) -> list[DamageFact]:
    """COMM's count of frames against the bytes that SSND declares, which may end in part of a frame or of a block."""
    step = common.channels * common.width
    stored = max(sound.declared - offset, 0)
    if common.codec not in ("PCM", "float") or sound.present < sound.declared or stored == 0:
        return []
    if common.frames == 0:
        return [DamageFact(Damage.NO_AUDIO, 0, 0, "COMM")]
    if common.frames * step == stored:
        return []
    if 0 < stored - common.frames * step < max(step, min(block, _MOST_BLOCK)):
        return [DamageFact(Damage.SIZE_FIELD, common.frames * step + offset, sound.declared, "SSND")]
    return [DamageFact(Damage.TOTAL_MISMATCH, common.frames, stored // step, "samples")]


def _stream(common: Common, sound: Chunk, offset: int) -> Pcm | None:
    kind = {"PCM": "u" if common.unsigned else "i", "float": "f"}.get(common.codec)
    if kind is None or sound.present <= offset:
        return None
    step = common.channels * common.width
    size = min(sound.present - offset, common.frames * step)
    return Pcm(sound.start + offset, size, common.channels, common.width, kind, not common.little)
