"""Music with a fault that was put there: each maker takes a seed and gives float stereo at RATE."""

from __future__ import annotations

import io
import shutil
import subprocess
from functools import partial
from typing import Final

import numpy as np
import soundfile

from tests.corpora.music import COUNT, RATE, Maker, at_level, band, beats, coloured, loud, stored
from tests.signals import Signal

SOURCES: Final = (band, loud)


def source(seed: int) -> Signal:
    return SOURCES[seed % 2](seed)


def through_mp3(seed: int, kilobits: int) -> Signal:
    """There and back, at a constant bit rate."""
    held = io.BytesIO()
    # libsndfile takes the rate as a level of compression from 0 (320 kbit/s) to 1 (32 kbit/s).
    level = (320 - kilobits) / (320 - 32)
    with soundfile.SoundFile(
        held, "w", RATE, 2, format="MP3", compression_level=level, bitrate_mode="CONSTANT"
    ) as file:
        file.write(source(seed) * 0.8)
    held.seek(0)
    decoded, _ = soundfile.read(held)
    return stored(decoded, (16, 24)[seed % 2])


def through_ffmpeg(seed: int, encoder: tuple[str, ...]) -> Signal:
    """There and back through an encoder of ffmpeg's."""
    raw = (source(seed) * 0.8).astype("<f4").tobytes()
    form = ["-f", "f32le", "-ar", str(RATE), "-ac", "2"]
    quiet = ["ffmpeg", "-v", "error", "-nostdin"]
    coded = subprocess.run([*quiet, *form, "-i", "-", *encoder, "-"], input=raw, capture_output=True, check=True)
    back = subprocess.run([*quiet, "-i", "-", *form, "-"], input=coded.stdout, capture_output=True, check=True)
    return stored(np.frombuffer(back.stdout, "<f4").reshape(-1, 2).astype(np.float64), (16, 24)[seed % 2])


def has_ffmpeg() -> bool:
    return shutil.which("ffmpeg") is not None


def upsampled(seed: int, rate: int) -> Signal:
    """Music of a lower rate, brought up to RATE by a steep filter that ends at 91 to 99 % of its half."""
    half = rate / 2 * (0.91, 0.95, 0.99)[seed % 3]
    hertz = np.fft.rfftfreq(COUNT, 1 / RATE)
    gain = 10 ** (-np.clip((hertz - half) / max(rate / 2 - half, 50), 0, 1) * 6)
    spectrum = np.fft.rfft(source(seed), axis=0) * gain[:, None]
    return stored(np.fft.irfft(spectrum, COUNT, axis=0), (16, 24)[seed % 2], seed if seed % 2 else None)


def clipped(seed: int, over: float = 1.6) -> Signal:
    """Cut off at full scale."""
    return stored(np.clip(at_level(source(seed), 0) * over, -1, 1), (16, 24)[seed % 2])


def clipped_and_lowered(seed: int) -> Signal:
    """Cut off, then turned down by a few decibels."""
    whole = np.clip(at_level(source(seed), 0) * (2.0, 2.5, 4.0)[seed % 3], -1, 1)
    return stored(whole * 10 ** (-(1 + seed % 7) / 20), (16, 24)[seed % 2])


def dropped_out(seed: int) -> Signal:
    """Holes of 20 to 75 ms somewhere in steady music, where buffers were not filled in time."""
    rng = np.random.default_rng(seed)
    whole = at_level(coloured(seed, 0.6), -6) * (1.0 if seed % 2 else 0.8 + 0.2 * beats(seed)[:, None])
    whole = stored(at_level(whole, -1), 24)
    for _ in range(1 + seed % 3):
        start = rng.integers(RATE // 2, COUNT - RATE)
        whole[start : start + round((0.02 + 0.0055 * (seed % 11)) * RATE)] = 0
    return whole


LOSSY: Final[dict[str, Maker]] = {f"MP3 of {rate} kbit/s": partial(through_mp3, kilobits=rate) for rate in (128, 192)}
AAC: Final = partial(through_ffmpeg, encoder=("-c:a", "aac", "-b:a", "128k", "-f", "adts"))
