"""Files that are merely unusual are whole: no damage, and their samples are measured."""

from __future__ import annotations

import hashlib
import struct
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from ingest.core.facts import AudioFacts, Container, Damage
from ingest.readers.audio import inspect_audio, read_audio
from ingest.readers.audio.frames import crc16
from ingest.readers.fork_client import Failure, Limits
from ingest.readers.json_values import from_answer
from ingest.readers.pool import Pool
from tests import signals
from tests.signals import block, chunk, extensible, fmt, form, riff, ssnd

RATE = 44100
NOTE = signals.music(0.6, RATE)
MONO = NOTE[:, :1]
FRAMES = len(NOTE)
PCM = signals.packed(signals.integers(NOTE, 16), 16)
PCM24 = signals.packed(signals.integers(NOTE, 24), 24)
FMT, DATA = fmt(2, RATE, 16), chunk(b"data", PCM)
INFO = chunk(b"LIST", b"INFOINAM\x08\0\0\0My Song\0IART\x04\0\0\0Ann\0")
BEXT = chunk(b"bext", bytes(602))
ID3 = chunk(b"id3 ", b"ID3\x03\0\0\0\0\0\x17TIT2\0\0\0\x0d\0\0\0Night Train\0")
WIDE = signals.packed(signals.integers(NOTE, 24) << 8, 32)
NARROW = signals.packed(signals.integers(NOTE, 20) << 4, 24)

HEALTHY: dict[str, tuple[bytes, Container, int]] = {
    "plain 16.wav": (signals.wav(NOTE), Container.WAV, 16),
    "plain 24.wav": (signals.wav(NOTE, bits=24), Container.WAV, 24),
    "plain 32.wav": (signals.wav(NOTE, bits=32), Container.WAV, 32),
    "plain 8.wav": (signals.wav(NOTE, bits=8), Container.WAV, 8),
    "float.wav": (signals.float_wav(NOTE), Container.WAV, 32),
    "double.wav": (signals.float_wav(NOTE, width=8), Container.WAV, 64),
    "96 kHz.wav": (signals.wav(NOTE, 96000, 24), Container.WAV, 24),
    "32 kHz.wav": (signals.wav(NOTE, 32000), Container.WAV, 16),
    "88.2 kHz.wav": (signals.wav(NOTE, 88200), Container.WAV, 16),
    "mono.wav": (signals.wav(MONO), Container.WAV, 16),
    "mono 24.wav": (signals.wav(MONO[1:], bits=24), Container.WAV, 24),
    "extensible.wav": (riff(extensible(2, RATE, 16, 16), DATA), Container.WAV, 16),
    "mask 0.wav": (riff(extensible(2, RATE, 16, 16, mask=0), DATA), Container.WAV, 16),
    "24 in 32.wav": (riff(extensible(2, RATE, 32, 24), chunk(b"data", WIDE)), Container.WAV, 24),
    "20 in 24.wav": (riff(extensible(2, RATE, 24, 20), chunk(b"data", NARROW)), Container.WAV, 20),
    "rf64.wav": (signals.rf64(NOTE), Container.RF64, 16),
    "bw64.wav": (signals.rf64(NOTE, kind=b"BW64"), Container.BW64, 16),
    "LIST in front.wav": (riff(FMT, INFO, DATA), Container.WAV, 16),
    "LIST behind.wav": (riff(FMT, DATA, INFO), Container.WAV, 16),
    "BWF.wav": (riff(BEXT, FMT, DATA), Container.WAV, 16),
    "JUNK.wav": (riff(chunk(b"JUNK", bytes(28)), FMT, DATA), Container.WAV, 16),
    "cue.wav": (riff(FMT, DATA, chunk(b"cue ", bytes(28))), Container.WAV, 16),
    "id3.wav": (riff(FMT, DATA, ID3), Container.WAV, 16),
    "odd chunk.wav": (riff(FMT, chunk(b"note", b"odd"), DATA), Container.WAV, 16),
    "fmt of 18.wav": (riff(fmt(2, RATE, 16, extra=b"\0\0"), DATA), Container.WAV, 16),
    "plain 16.aiff": (signals.aiff(NOTE), Container.AIFF, 16),
    "plain 24.aiff": (signals.aiff(NOTE, bits=24), Container.AIFF, 24),
    "NONE.aif": (signals.aiff(NOTE, kind=b"NONE"), Container.AIFC, 16),
    "twos.aif": (signals.aiff(NOTE, kind=b"twos"), Container.AIFC, 16),
    "sowt.aif": (signals.aiff(NOTE, kind=b"sowt"), Container.AIFC, 16),
    "42ni.aif": (signals.aiff(NOTE, bits=24, kind=b"42ni"), Container.AIFC, 24),
    "23ni.aif": (signals.aiff(NOTE, bits=32, kind=b"23ni"), Container.AIFC, 32),
    "in24.aif": (signals.aiff(NOTE, bits=24, kind=b"in24"), Container.AIFC, 24),
    "in32.aif": (signals.aiff(NOTE, bits=32, kind=b"in32"), Container.AIFC, 32),
    "float.aif": (signals.aiff(NOTE, bits=32, kind=b"fl32"), Container.AIFC, 32),
    "odd name.aiff": (
        form(
            signals.comm(2, FRAMES, 16, RATE),
            chunk(b"NAME", b"Odd", ">"),
            ssnd(signals.packed(signals.integers(NOTE, 16), 16, big_endian=True)),
        ),
        Container.AIFF,
        16,
    ),
    "plain 16.flac": (signals.flac(NOTE), Container.FLAC, 16),
    "plain 24.flac": (signals.flac(NOTE, 48000, 24), Container.FLAC, 24),
    "plain 8.flac": (signals.flac(NOTE, bits=8), Container.FLAC, 8),
    "variable.flac": (signals.flac(NOTE, bits=24, blocks=(1000, 4096, 17, 192, 4095)), Container.FLAC, 24),
    "tiny blocks.flac": (signals.flac(NOTE, blocks=(16,)), Container.FLAC, 16),
    "large blocks.flac": (signals.flac(NOTE, blocks=(65535,)), Container.FLAC, 16),
    "short.flac": (signals.flac(NOTE[:100]), Container.FLAC, 16),
    "mono.flac": (signals.flac(MONO, bits=24), Container.FLAC, 24),
}


