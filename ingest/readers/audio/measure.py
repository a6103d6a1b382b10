"""One pass over all samples: chunks in, one Measurement out, in bounded memory."""

from __future__ import annotations

from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ingest.core.facts import Measurement
from ingest.readers.audio.channels import Channels
from ingest.readers.audio.clipping import Clipping
from ingest.readers.audio.dropouts import Dropouts, in_steady_sound
from ingest.readers.audio.fades import faded
from ingest.readers.audio.interpolator import ITU, SINC
from ingest.readers.audio.loudness import LoudnessMeter
from ingest.readers.audio.maxima import Maxima
from ingest.readers.audio.pcm import CHUNK, FULL_SCALE, HISTORY, HOP, PLANE, Encoding, Floats, Unpacker
from ingest.readers.audio.silence import Silence
from ingest.readers.audio.spectrum import Spectrum
from ingest.readers.audio.truepeak import Hops, TruePeak, feed_all

_COLUMNS = 1600
_WAVE_HOPS = 8
_WAVE_SAMPLES = _WAVE_HOPS * HOP
_LEAST_SILENCE = 0.5
"""Seconds of silence from which on it matters whether it is one."""
_MOST_TIMES = 10
_RUN_OUT = 2 * HOP
"""Silence that lets the interpolators run out after the last sample, with the hop that they leave to the next chunk."""


