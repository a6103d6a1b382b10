"""Healthy music of many kinds gives neither an error nor an accusation; music that was spoilt is told of."""

from __future__ import annotations

import os
from functools import partial

import numpy as np
import pytest

from ingest.core.finding import Severity
from tests.corpora.judged import measured, sound_findings
from tests.corpora.music import MUSIC, RATE, at_level, band, coloured, noise_music, square_wave_game
from tests.corpora.spoilt import (
    AAC,
    LOSSY,
    clipped,
    clipped_and_lowered,
    dropped_out,
    has_ffmpeg,
    through_mp3,
    upsampled,
)
from tests.signals import Signal

VARIATIONS = range(10)
TRUE_PEAK, DEPTH = "AUD-020", "AUD-030"
ONE_CHANNEL, SAME_CHANNELS = "AUD-028", "AUD-026"
TOLD = {
    "dithered_silence": {ONE_CHANNEL},
    "sub_bass": {SAME_CHANNELS},
    "few_partials": {SAME_CHANNELS},
    "speech": {SAME_CHANNELS},
}
"""What is true of some of a kind."""


def told(signal: Signal) -> set[str]:
    """Codes of warnings and errors; those of the depth and of the peak between samples are true of these signals."""
    findings = sound_findings(signal)
    return {one.code for one in findings if one.severity is not Severity.INFO} - {DEPTH, TRUE_PEAK}


@pytest.mark.parametrize("kind", MUSIC)
def test_healthy_music_is_not_accused(kind: str) -> None:
    found = {seed: told(MUSIC[kind](seed)) - TOLD.get(kind, set()) for seed in VARIATIONS}
    assert {seed: codes for seed, codes in found.items() if codes} == {}


def share(code: str, signals: list[Signal]) -> float:
    return sum(code in told(signal) for signal in signals) / len(signals)


@pytest.mark.parametrize("kind", LOSSY)
def test_a_copy_of_an_mp3_is_told(kind: str) -> None:
    assert share("AUD-032", [LOSSY[kind](seed) for seed in VARIATIONS]) == 1.0


@pytest.mark.skipif(not has_ffmpeg() and os.environ.get("CI") != "true", reason="ffmpeg is not installed")
def test_a_copy_of_an_aac_is_told() -> None:
    assert share("AUD-032", [AAC(seed) for seed in VARIATIONS]) == 1.0


def test_an_mp3_of_320_kbit_cuts_where_converters_do_and_is_not_told() -> None:
    assert share("AUD-032", [through_mp3(seed, 320) for seed in range(4)]) == 0.0


@pytest.mark.parametrize("rate", [22050, 24000, 32000])
def test_music_of_a_lower_rate_is_told(rate: int) -> None:
    assert share("AUD-032", [upsampled(seed, rate) for seed in VARIATIONS]) == 1.0


def test_the_words_tell_codecs_and_lower_rates_apart() -> None:
    lossy, low = (sound_findings(signal) for signal in (through_mp3(0, 128), upsampled(1, 22050)))
    assert [one.text.rpartition(": ")[2] for one in lossy if one.code == "AUD-032"] == [
        "it looks like a copy of an MP3 or another lossy file."
    ]
    assert [one.text.rpartition(": ")[2] for one in low if one.code == "AUD-032"] == [
        "it looks like a copy of a recording of a lower sample rate."
    ]


@pytest.mark.parametrize("rate", [35_500, 39_000, 32_000])
def test_the_end_of_a_low_rate_is_no_edge(rate: int) -> None:
    assert measured(band(1), rate).cutoff_hz is None


def test_clipped_music_is_told() -> None:
    assert share("AUD-021", [clipped(seed) for seed in VARIATIONS]) == 1.0


def test_clipped_music_that_was_turned_down_is_told() -> None:
    assert share("AUD-031", [clipped_and_lowered(seed) for seed in VARIATIONS]) == 1.0


def test_holes_in_steady_music_are_told() -> None:
    assert share("AUD-036", [dropped_out(seed) for seed in range(40)]) >= 0.95


