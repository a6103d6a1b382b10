"""AUD: packages whose first track is not what the guide asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Final

import numpy as np
import soundfile

from tests import signals
from tests.broken.change import Broken, both, edit, replace_audio, single
from tests.good import RATE, Good, master, sound, wav
from tests.messages import SECONDS

Signal = signals.Signal


@cache
def _tone() -> Signal:
    return sound(SECONDS)


def _heard(change: Callable[[Signal], Signal], bits: int = 24) -> Broken:
    """The good track after `change`."""
    return single(replace_audio(lambda: signals.wav(change(_tone().copy()), RATE, bits)))


def _encoded(format: str, subtype: str | None = None, channels: int = 2) -> bytes:
    out = BytesIO()
    soundfile.write(out, _tone()[:, :channels], RATE, format=format, subtype=subtype)
    return out.getvalue()


def _flac(change: Callable[[bytearray], None]) -> Broken:
    def content() -> bytes:
        flac = bytearray(master("flac"))
        change(flac)
        return bytes(flac)

    return Broken(Good.FLAC, replace_audio(content))


def _no_channels() -> bytes:
    header = bytearray(master("wav"))
    at = header.index(b"fmt ") + 10
    header[at : at + 2] = b"\0\0"
    return bytes(header)


def _size_too_small() -> bytes:
    """The data chunk says that it holds ten seconds; the file goes on."""
    header = bytearray(master("wav"))
    at = header.index(b"data") + 4
    header[at : at + 4] = (10 * RATE * 6).to_bytes(4, "little")
    return bytes(header)


def _untell_length(flac: bytearray) -> None:
    """The last 36 bits before the MD5 count the samples; zero stands for "not known"."""
    flac[21] &= 0xF0
    flac[22:26] = bytes(4)


def _set_md5(flac: bytearray, md5: bytes) -> None:
    """STREAMINFO ends in the MD5 of the sound: 8 bytes of magic and header, then 34 of which the last 16 are it."""
    flac[26:42] = md5


def _silent(start: float, end: float) -> Callable[[Signal], Signal]:
    def change(signal: Signal) -> Signal:
        signal[round(start * RATE) : round(end * RATE)] = 0
        return signal

    return change


def _chopped(signal: Signal) -> Signal:
    for second in range(1, SECONDS - 1):
        signal = _silent(second, second + 0.2)(signal)
    return signal


def _left_alone(signal: Signal) -> Signal:
    signal[20 * RATE :, 1] = 0
    return signal


def _no_treble(signal: Signal) -> Signal:
    spectrum = np.fft.rfft(signal, axis=0)
    spectrum[round(16_000 * len(signal) / RATE) :] = 0
    return np.asarray(np.fft.irfft(spectrum, len(signal), axis=0))


def _right(change: Callable[[Signal], Signal]) -> Callable[[Signal], Signal]:
    def both_channels(signal: Signal) -> Signal:
        signal[:, 1] = change(signal[:, 0])
        return signal

    return both_channels


def _no_number() -> bytes:
    signal = _tone().copy()
    signal[5 * RATE, 1] = np.nan
    return signals.float_wav(signal, RATE)


def _big_endian() -> bytes:
    """The samples of an AIFF behind the header of a WAV."""
    samples = signals.packed(signals.integers(_tone(), 24), 24, big_endian=True)
    return signals.riff(signals.fmt(2, RATE, 24), signals.chunk(b"data", samples))


def _at_16_bits(signal: Signal) -> Signal:
    return np.asarray(np.round(signal * 32768) / 32768)


BROKEN: Final = {
    "AUD-001": single(replace_audio(lambda: _encoded("MP3"))),
    "AUD-002": single(replace_audio(lambda: _encoded("W64", "PCM_24"))),
    "AUD-003": single(replace_audio(lambda: _encoded("WAV", "IMA_ADPCM"))),
    "AUD-004": single(replace_audio(lambda: master("wav")[:3_000_000])),
    "AUD-005": single(replace_audio(_no_channels)),
    "AUD-006": _flac(lambda flac: _set_md5(flac, b"\x55" * 16)),
    "AUD-007": single(replace_audio(lambda: master("flac"))),
    "AUD-008": single(replace_audio(lambda: master("wav") + b"left over")),
    "AUD-009": _flac(lambda flac: _set_md5(flac, bytes(16))),
    "AUD-010": single(replace_audio(lambda: wav(SECONDS, rate=96_000))),
    "AUD-011": single(replace_audio(lambda: _encoded("WAV", "PCM_U8"))),
    "AUD-012": single(replace_audio(lambda: wav(SECONDS, bits=16))),
    "AUD-013": single(replace_audio(lambda: _encoded("WAV", "FLOAT"))),
    "AUD-014": single(replace_audio(lambda: _encoded("WAV", "PCM_24", channels=1))),
    "AUD-015": single(both(edit(("PT31S", "PT29S")), replace_audio(lambda: wav(29)))),
    "AUD-016": single(replace_audio(_size_too_small)),
    "AUD-020": single(replace_audio(lambda: wav(SECONDS, peak=0.99))),
    "AUD-021": _heard(lambda signal: np.clip(signal * 2, -1, 1)),
    "AUD-022": _heard(_silent(0, 1.5)),
    "AUD-023": _heard(_silent(SECONDS - 1.5, SECONDS)),
    "AUD-024": _heard(lambda signal: signal * 0),
    "AUD-025": _heard(_silent(10, 22)),
    "AUD-026": _heard(_right(lambda left: left)),
    "AUD-027": _heard(_right(lambda left: -left)),
    "AUD-028": _heard(_right(lambda left: left * 0)),
    "AUD-029": _heard(lambda signal: signal + 0.05),
    "AUD-030": _heard(_at_16_bits),
    "AUD-031": _heard(lambda signal: np.clip(signal * 1.5, -0.5, 0.5)),
    "AUD-032": _heard(_no_treble),
    "AUD-033": single(replace_audio(_no_number)),
    "AUD-034": Broken(
        Good.FLAC,
        both(
            edit(("PT31S", "PT12H0M2S"), ("<ReleaseType>Single", "<ReleaseType>Album")),
            replace_audio(lambda: signals.silent_flac(12 * 3600 + 1, RATE)),
        ),
    ),
    "AUD-035": single(replace_audio(_big_endian)),
    "AUD-036": _heard(_silent(10, 10.05)),
    "AUD-037": _heard(_left_alone),
}

EQUALLY_GOOD: Final = {
    "48 kHz": single(replace_audio(lambda: wav(SECONDS, rate=48_000))),
    "a true peak just under the limit": single(replace_audio(lambda: wav(SECONDS, peak=0.68))),
    "a FLAC file that does not tell its length": _flac(_untell_length),
    "music that stops and starts all the time": _heard(_chopped),
    "one second of silence at both ends": _heard(
        lambda signal: _silent(0, 1.0)(_silent(SECONDS - 1.0, SECONDS)(signal))
    ),
}
