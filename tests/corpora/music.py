"""Healthy music of the kinds that meters easily misjudge. Each maker takes a seed and gives float stereo at RATE."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.signals import Signal, integers

RATE: Final = 44100
SECONDS: Final = 4.0
COUNT: Final = round(SECONDS * RATE)
Mono = NDArray[np.float64]
Maker = Callable[[int], Signal]


def at_level(signal: Signal, peak: float) -> Signal:
    """With its peak at `peak` dBFS."""
    return np.asarray(signal * (10 ** (peak / 20) / np.abs(signal).max()))


def stored(signal: Signal, bits: int = 16, dither: int | None = None) -> Signal:
    """As a file of `bits` holds it; with the seed of a triangular dither where there is one."""
    if dither is not None:
        rng = np.random.default_rng(dither)
        signal = signal + (rng.random(signal.shape) - rng.random(signal.shape)) / (1 << (bits - 1))
    return np.asarray(integers(signal, bits) / (1 << (bits - 1)))


@cache
def coloured(seed: int, slope: float = 0.75, count: int = COUNT) -> Signal:
    """Stereo noise that falls with the frequency to the power of `slope` over 200 Hz, as music does on average."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal((count, 2)), axis=0)
    hertz = np.fft.rfftfreq(count, 1 / RATE)[:, None]
    whole = np.fft.irfft(spectrum / np.maximum(hertz / 200, 1) ** slope * (hertz > 30), count, axis=0)
    whole.flags.writeable = False
    return whole


def beats(seed: int, count: int = COUNT) -> Mono:
    """A level that jumps up on each beat and decays."""
    t = np.arange(count) / RATE
    tempo = 1.5 + seed % 7 * 0.23
    return np.asarray(0.25 + 0.75 * np.exp(-5 * (t * tempo % 1)))


