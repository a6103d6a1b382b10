"""Whatever samples a file holds, in whatever container, its FLAC holds the same, and a second look proves it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ingest.readers.conversion.answers import Made, Refused, Sound
from ingest.readers.conversion.flac import make_flac
from ingest.readers.conversion.flac_proof import prove_flac
from tests.readers.conversion import shapes

Shape = Callable[[shapes.Samples, int, int], bytes]


def made(folder: Path, data: bytes) -> tuple[Made, Path]:
    source, target = folder / "source", folder / "target"
    source.write_bytes(data)
    number = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return make_flac(source, "source", None, number), target
    finally:
        os.close(number)


@settings(max_examples=60, deadline=None)
@given(
    shape=some.sampled_from([shapes.wav, shapes.broadcast_wav, shapes.aiff, shapes.flac, shapes.tagged_flac]),
    bits=some.sampled_from([16, 24]),
    rate=some.sampled_from([8000, 22050, 44100, 48000, 88200, 96000, 176_400, 192_000]),
    channels=some.sampled_from([1, 2]),
    values=some.lists(some.integers(-(2**23), 2**23 - 1), min_size=1, max_size=400),
    times=some.integers(1, 30),
)
def test_samples_stay_what_they_are(
    shape: Shape, bits: int, rate: int, channels: int, values: list[int], times: int
) -> None:
    row = np.tile(np.array(values, np.int32), times) << 8
    samples = np.stack([row, row[::-1]][:channels], axis=1) & np.int32(-(1 << (32 - bits)))
    with tempfile.TemporaryDirectory() as folder:
        told, target = made(Path(folder), shape(samples, bits, rate))
        assert np.array_equal(shapes.decoded(target.read_bytes()), samples)
        md5 = hashlib.md5(shapes.packed(samples, bits)).hexdigest()
        assert told == Made(samples=md5, frames=len(samples))
        assert prove_flac(target, "target", None) == Sound(md5, rate, bits, channels, len(samples))


def test_the_frames_of_a_healthy_flac_are_copied(tmp_path: Path) -> None:
    samples = shapes.random_samples(20_000, 2, 24)
    _, target = made(tmp_path, shapes.tagged_flac(samples, 24))
    plain, written = shapes.flac(samples, 24), target.read_bytes()
    assert written[:4] + written[8:42] == plain[:4] + plain[8:42]
    assert plain.endswith(written[42:]) and len(written) < len(plain)


def test_a_wav_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = shapes.wav(shapes.random_samples(5000, 2, 24), 24)
    for less in (1, 3000):
        with pytest.raises(Refused):
            made(tmp_path, whole[:-less])
    made(tmp_path, whole)


@pytest.mark.parametrize("change", ["tags", "byte", "trailing", "cut", "wav"])
def test_the_second_look_takes_nothing_but_a_whole_flac_of_samples(tmp_path: Path, change: str) -> None:
    samples = shapes.random_samples(20_000, 2, 16)
    good = shapes.flac(samples, 16)
    place = tmp_path / "written"
    place.write_bytes(good)
    assert prove_flac(place, "written", None).fault == ""
    place.write_bytes(
        {
            "tags": shapes.tagged_flac(samples, 16),
            "byte": good[:30_000] + bytes([good[30_000] ^ 1]) + good[30_001:],
            "trailing": good + b"more",
            "cut": good[:-100],
            "wav": shapes.wav(samples, 16),
        }[change]
    )
    assert prove_flac(place, "written", None).fault != ""