@pytest.mark.parametrize(("milliseconds", "is_told"), [(9, False), (11, True), (78, True), (82, False), (430, False)])
def test_a_hole_is_told_that_is_shorter_than_any_stop_of_music(milliseconds: int, is_told: bool) -> None:
    whole = at_level(coloured(1, 0.6), -1)
    whole[60_000 : 60_000 + milliseconds * RATE // 1000] = 0
    assert ("AUD-036" in told(whole)) is is_told


@pytest.mark.parametrize(("gain", "is_told"), [(0.6, True), (0.4, False)])
def test_a_hole_is_told_where_the_sound_is_as_loud_after_it(gain: float, is_told: bool) -> None:
    whole = np.sin(np.arange(4 * RATE) * 0.05)[:, None] * np.array([0.7, 0.6])
    whole[80_000:] *= gain
    whole[80_000 : 80_000 + 2_000] = 0
    assert ("AUD-036" in told(whole)) is is_told


def floats(signal: Signal) -> dict[str, str]:
    return {one.code: f"{one.text} {one.fix}" for one in sound_findings(signal, kind="f")}


def test_nothing_is_cut_off_in_a_float_file_over_full_scale() -> None:
    found = floats(at_level(band(1), 4.0))
    assert "AUD-021" not in found
    assert "lower the level of the whole track: in a float file nothing of it is cut off yet." in found["AUD-020"]


def test_a_float_file_that_was_cut_off_at_full_scale_is_clipped() -> None:
    assert "AUD-021" in floats(np.clip(at_level(band(1), 4.0), -1, 1))


def test_noise_at_full_scale_is_called_what_it_is() -> None:
    rng = np.random.default_rng(1)
    found = sound_findings(rng.uniform(-1, 1, (4 * RATE, 2)))
    (noise,) = [one for one in found if one.code == "AUD-035"]
    assert noise.text.startswith("01_Sunrise.wav is noise as loud as a file can be, with a true peak of")
    assert "if it is meant to be noise. If not, its samples were written in another format" in noise.fix
    assert "AUD-035" not in told(noise_music(1))


def quiet(seconds: float, peak: float | None = None) -> Signal:
    if peak is None:
        return np.zeros((round(seconds * RATE), 2))
    return at_level(coloured(3, 0.0, round(seconds * RATE)), peak)


def fade(depth: float, seconds: float) -> Signal:
    whole = np.tile(band(2), (-(-round(seconds) // 4) + 1, 1))[: round(seconds * RATE)]
    return np.asarray(whole * 10 ** (-np.linspace(0, depth, len(whole))[:, None] / 20))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("whole", "seconds"),
    [
        ([band(1), quiet(0.9)], 0.9),
        ([band(1), quiet(1.5)], 1.5),
        ([band(1), quiet(1.5, -75)], 1.5),
        ([band(1), quiet(2.0, -63)], 2.0),
        ([fade(70, 8), quiet(1.2)], 1.2),
        ([fade(90, 8), quiet(0.5)], 0.5),
        ([fade(90, 8), quiet(2.0, -80)], 3.3),
        ([fade(90, 8)], 0.0),
        ([fade(62, 20)], 0.0),
    ],
)
def test_silence_is_what_stays_as_it_is(whole: list[Signal], seconds: float, turned: bool) -> None:
    signal = np.concatenate(whole)
    found = measured(signal[::-1] if turned else signal)
    lead, trail = (0.0, seconds) if not turned else (seconds, 0.0)
    assert found.lead_silence == pytest.approx(lead, abs=0.1)
    assert found.trail_silence == pytest.approx(trail, abs=0.1)


def with_dither(signal: Signal, seed: int) -> Signal:
    rng = np.random.default_rng(seed)
    dithered = signal + (rng.random(signal.shape) - rng.random(signal.shape)) / 32768
    return np.asarray(np.round(dithered * 32768) / 32768)


@pytest.mark.parametrize(("sign", "code"), [(1, "AUD-026"), (-1, "AUD-027")])
@pytest.mark.parametrize("level", [-6, -18])
def test_channels_that_differ_by_their_dither_are_one(sign: int, code: str, level: float) -> None:
    mono = at_level(band(3), level)[:, :1]
    assert told(with_dither(np.hstack([mono, sign * mono]), 1)) == {code}


def test_channels_that_differ_a_little_are_two() -> None:
    mono, other = at_level(band(3), -6)[:, :1], at_level(band(4), -6)[:, :1]
    assert told(with_dither(np.hstack([mono, mono + 0.003 * other]), 1)) == set()


@pytest.mark.parametrize("maker", [square_wave_game, partial(MUSIC["sub_bass"])])
def test_flat_tops_that_nobody_cut_are_not_counted(maker: partial[Signal]) -> None:
    assert measured(maker(1)).flat_tops == 0
