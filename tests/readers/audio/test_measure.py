"""What the one pass measures beside loudness and true peak, and that it holds over chunk edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.core.facts import Measurement
from ingest.readers.audio import read_audio
from ingest.readers.audio.pcm import CHUNK
from tests import signals
from tests.signals import Signal, low_passed

RATE = 44100


@pytest.fixture
def measure(tmp_path: Path) -> Measure:
    return Measure(tmp_path)


class Measure:
    """Writes a file and measures it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "track.wav"

    def __call__(self, data: bytes, level: float = -60.0) -> Measurement:
        self._path.write_bytes(data)
        found = read_audio(self._path, "track.wav", silence_level=level).measurement
        assert found is not None
        return found

    def signal(self, signal: Signal, bits: int = 16, level: float = -60.0) -> Measurement:
        return self(signals.wav(signal, RATE, bits), level)


def quiet(frames: int, level: float = 0.0) -> Signal:
    return np.full((frames, 2), level)


@pytest.mark.parametrize("bits", [16, 24])
def test_silence_at_both_ends_is_exact_to_the_sample(measure: Measure, bits: int) -> None:
    tone = signals.sine(2, RATE) + 0.25
    whole = np.concatenate([quiet(1000), quiet(50001, 0.0008), tone, quiet(70003, -0.0008), quiet(77)])
    found = measure.signal(whole, bits)
    assert found.lead_silence == 51001 / RATE
    assert found.trail_silence == 70080 / RATE
    assert found.lead_digital_silence == 1000 / RATE
    assert found.trail_digital_silence == 77 / RATE
    assert not found.is_silent


def test_a_sound_in_one_channel_ends_the_silence(measure: Measure) -> None:
    whole = quiet(RATE * 2)
    whole[5000:80000, 1] = 0.5
    found = measure.signal(whole)
    assert (found.lead_silence, found.trail_silence) == (5000 / RATE, (2 * RATE - 80000) / RATE)
    assert found.silent_channels == (0,)


@pytest.mark.parametrize("bits", [16, 24])
def test_one_lsb_is_not_digital_silence(measure: Measure, bits: int) -> None:
    whole = quiet(RATE)
    whole[300, 0] = whole[-5, 1] = -1 / 2 ** (bits - 1)
    found = measure.signal(whole, bits)
    assert (found.lead_digital_silence, found.trail_digital_silence) == (300 / RATE, 4 / RATE)
    assert (found.is_silent, found.lead_silence, found.trail_silence) == (True, 1.0, 1.0)


@pytest.mark.parametrize("frames", [1, 100, CHUNK, CHUNK + 1])
def test_a_file_of_zeros_is_silent_from_both_ends(measure: Measure, frames: int) -> None:
    found = measure.signal(quiet(frames))
    length = frames / RATE
    assert (found.is_silent, found.lead_silence, found.trail_silence) == (True, length, length)
    assert (found.sample_peak, found.true_peak, found.true_peak_at, found.true_peak_itu) == (None, None, None, None)
    assert (found.silent_channels, found.effective_bits, found.correlation) == ((), None, None)
    assert (found.is_dual_mono, found.is_inverted) == (False, False)


