"""Pictures of tracks: what a QC person must see in them stands at its place, and files that cannot be drawn say so."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ingest.readers.spectrogram import COLUMNS, FLOOR, ROWS, Gatherer, Spectrogram
from ingest.readers.track_picture import LEFT, Undrawable, draw_track
from tests import signals

RATE = 44100


def gathered(signal: signals.Signal, step: int = 100_000) -> Spectrogram:
    gatherer = Gatherer(len(signal), signal.shape[1])
    for start in range(0, len(signal), step):
        gatherer.feed(signal[start : start + step].astype(np.float32))
    return gatherer.finish()


def row_of(hertz: float) -> int:
    return ROWS - 1 - int(hertz / (RATE / 2) * ROWS)


def test_a_sine_stands_at_its_frequency_and_level_from_start_to_end() -> None:
    levels = gathered(signals.sine(6, RATE, 5000, -20)).levels
    assert levels.shape == (ROWS, COLUMNS)
    row = row_of(5000)
    assert np.abs(levels[row - 1 : row + 2].max(axis=0) + 20).max() < 1.5
    assert levels[: row_of(7000), 5:-5].max() < -80


def test_what_was_cut_off_above_a_frequency_is_black_above_it() -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (10 * RATE, 2))
    levels = gathered(signals.low_passed(noise, RATE, 16000)).levels[:, 10:-10]
    assert np.median(levels[: row_of(16500)]) < -100
    assert np.median(levels[row_of(15500) :]) > -60
    assert np.median(gathered(noise).levels[: row_of(16500)]) > -60


@pytest.mark.parametrize("step", [1, 777, 100_000])
def test_the_picture_does_not_depend_on_how_the_samples_come(step: int) -> None:
    signal = signals.music(0.3 if step == 1 else 3, RATE)
    one, other = gathered(signal, step), gathered(signal, 10**9)
    assert np.allclose(one.levels, other.levels, atol=0.01)
    assert np.array_equal(one.outline, other.outline)


@pytest.mark.parametrize("frames", [0, 1, 100, 1599, 2048, 5000])
def test_a_track_of_any_length_is_drawn(frames: int) -> None:
    seen = gathered(signals.sine(1, RATE)[:frames])
    assert np.isfinite(seen.levels).all() and seen.levels.min() >= FLOOR - 0.1


def test_the_outline_holds_the_extremes_of_both_channels() -> None:
    signal = np.zeros((RATE, 2))
    signal[RATE // 2] = (0.75, -0.5)
    outline = gathered(signal).outline
    assert outline.max(axis=2).tolist() == [[0, 0.75], [0, 0]]
    assert outline.min(axis=2).tolist() == [[0, 0], [-0.5, 0]]
    assert int(outline[0, 1].argmax()) == COLUMNS // 2


@pytest.mark.parametrize("kind", ["wav", "flac", "aiff"])
def test_every_kind_of_master_is_drawn_with_its_scales(tmp_path: Path, kind: str) -> None:
    signal = signals.music(2, RATE)
    path = tmp_path / f"track.{kind}"
    path.write_bytes(getattr(signals, kind)(signal))
    image = Image.open(io.BytesIO(draw_track(path, "1 · Nacht", len(signal))))
    assert (image.format, image.mode) == ("PNG", "RGB")
    grey = np.asarray(image.convert("L"))
    assert grey[:, :LEFT].max() > 200 and grey[-30:].max() > 200
    assert (image.width - LEFT, image.height > ROWS) > (COLUMNS, True)


def test_what_is_no_audio_cannot_be_drawn(tmp_path: Path) -> None:
    path = tmp_path / "track.wav"
    path.write_bytes(b"<html>" * 100)
    with pytest.raises(Undrawable):
        draw_track(path, "1", 1000)
