"""Every way an audio file breaks, made in code, and exactly the damages it must be told by."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from ingest.core.facts import AudioFacts, Container, Damage, DamageFact
from ingest.readers.audio import frames, inspect_audio, read_audio
from tests import signals
from tests.signals import block, chunk, comm, fmt, form, riff, ssnd, streaminfo

RATE = 44100
NOTE = signals.music(0.5, RATE)
PCM = signals.packed(signals.integers(NOTE, 16), 16)
BIG = signals.packed(signals.integers(NOTE, 16), 16, big_endian=True)
SIZE, FRAMES = len(PCM), len(NOTE)
GOOD_WAV, GOOD_AIFF, GOOD_FLAC = signals.wav(NOTE), signals.aiff(NOTE), signals.flac(NOTE)
FMT, DATA = fmt(2, RATE, 16), chunk(b"data", PCM)
LIST = chunk(b"LIST", b"INFOINAM\x08\0\0\0My Song\0IART\x04\0\0\0Ann\0")
ID3 = b"ID3\x04\0\0\0\0\x01\x00" + bytes(128)
GARBAGE = bytes([0x01, 0xFE, 0x03, 0x99] * 25)


def fault(
    kind: Damage, expected: int | None = None, present: int | None = None, chunk: str | None = None
) -> DamageFact:
    return DamageFact(kind, expected, present, chunk)


def patched(data: bytes, offset: int, replacement: bytes) -> bytes:
    return data[:offset] + replacement + data[offset + len(replacement) :]


def raw_format(tag: int, channels: int, rate: int, byte_rate: int, align: int, bits: int) -> bytes:
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, byte_rate, align, bits))


FLAC_FRAMES = signals.flac_frames(signals.integers(NOTE, 16), RATE, 16)
MD5 = GOOD_FLAC[26:42]
INFO = streaminfo(4096, RATE, 2, 16, FRAMES, MD5)
LAST = FRAMES // 4096 * 4096


def flac_of(info: bytes, frames: list[bytes] | None = None, *, before: bytes = b"") -> bytes:
    return b"fLaC" + before + block(0, info, last=True) + b"".join(FLAC_FRAMES if frames is None else frames)


def flipped(data: bytes) -> bytes:
    """One bit of sample data changed in the middle of the file."""
    place = len(data) // 2 + 300
    return patched(data, place, bytes([data[place] ^ 0x10]))


def with_inside(rate: int = RATE, bits: int = 16, channels: int = 2) -> list[bytes]:
    """The third frame is of another stream."""
    samples = signals.integers(NOTE, bits)[8192:12288, [0] * (channels - 1) + [1]]
    return [*FLAC_FRAMES[:2], signals.flac_frame(samples, rate, bits, 2), *FLAC_FRAMES[3:]]


def of_blocks(size: int, told: int) -> bytes:
    """Three frames of `size` samples each; STREAMINFO says `told`."""
    return signals.flac(np.resize(NOTE, (3 * size, 2)), RATE, 16, (size,), block=told, least=told)


UNTOLD = (fault(Damage.NO_MD5), fault(Damage.SIZE_FIELD, FRAMES, 0, "STREAMINFO"))
BROKEN: dict[str, tuple[bytes, tuple[DamageFact, ...]]] = {
    "empty.wav": (b"", (fault(Damage.ZERO_LENGTH, present=0),)),
    "half.wav": (GOOD_WAV[: 44 + SIZE // 2], (fault(Damage.TRUNCATED, SIZE, SIZE // 2, "data"),)),
    "one byte short.wav": (GOOD_WAV[:-1], (fault(Damage.TRUNCATED, SIZE, SIZE - 1, "data"),)),
    "mid frame.wav": (GOOD_WAV[:-6], (fault(Damage.TRUNCATED, SIZE, SIZE - 6, "data"),)),
    "100 bytes.wav": (GOOD_WAV[:100], (fault(Damage.TRUNCATED, SIZE, 56, "data"),)),
    "44 bytes.wav": (GOOD_WAV[:44], (fault(Damage.HEADER_ONLY, SIZE, 0, "data"),)),
    "20 bytes.wav": (GOOD_WAV[:20], (fault(Damage.HEADER_ONLY, SIZE + 44, 20),)),
    "4 bytes.wav": (GOOD_WAV[:4], (fault(Damage.HEADER_ONLY, present=4),)),
    "fmt only.wav": (riff(FMT), (fault(Damage.NO_AUDIO, chunk="data"),)),
    "empty data.wav": (riff(FMT, chunk(b"data", b"")), (fault(Damage.NO_AUDIO, 0, 0, "data"),)),
    "data too small.wav": (
        patched(GOOD_WAV, 40, struct.pack("<I", SIZE // 2)),
        (fault(Damage.SIZE_FIELD, SIZE, SIZE // 2, "data"),),
    ),
    "two data.wav": (
        riff(FMT, chunk(b"data", PCM[:40000]), chunk(b"data", PCM[40000:])),
        (fault(Damage.SECOND_DATA_CHUNK, SIZE, 40000, "data"),),
    ),
    "small second data.wav": (
        riff(FMT, chunk(b"data", PCM), chunk(b"data", PCM[:400])),
        (fault(Damage.SECOND_DATA_CHUNK, present=SIZE, chunk="data"),),
    ),
    "zeros within.wav": (riff(FMT, chunk(b"data", PCM), bytes(65536)), (fault(Damage.TRAILING_BYTES, present=65536),)),
    "ID3v1 within.wav": (
        riff(FMT, chunk(b"data", PCM), b"TAGS" + b"\xff" * 124),
        (fault(Damage.TRAILING_BYTES, present=128),),
    ),
    "streamed zero.wav": (
        patched(patched(GOOD_WAV, 40, bytes(4)), 4, bytes(4)),
        (fault(Damage.SIZE_FIELD, SIZE, 0, "data"),),
    ),
    "streamed ffff.wav": (
        patched(patched(GOOD_WAV, 40, b"\xff" * 4), 4, b"\xff" * 4),
        (fault(Damage.SIZE_FIELD, SIZE, 0xFFFFFFFF, "data"),),
    ),
    "streamed by sox.wav": (
        patched(patched(GOOD_WAV, 40, struct.pack("<I", 0x7FFFF000)), 4, struct.pack("<I", 0x7FFFF024)),
        (fault(Damage.SIZE_FIELD, SIZE, 0x7FFFF000, "data"),),
    ),
    "streamed by arecord.wav": (
        patched(patched(GOOD_WAV, 40, struct.pack("<I", 0x7FFFFFFF - 36)), 4, struct.pack("<I", 0x7FFFFFFF)),
        (fault(Damage.SIZE_FIELD, SIZE, 0x7FFFFFFF - 36, "data"),),
    ),
    "data too large.wav": (
        patched(GOOD_WAV, 40, struct.pack("<I", SIZE + 16)),
        (fault(Damage.SIZE_FIELD, SIZE, SIZE + 16, "data"),),
    ),
    "data as large as the file.wav": (
        patched(GOOD_WAV, 40, struct.pack("<I", SIZE + 44)),
        (fault(Damage.SIZE_FIELD, SIZE, SIZE + 44, "data"),),
    ),
    "data larger than the file.wav": (
        patched(GOOD_WAV, 40, struct.pack("<I", SIZE + 45)),
        (fault(Damage.TRUNCATED, SIZE + 45, SIZE, "data"),),
    ),
    "ID3v2 within.wav": (
        riff(FMT, DATA, b"ID3\x03\0\0\0\x06\x0d\x20" + b"\xff" * 100_000),
        (fault(Damage.TRAILING_BYTES, present=100_010),),
    ),
    "APE tag within.wav": (
        riff(FMT, DATA, b"APETAGEX" + b"\xff" * 100_000),
        (fault(Damage.TRAILING_BYTES, present=100_008),),
    ),
    "id3 counts its own header.wav": (
        riff(FMT, DATA, b"id3 " + struct.pack("<I", 100_008) + b"\xff" * 100_000),
        (fault(Damage.TRAILING_BYTES, present=100_008),),
    ),
    "riff small.wav": (riff(FMT, DATA, size=1000), (fault(Damage.SIZE_FIELD, SIZE + 36, 1000, "RIFF"),)),
    "riff zero.wav": (riff(FMT, DATA, size=0), (fault(Damage.SIZE_FIELD, SIZE + 36, 0, "RIFF"),)),
    "riff large.wav": (riff(FMT, DATA, size=SIZE + 999), (fault(Damage.SIZE_FIELD, SIZE + 36, SIZE + 999, "RIFF"),)),
    "garbage.wav": (GOOD_WAV + GARBAGE, (fault(Damage.TRAILING_BYTES, present=100),)),
    "zeros behind.wav": (GOOD_WAV + bytes(512), (fault(Damage.TRAILING_BYTES, present=512),)),
    "text behind.wav": (GOOD_WAV + b"made with love " * 4, (fault(Damage.TRAILING_BYTES, present=60),)),
    "cut LIST behind.wav": (
        riff(FMT, DATA, LIST)[:-10],
        (fault(Damage.TRUNCATED, len(LIST) - 8, len(LIST) - 18, "LIST"),),
    ),
    "odd LIST unpadded.wav": (
        riff(FMT, b"LIST" + struct.pack("<I", 5) + b"INFO!", DATA),
        (fault(Damage.UNPADDED_CHUNK, chunk="LIST"),),
    ),
    "data before fmt.wav": (riff(DATA, FMT), (fault(Damage.BAD_HEADER, chunk="data"),)),
    "no fmt.wav": (riff(DATA), (fault(Damage.BAD_HEADER, chunk="fmt "),)),
    "two fmt.wav": (riff(FMT, FMT, DATA), (fault(Damage.BAD_HEADER, chunk="fmt "),)),
    "wrong block align.wav": (
        riff(raw_format(1, 2, RATE, RATE * 4, 3, 16), DATA),
        (fault(Damage.BAD_HEADER, 4, 3, "fmt "),),
    ),
    "wrong byte rate.wav": (
        riff(raw_format(1, 2, RATE, 1, 4, 16), DATA),
        (fault(Damage.SIZE_FIELD, RATE * 4, 1, "fmt "),),
    ),
    "no channels.wav": (riff(raw_format(1, 0, RATE, 0, 0, 16), DATA), (fault(Damage.BAD_HEADER, chunk="fmt "),)),
    "no rate.wav": (riff(raw_format(1, 2, 0, 0, 4, 16), DATA), (fault(Damage.BAD_HEADER, chunk="fmt "),)),
    "no depth.wav": (riff(raw_format(1, 2, RATE, 0, 0, 0), DATA), (fault(Damage.BAD_HEADER, chunk="fmt "),)),
    "absurd.wav": (
        riff(raw_format(1, 65535, 0xFFFFFFFF, 0, 65535, 65535), DATA),
        (fault(Damage.BAD_HEADER, chunk="fmt "),),
    ),
    "ragged.wav": (
        riff(FMT, chunk(b"data", PCM[:-2])),
        (fault(Damage.SIZE_FIELD, SIZE - 4, SIZE - 2, "data"),),
    ),
    "no extension.wav": (riff(fmt(2, RATE, 16, 0xFFFE), DATA), (fault(Damage.BAD_HEADER, chunk="fmt "),)),
    "RF64 without ds64.wav": (
        riff(FMT, DATA, kind=b"RF64", size=0xFFFFFFFF),
        (fault(Damage.BAD_HEADER, chunk="ds64"),),
    ),
    "cut RF64.wav": (signals.rf64(NOTE)[:-400], (fault(Damage.TRUNCATED, SIZE, SIZE - 400, "data"),)),
    "ID3 in front.wav": (ID3 + GOOD_WAV, (fault(Damage.LEADING_ID3, present=138),)),
    "half.aiff": (GOOD_AIFF[: 54 + SIZE // 2], (fault(Damage.TRUNCATED, SIZE, SIZE // 2, "SSND"),)),
    "one byte short.aiff": (GOOD_AIFF[:-1], (fault(Damage.TRUNCATED, SIZE, SIZE - 1, "SSND"),)),
    "header.aiff": (GOOD_AIFF[:54], (fault(Damage.HEADER_ONLY, SIZE, 0, "SSND"),)),
    "20 bytes.aiff": (GOOD_AIFF[:20], (fault(Damage.HEADER_ONLY, SIZE + 54, 20),)),
    "4 bytes.aiff": (GOOD_AIFF[:4] + b"\0\0\0\0AIFF"[:0], (fault(Damage.HEADER_ONLY, present=4),)),
    "no SSND.aiff": (form(comm(2, FRAMES, 16, RATE)), (fault(Damage.NO_AUDIO, chunk="SSND"),)),
    "empty SSND.aiff": (form(comm(2, 0, 16, RATE), ssnd(b"")), (fault(Damage.NO_AUDIO, 0, 0, "SSND"),)),
    "no COMM.aiff": (form(ssnd(BIG)), (fault(Damage.BAD_HEADER, chunk="COMM"),)),
    "no rate.aiff": (form(comm(2, FRAMES, 16, 0), ssnd(BIG)), (fault(Damage.BAD_HEADER, chunk="COMM"),)),
    "wrong count.aiff": (
        form(comm(2, FRAMES - 100, 16, RATE), ssnd(BIG)),
        (fault(Damage.TOTAL_MISMATCH, FRAMES - 100, FRAMES, "samples"),),
    ),
    "streamed by ffmpeg.aiff": (
        form(comm(2, 0, 16, RATE), ssnd(BIG, 0), size=0),
        (fault(Damage.SIZE_FIELD, SIZE + 8, 0, "SSND"),),
    ),
    "streamed by sox.aiff": (
        form(comm(2, 0x7F000000 // 4, 16, RATE), ssnd(BIG, 0x7F000008), size=0x7F00002E),
        (fault(Damage.SIZE_FIELD, SIZE + 8, 0x7F000008, "SSND"),),
    ),
    "streamed ffff.aiff": (
        form(comm(2, 0xFFFFFFFF, 16, RATE), ssnd(BIG, 0xFFFFFFFF), size=0xFFFFFFFF),
        (fault(Damage.SIZE_FIELD, SIZE + 8, 0xFFFFFFFF, "SSND"),),
    ),
    "ragged.aiff": (
        form(comm(2, FRAMES, 16, RATE), ssnd(BIG + b"\1\1")),
        (fault(Damage.SIZE_FIELD, SIZE + 8, SIZE + 10, "SSND"),),
    ),
    "in blocks.aiff": (
        form(comm(2, FRAMES, 16, RATE), chunk(b"SSND", struct.pack(">II", 0, 4096) + BIG + bytes(-SIZE % 4096), ">")),
        (fault(Damage.SIZE_FIELD, SIZE + 8, SIZE + 8 + -SIZE % 4096, "SSND"),),
    ),
    "garbage.aiff": (GOOD_AIFF + GARBAGE, (fault(Damage.TRAILING_BYTES, present=100),)),
    "form small.aiff": (
        form(comm(2, FRAMES, 16, RATE), ssnd(BIG), size=99),
        (fault(Damage.SIZE_FIELD, SIZE + 46, 99, "FORM"),),
    ),
    "wrong md5.flac": (flac_of(streaminfo(4096, RATE, 2, 16, FRAMES, b"\x11" * 16)), (fault(Damage.MD5_MISMATCH),)),
    "no md5.flac": (flac_of(streaminfo(4096, RATE, 2, 16, FRAMES, bytes(16))), (fault(Damage.NO_MD5),)),
    "half.flac": (
        flac_of(INFO, FLAC_FRAMES[:2]) + FLAC_FRAMES[2][:5000],
        (fault(Damage.TRUNCATED, FRAMES, 8192, "samples"),),
    ),
    "at a frame.flac": (flac_of(INFO, FLAC_FRAMES[:3]), (fault(Damage.TRUNCATED, FRAMES, 12288, "samples"),)),
    "one byte short.flac": (GOOD_FLAC[:-1], (fault(Damage.TRUNCATED, FRAMES, LAST, "samples"),)),
    "metadata only.flac": (GOOD_FLAC[:42], (fault(Damage.HEADER_ONLY),)),
    "cut metadata.flac": (GOOD_FLAC[:30], (fault(Damage.HEADER_ONLY),)),
    "4 bytes.flac": (GOOD_FLAC[:4], (fault(Damage.HEADER_ONLY),)),
    "total too small.flac": (
        flac_of(streaminfo(4096, RATE, 2, 16, FRAMES - 5000, MD5)),
        (fault(Damage.TOTAL_MISMATCH, FRAMES - 5000, FRAMES, "samples"),),
    ),
    "total too large.flac": (
        flac_of(streaminfo(4096, RATE, 2, 16, FRAMES + 5000, MD5)),
        (fault(Damage.TOTAL_MISMATCH, FRAMES + 5000, FRAMES, "samples"),),
    ),
    "no total.flac": (
        flac_of(streaminfo(4096, RATE, 2, 16, 0, MD5)),
        (fault(Damage.SIZE_FIELD, FRAMES, 0, "STREAMINFO"),),
    ),
    "no total and no md5.flac": (
        flac_of(streaminfo(4096, RATE, 2, 16, 0, bytes(16))),
        (fault(Damage.NO_MD5), fault(Damage.SIZE_FIELD, FRAMES, 0, "STREAMINFO")),
    ),
    "wrong depth.flac": (
        flac_of(streaminfo(4096, RATE, 2, 24, FRAMES, MD5)),
        (fault(Damage.BAD_HEADER, 16, 24, "STREAMINFO"),),
    ),
    "wrong channels.flac": (
        flac_of(streaminfo(4096, RATE, 1, 16, FRAMES, MD5)),
        (fault(Damage.BAD_HEADER, 2, 1, "STREAMINFO"),),
    ),
    "wrong rate.flac": (
        flac_of(streaminfo(4096, 48000, 2, 16, FRAMES, MD5)),
        (fault(Damage.BAD_HEADER, RATE, 48000, "STREAMINFO"),),
    ),
    "no STREAMINFO.flac": (
        b"fLaC" + block(1, bytes(34), last=True) + b"".join(FLAC_FRAMES),
        (fault(Damage.BAD_HEADER, chunk="STREAMINFO"),),
    ),
    "padding first.flac": (flac_of(INFO, before=block(1, bytes(10))), (fault(Damage.BAD_HEADER, chunk="STREAMINFO"),)),
    "wrong metadata length.flac": (
        b"fLaC" + block(0, INFO) + b"\x81\x00\x00\x10" + bytes(40) + b"".join(FLAC_FRAMES),
        (fault(Damage.BAD_HEADER, chunk="metadata"),),
    ),
    "metadata past the end.flac": (
        b"fLaC" + block(0, INFO) + b"\x81\xff\xff\xff" + bytes(40) + b"".join(FLAC_FRAMES),
        (fault(Damage.BAD_HEADER, chunk="metadata"),),
    ),
    "wrong block size.flac": (
        flac_of(streaminfo(2048, RATE, 2, 16, FRAMES, MD5, least=1)),
        (fault(Damage.SIZE_FIELD, 4096, 2048, "STREAMINFO"),),
    ),
    "frames too long.flac": (
        flac_of(streaminfo(4096, RATE, 2, 16, FRAMES, MD5, frame=4000)),
        (fault(Damage.SIZE_FIELD, len(FLAC_FRAMES[0]), 4000, "STREAMINFO"),),
    ),
    "blocks of 1.flac": (
        flac_of(streaminfo(4096, RATE, 2, 16, FRAMES, MD5, least=1)),
        (fault(Damage.SIZE_FIELD, 4096, 4096, "STREAMINFO"),),
    ),
    "blocks of 65536.flac": (
        of_blocks(65536, 65535),
        (fault(Damage.BAD_HEADER, 65535, 65536, "frame"),),
    ),
    "trailing.flac": (GOOD_FLAC + b"TAG" + GARBAGE, (fault(Damage.TRAILING_BYTES, present=103),)),
    "rate changes.flac": (
        flac_of(streaminfo(4096, RATE, 2, 16, FRAMES, bytes(16)), with_inside(rate=48000)),
        (fault(Damage.NO_MD5), fault(Damage.BAD_HEADER, 48000, RATE, "frame")),
    ),
    "depth changes.flac": (
        flac_of(streaminfo(4096, RATE, 2, 16, 0, bytes(16)), with_inside(bits=24)),
        (*UNTOLD, fault(Damage.BAD_HEADER, 24, 16, "frame")),
    ),
    "channels change.flac": (
        flac_of(streaminfo(4096, RATE, 2, 16, 0, bytes(16)), with_inside(channels=1)),
        (*UNTOLD, fault(Damage.BAD_HEADER, 1, 2, "frame")),
    ),
    "rate changes and no total.flac": (
        flac_of(streaminfo(4096, RATE, 2, 16, 0, bytes(16)), with_inside(rate=48000)),
        (*UNTOLD, fault(Damage.BAD_HEADER, 48000, RATE, "frame")),
    ),
    "depth changes under an md5.flac": (
        flac_of(INFO, with_inside(bits=24)),
        (fault(Damage.BAD_HEADER, 24, 16, "frame"),),
    ),
    "ID3 in front.flac": (ID3 + GOOD_FLAC, (fault(Damage.LEADING_ID3, present=138),)),
}


def read(folder: Path, name: str, data: bytes) -> AudioFacts:
    path = folder / name
    path.write_bytes(data)
    return read_audio(path, name)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_by_exactly_its_damages(tmp_path: Path, name: str) -> None:
    data, damages = BROKEN[name]
    assert read(tmp_path, name, data).damages == damages


# What only decoding tells, or tells apart, is missing from or plainer in the cheap look.
DECODED_ONLY = {
    "wrong md5.flac": (),
    "rate changes.flac": (fault(Damage.NO_MD5),),
    "rate changes and no total.flac": UNTOLD,
    "depth changes.flac": UNTOLD,
    "depth changes under an md5.flac": (),
    "channels change.flac": UNTOLD,
    "total too large.flac": (fault(Damage.TRUNCATED, FRAMES + 5000, FRAMES, "samples"),),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_cheap_look_tells_the_same_structure(tmp_path: Path, name: str) -> None:
    data, damages = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(data)
    assert inspect_audio(path, name).damages == DECODED_ONLY.get(name, damages)


def test_a_flipped_bit_in_a_flac_is_found(tmp_path: Path) -> None:
    facts = read(tmp_path, "flip.flac", flipped(GOOD_FLAC))
    assert [damage.kind for damage in facts.damages] in ([Damage.DAMAGED_FRAMES], [Damage.MD5_MISMATCH])


def test_a_truncated_wav_keeps_its_declared_length_and_is_not_measured(tmp_path: Path) -> None:
    facts = read(tmp_path, "half.wav", BROKEN["half.wav"][0])
    assert (facts.frames, facts.duration, facts.measurement) == (FRAMES, 0.5, None)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in BROKEN
        if name.startswith(("streamed", "ragged.aiff", "in blocks", "data too large", "data as large"))
    ],
)
def test_a_file_whose_header_has_a_wrong_size_is_measured_to_its_end(tmp_path: Path, name: str) -> None:
    facts = read(tmp_path, name, BROKEN[name][0])
    assert facts.frames == FRAMES and facts.measurement is not None and facts.measurement.frames == FRAMES


def test_a_file_of_nothing_but_frame_headers_is_not_read_for_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    header = bytes.fromhex("fff8191800")
    header += bytes([frames.crc8(header)])
    assert len(list(frames.frames(header * 100, 0, 192))) == 100
    monkeypatch.setattr(frames, "_MOST_SYNCS", 10)
    assert [frame.offset for frame in frames.frames(header * 100, 0, 192)] == list(range(0, 60, 6))


def test_a_flac_with_much_behind_its_sound_is_whole_and_measured(tmp_path: Path) -> None:
    facts = read(tmp_path, "tagged.flac", GOOD_FLAC + b"APETAGEX" + bytes(2_000_000))
    assert facts.damages == (fault(Damage.TRAILING_BYTES),)
    assert facts.measurement is not None and facts.measurement.frames == facts.frames == FRAMES


def mp4_box(kind: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def mp4_long_box(kind: bytes, body: bytes) -> bytes:
    return (1).to_bytes(4, "big") + kind + (16 + len(body)).to_bytes(8, "big") + body


def mp4_moov(codec: bytes, config: bytes = b"") -> bytes:
    """`config` is how the decoder describes what it decodes, inside the descriptions of decoder and stream."""
    decoder = b"\x04\x80\x80" + bytes([15 + len(config)]) + b"\x40\x15" + bytes(11) + b"\x05" + bytes([len(config)])
    stream = bytes(4) + b"\x03" + bytes([5 + len(decoder) + len(config)]) + bytes(3) + decoder + config
    entry = mp4_box(codec, bytes(28) + (mp4_box(b"esds", stream) if config else b""))
    return mp4_box(b"moov", mp4_box(b"trak", mp4_box(b"stsd", bytes(4) + (1).to_bytes(4, "big") + entry)))


MP4 = mp4_box(b"ftyp", b"M4A " + bytes(12))
STRANGE: dict[str, tuple[bytes, Container, str | None]] = {
    "page.wav": (b"<!DOCTYPE html><html><body>404</body></html>" * 20, Container.OTHER, "HTML"),
    "zeros.wav": (bytes(5000), Container.OTHER, None),
    "noise.wav": (np.random.default_rng(7).bytes(5000), Container.OTHER, None),
    "vorbis.wav": (b"OggS" + bytes(24) + b"\x01vorbis" + bytes(90), Container.OGG, "Vorbis"),
    "opus.flac": (b"OggS" + bytes(24) + b"OpusHead" + bytes(90), Container.OGG, "Opus"),
    "flac.ogg": (b"OggS" + bytes(24) + b"\x7fFLAC" + bytes(90), Container.OGG, "FLAC"),
    "song.m4a": (b"\0\0\0\x20ftypM4A " + bytes(40) + b"mp4a" + bytes(99), Container.MP4, "AAC"),
    "alac.wav": (b"\0\0\0\x20ftypM4A " + bytes(40) + b"alac" + bytes(99), Container.MP4, "ALAC"),
    "moov behind.m4a": (MP4 + mp4_box(b"mdat", bytes(99_000)) + mp4_moov(b"alac"), Container.MP4, "ALAC"),
    "long box.m4a": (MP4 + mp4_long_box(b"mdat", bytes(99_000)) + mp4_moov(b"mp4a"), Container.MP4, "AAC"),
    "no moov.m4a": (MP4 + mp4_box(b"mdat", bytes(99_000)), Container.MP4, None),
    "box of nothing.m4a": (MP4 + bytes(20_000), Container.MP4, None),
    "box beyond the end.m4a": (MP4 + b"\xff\xff\xff\xffmdat" + bytes(20_000), Container.MP4, None),
    "song.wma": (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(99), Container.WMA, "WMA"),
    "song.wv": (b"wvpk" + bytes(99), Container.WAVPACK, "WavPack"),
    "song.aac": ((bytes.fromhex("fff15080032000") + bytes(18)) * 3, Container.AAC, "AAC"),
    "song.wav": ((bytes.fromhex("fffb9000") + bytes(413)) * 4, Container.MP3, "MP3"),
    "tagged.wav": (ID3 + (bytes.fromhex("fffb9000") + bytes(413)) * 4, Container.MP3, "MP3"),
    "padded.wav": (bytes(600) + (bytes.fromhex("fffb9000") + bytes(413)) * 4, Container.MP3, "MP3"),
    "sony.wav": (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0" + bytes(99), Container.W64, None),
    "musepack.mp3": (ID3 + b"MPCKSH" + bytes(600), Container.OTHER, "Musepack"),
    "old musepack.mp3": (ID3 + b"MP+\x07" + bytes(600), Container.OTHER, "Musepack"),
    "lossless.mp4": (MP4 + mp4_moov(b"mp4a", b"\xf8\x80"), Container.MP4, "MPEG-4 ALS"),
    "lossless far behind.mp4": (
        MP4 + mp4_box(b"mdat", bytes(99_000)) + mp4_moov(b"mp4a", b"\xf8\x9e"),
        Container.MP4,
        "MPEG-4 ALS",
    ),
    "aac.mp4": (MP4 + mp4_moov(b"mp4a", b"\x12\x10"), Container.MP4, "AAC"),
    "other escape.mp4": (MP4 + mp4_moov(b"mp4a", b"\xf9\x40"), Container.MP4, "AAC"),
    "longer tag than file.mp3": (ID3[:60], Container.MP3, "MP3"),
    "only a tag.flac": (ID3, Container.OTHER, None),
    "cut in its tag.flac": (ID3[:60], Container.OTHER, None),
    "tagged page.wav": (ID3 + b"<html><body>404</body></html>", Container.OTHER, "HTML"),
    "film.wav": (b"RIFF\x64\0\0\0AVI " + bytes(92), Container.OTHER, None),
}


@pytest.mark.parametrize("name", STRANGE)
def test_other_containers_are_named_by_their_content(tmp_path: Path, name: str) -> None:
    data, container, codec = STRANGE[name]
    facts = read(tmp_path, name, data)
    assert (facts.container, facts.codec, facts.damages, facts.measurement) == (container, codec, (), None)


CODECS = {
    0x0002: "MS ADPCM",
    0x0006: "A-law",
    0x0007: "mu-law",
    0x0011: "IMA ADPCM",
    0x0031: "GSM 6.10",
    0x0055: "MP3",
    0x2000: "AC-3",
    0x1234: "0x1234",
}


@pytest.mark.parametrize("tag", CODECS)
def test_compressed_samples_inside_a_wav_are_named(tmp_path: Path, tag: int) -> None:
    facts = read(tmp_path, "track.wav", riff(fmt(2, RATE, 4, tag), chunk(b"data", PCM)))
    assert (facts.codec, facts.format_tag, facts.damages, facts.measurement) == (CODECS[tag], tag, (), None)


def test_a_codec_behind_the_extensible_format_is_named(tmp_path: Path) -> None:
    facts = read(tmp_path, "track.wav", riff(signals.extensible(2, RATE, 16, 16, tag=0x55), DATA))
    assert (facts.codec, facts.format_tag, facts.damages) == ("MP3", 0xFFFE, ())


@pytest.mark.parametrize(
    ("guid", "codec"),
    [("010000002107d3118644c8c1ca000000", "Ambisonic B-format"), ("5c" * 16, "an unknown codec")],
)
def test_a_format_that_is_told_by_a_guid_of_its_own_is_said_in_words(tmp_path: Path, guid: str, codec: str) -> None:
    extra = struct.pack("<HHI", 22, 16, 3) + bytes.fromhex(guid)
    facts = read(tmp_path, "track.wav", riff(fmt(2, RATE, 16, 0xFFFE, extra=extra), DATA))
    assert (facts.codec, facts.subformat, facts.damages, facts.measurement) == (codec, guid, (), None)


@pytest.mark.parametrize(("kind", "codec"), [(b"ulaw", "mu-law"), (b"alaw", "A-law"), (b"ima4", "IMA ADPCM")])
def test_compressed_samples_inside_an_aiff_are_named(tmp_path: Path, kind: bytes, codec: str) -> None:
    data = form(comm(2, 22050, 16, RATE, kind), ssnd(PCM[:4000]), kind=b"AIFC")
    facts = read(tmp_path, "track.aif", data)
    assert (facts.container, facts.codec, facts.damages, facts.measurement) == (Container.AIFC, codec, (), None)


def test_a_rifx_is_named_and_not_decoded(tmp_path: Path) -> None:
    data = riff(fmt(2, RATE, 16, order=">"), chunk(b"data", BIG, ">"), kind=b"RIFX", order=">")
    facts = read(tmp_path, "track.wav", data)
    assert (facts.container, facts.frames, facts.damages) == (Container.RIFX, FRAMES, ())
    assert facts.measurement is None


@pytest.mark.parametrize("told", [None, 0, 60 * 44100])
def test_sound_beyond_the_longest_track_is_not_measured_whatever_the_header_says(
    tmp_path: Path, told: int | None
) -> None:
    """A few hundred bytes of silence can stand for hours."""
    flac = signals.silent_flac(200, **({} if told is None else {"total": told}))
    (tmp_path / "long.flac").write_bytes(flac)

    facts = read_audio(tmp_path / "long.flac", "long.flac", max_duration=100)

    assert facts.measurement is None and facts.duration is not None
    assert facts.duration > 100
    assert facts.duration >= 200 if told is None else facts.duration < 150