class Meter:
    """All meters of one file. `frames` is the expected length (0 when unknown), `level` the silence level in dBFS."""

    def __init__(self, encoding: Encoding, rate: int, frames: int, level: float) -> None:
        channels = encoding.channels
        self._rate, self._level = rate, level
        self._unpacker = Unpacker(encoding)
        self._planes = np.zeros((channels, PLANE), np.float32)
        self._maxima = Maxima()
        self._peaks = np.zeros(channels)
        self._sinc, self._itu = self._true_peaks = TruePeak(SINC), TruePeak(ITU)
        self._clipping = [Clipping(encoding.full_scale, encoding.kind == "f") for _ in range(channels)]
        self._silence = Silence(level, rate)
        self._dropouts = Dropouts(rate)
        self._channels = Channels(channels, frames)
        self._loudness = LoudnessMeter(rate, channels)
        self._spectrum = Spectrum(rate, frames)
        self._wave: list[Floats] = []
        self.frames = 0

    def feed(self, raw: NDArray[np.uint8], frames: int) -> None:
        """Up to CHUNK frames, CHUNK but for the last; the samples of `raw` begin at byte pcm.LEAD."""
        self._begin()
        self._unpacker.unpack(raw, frames, self._planes[:, HISTORY:])
        self._planes[:, HISTORY + frames :] = 0.0
        self._measure(frames)
        self.frames += frames

    def _begin(self) -> None:
        """The end of the last chunk becomes the history of this one."""
        self._planes[:, :HISTORY] = self._planes[:, CHUNK:]

    def _measure(self, frames: int) -> None:
        """`frames` new samples in the planes."""
        tops = self._peak(self.frames)[:, : -(-frames // HOP)]
        greatest = tops.max(axis=0)
        samples = self._planes[:, HISTORY:]
        self._silence.feed(samples, greatest, self.frames)
        self._dropouts.feed(self._planes, greatest > 0.0, self.frames)
        self._channels.feed(samples, tops, frames)
        self._loudness.feed(self._planes, frames, self.frames)
        self._spectrum.feed(samples, frames, self.frames)
        self._wave.append(np.maximum.reduceat(greatest, np.arange(0, len(greatest), _WAVE_HOPS)))

    def _peak(self, start: int) -> Floats:
        """Everything about peaks; returns the greatest magnitudes of all new hops, which begin at sample `start`."""
        planes = self._planes
        tops = self._maxima.of(planes.reshape(-1)).reshape(len(planes), -1)
        new = tops[:, HISTORY // HOP :]
        peaks = new.max(axis=1)
        self._peaks = np.maximum(self._peaks, peaks)
        self._raise(float(peaks.max()), int(peaks.argmax()), new, start)
        feed_all(self._true_peaks, Hops(planes, tops, self._maxima), start - HISTORY)
        for clipping, plane, row in zip(self._clipping, planes, new, strict=True):
            clipping.feed(plane, row, start)
        return new

    def _raise(self, peak: float, channel: int, tops: Floats, start: int) -> None:
        """The samples pass on their peak, which lies in the greatest of the `tops` of one channel."""
        if peak > min(meter.greatest for meter in self._true_peaks):
            first = int(tops[channel].argmax()) * HOP
            at = first + int(np.abs(self._planes[channel, HISTORY + first : HISTORY + first + HOP]).argmax())
            for meter in self._true_peaks:
                meter.raise_to(peak, start + at)

    def measurement(self) -> Measurement:
        """Close the file. Levels in dBFS and dBTP, times in seconds."""
        if self.frames and -self.frames % CHUNK < _RUN_OUT:
            self._run_out()
        for clipping in self._clipping:
            clipping.finish()
        frames, rate, silence, channels = self.frames, self._rate, self._silence, self._channels
        times = sorted(chain.from_iterable(clipping.starts for clipping in self._clipping))
        is_silent = silence.edges.first is None
        return Measurement(
            frames=frames,
            sample_peak=_decibels(float(self._peaks.max())),
            true_peak=_decibels(self._sinc.greatest),
            true_peak_at=min(self._sinc.at, frames) / rate if self._sinc.greatest else None,
            true_peak_itu=_decibels(self._itu.greatest),
            clipped_runs=sum(clipping.runs for clipping in self._clipping),
            clipped_at=tuple(time / rate for time in times[:_MOST_TIMES]),
            silence_level=self._level,
            lead_silence=self._lead_silence(),
            trail_silence=self._trail_silence(),
            lead_digital_silence=silence.digital.lead(frames, rate),
            trail_digital_silence=silence.digital.trail(frames, rate),
            is_silent=is_silent,
            inner_silences=tuple(silence.inner),
            dropouts=tuple(in_steady_sound(self._dropouts.spans, self._waves(), _WAVE_SAMPLES / rate)),
            loudness=self._loudness.loudness(),
            dc_offset=channels.dc_offset(),
            correlation=channels.correlation(),
            is_dual_mono=channels.is_dual_mono(),
            is_inverted=channels.is_inverted(),
            channel_ends=channels.ends(rate),
            silent_channels=() if is_silent else self._silent_channels(),
            effective_bits=self._unpacker.effective_bits(),
            flat_tops=self._flat_tops(),
            cutoff_hz=self._spectrum.cutoff(),
            non_finite=self._unpacker.non_finite,
            waveform=self._waveform(),
        )

    def _run_out(self) -> None:
        """The last chunk has no room for the interpolators to run out: give them another."""
        self._begin()
        self._planes[:, HISTORY:] = 0.0
        self._peak(-(-self.frames // CHUNK) * CHUNK)

    def _lead_silence(self) -> float:
        """Without what fades in."""
        edges, wave = self._silence.edges, self._waves()
        lead = edges.lead(self.frames, self._rate)
        if edges.first is None or lead < _LEAST_SILENCE:
            return lead
        before = edges.first // _WAVE_SAMPLES
        kept = before - faded(wave[::-1], len(wave) - before, self._rate / _WAVE_SAMPLES)
        return lead if kept == before else kept * _WAVE_SAMPLES / self._rate

    def _trail_silence(self) -> float:
        """Without what fades out."""
        edges, wave = self._silence.edges, self._waves()
        trail, last = edges.trail(self.frames, self._rate), edges.last
        if last is None or trail < _LEAST_SILENCE:
            return trail
        after = last // _WAVE_SAMPLES + 1
        music = faded(wave, after, self._rate / _WAVE_SAMPLES)
        return max(self.frames - (after + music) * _WAVE_SAMPLES, 0) / self._rate if music else trail

    def _waves(self) -> Floats:
        return np.concatenate(self._wave) if self._wave else np.zeros(0, np.float32)

    def _silent_channels(self) -> tuple[int, ...]:
        level = 10 ** (self._level / 20) * FULL_SCALE
        return tuple(channel for channel, peak in enumerate(self._peaks) if peak <= level)

    def _flat_tops(self) -> int:
        """Of channels that sound: dither of one step has flat tops only."""
        silent = self._silent_channels()
        return sum(clipping.flat_tops() for channel, clipping in enumerate(self._clipping) if channel not in silent)

    def _waveform(self) -> tuple[int, ...]:
        wave = self._waves()
        if not len(wave):
            return ()
        columns = min(_COLUMNS, len(wave))
        tops = np.maximum.reduceat(wave, np.arange(columns) * len(wave) // columns)
        return tuple(int(top) for top in np.minimum(np.ceil(tops * (255 / FULL_SCALE)), 255))


def _decibels(magnitude: float) -> float | None:
    return round(20 * float(np.log10(magnitude / FULL_SCALE)), 4) if magnitude > 0 else None
