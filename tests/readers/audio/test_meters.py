"""EBU Tech 3341 and 3342, made from their definitions, and the meters against ffmpeg."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.core.facts import Measurement
from ingest.readers.audio import read_audio
from ingest.readers.audio.measure import Meter
from ingest.readers.audio.pcm import CHUNK, LEAD, Encoding
from tests import signals
from tests.signals import Signal, faded

RATES = (44100, 48000)


def measured(signal: Signal, rate: int) -> Measurement:
    """The signal as 32-bit float through the meter, chunk by chunk, without a file."""
    frames, channels = signal.shape
    meter = Meter(Encoding("f", 4, 32, channels), rate, frames, -60.0)
    data = signal.astype("<f4")
    for start in range(0, frames, CHUNK):
        piece = data[start : start + CHUNK]
        raw = np.zeros(2 * LEAD + piece.nbytes, np.uint8)
        raw[LEAD : LEAD + piece.nbytes] = np.frombuffer(piece.tobytes(), np.uint8)
        meter.feed(raw, len(piece))
    return meter.measurement()


def steps(rate: int, *pairs: tuple[float, float]) -> Signal:
    """Consecutive (seconds, dBFS) of a stereo 1 kHz sine."""
    whole = signals.sine(sum(seconds for seconds, _ in pairs), rate, level=0.0)
    gains = np.concatenate([np.full(round(seconds * rate), 10 ** (level / 20)) for seconds, level in pairs])
    return np.asarray(whole[: len(gains)] * gains[: len(whole), None])


LOUDNESS = {
    1: ((20, -23.0),),
    2: ((20, -33.0),),
    3: ((10, -36.0), (60, -23.0), (10, -36.0)),
    4: ((10, -72.0), (10, -36.0), (60, -23.0), (10, -36.0), (10, -72.0)),
    5: ((20, -26.0), (20.1, -20.0), (20, -26.0)),
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", LOUDNESS)
def test_integrated_loudness_meets_ebu_tech_3341(case: int, rate: int) -> None:
    loudness = measured(steps(rate, *LOUDNESS[case]), rate).loudness
    assert loudness is not None
    assert loudness.integrated == pytest.approx(-33.0 if case == 2 else -23.0, abs=0.1)


RANGES = {
    1: ((20, -20.0), (20, -30.0)),
    2: ((20, -20.0), (20, -15.0)),
    3: ((20, -40.0), (20, -20.0)),
    4: ((20, -50.0), (20, -35.0), (20, -20.0), (20, -35.0), (20, -50.0)),
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", RANGES)
def test_loudness_range_meets_ebu_tech_3342(case: int, rate: int) -> None:
    loudness = measured(steps(rate, *RANGES[case]), rate).loudness
    assert loudness is not None
    assert loudness.range == pytest.approx({1: 10, 2: 5, 3: 20, 4: 15}[case], abs=1)


def burst(rate: int, offset: int) -> Signal:
    """Cases 20-23: fs/6 at 0.5 with one period of fs/4 at 1.0 inside, made at 4 fs."""

    def sine(count: int, period: int) -> NDArray[np.float64]:
        return np.sin(2 * np.pi * np.arange(count) / period)

    count = 4 * rate
    before = count // 2 // 24 * 24
    loud = np.concatenate([0.5 * sine(before, 24), sine(16, 16), 0.5 * sine(count - before - 16, 24)])
    t = np.arange(257) - 128
    low_pass = np.sinc(0.98 * t / 4) * np.kaiser(257, 10)
    mono = np.convolve(loud, low_pass / low_pass.sum(), "same")[offset::4]
    return np.stack([mono, mono], axis=1)


TONES = {15: (4, 0.5, 0.0, -6.0), 16: (4, 0.5, 45.0, -6.0), 17: (6, 0.5, 60.0, -6.0), 18: (8, 0.5, 67.5, -6.0)}
TONES[19] = (4, 1.41, 45.0, 3.0)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", range(15, 24))
def test_true_peak_meets_ebu_tech_3341(case: int, rate: int) -> None:
    expected = 0.0
    if case in TONES:
        period, amplitude, phase, expected = TONES[case]
        mono = amplitude * np.sin(2 * np.pi * np.arange(rate) / period + np.radians(phase))
        signal = np.stack([mono, mono], axis=1)
    else:
        signal = burst(rate, case - 20)
    found = measured(faded(signal, rate), rate)
    for peak in (found.true_peak, found.true_peak_itu):
        assert peak is not None and expected - 0.4 <= peak <= expected + 0.2


def test_the_true_peak_is_told_with_its_time() -> None:
    signal = signals.sine(4, 44100, level=-20.0)
    signal[3 * 44100] = 0.9
    found = measured(signal, 44100)
    assert found.true_peak_at == pytest.approx(3.0, abs=0.001)
    assert found.sample_peak == pytest.approx(20 * np.log10(0.9), abs=0.001)


def test_loudness_of_silence_is_none() -> None:
    loudness = measured(np.zeros((44100, 2)), 44100).loudness
    assert loudness is not None and (loudness.integrated, loudness.range) == (None, None)


@pytest.fixture
def ffmpeg() -> str:
    found = shutil.which("ffmpeg")
    if found is None and os.environ.get("CI") != "true":
        pytest.skip("ffmpeg is not installed")
    assert found, "continuous integration needs ffmpeg"
    return found


VARIED = [(seed, rate, drive, level) for seed in range(5) for rate in RATES for drive, level in ((0, -9.0), (18, -1.0))]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "rate", "drive", "level"), VARIED)
def test_loudness_and_peak_agree_with_ffmpeg(
    tmp_path: Path, ffmpeg: str, seed: int, rate: int, drive: float, level: float
) -> None:
    # No true-peak filters agree on noise up to the Nyquist frequency; music has little there.
    whole = np.concatenate([signals.music(3, rate, seed, level - 14), signals.music(3, rate, seed, level, drive)])
    path = tmp_path / "track.wav"
    path.write_bytes(signals.wav(signals.low_passed(whole, rate, 17000), rate, 24))
    command = [ffmpeg, "-nostdin", "-i", str(path), "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr.rpartition("Summary:")[2]
    integrated, peak = (re.search(rf"{name}:\s+(\S+)", told) for name in ("I", "Peak"))
    found = read_audio(path, path.name).measurement
    assert found is not None and found.loudness is not None and integrated and peak
    assert found.loudness.integrated == pytest.approx(float(integrated[1]), abs=0.1)
    assert found.true_peak == pytest.approx(float(peak[1]), abs=0.15)
