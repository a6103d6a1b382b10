"""WAV by its own walk: RIFF, RF64 (EBU Tech 3306), BW64 (ITU-R BS.2088), and RIFX, whose samples are not decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from ingest.core.facts import Container, Damage, DamageFact
from ingest.readers.audio.chunks import STREAMED, Chunk, Walk, body, walk
from ingest.readers.audio.structure import Pcm, Structure

_EXTENSIBLE = 0xFFFE
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_AMBISONIC_TAIL = bytes.fromhex("00002107d3118644c8c1ca000000")
_CODECS = {
    0x0001: "PCM",
    0x0002: "MS ADPCM",
    0x0003: "float",
    0x0006: "A-law",
    0x0007: "mu-law",
    0x0011: "IMA ADPCM",
    0x0031: "GSM 6.10",
    0x0050: "MPEG layer 2",
    0x0055: "MP3",
    0x00FF: "AAC",
    0x0161: "WMA",
    0x2000: "AC-3",
    0x2001: "DTS",
    0x566F: "Vorbis",
    0x704F: "Opus",
    0xF1AC: "FLAC",
}
_LOOKED_AT = 1 << 20
_TAGS = (b"ID3", b"APETAGEX", b"TAG", b"LYRICSBE")
_BESIDE_SOUND = frozenset(
    b"ID3 ,LIST,_PMX,BEXT,IXML,AXML,CUE ,SMPL,INST,ACID,JUNK,FLLR,PAD ,FACT,PEAK,CART,MINF,ELM1,REGN,UMID,RESU,LGWV,"
    b"LEVL,AFSP,DISP".split(b",")
)
"""Chunks that stand beside the sound, in capitals."""
_INFO = {b"INAM": "title", b"IART": "artist", b"ISRC": "isrc"}


@dataclass(frozen=True, slots=True)
class Format:
    """The `fmt ` chunk. `width` is the bytes a sample takes, `bits` those that are valid."""

    tag: int
    codec: str
    channels: int
    rate: int
    bits: int
    width: int
    subformat: str | None
    damages: tuple[DamageFact, ...]


def read_riff(file: BinaryIO, base: int, size: int, container: Container) -> Structure:
    """Structure of the file of `size` bytes whose `RIFF` stands at `base` (after an ID3 tag)."""
    order = ">" if container is Container.RIFX else "<"
    file.seek(base)
    head = file.read(12)
    if len(head) < 12:
        return Structure(container, damages=(DamageFact(Damage.HEADER_ONLY, present=size),))
    riff = int(struct.unpack(order + "I", head[4:8])[0])
    sizes: dict[str, int] = {}
    if container in (Container.RF64, Container.BW64):
        sizes = _ds64(file, base + 12)
        riff = sizes.pop("riff", riff) if riff == STREAMED else riff
    chunks = walk(file, base + 12, size, order, "data", sizes)
    structure = _assemble(file, chunks, container, order, base + 8 + riff, size)
    if container in (Container.RF64, Container.BW64) and not sizes and structure.is_whole:
        lost = DamageFact(Damage.BAD_HEADER, chunk="ds64")
        return Structure(container, damages=(lost,), chunks=chunks.ids)
    return structure


def _assemble(file: BinaryIO, chunks: Walk, container: Container, order: str, riff_end: int, size: int) -> Structure:
    formats, datas = chunks.named("fmt "), chunks.named("data")
    form = _format(body(file, formats[0], 64), order) if formats else None
    damages = list(form.damages) if form else []
    if len(formats) > 1 or (datas and not form):
        damages.append(DamageFact(Damage.BAD_HEADER, chunk="fmt "))
    elif form and datas and datas[0].start < formats[0].start:
        damages.append(DamageFact(Damage.BAD_HEADER, chunk="data"))
    damages += _sizes(file, chunks, datas, riff_end, size, form)
    data = datas[0] if datas else None
    frames, stream = None, None
    if form and data and form.channels and form.width:
        damages += [] if form.damages else _ragged(data, form)
        is_cut = any(damage.kind in (Damage.TRUNCATED, Damage.HEADER_ONLY) for damage in damages)
        stored = data.declared if is_cut else data.present
        frames = stored // (form.channels * form.width) if form.codec in ("PCM", "float") else None
        stream = _stream(form, data, order)
    return Structure(
        container,
        form.codec if form else None,
        form.rate if form else None,
        form.channels if form else None,
        form.bits if form else None,
        frames,
        tuple(damages),
        chunks.ids,
        form.tag if form else None,
        form.subformat if form else None,
        stream,
        _info(file, chunks),
        chunks.id3,
    )


def _ds64(file: BinaryIO, position: int) -> dict[str, int]:
    """64-bit sizes by chunk id, the whole file's under `riff`; empty when the chunk is missing or cut."""
    file.seek(position)
    raw = file.read(36)
    if len(raw) < 36 or raw[:4] != b"ds64":
        return {}
    riff, data, _samples, entries = struct.unpack("<QQQI", raw[8:36])
    sizes = {"riff": riff, "data": data}
    for _ in range(min(entries, 64)):
        entry = file.read(12)
        if len(entry) == 12:
            sizes[entry[:4].decode("latin-1")] = int(struct.unpack("<Q", entry[4:])[0])
    return sizes


