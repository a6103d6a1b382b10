"""The meters against brute force in double precision: what they prune, share and vectorise changes nothing."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ingest.core.facts import Measurement
from ingest.readers.audio.interpolator import ITU, SINC, Interpolator
from ingest.readers.audio.maxima import Maxima
from ingest.readers.audio.measure import Meter
from ingest.readers.audio.pcm import CHUNK, HOP, LEAD, SPAN, Encoding, Floats
from ingest.readers.audio.truepeak import Hops, Spans
from ingest.readers.audio.weighting import KWeighting, k_filters
from tests import signals

RATE = 8000
SHAPES = ("noise", "clipped", "clicks", "tone", "ends loud", "steps", "alternating", "mostly silent")


def shaped(seed: int, frames: int, shape: str) -> NDArray[np.int64]:
    """16-bit stereo of one kind of difficulty."""
    rng = np.random.default_rng(seed)
    signal = rng.standard_normal((frames, 2)) * 0.2
    if shape == "clipped":
        signal = np.clip(signal * 20, -1.0, 1.0)
    elif shape == "clicks":
        signal = signal * 0.01 + (rng.random((frames, 2)) < 0.002)
    elif shape == "tone":
        signal = 0.7 * np.sin(np.arange(frames)[:, None] * rng.uniform(0.01, 3.1, 2))
    elif shape == "ends loud":
        signal[-3:] = rng.choice([-1.0, 1.0], signal[-3:].shape)
    elif shape == "steps":
        signal = np.repeat(signal, 7, axis=0)[:frames] * 4
    elif shape == "alternating":
        signal = np.clip((-1.0) ** np.arange(frames)[:, None] * rng.uniform(0.2, 1.2, (frames, 1)), -1, 1) * [1, -1]
    elif shape == "mostly silent":
        signal[: rng.integers(0, frames + 1)] *= rng.choice([0.0, 1e-4])
        signal[rng.integers(0, frames + 1) :] *= rng.choice([0.0, 1e-4])
    return signals.integers(signal, 16)


def measured(samples: NDArray[np.int64]) -> Measurement:
    meter = Meter(Encoding("i", 2, 16, samples.shape[1]), RATE, len(samples), -60.0)
    for start in range(0, len(samples), CHUNK):
        piece = np.frombuffer(signals.packed(samples[start : start + CHUNK], 16), np.uint8)
        raw = np.zeros(2 * LEAD + len(piece), np.uint8)
        raw[LEAD:-LEAD] = piece
        meter.feed(raw, len(piece) // 2 // samples.shape[1])
    return meter.measurement()


def decibels(magnitude: float) -> float:
    return 20 * float(np.log10(magnitude))


def interpolated(signal: NDArray[np.float64], filter_: Interpolator) -> float:
    outputs = [np.abs(np.convolve(channel, phase)).max() for channel in signal.T for phase in filter_.phases]
    return float(max(*outputs, np.abs(signal).max()))


def runs(channel: NDArray[np.bool_]) -> list[int]:
    """First samples of runs of three and more."""
    starts, at = [], 0
    for is_one, group in groupby(channel.tolist()):
        length = len(list(group))
        if is_one and length >= 3:
            starts.append(at)
        at += length
    return starts


examples = given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(1, 4000) | st.integers(CHUNK - 40, CHUNK + 40).filter(lambda frames: frames % 13 == 0),
    shape=st.sampled_from(SHAPES),
)


@settings(max_examples=60, deadline=None)
@examples
def test_peaks_runs_and_silences_are_those_of_brute_force(seed: int, frames: int, shape: str) -> None:
    samples = shaped(seed, frames, shape)
    signal, found = samples / 32768, measured(samples)
    loud, some = (np.abs(signal) > 0.001).any(axis=1), (samples != 0).any(axis=1)
    length = frames / RATE
    starts = [start for channel in samples.T for start in runs(np.abs(channel) >= 32767)]
    edges = (found.lead_silence, found.trail_silence, found.lead_digital_silence, found.trail_digital_silence)
    expected: list[float] = []
    for over in (loud, some):
        places = np.flatnonzero(over)
        expected += [places[0] / RATE, (frames - 1 - places[-1]) / RATE] if len(places) else [length, length]
    assert edges == tuple(expected)
    assert (found.clipped_runs, found.clipped_at) == (len(starts), tuple(s / RATE for s in sorted(starts)[:10]))
    if not some.any():
        assert (found.sample_peak, found.true_peak, found.true_peak_itu) == (None, None, None)
        return
    assert found.sample_peak == pytest.approx(decibels(np.abs(signal).max()), abs=1e-4)
    assert found.true_peak == pytest.approx(decibels(interpolated(signal, SINC)), abs=2e-4)
    assert found.true_peak_itu == pytest.approx(decibels(interpolated(signal, ITU)), abs=2e-4)
    assert found.dc_offset == pytest.approx(signal.mean(axis=0), abs=1e-6)


def reached(plane: Floats, filter_: Interpolator) -> NDArray[np.float64]:
    """The greatest output of each span of the inner hops."""
    first = HOP + filter_.taps // 2 - 1
    whole = np.stack([np.abs(np.convolve(plane.astype(np.float64), phase)) for phase in filter_.phases])
    return np.asarray(whole[:, first : first + len(plane) - 2 * HOP].reshape(len(whole), -1, SPAN).max(axis=(0, 2)))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(3, 12) | st.integers(510, 514), shape=st.sampled_from(SHAPES))
def test_no_output_lies_over_its_bounds(seed: int, count: int, shape: str) -> None:
    plane = (shaped(seed, count * HOP, shape)[:, 0] * 65536).astype(np.float32)
    tops = Maxima().of(plane)
    assert tops.tolist() == np.abs(plane).reshape(-1, HOP).max(axis=1).tolist()
    hops = Hops(plane, tops, Maxima())
    spans = Spans(plane, np.arange(count - 2))
    for filter_ in (SINC, ITU):
        outputs = reached(plane, filter_)
        assert spans.places.tolist() == list(range(len(outputs)))
        assert (outputs <= spans.bounds(filter_)).all()
        of_hops = outputs.reshape(-1, HOP // SPAN).max(axis=1)
        for peak in np.sort(of_hops)[:: max(len(of_hops) // 20, 1)]:
            assert np.isin(np.flatnonzero(of_hops > peak), hops.over(float(peak))).all()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(3, 12) | st.integers(510, 1030), shape=st.sampled_from(SHAPES))
def test_bends_are_the_second_differences_of_all_inner_hops(seed: int, count: int, shape: str) -> None:
    plane = shaped(seed, count * HOP, shape)[:, 0].astype(np.float32)
    bends = np.abs(np.diff(plane.astype(np.float64), 2))[HOP - 1 : (count - 1) * HOP - 1].reshape(-1, HOP).max(axis=1)
    assert Maxima().bends(plane).tolist() == [0.0, *bends.tolist(), 0.0]


def filtered(signal: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Both K-filters sample by sample, as ITU-R BS.1770-4 draws them."""
    for b0, b1, b2, a1, a2 in k_filters(rate):
        state_1 = state_2 = 0.0
        out = np.empty_like(signal)
        for index, value in enumerate(signal.tolist()):
            result = b0 * value + state_1
            state_1, state_2 = b1 * value - a1 * result + state_2, b2 * value - a2 * result
            out[index] = result
        signal = out
    return signal


