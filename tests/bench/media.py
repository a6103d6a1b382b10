"""CPU time of the audio reader against ffmpeg, interleaved on the same generated files: `python tests/bench/media.py`.

T is `ffmpeg -af ebur128=peak=true`; F adds the sample peak, silencedetect and astats. Ratios over 1 mean that the
reader is faster. The reader is timed warm, as in a running worker: the start of the interpreter, imports and the first
file count for nothing. It takes every measurement; loudness range and waveform peaks are among them, for they cost less
than a millisecond. Hashing is timed apart: the second line adds the SHA-256 of the file and, for a FLAC, the MD5 of its
samples. Two files at a time are read by the product's own children, with the settings that these have; the memory is
that of a process with the same settings. A number after the name is how often each file is timed (5), a word the only
kind of file (dynamic, brick-walled or noisy).
"""

from __future__ import annotations

import hashlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import soundfile

from ingest.readers.audio import read_audio
from ingest.readers.fork_client import SETTINGS, Failure, Limits
from ingest.readers.hashes import hashes_of
from ingest.readers.pool import Pool
from tests import signals

SECONDS = 240
ROUNDS = 5
T = "ebur128=peak=true:framelog=verbose"
F = "ebur128=peak=true+sample:framelog=verbose,silencedetect,astats"