def read(folder: Path, name: str, data: bytes) -> AudioFacts:
    path = folder / name
    path.write_bytes(data)
    return read_audio(path, name)


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_file_has_no_damage_and_is_measured(tmp_path: Path, name: str) -> None:
    data, container, bits = HEALTHY[name]
    facts = read(tmp_path, name, data)
    assert (facts.container, facts.bits, facts.damages) == (container, bits, ())
    assert facts.measurement is not None and facts.measurement.frames == facts.frames
    assert facts.measurement.sample_peak == pytest.approx(-6.0, abs=0.1) or name == "short.flac"
    assert inspect_audio(tmp_path / name, name).damages == ()


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("kind", ["WAV", "WAVEX", "FLAC", "AIFF", "RF64"])
def test_files_of_another_writer_are_whole(tmp_path: Path, kind: str, bits: int) -> None:
    path = tmp_path / f"track.{kind.lower()}"
    soundfile.write(path, NOTE, RATE, subtype=f"PCM_{bits}", format=kind)
    facts = read_audio(path, path.name)
    assert (facts.damages, facts.bits, facts.frames, facts.sample_rate) == ((), bits, FRAMES, RATE)
    assert facts.measurement is not None and facts.measurement.effective_bits == bits


@pytest.mark.parametrize("bits", [12, 15, 20])
def test_a_flac_of_rare_depth_is_measured(tmp_path: Path, bits: int) -> None:
    facts = read(tmp_path, "rare.flac", signals.flac(NOTE, bits=bits))
    assert (facts.damages, facts.bits, facts.frames) == ((), bits, FRAMES)
    assert facts.measurement is not None and facts.measurement.effective_bits == bits


