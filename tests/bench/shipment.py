"""CPU time of making an album's FLACs for a DSP against `flac -5` over the same files, interleaved.

`python tests/bench/shipment.py [SECONDS [ROUNDS]]`: twelve tracks of 24 bits at 44.1 kHz, each of so many seconds (60).
Counted are writing the FLAC with the SHA-256 of its source, and apart from that the proof: the three digests of what
was written, and decoding it again, which `flac -5` without `--verify` does not do. Work is timed warm, as in a running
fork server. A ratio over 1 means that the shipment takes longer.
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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import soundfile

from ingest.readers.conversion.flac import make_flac
from ingest.readers.conversion.flac_proof import prove_flac
from ingest.readers.hashes import hashes_of
from tests import signals

TRACKS = 12
RATE = 44100


def write_album(folder: Path, seconds: int) -> list[Path]:
    """Music with the spectrum of records: falling by 4.5 dB an octave from 1 kHz."""
    made = []
    for track in range(TRACKS):
        signal = signals.music(20, RATE, track, -20 + track, 0)
        spectrum, hertz = np.fft.rfft(signal, axis=0), np.fft.rfftfreq(len(signal), 1 / RATE)[:, None]
        tilted = np.fft.irfft(spectrum * (hertz < 18000) / np.maximum(hertz / 1000, 1) ** 0.75, len(signal), axis=0)
        made.append(folder / f"{track:02}.wav")
        soundfile.write(made[-1], np.tile(tilted, (max(seconds // 20, 1), 1)), RATE, "PCM_24", format="WAVEX")
    return made


def flac_tool(track: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        ["flac", "-5", "--totally-silent", "-f", "-o", str(track.with_suffix(".ref")), str(track)], check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make(track: Path) -> None:
    hashes_of(track, track.name, None, ("sha256",))
    number = os.open(track.with_suffix(".flac"), os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    make_flac(track, track.name, None, number)
    os.close(number)


def prove(track: Path) -> None:
    written = track.with_suffix(".flac")
    hashes_of(written, written.name, None, ("md5", "sha1", "sha256"))
    assert not prove_flac(written, written.name, None).fault


def cpu(work: Callable[[Path], None], track: Path) -> float:
    before = time.process_time()
    work(track)
    return time.process_time() - before


def main(seconds: int = 60, rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tracks = write_album(Path(folder), seconds)
        make(tracks[0])
        prove(tracks[0])
        found: list[tuple[float, float, float]] = []
        for _ in range(rounds):
            times = [(flac_tool(track), cpu(make, track), cpu(prove, track)) for track in tracks]
            found.append((sum(one[0] for one in times), sum(one[1] for one in times), sum(one[2] for one in times)))
        sizes = [sum(track.with_suffix(suffix).stat().st_size for track in tracks) for suffix in (".flac", ".ref")]
    base, made, proved = (statistics.median(times) for times in zip(*found, strict=True))
    print(f"flac -5 {base:.2f} s, made {made:.2f} s ({made / base:.2f}), proved {proved:.2f} s ({proved / base:.2f})")
    print(f"shipment / flac -5: {(made + proved) / base:.2f} of the time, {sizes[0] / sizes[1]:.4f} of the size")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