@cache
def chords(seed: int, partials: int = 12, count: int = COUNT) -> Signal:
    """A chord for each second, of voices with falling partials under 10 kHz."""
    rng = np.random.default_rng(seed)
    t = np.arange(count) / RATE
    whole = np.zeros((count, 2))
    for second in range(-(-count // RATE)):
        part = slice(second * RATE, min((second + 1) * RATE, count))
        for _ in range(4):
            base, pan = 55 * 2 ** (rng.integers(0, 36) / 12), rng.uniform(0.2, 0.8)
            for n in range(1, min(partials, int(10_000 / base)) + 1):
                voice = np.sin(2 * np.pi * base * n * t[part] + rng.uniform(0, 6.28)) / n
                whole[part] += voice[:, None] * np.array([pan, 1 - pan])
    whole.flags.writeable = False
    return whole


def band(seed: int) -> Signal:
    """Chords, a rhythm of noise and a floor: what most records are like."""
    whole = at_level(chords(seed), -6) + at_level(coloured(seed, 0.9), -6) * beats(seed)[:, None]
    return stored(at_level(whole, -1.5), 24)


def loud(seed: int) -> Signal:
    """Driven into a soft limiter, as dance and rock masters are."""
    whole = at_level(chords(seed), -6) + at_level(coloured(seed, 0.8), -3) * beats(seed)[:, None]
    return stored(at_level(np.tanh(whole * (2 + seed % 5)), -1.0), 24)


def square_wave_game(seed: int) -> Signal:
    """Two square waves of a sound chip, a triangle of 16 steps and its noise, with volumes of 16 steps."""
    rng = np.random.default_rng(seed)
    t = np.arange(COUNT) / RATE
    voices = []
    for voice in range(3):
        notes = 110 * 2 ** (rng.integers(0, 36, 64) / 12)
        step = (t * (6 + seed % 4)).astype(int) % 64
        phase = np.cumsum(notes[step]) / RATE
        if voice == 2:
            steps = np.floor(phase * 32 % 32)
            voices.append(np.where(steps < 16, steps, 31 - steps) / 7.5 - 1)
            continue
        duty = (0.125, 0.25, 0.5, 0.75)[rng.integers(4)]
        volume = np.ceil(15 * np.exp(-2 * (t * (6 + seed % 4) % 1))) / 15 if seed % 2 else np.ones(COUNT)
        voices.append(np.where(phase % 1 < duty, 1.0, -1.0) * volume)
    noise = np.repeat(rng.choice([-1.0, 1.0], COUNT // 4 + 1), 4)[:COUNT] * np.floor(15 * beats(seed)) / 15
    left = voices[0] * 0.25 + voices[2] * 0.2 + noise * 0.05
    right = voices[1] * 0.25 + voices[2] * 0.2 + noise * 0.05
    return stored(np.stack([left, right], axis=1), (16, 24)[seed % 2])


def two_squares(seed: int) -> Signal:
    """Two voices of plus and minus a half at the most, hard left and right or both in the middle."""
    t = np.arange(COUNT) / RATE
    one, other = (np.where(t * hertz % 1 < 0.5, 0.25, -0.25) for hertz in (110 * 2 ** (seed / 12), 331.7 + 13 * seed))
    mixed = [one, other] if seed % 2 else [one + other, one + other * 0.9]
    return stored(np.stack(mixed, axis=1), (16, 24)[seed // 2 % 2])


def wavetable(seed: int) -> Signal:
    """A waveform of 32 samples of 4 bits, whatever its shape, at pitches from low to high."""
    rng = np.random.default_rng(seed)
    table = np.clip(np.cumsum(rng.integers(-5, 6, 32)), -8, 7) if seed % 2 else rng.integers(-8, 8, 32)
    table[4:7] = table.max()
    notes = 65 * 2 ** (rng.integers(0, 48, 40) / 12)
    step = (np.arange(COUNT) / RATE * 8).astype(int) % 40
    phase = np.cumsum(notes[step]) / RATE
    voice = table[(phase * 32).astype(int) % 32] / 16.0
    return stored(np.stack([voice, np.roll(voice, 37 * seed + 5)], axis=1) * 0.9, (16, 24)[seed % 2])


def sub_bass(seed: int) -> Signal:
    """A low sine of 16 bits, whose tops hold the same value for several samples."""
    t = np.arange(COUNT) / RATE
    voice = np.sin(2 * np.pi * (30 + 4 * seed) * t) * (0.3 + 0.06 * seed)
    return stored(np.stack([voice, voice * (0.9 if seed % 2 else 0.99)], axis=1), 16)


def crushed(seed: int) -> Signal:
    """Music of 8 to 12 bits on purpose, held for two or three samples."""
    rough = np.round(at_level(chords(seed) + coloured(seed) * 0.1, -1) * 2.0 ** (7 + seed % 5)) / 2.0 ** (7 + seed % 5)
    held = np.repeat(rough[:: 1 + seed % 3], 1 + seed % 3, axis=0)[:COUNT]
    return stored(held * 0.8, (16, 24)[seed % 2])


def low_fi(seed: int) -> Signal:
    """Everything through a low-pass of 24 or 48 dB an octave, between 3 and 16 kHz, with or without tape hiss."""
    return stored(at_level(butterworth(band(seed), 3000 + 1300 * seed, 4 + 4 * (seed % 2)), -3), 24, seed)


def low_fi_bright(seed: int) -> Signal:
    """White noise and chords through such a low-pass: its slope is the only thing in the treble."""
    rng = np.random.default_rng(seed)
    whole = at_level(rng.standard_normal((COUNT, 2)), -3) * beats(seed)[:, None] + at_level(chords(seed), -6)
    hiss = None if seed % 2 else seed
    return stored(at_level(butterworth(whole, 8000 + 1000 * seed, 8), -3), (16, 24)[seed % 2], hiss)


def butterworth(signal: Signal, hertz: float, order: int) -> Signal:
    """The magnitude of a Butterworth low-pass."""
    gain = 1 / np.sqrt(1 + (np.fft.rfftfreq(len(signal), 1 / RATE) / hertz) ** (2 * order))
    return np.fft.irfft(np.fft.rfft(signal, axis=0) * gain[:, None], len(signal), axis=0)


def speech(seed: int) -> Signal:
    """Syllables of buzz and hiss, pauses with the noise of a room between them; the same in both channels."""
    rng = np.random.default_rng(seed)
    t = np.arange(COUNT) / RATE
    pitch = 90 + 15 * seed + 20 * np.sin(2 * np.pi * 0.7 * t + seed)
    buzz = butterworth(np.sign(np.sin(2 * np.pi * np.cumsum(pitch) / RATE))[:, None], 1500, 2)[:, 0]
    hiss = coloured(seed, 0.0)[:, 0]
    syllable = np.clip(np.sin(2 * np.pi * (3 + seed % 3) * t + seed), 0, 1)
    speaking = np.repeat(rng.random(int(SECONDS * 2) + 1) < 0.75, RATE // 2)[:COUNT]
    voice = syllable * speaking * (buzz / np.abs(buzz).max() + 0.3 * (syllable < 0.4) * hiss / np.abs(hiss).max())
    room = at_level(coloured(seed + 50, 1.0), -62)[:, 0]
    slightly = at_level(coloured(seed + 90, 0.5), -58)
    return stored(at_level(voice[:, None] + room[:, None] + slightly, -3), 24)


def very_quiet(seed: int) -> Signal:
    """Strings that stay between -54 and -30 dBFS, at 16 bits with dither or at 24."""
    swell = (0.55 + 0.45 * np.sin(2 * np.pi * np.arange(COUNT) / COUNT * (1 + seed % 3) - 1.5))[:, None]
    whole = at_level(chords(seed, 12) * swell, -30 - 2.4 * (seed % 8)) + at_level(coloured(seed, 1.0), -80)
    return stored(whole, (16, 24)[seed % 2], seed)


def faded_out(seed: int) -> Signal:
    """A song that fades out exponentially, to between -60 and -95 dBFS at its last sample."""
    depth = (60, 70, 80, 90, 94)[seed % 5]
    whole = np.tile(band(seed), (2, 1)) if seed % 3 else np.tile(band(seed), (4, 1))
    start = len(whole) // (2 + seed % 2)
    gain = np.concatenate([np.zeros(start), np.linspace(0, depth, len(whole) - start)])
    return stored(whole * 10 ** (-gain[:, None] / 20), (16, 24)[seed % 2], seed if seed % 4 else None)


def faded_in(seed: int) -> Signal:
    """The same backwards: out of nothing."""
    return faded_out(seed)[::-1].copy()


def soft_start(seed: int) -> Signal:
    """An intro of four seconds that peaks at -58 dBFS, then the song."""
    rng = np.random.default_rng(seed)
    swell = np.interp(np.arange(4 * RATE) / RATE, np.arange(9) / 2, rng.uniform(0.45, 1.0, 9))[:, None]
    intro = at_level(chords(seed, 8, 4 * RATE) * swell, -58)
    return stored(np.concatenate([intro, band(seed)]), 24, seed)


def struck(seed: int) -> Signal:
    """Single notes that ring until they cannot be heard, the last one up to the end of the file."""
    t = np.arange(COUNT * 2) / RATE
    whole = np.zeros((COUNT * 2, 2))
    for number in range(4):
        place = round((number * 1.1 + 0.05 * seed) * RATE)
        decay = np.exp(-(0.8 + 0.1 * seed) * t[: len(t) - place])
        for n in range(1, 8):
            note = np.sin(2 * np.pi * 110 * (number + 2 + seed % 3) * n * t[: len(t) - place]) / n**1.5
            whole[place:] += (note * decay**n)[:, None] * np.array([0.8, 0.6])
    return stored(at_level(whole, -3) + at_level(coloured(seed, 0.5, COUNT * 2), -88), 24)


def hard_stops(seed: int) -> Signal:
    """Dance music that stops at once, on the beat, for a fraction of a bar, and goes on with the next drum."""
    rng = np.random.default_rng(seed)
    beat = 60 / (100 + 8 * (seed % 10))
    t = np.arange(COUNT) / RATE
    since = t % beat
    drum = np.sin(2 * np.pi * (50 + 200 * np.exp(-40 * since)) * since) * np.exp(-6 * since)
    hat = coloured(seed, 0.0)[:, 0] * np.exp(-50 * ((t + beat / 2) % beat))
    pad = chords(seed)
    whole = (drum + hat * 0.08)[:, None] + at_level(pad, -12)
    whole = np.tanh(at_level(whole, 0) * (1 + seed % 3 * 1.5))
    for stop in rng.choice(np.arange(2, int(SECONDS / beat) - 1), 1 + seed % 3, replace=False):
        length = beat * (0.25, 0.5, 1.0)[(seed + stop) % 3]
        whole[round(((stop + 1) * beat - length) * RATE) : round((stop + 1) * beat * RATE)] = 0
    return stored(at_level(whole, -1), 24)


def click_track(seed: int) -> Signal:
    """Clicks of a few milliseconds with digital silence between them."""
    t = np.arange(COUNT) / RATE
    since = t % (60 / (80 + 14 * seed))
    length = 0.004 + 0.003 * (seed % 5)
    click = np.where(since < length, np.cos(2 * np.pi * (800 + 100 * seed) * since), 0.0)
    return stored(np.stack([click, click * 0.7], axis=1) * 0.8, (16, 24)[seed % 2])


def noise_music(seed: int) -> Signal:
    """Walls of noise up to full scale: distorted, swept or plain, not limited to anything."""
    rng = np.random.default_rng(seed)
    wall = np.tanh(coloured(seed, 0.2 * (seed % 4)) * (1 + seed)) + 0.3 * rng.standard_normal((COUNT, 2))
    return stored(at_level(wall, -0.8), 24)


def dithered_silence(seed: int) -> Signal:
    """Music in one channel; in the other dither only, of one or two steps of 16 bits."""
    whole = band(seed)
    whole[:, seed % 2] *= 0
    return stored(whole, 16, seed)


def converter_edge(seed: int) -> Signal:
    """Bright music through the anti-alias filter of a converter, which ends between 19.9 and 21 kHz."""
    rng = np.random.default_rng(seed)
    edge, width = 19_950 + 110 * seed, (120, 400, 900)[seed % 3]
    hertz = np.fft.rfftfreq(COUNT, 1 / RATE)
    gain = 10 ** (-np.clip((hertz - edge) / width, 0, 1) * 100 / 20)
    whole = at_level(rng.standard_normal((COUNT, 2)), -6) * (1.0 if seed % 2 else beats(seed)[:, None])
    return stored(np.fft.irfft(np.fft.rfft(whole, axis=0) * gain[:, None], COUNT, axis=0), 24)


def bright_partials(seed: int) -> Signal:
    """A few high partials with vibrato over a floor of noise, with nothing beyond the last of them."""
    rng = np.random.default_rng(seed)
    t = np.arange(COUNT) / RATE
    base = 3300 + 370 * seed
    phase = 2 * np.pi * np.cumsum(base * (1 + 0.006 * np.sin(2 * np.pi * (4 + seed % 4) * t))) / RATE
    voice = sum(np.sin(n * phase) / n for n in range(1, 2 + int(14_500 / base)))
    floor = 10 ** (-(66 + seed) / 20) * rng.standard_normal((COUNT, 2))
    return stored(at_level(np.asarray(voice)[:, None] * np.array([0.5, 0.4]), -6) + floor, (16, 24)[seed % 2], seed)


def narrow_band(seed: int) -> Signal:
    """A cymbal or bell that is a band of noise about 13 kHz, over a floor of noise or over music."""
    rng = np.random.default_rng(seed)
    middle, width = 11_500 + 400 * seed, 500 + 150 * (seed % 5)
    spectrum = np.fft.rfft(rng.standard_normal((COUNT, 2)), axis=0)
    inside = np.abs(np.fft.rfftfreq(COUNT, 1 / RATE) - middle) < width
    cymbal = at_level(np.fft.irfft(spectrum * inside[:, None], COUNT, axis=0), -10)
    under = at_level(chords(seed), -12) if seed % 2 else at_level(coloured(seed, 1.0), -20)
    return stored(cymbal + under + 10 ** (-70 / 20) * rng.standard_normal((COUNT, 2)), 24)


def few_partials(seed: int) -> Signal:
    """An organ whose last partials end abruptly between 9 and 17 kHz; behind them is only the dither."""
    t = np.arange(COUNT) / RATE
    top, base = 9000 + 800 * seed, 110 * 2 ** (seed % 5 / 12)
    voice = sum(np.sin(2 * np.pi * base * n * t + n * n) / n**0.7 for n in range(1, int(top / base)))
    return stored(at_level(np.asarray(voice)[:, None] * np.array([0.9, 0.8]), -3), (16, 24)[seed % 2], seed)


MUSIC: Final[dict[str, Maker]] = {
    maker.__name__: maker
    for maker in (
        *(band, loud, square_wave_game, two_squares, wavetable, sub_bass, crushed, low_fi, low_fi_bright, speech),
        *(very_quiet, faded_out, faded_in, soft_start, struck, hard_stops, click_track, noise_music),
        *(dithered_silence, converter_edge, bright_partials, narrow_band, few_partials),
    )
}
