"""Wall time of `ingest check` on an album against ffmpeg's loudness meter alone: `python -m tests.bench.album`.

Twelve tracks of four minutes (48 kHz, 24 bit) with a cover: the dynamic and the brick-walled music of
tests/bench/media.py in turn; with the word `noisy` the second kind is its worst case instead. ffmpeg reads the same
files, two at a time on the same two cores, with `ebur128=peak=true` and nothing else: no message, no cover, no silence,
no hash. Interleaved; a ratio under 1 means that the whole check is faster than the meter.
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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from tests import signals
from tests.bench.media import brick_walled, dynamic, noisy
from tests.good import jpeg
from tests.messages import Sheet, guide_xml

RATE, SECONDS, TRACKS = 48000, 240, 12
TOP = 21500
"""Where the music ends, in Hz: lower would look like a copy of an MP3."""
ROUNDS = 3
CORES = 2
WANTED = 0.35
METER = "ebur128=peak=true:framelog=verbose"
Taken = tuple[float, float]
"""Seconds of wall time and of CPU."""


def write_album(parent: Path, is_noisy: bool) -> Path:
    """An album that leaves nothing to wish for: half of it dynamic, half loud, no two tracks alike."""
    names = tuple(f"Song {chr(65 + number)}" for number in range(TRACKS))
    sheet = Sheet(title="Twelve", type="Album", tracks=names, seconds=SECONDS)
    sheet = replace(sheet, released=date.today() + timedelta(days=30))
    folder = parent / sheet.folder
    folder.mkdir()
    (folder / "metadata.xml").write_text(guide_xml(sheet), "utf-8")
    (folder / "artwork.jpg").write_bytes(jpeg())
    kinds = [dynamic(RATE, TOP), noisy(RATE) if is_noisy else brick_walled(RATE, TOP)]
    for number in range(1, TRACKS + 1):
        sound = np.roll(kinds[number % 2], number * RATE, axis=0)
        (folder / sheet.file(number)).write_bytes(signals.wav(sound, RATE, 24))
    return folder


def timed(run: Callable[[], None]) -> Taken:
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - wall, cpu


def check(folder: Path) -> None:
    """As installed: with the bytecode that pip writes, which lies beside the album here."""
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode")}
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "check", str(folder)],
        capture_output=True,
        text=True,
        cwd=folder.parent,
        env=os.environ | compiled,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def meter(folder: Path) -> None:
    def one(path: Path) -> None:
        command = [
            "ffmpeg",
            "-nostdin",
            "-v",
            "quiet",
            "-threads",
            "1",
            "-i",
            str(path),
            "-af",
            METER,
            "-f",
            "null",
            "-",
        ]
        subprocess.run(command, check=True)

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(one, sorted(folder.glob("*.wav"))))


def told(values: list[float]) -> str:
    return f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def main(arguments: list[str]) -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory() as name:
        folder = write_album(Path(name), "noisy" in arguments)
        check(folder)
        meter(folder)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(timed(lambda: check(folder)))
            theirs.append(timed(lambda: meter(folder)))
    print(
        f"album of {TRACKS}: check {told([wall for wall, _ in ours])} s, ffmpeg {told([wall for wall, _ in theirs])} s"
    )
    ratios = [mine[0] / their[0] for mine, their in zip(ours, theirs, strict=True)]
    cpu = [mine[1] / their[1] for mine, their in zip(ours, theirs, strict=True)]
    print(f"wall {told(ratios)} of ffmpeg's, wanted {WANTED} or less; CPU {told(cpu)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