def _format(raw: bytes, order: str) -> Format | None:
    if len(raw) < 16:
        return None
    tag, channels, rate, byte_rate, align, stored = struct.unpack(order + "HHIIHH", raw[:16])
    codec, bits, subformat = _CODECS.get(tag, f"0x{tag:04X}"), stored, None
    damages: list[DamageFact] = []
    if tag == _EXTENSIBLE:
        codec, bits, subformat, damages = _extension(raw, order, stored)
    width = (stored + 7) // 8
    if not (channels and rate) or (codec in ("PCM", "float") and not 0 < stored <= 64):
        damages.append(DamageFact(Damage.BAD_HEADER, chunk="fmt "))
    elif codec in ("PCM", "float"):
        damages += _field(Damage.BAD_HEADER, channels * width, align)
        damages += _field(Damage.SIZE_FIELD, rate * align, byte_rate) if align == channels * width else []
    return Format(tag, codec, channels, rate, bits, width, subformat, tuple(damages))


def _field(kind: Damage, expected: int, present: int) -> list[DamageFact]:
    return [] if expected == present else [DamageFact(kind, expected, present, "fmt ")]


def _extension(raw: bytes, order: str, stored: int) -> tuple[str, int, str | None, list[DamageFact]]:
    """Codec, valid bits, GUID and damages of WAVE_FORMAT_EXTENSIBLE."""
    if len(raw) < 40:
        return "0xFFFE", stored, None, [DamageFact(Damage.BAD_HEADER, chunk="fmt ")]
    valid = int(struct.unpack(order + "H", raw[18:20])[0]) or stored
    guid = raw[24:40]
    tag = int(struct.unpack(order + "H", guid[:2])[0])
    codec = "Ambisonic B-format" if guid[2:] == _AMBISONIC_TAIL else "an unknown codec"
    if guid[2:] == _GUID_TAIL:
        codec = _CODECS.get(tag, f"0x{tag:04X}")
    damages = [DamageFact(Damage.BAD_HEADER, stored, valid, "fmt ")] if valid > stored else []
    return codec, min(valid, stored), guid.hex(), damages