def test_a_flac_of_32_bits_is_whole_but_not_measured(tmp_path: Path) -> None:
    facts = read(tmp_path, "rare.flac", signals.flac(NOTE, bits=32))
    assert (facts.damages, facts.bits, facts.frames, facts.measurement) == ((), 32, FRAMES, None)


@pytest.mark.parametrize("bits", [40, 48, 56])
@pytest.mark.parametrize("is_big", [False, True])
def test_samples_of_more_than_32_bits_are_measured(tmp_path: Path, bits: int, is_big: bool) -> None:
    samples = signals.packed(signals.integers(NOTE, bits), bits, big_endian=is_big)
    big = form(signals.comm(2, FRAMES, bits, RATE), ssnd(samples))
    facts = read(tmp_path, "deep", big if is_big else riff(fmt(2, RATE, bits), chunk(b"data", samples)))
    assert (facts.damages, facts.bits, facts.frames) == ((), bits, FRAMES)
    assert facts.measurement is not None and facts.measurement.effective_bits == 32
    assert facts.measurement.sample_peak == pytest.approx(-6.0, abs=0.1)


def test_full_scale_of_64_bits_is_clipped(tmp_path: Path) -> None:
    samples = np.full(2000, 2**63 - 1, "<i8").tobytes()
    facts = read(tmp_path, "deep.wav", riff(fmt(2, RATE, 64), chunk(b"data", samples)))
    assert facts.measurement is not None and facts.measurement.clipped_runs == 2