def test_silence_inside_is_found_over_chunk_edges(measure: Measure) -> None:
    tone = signals.sine(1, RATE) + 0.25
    whole = np.concatenate([tone, quiet(3 * RATE), tone, quiet(RATE // 2), tone])
    (span,) = measure.signal(whole).inner_silences
    assert span.start == pytest.approx(1.0, abs=0.003)
    assert span.end == pytest.approx(4.0, abs=0.003)


def test_the_silence_level_is_taken_and_told(measure: Measure) -> None:
    whole = np.concatenate([quiet(RATE, 0.005), signals.sine(1, RATE)])
    found = measure.signal(whole, level=-40.0)
    assert found.silence_level == -40.0
    assert found.lead_silence == pytest.approx(1.0, abs=0.001)
    assert measure.signal(whole).lead_silence == 0.0


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("start", [1000, CHUNK - 2, CHUNK - 5, 2 * CHUNK - 1])
def test_a_run_at_full_scale_is_counted_once_with_its_time(measure: Measure, bits: int, start: int) -> None:
    whole = signals.music(2 * CHUNK / RATE + 1, RATE)
    whole[start : start + 5, 0] = 1.0
    whole[start + 50 : start + 53, 1] = -1.0
    whole[start + 90 : start + 92, 1] = 1.0
    found = measure.signal(whole, bits)
    assert (found.clipped_runs, found.clipped_at) == (2, (start / RATE, (start + 50) / RATE))


def test_a_run_at_full_scale_up_to_the_last_sample_is_counted(measure: Measure) -> None:
    whole = signals.music(CHUNK / RATE, RATE)
    whole[-3:] = 1.0
    assert measure.signal(whole).clipped_runs == 2


def test_flat_tops_under_full_scale_are_counted(measure: Measure) -> None:
    whole = np.clip(signals.sine(2, RATE, 997.0, 0.0) * 2, -0.9, 0.9)
    found = measure.signal(whole, 24)
    assert found.clipped_runs == 0
    assert found.flat_tops == pytest.approx(2 * 2 * 2 * 997, abs=8)
    assert measure.signal(signals.music(2, RATE), 24).flat_tops == 0


def test_channels_are_compared(measure: Measure) -> None:
    stereo = signals.music(2, RATE)
    mono = stereo[:, :1]
    plain, twin = measure.signal(stereo), measure.signal(np.hstack([mono, mono]), 24)
    mirror = measure.signal(np.hstack([mono, -mono]), 24)
    assert (plain.is_dual_mono, plain.is_inverted) == (False, False)
    assert (twin.is_dual_mono, twin.is_inverted, twin.correlation) == (True, False, 1.0)
    assert (mirror.is_dual_mono, mirror.is_inverted, mirror.correlation) == (False, True, -1.0)
    assert plain.correlation is not None and 0 < plain.correlation < 0.99


def test_one_late_difference_is_no_dual_mono(measure: Measure) -> None:
    mono = signals.music(4, RATE)[:, :1]
    whole = np.hstack([mono, mono])
    whole[-3000:, 1] *= 0.5
    assert not measure.signal(whole).is_dual_mono


def test_a_mono_file_has_no_relation(measure: Measure) -> None:
    found = measure.signal(signals.music(1, RATE)[:, :1])
    assert (found.correlation, found.is_dual_mono, found.is_inverted) == (None, False, False)


def test_dc_offset_is_the_mean_of_each_channel(measure: Measure) -> None:
    found = measure.signal(signals.sine(2, RATE) + np.array([0.05, -0.01]), 24)
    assert found.dc_offset == pytest.approx((0.05, -0.01), abs=1e-5)


@pytest.mark.parametrize("bits", [8, 16, 20])
def test_padded_samples_are_known_by_their_effective_bits(measure: Measure, bits: int) -> None:
    rounded = np.round(signals.music(2, RATE) * 2 ** (bits - 1)) / 2 ** (bits - 1)
    assert measure.signal(rounded, 24).effective_bits == bits
    assert measure.signal(signals.music(2, RATE), 24).effective_bits == 24


def test_the_lower_depth_shows_only_at_the_end(measure: Measure) -> None:
    whole = np.round(signals.music(3, RATE) * 2**7) / 2**7
    whole[-1, 1] = 3 / 2**15
    assert measure.signal(whole).effective_bits == 16


def test_a_lossy_edge_is_found_and_a_full_spectrum_has_none(measure: Measure) -> None:
    whole = signals.music(10, RATE)
    assert measure.signal(whole, 24).cutoff_hz is None
    assert measure.signal(low_passed(whole, RATE, 16000), 24).cutoff_hz == pytest.approx(16000, abs=400)
    assert measure.signal(low_passed(whole, RATE, 19000), 24).cutoff_hz == pytest.approx(19000, abs=400)


def test_numbers_that_are_none_are_counted_and_passed_over(measure: Measure) -> None:
    whole = signals.music(1, RATE)
    whole[100, 0], whole[200, 1], whole[300, 1] = np.nan, np.inf, -np.inf
    found = measure(signals.float_wav(whole, RATE))
    assert found.non_finite == 3
    assert found.sample_peak == pytest.approx(-6.0, abs=0.01)
    assert measure(signals.float_wav(whole, RATE, 8)).non_finite == 3


def test_the_waveform_follows_the_level(measure: Measure) -> None:
    whole = np.concatenate([signals.sine(30, RATE, level=-20.0), signals.sine(30, RATE, level=0.0)])
    wave = measure.signal(whole).waveform
    assert len(wave) == 1600
    assert set(wave[:795]) == {26} and set(wave[805:]) == {255}


@pytest.mark.parametrize("frames", [1, 31, 63, 64, CHUNK - 1, CHUNK, CHUNK + 33])
def test_every_length_is_measured(measure: Measure, frames: int) -> None:
    found = measure.signal(signals.music(CHUNK / RATE + 1, RATE)[:frames], 24)
    assert found.frames == frames


def test_bytes_and_depths_give_the_same_measures(tmp_path: Path) -> None:
    note = signals.music(3, RATE)
    files = {
        "a.wav": signals.wav(note, RATE, 24),
        "b.aiff": signals.aiff(note, RATE, 24),
        "c.aif": signals.aiff(note, RATE, 24, b"sowt"),
        "d.flac": signals.flac(note, RATE, 24),
        "e.rf64": signals.rf64(note, RATE, 24),
    }
    found = []
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        found.append(read_audio(tmp_path / name, name).measurement)
    assert all(measurement == found[0] for measurement in found) and found[0] is not None


@pytest.mark.slow
@pytest.mark.parametrize("rate", [8000, 11025, 22050, 192000])
def test_unusual_rates_are_measured_and_have_no_lossy_edge(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "track.wav"
    path.write_bytes(signals.wav(signals.music(2_000_000 / rate, rate), rate, 24))
    found = read_audio(path, path.name).measurement
    assert found is not None and found.cutoff_hz is None and found.loudness is not None