def bars(rate: int, drive: float, levels: Callable[[int], float]) -> signals.Signal:
    """Four minutes in bars of 20 seconds, each pushed by `drive` dB into a limiter and put at its level."""
    return np.concatenate([signals.music(20, rate, seed, levels(seed), drive) for seed in range(SECONDS // 20)])


def tilted(signal: signals.Signal, rate: int, top: float) -> signals.Signal:
    """Falling by 4.5 dB an octave from 1 kHz and empty over `top` Hz, as the long-term spectrum of records does."""
    spectrum = np.fft.rfft(signal, axis=0)
    hertz = np.fft.rfftfreq(len(signal), 1 / rate)[:, None]
    return np.fft.irfft(spectrum * (hertz < top) / np.maximum(hertz / 1000, 1) ** 0.75, len(signal), axis=0)


def dynamic(rate: int, top: float = 18000) -> signals.Signal:
    """Music whose level goes from -20 to -5 dBFS."""
    return tilted(bars(rate, 0, lambda seed: -20 + 2.5 * (seed % 7)), rate, top)


def brick_walled(rate: int, top: float = 18000) -> signals.Signal:
    """The same spectrum driven into a limiter whose ceiling is -0.3 dBFS: about -8 LUFS."""
    driven = tilted(bars(rate, 0, lambda _: 0.0), rate, top)
    driven = np.tanh(2.2 * driven / np.abs(driven).max())
    return np.asarray(driven / np.abs(driven).max() * 10 ** (-0.3 / 20))


def noisy(rate: int) -> signals.Signal:
    """The worst case: limited noise with as much in the top octaves as anywhere, such as no music has."""
    return signals.low_passed(bars(rate, 12, lambda _: -0.3), rate, 18000) * 0.7


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ffmpeg(path: Path, filters: str) -> float:
    before = children_cpu()
    command = ["ffmpeg", "-nostdin", "-v", "quiet", "-i", str(path), "-af", filters, "-f", "null", "-"]
    subprocess.run(command, check=True)
    return children_cpu() - before


class Remembered:
    """Stands in for the MD5 of a FLAC's samples where hashing is timed apart: gives what STREAMINFO says."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._digest = file.read(42)[26:]

    def update(self, _: object) -> None:
        pass

    def digest(self) -> bytes:
        return self._digest


def reader(path: Path) -> float:
    before = time.process_time()
    facts = read_audio(path, path.name)
    assert facts.measurement is not None and facts.damages == ()
    return time.process_time() - before


def unhashed(path: Path) -> float:
    with mock.patch.object(hashlib, "md5", lambda **_: Remembered(path)):
        return reader(path)


def hashed(path: Path) -> float:
    before = time.process_time()
    hashes_of(path, path.name, None, ("sha256",))
    return time.process_time() - before + reader(path)


def told(name: str, ours: list[float], theirs: list[float]) -> str:
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    return f"{name} {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def compare(path: Path, rounds: int) -> None:
    reader(path)
    runs: dict[str, Callable[[], float]] = {
        "ours": lambda: unhashed(path),
        "hashed": lambda: hashed(path),
        "T": lambda: ffmpeg(path, T),
        "F": lambda: ffmpeg(path, F),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(run())
    median = {name: statistics.median(values) * 1000 for name, values in times.items()}
    print(f"{path.name:28} {median['ours']:5.0f} ms of CPU, T {median['T']:.0f}, F {median['F']:.0f}; ", end="")
    print(told("T /", times["ours"], times["T"]), told("F /", times["ours"], times["F"]), sep=", ")
    print(f"{'  with its hashes':28} {median['hashed']:5.0f} ms; ", end="")
    print(told("T /", times["hashed"], times["T"]), told("F /", times["hashed"], times["F"]), sep=", ", flush=True)


def side_by_side(path: Path, rounds: int) -> None:
    """Wall time of eight files by the product's own children, one at a time and two at a time."""
    request = {
        "read": "audio",
        "path": str(path),
        "name": path.name,
        "silence_level": -60.0,
        "max_duration": 43_200.0,
        "hashes": ["sha256"],
    }

    def wall(pool: Pool) -> float:
        before = time.perf_counter()
        answers = pool.read([request] * 8, Limits())
        assert not any(isinstance(answer, Failure) for answer in answers)
        return time.perf_counter() - before

    with closing(Pool(1)) as one, closing(Pool(2)) as two:
        wall(one), wall(two)
        walls = [(wall(one), wall(two)) for _ in range(rounds)]
    print(told("two at a time: times one", [pair[1] for pair in walls], [pair[0] for pair in walls]), flush=True)


def memory(folder: Path) -> None:
    """Peak memory of a fresh process over a two-hour file of 48 kHz, 24 bit, and of one over a second of it."""
    peaks = []
    for hours in (0.0003, 2):
        path = folder / "long.wav"
        size = int(hours * 3600 * 48000) * 6
        header = signals.riff(signals.fmt(2, 48000, 24), size=36 + size) + b"data" + size.to_bytes(4, "little")
        noise = np.random.default_rng(1).bytes(6 * 48000)
        with path.open("wb") as file:
            file.write(header)
            for start in range(0, size, len(noise)):
                file.write(noise[: size - start])
        code = (
            "import sys; from pathlib import Path; from ingest.readers.audio import read_audio;"
            "assert read_audio(Path(sys.argv[1]), 'long.wav').measurement is not None;"
            "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
        )
        command, settings = [sys.executable, "-c", code, str(path)], os.environ | SETTINGS
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=settings)
        peaks.append(int(done.stdout) / 1024)
        path.unlink()
    empty = subprocess.run(
        [sys.executable, "-c", "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    bare = int(empty.stdout) / 1024
    print(f"peak memory in MB: interpreter {bare:.0f}, one second {peaks[0]:.0f}, two hours {peaks[1]:.0f}")


KINDS = {"dynamic": dynamic, "brick-walled": brick_walled, "noisy": noisy}


def main(arguments: list[str]) -> None:
    rounds = next((int(word) for word in arguments if word.isdigit()), ROUNDS)
    kinds = [word for word in arguments if word in KINDS] or list(KINDS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in kinds:
            for rate, bits in ((44100, 16), (48000, 24)):
                signal = KINDS[kind](rate)
                for container in ("WAV", "FLAC"):
                    path = folder / f"{kind} {rate // 1000}-{bits}.{container.lower()}"
                    soundfile.write(path, signal, rate, subtype=f"PCM_{bits}", format=container)
                    compare(path, rounds)
        side_by_side(folder / f"{kinds[0]} 44-16.wav", rounds)
        memory(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