def rice_coded(samples: NDArray[np.int64], order: int, number: int) -> bytes:
    """A frame of 16 bits of which each channel is a residual in so many partitions (RFC 9639, section 9.2.7)."""
    header = signals.flac_frame(samples, RATE, 16, number)[:8]
    digits = [bin(int.from_bytes(b"\1" + header, "big"))[3:]]
    size = len(samples) >> order
    for channel in samples.T:
        # A predictor of order 0; the parameter of each partition has 4 bits.
        digits += ["00010000", "00", f"{order:04b}"]
        for part in channel.reshape(-1, size):
            folded = np.where(part < 0, -2 * part - 1, 2 * part)
            low = max(int(folded.max()).bit_length() - 3, 1)
            codes = ("0" * (one >> low) + f"1{one & ((1 << low) - 1):0{low}b}" for one in folded.tolist())
            digits += [f"{low:04b}", *codes]
    joined = "".join(digits)
    joined += "0" * (-len(joined) % 8)
    body = int(joined, 2).to_bytes(len(joined) // 8, "big")
    return body + struct.pack(">H", crc16(body))


def in_many_partitions(order: int, count: int = 6) -> bytes:
    samples = signals.integers(signals.music(1, RATE)[: 4096 * count], 16)
    md5 = hashlib.md5(samples.astype("<i2").tobytes(), usedforsecurity=False).digest()
    frames = [rice_coded(samples[4096 * at : 4096 * at + 4096], order, at) for at in range(count)]
    return b"fLaC" + block(0, signals.streaminfo(4096, RATE, 2, 16, len(samples), md5), last=True) + b"".join(frames)


@pytest.mark.parametrize("order", [0, 8, 9, 12])
@pytest.mark.parametrize("tag", [b"", b"ID3\x04\0\0\0\0\x01\x00" + bytes(128)], ids=["plain", "behind a tag"])
def test_a_flac_of_more_partitions_than_one_decoder_takes_is_healthy(tmp_path: Path, order: int, tag: bytes) -> None:
    facts = read(tmp_path, "lax.flac", tag + in_many_partitions(order))
    assert [one.kind for one in facts.damages] == ([Damage.LEADING_ID3] if tag else [])
    assert facts.measurement is not None and facts.measurement.frames == facts.frames == 6 * 4096
    assert facts.measurement.effective_bits == 16


def test_the_second_decoder_works_where_readers_are_confined(tmp_path: Path) -> None:
    path = tmp_path / "lax.flac"
    path.write_bytes(in_many_partitions(9))
    request = {
        "read": "audio",
        "path": str(path),
        "name": path.name,
        "silence_level": -60.0,
        "max_duration": 100.0,
        "hashes": ["sha256"],
    }
    with closing(Pool(1)) as pool:
        (answer,) = pool.read([request], Limits())
    assert not isinstance(answer, Failure)
    assert from_answer(AudioFacts, answer) == read_audio(path, path.name)


def test_a_damaged_frame_is_one_to_both_decoders(tmp_path: Path) -> None:
    data = bytearray(in_many_partitions(9))
    data[len(data) // 2] ^= 0x10
    facts = read(tmp_path, "lax.flac", bytes(data))
    assert [one.kind for one in facts.damages] == [Damage.DAMAGED_FRAMES]
    assert facts.measurement is None


def test_old_streams_of_variable_blocks_count_samples_without_saying_so(tmp_path: Path) -> None:
    samples, sizes = signals.integers(NOTE, 16), (4096, 1024, 2048)
    frames: list[bytes] = []
    at = 0
    while at < len(samples):
        piece = samples[at : at + sizes[len(frames) % 3]]
        frames.append(signals.flac_frame(piece, RATE, 16, at))
        at += len(piece)
    md5 = hashlib.md5(samples.astype("<i2").tobytes(), usedforsecurity=False).digest()
    info = signals.streaminfo(4096, RATE, 2, 16, len(samples), md5, least=1024)
    facts = read(tmp_path, "old.flac", b"fLaC" + block(0, info, last=True) + b"".join(frames))
    assert (facts.damages, facts.frames) == ((), FRAMES)
    assert facts.measurement is not None


def test_a_smaller_last_block_does_not_make_blocks_variable(tmp_path: Path) -> None:
    facts = read(tmp_path, "plain.flac", signals.flac(NOTE, least=FRAMES % 4096))
    assert (facts.damages, facts.frames) == ((), FRAMES)


def test_aiff_of_8_bits_with_an_offset_is_no_compression(tmp_path: Path) -> None:
    samples = (signals.integers(NOTE, 8) + 128).astype(np.uint8).tobytes()
    data = form(signals.comm(2, FRAMES, 8, RATE, b"raw "), ssnd(samples), kind=b"AIFC")
    facts = read(tmp_path, "raw.aif", data)
    assert (facts.codec, facts.bits, facts.damages) == ("PCM", 8, ())
    assert facts.measurement is not None and facts.measurement.dc_offset == pytest.approx((0, 0), abs=0.02)


def test_six_channels_are_measured(tmp_path: Path) -> None:
    surround = signals.music(0.6, 48000)[:, [0, 1, 0, 1, 0, 1]]
    facts = read(tmp_path, "surround.wav", signals.wav(surround, 48000, 24))
    assert (facts.channels, facts.damages) == (6, ())
    assert facts.measurement is not None and facts.measurement.loudness is not None


def test_absurd_but_consistent_channel_counts_are_not_measured(tmp_path: Path) -> None:
    data = riff(fmt(60, RATE, 16), chunk(b"data", bytes(1200)))
    assert read(tmp_path, "wide.wav", data).measurement is None


@pytest.mark.parametrize(
    ("rate", "is_measured"), [(1, False), (3334, False), (3999, False), (4000, True), (4409, True)]
)
def test_rates_too_low_for_the_weighting_of_loudness_are_not_measured(
    tmp_path: Path, rate: int, is_measured: bool
) -> None:
    facts = read(tmp_path, "slow.wav", signals.wav(NOTE, rate))
    assert (facts.damages, facts.sample_rate, facts.measurement is not None) == ((), rate, is_measured)


def test_a_file_is_described_whole(tmp_path: Path) -> None:
    facts = read(tmp_path, "01_Song.WAV", riff(BEXT, extensible(2, RATE, 24, 24), INFO, chunk(b"data", PCM24)))
    assert (facts.file, facts.suffix, facts.codec, facts.channels) == ("01_Song.WAV", ".wav", "PCM", 2)
    assert (facts.format_tag, facts.subformat) == (0xFFFE, "0100000000001000800000aa00389b71")
    assert facts.chunks == ("bext", "fmt ", "LIST", "data")
    assert (facts.frames, facts.duration) == (FRAMES, 0.6)
    assert facts.tags == {"title": "My Song", "artist": "Ann"}


def test_embedded_tags_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "id3.wav", HEALTHY["id3.wav"][0]).tags == {"title": "Night Train"}
    comments = [b"TITLE=Night Train", b"ARTIST=Ann", b"ISRC=GBDUM7620001"]
    body = struct.pack("<I", 0) + struct.pack("<I", len(comments))
    body += b"".join(struct.pack("<I", len(comment)) + comment for comment in comments)
    good = signals.flac(NOTE)
    data = b"fLaC" + block(0, good[8:42]) + block(4, body, last=True) + good[42:]
    facts = read(tmp_path, "tagged.flac", data)
    assert facts.tags == {"title": "Night Train", "artist": "Ann", "isrc": "GBDUM7620001"}
    assert (facts.damages, facts.chunks) == ((), ("STREAMINFO", "VORBIS_COMMENT"))


def synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 127 for shift in (21, 14, 7, 0))


