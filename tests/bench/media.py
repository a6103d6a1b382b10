"""CPU time of the audio reader against ffmpeg, interleaved on the same generated files: `python tests/bench/media.py`.

T is `ffmpeg -af ebur128=peak=true`; F adds silencedetect and astats. Ratios over 1 mean that the reader is faster. The
reader is timed warm, as in a running worker, with every measurement and (second line) with its SHA-256.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import soundfile

from ingest.readers.audio import read_audio
from tests import signals

SECONDS = 240
ROUNDS = 5
T = "ebur128=peak=true:framelog=verbose"
F = "ebur128=peak=true+sample:framelog=verbose,silencedetect,astats"


def dynamic(rate: int) -> signals.Signal:
    """Music of changing level, with little in the top octave, as masters have it."""
    bars = [signals.music(20, rate, seed, level=-20 + 2.5 * (seed % 7)) for seed in range(SECONDS // 20)]
    return signals.low_passed(np.concatenate(bars), rate, 18000)


def brick_walled(rate: int) -> signals.Signal:
    """The same, driven into a limiter: nearly always close to -0.3 dBFS."""
    bars = [signals.music(20, rate, seed, level=-0.3, drive=12) for seed in range(SECONDS // 20)]
    return signals.low_passed(np.concatenate(bars), rate, 18000) * 0.95


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ffmpeg(path: Path, filters: str) -> float:
    before = children_cpu()
    command = ["ffmpeg", "-nostdin", "-v", "quiet", "-i", str(path), "-af", filters, "-f", "null", "-"]
    subprocess.run(command, check=True)
    return children_cpu() - before


def reader(path: Path, hashes: tuple[str, ...] = ()) -> float:
    before = time.process_time()
    facts = read_audio(path, path.name, hashes=hashes)
    assert facts.measurement is not None and facts.damages == ()
    return time.process_time() - before


def told(name: str, ours: list[float], theirs: list[float]) -> str:
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    return f"{name} {statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f})"


def compare(path: Path) -> None:
    reader(path)
    runs: dict[str, Callable[[], float]] = {
        "ours": lambda: reader(path),
        "hashed": lambda: reader(path, ("sha256",)),
        "T": lambda: ffmpeg(path, T),
        "F": lambda: ffmpeg(path, F),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            times[name].append(run())
    median = {name: statistics.median(values) * 1000 for name, values in times.items()}
    print(f"{path.name:28} {median['ours']:5.0f} ms of CPU, T {median['T']:.0f}, F {median['F']:.0f}; ", end="")
    print(told("T /", times["ours"], times["T"]), told("F /", times["ours"], times["F"]), sep=", ")
    print(f"{'  with SHA-256':28} {median['hashed']:5.0f} ms; {told('T /', times['hashed'], times['T'])}", flush=True)


def side_by_side(path: Path) -> None:
    """Wall time of eight files by one worker process and by two."""
    walls = []
    for workers in (1, 2):
        with ProcessPoolExecutor(workers) as pool:
            list(pool.map(reader, [path] * workers))
            before = time.perf_counter()
            list(pool.map(reader, [path] * 8))
            walls.append(time.perf_counter() - before)
    print(f"two processes: {walls[0] / walls[1]:.2f} times one", flush=True)


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
        told = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
        peaks.append(int(told.stdout) / 1024)
        path.unlink()
    empty = subprocess.run(
        [sys.executable, "-c", "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    bare = int(empty.stdout) / 1024
    print(f"peak memory in MB: interpreter {bare:.0f}, one second {peaks[0]:.0f}, two hours {peaks[1]:.0f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, make in (("dynamic", dynamic), ("brick-walled", brick_walled)):
            for rate, bits in ((44100, 16), (48000, 24)):
                signal = make(rate)
                for container in ("WAV", "FLAC"):
                    path = folder / f"{kind} {rate // 1000}-{bits}.{container.lower()}"
                    soundfile.write(path, signal, rate, subtype=f"PCM_{bits}", format=container)
                    compare(path)
        side_by_side(folder / "dynamic 44-16.wav")
        memory(folder)


if __name__ == "__main__":
    main()