def _sizes(
    file: BinaryIO, chunks: Walk, datas: list[Chunk], riff_end: int, size: int, form: Format | None
) -> list[DamageFact]:
    """Declared against present sizes, in the order of gravity; a cause is told once."""
    if not datas:
        if riff_end > size or (chunks.chunks and chunks.chunks[-1].present < chunks.chunks[-1].declared):
            return [DamageFact(Damage.HEADER_ONLY, riff_end, size)]
        return [DamageFact(Damage.NO_AUDIO, chunk="data")]
    data = datas[0]
    if data.is_streamed or (0 < data.present < data.declared <= size == riff_end):
        # A writer that took the size of the whole file for that of the sound; a file cut short ends before its RIFF.
        return [DamageFact(Damage.SIZE_FIELD, data.present, data.declared, "data")]
    if data.declared == 0:
        return [DamageFact(Damage.NO_AUDIO, 0, 0, "data")]
    if data.present < data.declared:
        kind = Damage.TRUNCATED if data.present else Damage.HEADER_ONLY
        return [DamageFact(kind, data.declared, data.present, "data")]
    found = [DamageFact(Damage.UNPADDED_CHUNK, chunk=chunk.id) for chunk in chunks.unpadded]
    if len(datas) > 1:
        is_sound = _is_sound(file, datas[1].start, datas[1].present, form)
        whole = sum(chunk.present for chunk in datas) if is_sound else None
        found.append(DamageFact(Damage.SECOND_DATA_CHUNK, whole, data.present, "data"))
    last = chunks.chunks[-1]
    if last.present < last.declared and riff_end > size:
        return [*found, DamageFact(Damage.TRUNCATED, last.declared, last.present, last.id)]
    end, is_last = _end(chunks, data)
    is_within = is_last and end < riff_end >= size - 1
    if is_within and not _is_tag(file, end) and _is_sound(file, end, size - end, form):
        return [*found, DamageFact(Damage.SIZE_FIELD, size - data.start, data.declared, "data")]
    return found + _ending(chunks, end, riff_end, size)


def _end(chunks: Walk, data: Chunk) -> tuple[int, bool]:
    """Where the last whole chunk ends, and whether that is the one with the sound."""
    last = chunks.chunks[-1]
    if last.present < last.declared:
        return last.start - 8, chunks.chunks[-2] is data
    return chunks.end, last is data


def _is_sound(file: BinaryIO, start: int, size: int, form: Format | None) -> bool:
    """Whether these bytes are a tenth of a second or more, and not all zero: padding and small tags are no sound."""
    if form is None or size < max(form.channels * form.width * form.rate // 10, 1):
        return False
    file.seek(start)
    return any(file.read(min(size, _LOOKED_AT)))


def _is_tag(file: BinaryIO, start: int) -> bool:
    """Whether a tag without a chunk of its own begins here, or a known chunk whose size is wrong."""
    file.seek(start)
    head = file.read(8)
    return head.startswith(_TAGS) or head[:4].upper() in _BESIDE_SOUND


def _ending(chunks: Walk, end: int, riff_end: int, size: int) -> list[DamageFact]:
    """What stands after `end`, that of the last whole chunk, and the size in the file's first line."""
    last = chunks.chunks[-1]
    found = [DamageFact(Damage.TRAILING_BYTES, present=size - end)] if end < size else []
    if abs(riff_end - end) > (1 if last.unpadded or end % 2 else 0) and riff_end != size:
        start = chunks.chunks[0].start - 12
        found.append(DamageFact(Damage.SIZE_FIELD, end - start, riff_end - start, "RIFF"))
    return found


def _ragged(data: Chunk, form: Format) -> list[DamageFact]:
    """A data size that is no multiple of a frame, in a file that is otherwise whole."""
    step = form.channels * form.width
    if form.codec not in ("PCM", "float") or data.present < data.declared or data.declared % step == 0:
        return []
    return [DamageFact(Damage.SIZE_FIELD, data.declared // step * step, data.declared, "data")]


def _stream(form: Format, data: Chunk, order: str) -> Pcm | None:
    kind = {"PCM": "u" if form.width == 1 else "i", "float": "f"}.get(form.codec)
    if kind is None or order == ">" or data.present == 0:
        return None
    return Pcm(data.start, data.present, form.channels, form.width, kind, False)


def _info(file: BinaryIO, chunks: Walk) -> dict[str, str]:
    """Title, artist and ISRC of a LIST/INFO chunk."""
    tags: dict[str, str] = {}
    for chunk in chunks.named("LIST")[:4]:
        raw = body(file, chunk)
        position = 4
        while raw[:4] == b"INFO" and position + 8 <= len(raw):
            name, length = raw[position : position + 4], int.from_bytes(raw[position + 4 : position + 8], "little")
            value = raw[position + 8 : position + 8 + min(length, 500)].split(b"\0")[0]
            if name in _INFO and value:
                tags[_INFO[name]] = value.decode("utf-8", "replace").strip()
            position += 8 + length + length % 2
    return tags