@pytest.mark.parametrize("rate", [8000, 44100, 48000, 192000])
def test_the_weighting_in_blocks_is_the_filter_sample_by_sample(rate: int) -> None:
    rng = np.random.default_rng(rate)
    whole: Floats = np.zeros((2, 2 * CHUNK), np.float32)
    whole[0, :20000] = rng.standard_normal(20000) + 3.0
    whole[1, CHUNK - 9000 : CHUNK + 9000] = np.cumsum(rng.standard_normal(18000)) * 0.1
    weighting = KWeighting(rate, 2)
    found = np.concatenate([weighting.feed(whole[:, at : at + CHUNK]).copy() for at in (0, CHUNK)], axis=1)
    for channel, span in ((0, slice(0, 20000)), (1, slice(CHUNK - 9000, CHUNK + 9000))):
        expected = filtered(whole[channel, span].astype(np.float64), rate)
        assert np.abs(found[channel, span] - expected).max() < 1e-5 * np.abs(whole[channel]).max()


@pytest.mark.parametrize("rate", [44100, 48000])
@pytest.mark.parametrize("seed", range(6))
def test_true_peak_is_near_a_16_fold_oversampled_reference(seed: int, rate: int) -> None:
    """The reference is the ideal interpolation: the spectrum of the whole signal, put into one of 16 times the rate."""
    signal = signals.music(2, rate, seed, level=-0.5 - seed, drive=4 * seed)
    signal = signals.faded(signals.low_passed(signal, rate, 15000 + 500 * seed), rate)
    fine = np.fft.irfft(np.fft.rfft(signal, axis=0), 16 * len(signal), axis=0) * 16
    meter = Meter(Encoding("f", 4, 32, 2), rate, len(signal), -60.0)
    raw = np.zeros(2 * LEAD + 8 * len(signal), np.uint8)
    raw[LEAD:-LEAD] = np.frombuffer(signal.astype("<f4").tobytes(), np.uint8)
    meter.feed(raw, len(signal))
    assert meter.measurement().true_peak == pytest.approx(decibels(np.abs(fine).max()), abs=0.1)
