"""Test signals (float arrays, frames × channels, full scale 1) and writers of the audio files that hold them."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.frames import crc8, crc16

Signal = NDArray[np.float64]


def sine(seconds: float, rate: int, hertz: float = 1000.0, level: float = -6.0) -> Signal:
    """A stereo sine, `level` its peak in dBFS, in phase in both channels."""
    t = np.arange(round(seconds * rate))
    mono = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * t / rate)
    return np.stack([mono, mono], axis=1)


def music(seconds: float, rate: int, seed: int = 1, level: float = -6.0, drive: float = 0.0) -> Signal:
    """Noise-like stereo music: chords with a falling spectrum and beats; `drive` in dB pushes it into a limiter."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    t = np.arange(count) / rate
    beat = 0.3 + 0.7 * np.exp(-4 * (t * 2 % 1))
    shared = sum(np.sin(2 * np.pi * 55 * n * t + n) / n for n in range(1, 40))
    pink = np.cumsum(rng.standard_normal((count, 2)), axis=0)
    pink -= np.linspace(0, 1, count)[:, None] * pink[-1]
    hiss = rng.standard_normal((count, 2)) * 0.3
    mixed = (np.asarray(shared)[:, None] * np.array([0.9, 0.7]) + hiss) * beat[:, None]
    mixed /= np.abs(mixed).max()
    if drive:
        mixed = np.tanh(mixed * 10 ** (drive / 20))
        mixed /= np.abs(mixed).max()
    return np.asarray(mixed * 10 ** (level / 20))


def faded(signal: Signal, rate: int, seconds: float = 0.01) -> Signal:
    count = round(seconds * rate)
    ramp = np.linspace(0, 1, count)[:, None]
    shaped = signal.copy()
    shaped[:count] *= ramp
    shaped[-count:] *= ramp[::-1]
    return shaped


def low_passed(signal: Signal, rate: int, hertz: float) -> Signal:
    """Without anything over `hertz`, as a lossy codec leaves it."""
    spectrum = np.fft.rfft(signal, axis=0)
    spectrum[int(hertz * len(signal) / rate) :] = 0
    return np.fft.irfft(spectrum, len(signal), axis=0)


def integers(signal: Signal, bits: int) -> NDArray[np.int64]:
    """Rounded to `bits`, clipped to the range."""
    top = 1 << (bits - 1)
    return np.clip(np.round(signal * top), -top, top - 1).astype(np.int64)


def packed(samples: NDArray[np.int64], bits: int, big_endian: bool = False) -> bytes:
    """Interleaved PCM in whole bytes; 8 bit unsigned as WAV has it when little-endian."""
    width = (bits + 7) // 8
    flat = samples.reshape(-1) + (128 if width == 1 and not big_endian else 0)
    columns = [(flat >> (8 * n) & 0xFF).astype(np.uint8) for n in range(width)]
    return np.stack(columns[::-1] if big_endian else columns, axis=1).tobytes()