def id3(version: int, flags: int, *frames: tuple[bytes, bytes]) -> bytes:
    lengths = [synchsafe(len(body)) if version == 4 else struct.pack(">I", len(body)) for _, body in frames]
    written = b"".join(name + size + bytes(2) + body for (name, body), size in zip(frames, lengths, strict=True))
    return b"ID3" + bytes([version, 0, flags]) + synchsafe(len(written)) + written


NIGHT = (b"TIT2", b"\x03Night Train")
PICTURE = (b"APIC", b"\0image/png\0\x03\0" + bytes(300_000))


TAGS = {
    "ID3v2.3": (id3(3, 0, NIGHT), "Night Train"),
    "behind a picture": (id3(4, 0, PICTURE, NIGHT), "Night Train"),
    "unsynchronised": (id3(4, 0x80, NIGHT), "Night Train"),
    "behind 900 frames": (id3(4, 0, *[(b"TXXX", b"\0a\0b")] * 900, NIGHT), "Night Train"),
    "behind 400,000 frames": (id3(4, 0, *[(b"TXXX", b"\0a\0b")] * 400_000, NIGHT), None),
    "a long title": (id3(4, 0, (b"TIT2", b"\x03" + b"a" * 100_000)), None),
    "cut in its head": (b"ID3", None),
    "cut in its size": (b"ID3\x04\0\0", None),
    "no tag": (b"no tag at all", None),
}


@pytest.mark.parametrize("name", TAGS)
def test_a_tag_of_any_size_is_read_or_left_alone_at_once(tmp_path: Path, name: str) -> None:
    tag, title = TAGS[name]
    begun = time.process_time()
    facts = read(tmp_path, "tagged.wav", riff(FMT, chunk(b"data", PCM), chunk(b"id3 ", tag)))
    assert (facts.damages, facts.tags.get("title")) == ((), title)
    assert time.process_time() - begun < 3


def test_comments_without_number_are_left_alone_at_once(tmp_path: Path) -> None:
    good, begun = signals.flac(NOTE), time.process_time()
    comments = struct.pack("<II", 0, 2_000_000) + bytes(8_000_000)
    facts = read(tmp_path, "tagged.flac", b"fLaC" + block(0, good[8:42]) + block(4, comments, last=True) + good[42:])
    assert (facts.damages, facts.tags) == ((), {})
    assert time.process_time() - begun < 3


def test_structure_alone_is_read_when_no_measurement_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "track.wav"
    path.write_bytes(signals.wav(NOTE))
    facts = read_audio(path, "track.wav", measure=False)
    assert (facts.measurement, facts.frames) == (None, FRAMES)
