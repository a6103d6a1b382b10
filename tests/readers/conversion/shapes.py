"""Sound files of every shape that a label sends, made from given samples."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.int32]
"""Frames by channels, left-justified in 32 bits."""


def random_samples(frames: int, channels: int, bits: int, seed: int = 1) -> Samples:
    """Noise with runs of zeros and of full scale in it."""
    source = np.random.default_rng(seed)
    values = source.integers(-(1 << (bits - 1)), 1 << (bits - 1), (frames, channels))
    values[frames // 4 : frames // 3] = 0
    values[frames // 3 : frames // 3 + 5] = (1 << (bits - 1)) - 1
    return np.asarray(values << (32 - bits), np.int32)


def packed(samples: Samples, bits: int, order: str = "<") -> bytes:
    """As files store them: the upper bytes of each sample."""
    raw = samples.astype(f"{order}i4").reshape(-1, 1).view(np.uint8)
    width = bits // 8
    return (raw[:, 4 - width :] if order == "<" else raw[:, :width]).tobytes()


def chunk(name: bytes, body: bytes, order: str = "<") -> bytes:
    return name + struct.pack(f"{order}I", len(body)) + body + b"\0" * (len(body) % 2)


def riff(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def fmt(channels: int, rate: int, bits: int, tag: int = 1) -> bytes:
    step = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * step, step, bits))


def extensible(channels: int, rate: int, bits: int, valid: int | None = None) -> bytes:
    step = channels * bits // 8
    guid = struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
    more = struct.pack("<HHI", 22, valid or bits, (1 << channels) - 1) + guid
    return chunk(b"fmt ", struct.pack("<HHIIHH", 0xFFFE, channels, rate, rate * step, step, bits) + more)


def wav(samples: Samples, bits: int, rate: int = 44100) -> bytes:
    return riff(fmt(samples.shape[1], rate, bits), chunk(b"data", packed(samples, bits)))


def broadcast_wav(samples: Samples, bits: int, rate: int = 44100) -> bytes:
    """EXTENSIBLE, with chunks before and after its samples."""
    more = chunk(b"LIST", b"INFOINAM" + struct.pack("<I", 6) + b"A name"), chunk(b"cue ", bytes(4))
    head = chunk(b"bext", b"Studio".ljust(602, b"\0")), extensible(samples.shape[1], rate, bits)
    return riff(*head, chunk(b"data", packed(samples, bits)), *more)


def aiff(samples: Samples, bits: int, rate: int = 44100) -> bytes:
    channels = samples.shape[1]
    exponent = rate.bit_length() - 1
    told = struct.pack(">HQ", 16383 + exponent, rate << (63 - exponent))
    common = chunk(b"COMM", struct.pack(">HIH", channels, len(samples), bits) + told, ">")
    sound = chunk(b"SSND", bytes(8) + packed(samples, bits, ">"), ">")
    body = b"AIFF" + chunk(b"NAME", b"A name", ">") + common + sound
    return b"FORM" + struct.pack(">I", len(body)) + body


def flac(samples: Samples, bits: int, rate: int = 44100) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format="FLAC", subtype=f"PCM_{bits}")
    return out.getvalue()


def tagged_flac(samples: Samples, bits: int, rate: int = 44100) -> bytes:
    """With comments, a picture, an application's block and padding in front of the frames."""
    plain = flac(samples, bits, rate)
    position = 4
    while True:
        is_last, length = plain[position] >> 7, int.from_bytes(plain[position + 1 : position + 4], "big")
        position += 4 + length
        if is_last:
            break
    comment = b"TITLE=A name"
    comments = struct.pack("<I", 3) + b"lab" + struct.pack("<II", 1, len(comment)) + comment
    blocks = ((4, comments), (2, b"ingA" + bytes(50)), (6, bytes(5000)), (1, bytes(2000)))
    made = plain[:4] + b"\0" + plain[5:42]
    for at, (kind, body) in enumerate(blocks):
        last = 0x80 if at == len(blocks) - 1 else 0
        made += bytes([last | kind]) + len(body).to_bytes(3, "big") + body
    return made + plain[position:]


def decoded(data: bytes) -> Samples:
    """What the reference decoder of another library makes of a file."""
    samples, _ = soundfile.read(io.BytesIO(data), dtype="int32", always_2d=True)
    return np.asarray(samples)


def flac_tool_accepts(path: Path) -> bool:
    return subprocess.run(["flac", "-t", "-s", "-w", str(path)], check=False).returncode == 0
