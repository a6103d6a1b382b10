"""One audio file -> AudioFacts: its chunks are walked for the structure, and its samples measured in one pass."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from io import FileIO
from pathlib import Path

from ingest.core.defaults import MAX_DURATION
from ingest.core.facts import AudioFacts, Container, Damage, DamageFact
from ingest.readers.audio.aiff import read_aiff
from ingest.readers.audio.decoder import flac_encoding
from ingest.readers.audio.flac import changed_frame, lacks_beginning, read_flac
from ingest.readers.audio.magic import HEAD, ID3, container_of, id3_length, mp4_codec
from ingest.readers.audio.measure import Meter
from ingest.readers.audio.pcm import Encoding
from ingest.readers.audio.riff import read_riff
from ingest.readers.audio.samples import Decoded, Feed, encoding_of, read_flac_again, read_flac_samples, read_pcm
from ingest.readers.audio.structure import Flac, Pcm, Structure
from ingest.readers.audio.tags import read_tags
from ingest.readers.content import Content
from ingest.readers.sealed import Stamp, open_changing, open_sealed

_MOST_CHANNELS = 8
_RATES = range(4000, 768_001)
"""In Hz; lower ones cannot hold the frequencies that loudness is weighted by."""
_MOST_FLAC_BITS = 24
"""The decoder has no room for the 33rd bit of a difference of two channels."""
_USUAL_SAMPLES = 2 * 48_000
"""Samples of one second in two channels, by which limits of time are limits of work."""

_RIFFS = (Container.WAV, Container.RF64, Container.BW64, Container.RIFX)
_AIFFS = (Container.AIFF, Container.AIFC)
_EXPLAINED = (Damage.HEADER_ONLY, Damage.BAD_HEADER, Damage.TOTAL_MISMATCH, Damage.DAMAGED_FRAMES)


def read_audio(
    path: Path,
    name: str,
    *,
    silence_level: float = -60.0,
    max_duration: float = MAX_DURATION,
    measure: bool = True,
    stamp: Stamp | None = None,
) -> AudioFacts:
    """Structure, tags and, where the samples are whole, their measurement; hashes are told by others (`hashes_of`).

    `name` is the path inside the package, `silence_level` in dBFS. More than `max_duration` seconds, or than
    their samples in 48 kHz stereo, are not measured. Broken content becomes damages; only OSError and
    MemoryError of the system and ChangedWhileRead (of a file that has another `stamp` too) are raised.
    """
    with open_sealed(path, name, stamp) as file:
        size = os.fstat(file.fileno()).st_size
        content = Content(file, size)
        structure = structure_of(file, size, content)
        found = read_tags(file, *structure.tag_at) if structure.tag_at else {}
        facts = _facts(structure, name, size)
        stream = structure.stream
        most = _most_frames(structure, max_duration)
        meter = _meter(structure, silence_level, most) if measure else None
        if isinstance(stream, Pcm) and meter is not None:
            read_pcm(file, stream, meter)
            facts = replace(facts, measurement=meter.measurement())
        elif isinstance(stream, Flac) and meter is not None:
            again = partial(_again, file, structure, stream, silence_level, most)
            facts = _decode(content, facts, stream, meter, most, again)
    return replace(facts, tags={**structure.tags, **found})


def inspect_audio(path: Path, name: str) -> AudioFacts:
    """Structure only: no sample, hash or tag is read. Tells whether an upload is whole, in a few milliseconds."""
    with open_changing(path, name) as file:
        size = os.fstat(file.fileno()).st_size
        return _facts(structure_of(file, size, Content(file, size, most=0)), name, size)


def structure_of(file: FileIO, size: int, content: Content) -> Structure:
    """What the headers say and which damages they show, of a file of `size` bytes; no sample is decoded."""
    if size == 0:
        return Structure(Container.EMPTY, damages=(DamageFact(Damage.ZERO_LENGTH, present=0),))
    base = id3_length(file)
    if base > size:
        return Structure(Container.OTHER, ID3)
    file.seek(base)
    container, codec = container_of(file.read(HEAD))
    if container in _RIFFS:
        structure = read_riff(file, base, size, container)
    elif container in _AIFFS:
        structure = read_aiff(file, base, size, container)
    elif container is Container.FLAC:
        structure = read_flac(content.data, base)
    elif container is Container.OTHER and codec is None and 0 < base < size:
        return Structure(Container.MP3, "MP3")
    else:
        if container is Container.MP4 and codec is None:
            codec = mp4_codec(file, base, size)
        return Structure(container, codec)
    if base:
        leading = DamageFact(Damage.LEADING_ID3, present=base)
        structure = replace(structure, damages=(leading, *structure.damages))
    return structure


def _facts(structure: Structure, name: str, size: int) -> AudioFacts:
    frames, rate, suffix = structure.frames, structure.sample_rate, Path(name).suffix.lower()
    container, codec = structure.container, structure.codec
    if codec == ID3:
        # A tag that is longer than the file leaves nothing to tell a format by but the name.
        container, codec = (Container.MP3, "MP3") if suffix == ".mp3" else (Container.OTHER, None)
    return AudioFacts(
        file=name,
        size=size,
        suffix=suffix,
        container=container,
        codec=codec,
        sample_rate=rate,
        channels=structure.channels,
        bits=structure.bits,
        frames=frames,
        duration=frames / rate if frames is not None and rate else None,
        damages=structure.damages,
        tags=structure.tags,
        chunks=structure.chunks,
        format_tag=structure.format_tag,
        subformat=structure.subformat,
    )


def decode_audio(path: Path, made: Callable[[Encoding, int], Feed]) -> bool:
    """Feed every sample to what `made` makes of their encoding and rate in Hz; False where they cannot be decoded."""
    with open_sealed(path, path.name) as file:
        size = os.fstat(file.fileno()).st_size
        content = Content(file, size)
        structure = structure_of(file, size, content)
        stream, encoding, rate = structure.stream, decodable(structure), structure.sample_rate
        if encoding is None or rate is None:
            return False
        feed = made(encoding, rate)
        if isinstance(stream, Pcm):
            read_pcm(file, stream, feed)
            return True
        return read_flac_samples(content, encoding, feed, None, None) is not None


def _meter(structure: Structure, level: float, most: int) -> Meter | None:
    """What measures the samples; None where they cannot be decoded, or are of more than `most` frames."""
    encoding, rate, frames = decodable(structure), structure.sample_rate, structure.frames or 0
    if encoding is None or rate is None or frames > most:
        return None
    return Meter(encoding, rate, frames, level)


def _most_frames(structure: Structure, seconds: float) -> int:
    """Frames up to which samples are measured: fewer for high rates and many channels, so that the time is bounded."""
    rate, channels = structure.sample_rate or 0, structure.channels or 1
    return int(seconds * min(rate, _USUAL_SAMPLES / channels))


def decodable(structure: Structure) -> Encoding | None:
    """How decodable samples are stored; None also for a header whose values would make us take unbounded memory."""
    stream, rate, bits, channels = structure.stream, structure.sample_rate, structure.bits, structure.channels
    is_whole = structure.is_whole or isinstance(stream, Flac)
    if stream is None or not is_whole or not (rate and bits and channels):
        return None
    if rate not in _RATES or channels > _MOST_CHANNELS:
        return None
    encoding = encoding_of(stream, bits) if isinstance(stream, Pcm) else flac_encoding(bits, channels)
    if not encoding.is_supported or (isinstance(stream, Flac) and bits > _MOST_FLAC_BITS):
        return None
    return encoding


def _again(file: FileIO, structure: Structure, info: Flac, level: float, most: int) -> tuple[Decoded, Meter] | None:
    """What another decoder makes of a FLAC, where it takes it."""
    meter = _meter(structure, level, most)
    if meter is None:
        return None
    decoded = read_flac_again(file, info.base, flac_encoding(info.bits, info.channels), meter, most)
    return None if decoded is None else (decoded, meter)


def _decode(
    content: Content,
    facts: AudioFacts,
    info: Flac,
    meter: Meter,
    most: int,
    again: Callable[[], tuple[Decoded, Meter] | None],
) -> AudioFacts:
    """Decode a FLAC and add what only its samples tell; a cause that the walk has found is not told again.

    One that goes on for more than `most` frames, whatever its header says, is left there. Where not all is decoded
    `again` is asked, and believed where it comes further.
    """
    encoding = flac_encoding(info.bits, info.channels)
    mend = info.base if any(damage.kind is Damage.SIZE_FIELD and damage.present for damage in facts.damages) else None
    decoded = read_flac_samples(content, encoding, meter, mend, most)
    got = decoded.frames if decoded is not None else 0
    if got < max(info.total, 1) and (other := again()) is not None and other[0].frames > got:
        decoded, meter = other
    if decoded is not None and decoded.frames > most:
        return replace(facts, frames=decoded.frames, duration=decoded.frames / info.rate)
    intact = decoded is not None and decoded.md5 == info.md5
    if intact and decoded is not None:
        facts = _not_truncated(facts, decoded.frames == info.total)
    elif any(damage.kind is Damage.TRUNCATED for damage in facts.damages):
        return facts
    if any(damage.kind in _EXPLAINED for damage in facts.damages):
        return facts
    if decoded is None:
        return replace(facts, damages=(*facts.damages, DamageFact(Damage.UNREADABLE)))
    total = info.total or next((d.expected for d in facts.damages if d.chunk == "STREAMINFO" and d.present == 0), None)
    if total and decoded.frames < total:
        kind = Damage.TOTAL_MISMATCH if lacks_beginning(content.data, info, decoded.frames) else Damage.DAMAGED_FRAMES
        broken = DamageFact(kind, total, decoded.frames, "samples")
        return replace(facts, damages=(*facts.damages, changed_frame(content.data, info) or broken))
    duration = decoded.frames / info.rate
    facts = replace(facts, frames=decoded.frames, duration=duration, measurement=meter.measurement())
    return facts if intact else _mistrusted(content, facts, info)


def _not_truncated(facts: AudioFacts, is_all: bool) -> AudioFacts:
    """The facts of a FLAC whose sound is intact, though no frame stands near its end: so much else follows it.

    `is_all`: as many samples were decoded as the header says.
    """

    def meant(damage: DamageFact) -> DamageFact:
        if damage.kind is not Damage.TRUNCATED:
            return damage
        return DamageFact(Damage.TRAILING_BYTES) if is_all else replace(damage, kind=Damage.TOTAL_MISMATCH)

    return replace(facts, damages=tuple(map(meant, facts.damages)))


def _mistrusted(content: Content, facts: AudioFacts, info: Flac) -> AudioFacts:
    """No MD5 vouches for the samples: walk all frames, and say what is wrong."""
    wrong = changed_frame(content.data, info) or (DamageFact(Damage.MD5_MISMATCH) if info.md5 else None)
    return replace(facts, damages=(*facts.damages, wrong)) if wrong else facts