def chunk(name: bytes, body: bytes, order: str = "<", size: int | None = None) -> bytes:
    """One chunk with its pad byte."""
    return name + struct.pack(order + "I", len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


def fmt(channels: int, rate: int, bits: int, tag: int = 1, order: str = "<", extra: bytes = b"") -> bytes:
    align = channels * ((bits + 7) // 8)
    return chunk(b"fmt ", struct.pack(order + "HHIIHH", tag, channels, rate, rate * align, align, bits) + extra, order)


def extensible(channels: int, rate: int, bits: int, valid: int, tag: int = 1, mask: int = 3) -> bytes:
    guid = struct.pack("<H", tag) + bytes.fromhex("000000001000800000aa00389b71")
    return fmt(channels, rate, bits, 0xFFFE, extra=struct.pack("<HHI", 22, valid, mask) + guid)


def riff(*chunks: bytes, kind: bytes = b"RIFF", size: int | None = None, order: str = "<") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return kind + struct.pack(order + "I", len(body) if size is None else size) + body


def wav(signal: Signal, rate: int = 44100, bits: int = 16) -> bytes:
    data = packed(integers(signal, bits), bits)
    return riff(fmt(signal.shape[1], rate, bits), chunk(b"data", data))


def float_wav(signal: Signal, rate: int = 44100, width: int = 4) -> bytes:
    data = signal.astype(f"<f{width}").tobytes()
    return riff(fmt(signal.shape[1], rate, 8 * width, 3), chunk(b"data", data))


def rf64(signal: Signal, rate: int = 44100, bits: int = 16, kind: bytes = b"RF64") -> bytes:
    data = packed(integers(signal, bits), bits)
    form = fmt(signal.shape[1], rate, bits)
    size = 4 + 36 + len(form) + 8 + len(data)
    ds64 = chunk(b"ds64", struct.pack("<QQQI", size, len(data), len(signal), 0))
    return riff(ds64, form, chunk(b"data", data, size=0xFFFFFFFF), kind=kind, size=0xFFFFFFFF)


def extended(rate: int) -> bytes:
    """A sample rate as an 80-bit extended float."""
    shift = 64 - rate.bit_length() if rate else 0
    return struct.pack(">HQ", 16383 + 63 - shift if rate else 0, rate << shift)


def comm(channels: int, frames: int, bits: int, rate: int, kind: bytes = b"") -> bytes:
    tail = kind + b"\0\0" if kind else b""
    return chunk(b"COMM", struct.pack(">HIH", channels, frames, bits) + extended(rate) + tail, ">")


def ssnd(data: bytes, size: int | None = None) -> bytes:
    return chunk(b"SSND", bytes(8) + data, ">", size)


def form(*chunks: bytes, kind: bytes = b"AIFF", size: int | None = None) -> bytes:
    body = kind + b"".join(chunks)
    return b"FORM" + struct.pack(">I", len(body) if size is None else size) + body


def aiff(signal: Signal, rate: int = 44100, bits: int = 16, kind: bytes = b"") -> bytes:
    """AIFF, or AIFF-C of the compression `kind` (`NONE`, `twos`, `sowt`, `fl32`)."""
    if kind in (b"fl32", b"FL32"):
        data = signal.astype(">f4").tobytes()
    else:
        data = packed(integers(signal, bits), bits, big_endian=kind not in (b"sowt", b"42ni", b"23ni"))
    common = comm(signal.shape[1], len(signal), bits, rate, kind)
    return form(common, ssnd(data), kind=b"AIFC" if kind else b"AIFF")


def utf8_number(value: int) -> bytes:
    """FLAC's extended UTF-8."""
    if value < 0x80:
        return bytes([value])
    count = 2
    while value >= 1 << (5 * count + 1):
        count += 1
    tail = bytes(0x80 | value >> 6 * n & 0x3F for n in range(count - 2, -1, -1))
    return bytes([(0xFF << (8 - count)) & 0xFF | value >> 6 * (count - 1)]) + tail


_RATE_CODES = {44100: 9, 48000: 10, 96000: 11, 88200: 1}
_BIT_CODES = {8: 1, 12: 2, 16: 4, 20: 5, 24: 6, 32: 7}


def flac_frame(
    samples: NDArray[np.int64],
    rate: int,
    bits: int,
    number: int,
    *,
    variable: bool = False,
    told_bits: int | None = None,
) -> bytes:
    """One frame of verbatim subframes; `number` counts frames, or samples in a stream of variable block sizes."""
    told = _BIT_CODES.get(bits if told_bits is None else told_bits, 0)
    head = bytes([0xFF, 0xF9 if variable else 0xF8, 0x70 | _RATE_CODES[rate], samples.shape[1] - 1 << 4 | told << 1])
    head += utf8_number(number) + struct.pack(">H", len(samples) - 1)
    head += bytes([crc8(head)])
    pieces = []
    for channel in samples.T:
        column = channel & ((1 << bits) - 1)
        digits = (column[:, None] >> np.arange(bits - 1, -1, -1)) & 1
        pieces.append(np.concatenate(([0, 0, 0, 0, 0, 0, 1, 0], digits.reshape(-1))))
    body = head + np.packbits(np.concatenate(pieces).astype(np.uint8)).tobytes()
    return body + struct.pack(">H", crc16(body))


def streaminfo(
    block: int, rate: int, channels: int, bits: int, total: int, md5: bytes, *, least: int | None = None, frame: int = 0
) -> bytes:
    """The 34 bytes of STREAMINFO."""
    packed_fields = rate << 44 | channels - 1 << 41 | bits - 1 << 36 | total
    sizes = struct.pack(">HH", block if least is None else least, block) + frame.to_bytes(3, "big") * 2
    return sizes + packed_fields.to_bytes(8, "big") + md5


def block(kind: int, body: bytes, last: bool = False) -> bytes:
    return bytes([kind | (0x80 if last else 0)]) + len(body).to_bytes(3, "big") + body


def flac(
    signal: Signal,
    rate: int = 44100,
    bits: int = 16,
    blocks: Sequence[int] = (),
    info: Callable[..., bytes] = streaminfo,
    **told: object,
) -> bytes:
    """A FLAC of verbatim frames, of the sizes `blocks` in turn; `told` overrides fields of STREAMINFO."""
    samples = integers(signal, bits)
    md5 = hashlib.md5(_flac_order(samples, bits), usedforsecurity=False).digest()
    fields = {"block": max(blocks, default=4096), "rate": rate, "channels": signal.shape[1], "bits": bits}
    fields |= {"total": len(samples), "md5": md5, "least": min(blocks, default=4096)} | told
    return b"fLaC" + block(0, info(**fields), last=True) + b"".join(flac_frames(samples, rate, bits, blocks))


def flac_frames(samples: NDArray[np.int64], rate: int, bits: int, blocks: Sequence[int] = ()) -> list[bytes]:
    frames, position, index = [], 0, 0
    while position < len(samples):
        size = blocks[index % len(blocks)] if blocks else 4096
        number = position if blocks else index
        frames.append(flac_frame(samples[position : position + size], rate, bits, number, variable=bool(blocks)))
        position, index = position + size, index + 1
    return frames


def silent_flac(seconds: int, rate: int = 44100, bits: int = 24, **told: object) -> bytes:
    """A FLAC of digital silence for any time in two channels; constant subframes take 14 bytes for a second."""
    size = 65_535
    count = -(-seconds * rate // size)
    fields = {
        "block": size,
        "rate": rate,
        "channels": 2,
        "bits": bits,
        "total": count * size,
        "md5": b"\x01" * 16,
    } | told
    info = streaminfo(**fields)  # type: ignore[arg-type]
    return b"fLaC" + block(0, info, last=True) + b"".join(_silent_frame(size, rate, bits, at) for at in range(count))


def _silent_frame(size: int, rate: int, bits: int, number: int) -> bytes:
    head = bytes([0xFF, 0xF8, 0x70 | _RATE_CODES[rate], 1 << 4 | _BIT_CODES[bits] << 1])
    head += utf8_number(number) + struct.pack(">H", size - 1)
    head += bytes([crc8(head)])
    body = head + 2 * (b"\0" + bytes(bits // 8))
    return body + struct.pack(">H", crc16(body))


def _flac_order(samples: NDArray[np.int64], bits: int) -> bytes:
    width = (bits + 7) // 8
    flat = samples.reshape(-1)
    return np.stack([(flat >> (8 * n) & 0xFF).astype(np.uint8) for n in range(width)], axis=1).tobytes()
