"""The meters against brute force in double precision: what they prune, share and vectorise changes nothing."""

from __future__ import annotations

import tracemalloc
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ingest.core.facts import Measurement, Span
from ingest.readers.audio.clipping import Clipping
from ingest.readers.audio.dropouts import in_steady_sound
from ingest.readers.audio.interpolator import ITU, SINC, Interpolator
from ingest.readers.audio.loudness import step_of
from ingest.readers.audio.maxima import Maxima
from ingest.readers.audio.measure import Meter
from ingest.readers.audio.pcm import CHUNK, HISTORY, HOP, LEAD, PLANE, SPAN, Encoding, Floats
from ingest.readers.audio.truepeak import Hops, Spans
from ingest.readers.audio.weighting import KWeighting, k_filters
from tests import signals

RATE = 8000
SHAPES = ("noise", "clipped", "clicks", "tone", "ends loud", "steps", "alternating", "stairs", "mostly silent")


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
    elif shape == "stairs":
        top, rise = rng.uniform(0.1, 1.0), rng.choice([-1, 1], 2) / 32768
        signal = np.clip((np.arange(frames)[:, None] // 3 - rng.integers(0, frames)) * rise, -top, top)
    elif shape == "mostly silent":
        signal[: rng.integers(0, frames + 1)] *= rng.choice([0.0, 1e-4])
        signal[rng.integers(0, frames + 1) :] *= rng.choice([0.0, 1e-4])
    return signals.integers(signal, 16)


def measured(samples: NDArray[np.int64], rate: int = RATE) -> Measurement:
    meter = Meter(Encoding("i", 2, 16, samples.shape[1]), rate, len(samples), -60.0)
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


def flat_tops(channel: NDArray[np.int64], full: int = 32767) -> int:
    """Runs of three and more equal samples under full scale, within 2 % of the peak, to which three steps rise.

    The second of these is 1/256 of the top or more.
    """
    least, values, count, at = float(np.float32(np.abs(channel).max()) * np.float32(0.98)), channel.tolist(), 0, 0
    for value, group in groupby(values):
        length = len(list(group))
        if length >= 3 and least <= abs(value) < full:
            near, middle, far = (
                (values[at - back] if at >= back else 0) * (1 if value > 0 else -1) for back in (1, 2, 3)
            )
            count += near < abs(value) and (near - middle) * 256 >= abs(value) and middle > far
        at += length
    return count


examples = given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(1, 4000) | st.integers(CHUNK - 40, CHUNK + 40).filter(lambda frames: frames % 13 == 0),
    shape=st.sampled_from(SHAPES),
)


@pytest.mark.slow
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
    last = [int(channel.nonzero()[0][-1]) // HOP * HOP + HOP if channel.any() else 0 for channel in samples.T]
    assert found.channel_ends == tuple(min(end, frames) / RATE for end in last)
    assert (found.clipped_runs, found.clipped_at) == (len(starts), tuple(s / RATE for s in sorted(starts)[:10]))
    tops = [flat_tops(channel) for channel in samples.T if np.abs(channel).max() > 32]
    assert found.flat_tops in {0, *tops, sum(tops)}
    if not some.any():
        assert (found.sample_peak, found.true_peak, found.true_peak_itu) == (None, None, None)
        return
    assert found.sample_peak == pytest.approx(decibels(np.abs(signal).max()), abs=1e-4)
    assert found.true_peak == pytest.approx(decibels(interpolated(signal, SINC)), abs=2e-4)
    assert found.true_peak_itu == pytest.approx(decibels(interpolated(signal, ITU)), abs=2e-4)
    assert found.dc_offset == pytest.approx(signal.mean(axis=0), abs=1e-6)


def test_flat_tops_that_rise_without_end_are_forgotten_under_the_peak() -> None:
    clipping, first, chunks = Clipping((2.0**23 - 1) * 256), 5_000_000, 4
    stairs = (np.arange(chunks * CHUNK) // 3 + first) * 256
    plane: Floats = np.zeros(PLANE, np.float32)
    tracemalloc.start()
    for start in range(0, len(stairs), CHUNK):
        plane[:HISTORY] = plane[CHUNK:]
        plane[HISTORY:] = stairs[start : start + CHUNK]
        clipping.feed(plane, Maxima().of(plane[HISTORY:]), start)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert clipping.flat_tops() == 0
    assert kept < 10e6


def holes(samples: NDArray[np.int64], rate: int) -> list[tuple[float, float]]:
    """Frame by frame: runs of zeros of 10 ms and more, with a loud frame within 1 ms on both sides."""
    loud: NDArray[np.bool_] = np.asarray((np.abs(samples) > 3276.8).any(axis=1))
    found, at = [], 0
    for is_zero, group in groupby((samples == 0).all(axis=1).tolist()):
        length = len(list(group))
        end, near = at + length, rate // 1000
        if is_zero and length >= rate / 100 and loud[max(at - near, 0) : at].any() and loud[end : end + near].any():
            found.append((at / rate, end / rate))
        at = end
    return found


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(1, 20_000) | st.integers(CHUNK - 500, CHUNK + 1500).filter(lambda frames: frames % 13 == 0),
    rate=st.sampled_from([44100, 48000, 96000]),
)
def test_dropouts_are_those_of_brute_force(seed: int, frames: int, rate: int) -> None:
    rng = np.random.default_rng(seed)
    samples = rng.integers(4000, 9000, (frames, 2)) * rng.choice([-1, 1], (frames, 2))
    for around in (int(rng.integers(0, frames)), 0, min(CHUNK, frames), frames):
        begin = int(around + rng.integers(-3000, 500))
        end = begin + int(rng.integers(0, 3000))
        samples[max(begin, 0) : max(end, 0)] = 0
        fade, divisor = int(rng.integers(0, 100)), int(rng.integers(1, 9))
        samples[max(begin - fade, 0) : max(begin, 0)] //= divisor
        if end < CHUNK - 300:  # there the next chunk is not looked into
            samples[max(end, 0) : max(end + fade, 0)] //= divisor
    peaks = np.maximum.reduceat(np.abs(samples).max(axis=1), np.arange(0, frames, 1024)).astype(np.float32)
    expected = in_steady_sound([Span(*hole) for hole in holes(samples, rate)], peaks, 1024 / rate)
    assert measured(samples, rate).dropouts == tuple(expected)


def reached(plane: Floats, filter_: Interpolator) -> NDArray[np.float64]:
    """The greatest output of each span of the inner hops."""
    first = HOP + filter_.taps // 2 - 1
    whole = np.stack([np.abs(np.convolve(plane.astype(np.float64), phase)) for phase in filter_.phases])
    return np.asarray(whole[:, first : first + len(plane) - 2 * HOP].reshape(len(whole), -1, SPAN).max(axis=(0, 2)))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(3, 12) | st.integers(255, 257), shape=st.sampled_from(SHAPES))
def test_no_output_lies_over_its_bounds(seed: int, count: int, shape: str) -> None:
    planes = (shaped(seed, count * HOP, shape).T * 65536).astype(np.float32, order="C")
    tops = Maxima().of(planes.reshape(-1)).reshape(2, -1)
    assert tops.tolist() == np.abs(planes).reshape(2, -1, HOP).max(axis=2).tolist()
    hops = Hops(planes, tops, Maxima())
    of_both = [np.arange(count - 2) + channel * count for channel in (0, 1)]
    spans = [Spans(planes, of_one) for of_one in of_both]
    for filter_ in (SINC, ITU):
        outputs = [reached(plane, filter_) for plane in planes]
        for channel in (0, 1):
            first = channel * count * HOP // SPAN
            assert spans[channel].places.tolist() == list(range(first, first + len(outputs[channel])))
            assert (outputs[channel] <= spans[channel].bounds(filter_)).all()
        of_hops = np.concatenate(outputs).reshape(-1, HOP // SPAN).max(axis=1)
        for peak in np.sort(of_hops)[:: max(len(of_hops) // 20, 1)]:
            assert np.isin(np.concatenate(of_both)[of_hops > peak], hops.over(float(peak))).all()


def test_the_bend_in_the_last_sample_before_an_inner_hop_is_reckoned_with() -> None:
    planes: Floats = np.zeros((1, 4 * HOP), np.float32)
    planes[0, HOP - 2] = 1.0
    assert Maxima().bends(planes[0]).tolist() == [2.0, 0.0, 0.0, 0.0]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(3, 12) | st.integers(255, 515), shape=st.sampled_from(SHAPES))
def test_bends_are_the_second_differences_of_all_samples_but_the_first_and_the_last(
    seed: int, count: int, shape: str
) -> None:
    plane = (shaped(seed, count * HOP, shape)[:, 0] * 65536).astype(np.float32)
    slopes = plane[1:] - plane[:-1]
    bends = np.concatenate(([0.0], np.abs(slopes[1:] - slopes[:-1]), [0.0])).reshape(-1, HOP).max(axis=1)
    assert Maxima().bends(plane).tolist() == bends.tolist()


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


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 48000, 192000])
def test_the_weighted_energy_is_that_of_the_filter_sample_by_sample(rate: int) -> None:
    rng, step, count = np.random.default_rng(rate), step_of(rate), 700
    whole: Floats = np.zeros((3, 2 * count, step), np.float32)
    whole[0] = rng.standard_normal(whole[0].shape) + 3.0
    whole[1] = np.cumsum(rng.standard_normal(whole[1].shape)).reshape(whole[1].shape) * 0.1
    whole[2, count - 9 : count + 9] = rng.standard_normal((18, step))
    weighting = KWeighting(rate, step, 3)
    found = [
        weighting.feed(whole[:, :count]).energy(0, count, 70),
        weighting.feed(whole[:, count:]).energy(0, count, 70),
    ]
    expected = np.stack([filtered(channel.reshape(-1).astype(np.float64), rate) for channel in whole])
    energies = np.square(expected).reshape(3, 140, -1).sum(axis=2)
    most = np.square(whole.astype(np.float64)).reshape(3, 140, -1).sum(axis=2).max(axis=1, keepdims=True)
    assert (np.abs(np.concatenate(found, axis=1) - energies) <= 1e-6 * most).all()


def test_what_the_filter_leaves_of_dc_counts_as_silence() -> None:
    rows: Floats = np.full((1, 3000, 32), 0.9, np.float32)
    assert KWeighting(48000, 32, 1).feed(rows).energy(1500, 3000, 10).tolist() == [[0.0] * 10]


@pytest.mark.parametrize(
    ("rate", "step"), [(44100, 30), (48000, 32), (88200, 30), (96000, 32), (176400, 30), (192000, 32)]
)
def test_rows_make_up_exactly_100_ms_at_the_usual_rates(rate: int, step: int) -> None:
    assert (step_of(rate), rate / 10 % step_of(rate)) == (step, 0.0)


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
