"""Files made for DSPs hold what their sources held and nothing else, whatever a source does to its child."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.core.conversion import Conversion, Converted, Form, NotConverted
from ingest.core.sent_file import SentAudio, SentImage
from ingest.readers.conversion.convert import Result, convert
from ingest.readers.dossier import ReaderSettings
from ingest.readers.fork_client import Limits
from ingest.readers.pool import Pool
from ingest.readers.sealed import stamp_of
from tests import good
from tests.conftest import missing
from tests.readers.conversion import shapes

LIMITS = Limits(memory_bytes=1_500_000_000, cpu_seconds=60, wall_seconds=60)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    opened = Pool(2)
    yield opened
    opened.close()


def made(pool: Pool, folder: Path, data: bytes, form: Form, limits: Limits = LIMITS) -> tuple[Result, Path]:
    source, target = folder / "source", folder / "target"
    source.write_bytes(data)
    target.write_bytes(b"")
    one = Conversion(str(source), "01.wav", stamp_of(source.stat()), form, str(target))
    (result,) = convert(ReaderSettings(limits, pool), [one])
    return result, target


def track(pool: Pool, folder: Path, data: bytes) -> tuple[Converted, bytes]:
    result, target = made(pool, folder, data, Form.FLAC)
    assert isinstance(result, Converted), result.reason
    return result, target.read_bytes()


SHAPES = {
    "wav": shapes.wav,
    "broadcast-wav": shapes.broadcast_wav,
    "aiff": shapes.aiff,
    "flac": shapes.flac,
    "tagged-flac": shapes.tagged_flac,
    "flac-with-id3": lambda samples, bits, rate: b"ID3\4\0\0\0\0\0\x0a" + bytes(10) + shapes.flac(samples, bits, rate),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("bits", "rate", "channels"), [(16, 44100, 2), (24, 96000, 2), (24, 48000, 1), (16, 8000, 1)])
def test_a_flac_holds_the_samples_and_nothing_else(
    pool: Pool, tmp_path: Path, shape: str, bits: int, rate: int, channels: int
) -> None:
    samples = shapes.random_samples(10_007, channels, bits)
    source = SHAPES[shape](samples, bits, rate)
    result, data = track(pool, tmp_path, source)

    assert np.array_equal(shapes.decoded(data), samples)
    assert result == Converted(
        source_sha256=hashlib.sha256(source).hexdigest(),
        size=len(data),
        md5=hashlib.md5(data).hexdigest(),
        sha1=hashlib.sha1(data).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
        audio=SentAudio("FLAC", rate, bits, channels, 10_007 / rate),
    )
    assert data[26:42] == hashlib.md5(shapes.packed(samples, bits)).digest()
    assert b"A name" not in data and b"Studio" not in data and len(data) < len(shapes.packed(samples, bits)) + 9000


@pytest.mark.parametrize("rate", [8000, 44100, 192_000])
@pytest.mark.parametrize("frames", [1, 15, 4095, 300_001])
def test_every_length_and_rate_is_whole(pool: Pool, tmp_path: Path, rate: int, frames: int) -> None:
    samples = shapes.random_samples(frames, 2, 24)
    result, data = track(pool, tmp_path, shapes.wav(samples, 24, rate))
    assert np.array_equal(shapes.decoded(data), samples)
    assert result.audio == SentAudio("FLAC", rate, 24, 2, frames / rate)


def test_the_flac_tool_accepts_what_is_written(pool: Pool, tmp_path: Path) -> None:
    if shutil.which("flac") is None:
        missing("flac")
    for shape in (shapes.wav, shapes.tagged_flac):
        made(pool, tmp_path, shape(shapes.random_samples(50_000, 2, 24), 24), Form.FLAC)
        assert shapes.flac_tool_accepts(tmp_path / "target")


def test_32_bits_that_hold_24_lose_nothing_and_others_are_refused(pool: Pool, tmp_path: Path) -> None:
    samples = shapes.random_samples(5000, 2, 24)
    result, data = track(pool, tmp_path, shapes.wav(samples, 32))
    assert np.array_equal(shapes.decoded(data), samples)
    assert result.audio == SentAudio("FLAC", 44100, 24, 2, 5000 / 44100)

    samples[4321, 1] |= 1
    refused, _ = made(pool, tmp_path, shapes.wav(samples, 32), Form.FLAC)
    assert refused == NotConverted(
        "01.wav: its samples use more than 24 bits, and cannot be made into FLAC of 24 bits without loss", True
    )


def test_what_has_no_lossless_flac_is_refused(pool: Pool, tmp_path: Path) -> None:
    body = np.zeros(500, "<f4").tobytes()
    floating = shapes.riff(shapes.fmt(1, 44100, 32, tag=3), shapes.chunk(b"data", body))
    eight = shapes.riff(shapes.fmt(1, 44100, 8), shapes.chunk(b"data", bytes(500)))
    for data, what in ((floating, "floating-point"), (eight, "8-bit")):
        result, _ = made(pool, tmp_path, data, Form.FLAC)
        reason = f"01.wav: {what} samples cannot be made into FLAC of 16 or 24 bits without loss"
        assert result == NotConverted(reason, permanent=True)


@pytest.mark.parametrize("data", [b"", b"no sound", b"RIFF\0\0\0\0WAVE", b"fLaC" + bytes(90)])
def test_what_is_no_sound_is_refused(pool: Pool, tmp_path: Path, data: bytes) -> None:
    result, _ = made(pool, tmp_path, data, Form.FLAC)
    assert isinstance(result, NotConverted) and result.permanent


def test_a_flac_that_is_not_what_its_md5_says_is_refused(pool: Pool, tmp_path: Path) -> None:
    data = bytearray(shapes.flac(shapes.random_samples(5000, 2, 16), 16))
    data[30] ^= 1
    result, _ = made(pool, tmp_path, bytes(data), Form.FLAC)
    reason = "01.wav, decoded again: its samples are not those that its MD5 is of"
    assert result == NotConverted(reason, permanent=True)


def test_a_source_that_was_changed_is_refused(pool: Pool, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(shapes.wav(shapes.random_samples(500, 2, 16), 16))
    target.write_bytes(b"")
    one = Conversion(str(source), "01.wav", stamp_of(source.stat()), Form.FLAC, str(target))
    source.with_name("other").write_bytes(source.read_bytes())
    source.with_name("other").replace(source)
    result = convert(ReaderSettings(LIMITS, pool), [one])
    assert result == [NotConverted("01.wav: changed while it was read", permanent=True)]


def test_a_target_that_is_none_of_ours_is_not_written(pool: Pool, tmp_path: Path) -> None:
    source, target, other = (tmp_path / name for name in ("source", "target", "other"))
    source.write_bytes(shapes.wav(shapes.random_samples(500, 2, 16), 16))
    other.write_bytes(b"precious")
    one = Conversion(str(source), "01.wav", stamp_of(source.stat()), Form.FLAC, str(target))
    for made_so in (target.symlink_to, target.hardlink_to):
        made_so(other)
        (result,) = convert(ReaderSettings(LIMITS, pool), [one])
        assert isinstance(result, NotConverted)
        assert other.read_bytes() == b"precious"
        target.unlink()


def test_a_disk_that_takes_no_more_is_our_failure(pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.readers.conversion.convert.most_of_track", lambda size: 20_000)
    monkeypatch.setattr("ingest.readers.conversion.convert.PIXEL", 0.00001)
    samples = shapes.random_samples(50_000, 2, 16)
    for data, form in (
        (shapes.wav(samples, 16), Form.FLAC),
        (shapes.flac(samples, 16), Form.FLAC),
        (good.saved(good.picture(300, 300), "PNG"), Form.SRGB_JPEG),
    ):
        result, target = made(pool, tmp_path, data, form)
        assert isinstance(result, NotConverted) and not result.permanent
        assert result.reason.startswith(f"{target} could not be written: ")


def test_a_cover_is_made_and_proved(pool: Pool, tmp_path: Path) -> None:
    source = good.saved(good.picture(300, 200), "PNG")
    result, target = made(pool, tmp_path, source, Form.SRGB_JPEG)
    data = target.read_bytes()
    assert isinstance(result, Converted), result.reason
    assert result == replace(result, size=len(data), sha256=hashlib.sha256(data).hexdigest(), audio=None)
    assert result.image == SentImage("JPEG", 300, 200)
    assert result.source_sha256 == hashlib.sha256(source).hexdigest()


def test_a_cover_of_too_many_pixels_is_refused(pool: Pool, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(good.saved(good.picture(300, 200), "PNG"))
    target.write_bytes(b"")
    one = Conversion(str(source), "cover.png", stamp_of(source.stat()), Form.SRGB_JPEG, str(target))
    result = convert(ReaderSettings(LIMITS, pool, max_pixels=59_999), [one])
    assert result == [NotConverted("cover.png: 300 × 200 pixels are too many", permanent=True)]
    (result_of_enough,) = convert(ReaderSettings(LIMITS, pool, max_pixels=60_000), [one])
    assert isinstance(result_of_enough, Converted)


@pytest.mark.parametrize(
    ("harm", "reason", "permanent"),
    [
        ("crash", "the reading process was ended by SIGSEGV", False),
        ("hog", "the reading process was ended by SIGXCPU", True),
        ("rest", "no answer within 3 seconds", True),
        ("lie", "its samples are not those of the source", True),
        ("junk", "it is no whole FLAC of samples alone", True),
        ("chatter", "the reading process gave an answer that is none", True),
    ],
)
def test_a_hostile_file_costs_its_own_file_alone(tmp_path: Path, harm: str, reason: str, permanent: bool) -> None:
    pool = Pool(2, "tests.readers.conversion.hostile_sources")
    try:
        limits = Limits(memory_bytes=1_500_000_000, cpu_seconds=1, wall_seconds=3)
        healthy, hostile = shapes.random_samples(5000, 2, 16), shapes.random_samples(5000, 2, 16, seed=2)
        asked = []
        for name, data in (("healthy", shapes.wav(healthy, 16)), (harm, shapes.wav(hostile, 16))):
            source, target = tmp_path / name, tmp_path / f"{name}.flac"
            source.write_bytes(data)
            target.write_bytes(b"")
            asked.append(Conversion(str(source), name, stamp_of(source.stat()), Form.FLAC, str(target)))
        fine, failed = convert(ReaderSettings(limits, pool), asked)
    finally:
        pool.close()
    assert isinstance(fine, Converted) and isinstance(failed, NotConverted)
    assert reason in failed.reason and failed.permanent is permanent
    assert np.array_equal(shapes.decoded((tmp_path / "healthy.flac").read_bytes()), healthy)


def test_a_child_writes_its_one_file_and_no_other(tmp_path: Path) -> None:
    pool = Pool(1, "tests.readers.conversion.hostile_sources")
    try:
        source, target = tmp_path / "escape", tmp_path / "escape.flac"
        source.write_bytes(b"anything")
        target.write_bytes(b"")
        asked = Conversion(str(source), "escape", stamp_of(source.stat()), Form.FLAC, str(target))
        (result,) = convert(ReaderSettings(LIMITS, pool), [asked])
    finally:
        pool.close()
    refused = "open: EPERM, source: EPERM, truncate: EPERM, chmod: EPERM, unlink: EPERM"
    assert result == NotConverted(f"escape: {refused}", permanent=True)
    assert target.read_bytes() == b"written" and source.read_bytes() == b"anything"
