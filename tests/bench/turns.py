"""Whose verdict comes when, under load: `python -m tests.bench.turns [--seconds 60] [--processes 2]`.

Thirty albums of twelve tracks, three of each of ten labels, are placed at once; `--after` seconds later a single of an
eleventh label, and once more when all is done, alone. Printed are: how long the single took, beside the albums and
alone, from the end of its settling to its verdict; the order in which the albums came out, by their labels; and how
long each label's first album took. Wanted: the single takes at most twice as long as alone, and albums come out one by
one, in turns. The tracks are `--seconds` long, so that the load can be made smaller; the machine's load average is
printed with the figures.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from ingest.app.application import open_app
from ingest.core.identifiers import barcode_check_digit
from ingest.store.models import Package
from tests import signals
from tests.bench.media import brick_walled, dynamic
from tests.daemons import Daemon, Look, prepare, wait_for
from tests.good import jpeg
from tests.messages import Sheet, guide_xml
from tests.store.rows import new_label

RATE, TOP, TRACKS, LABELS, EACH = 48000, 21500, 12, 10, 3
INTAKE = "settle_seconds = 1.5\nmarker_seconds = 1\nrescan_seconds = 2"


def barcode(number: int) -> str:
    digits = f"50345678{number:04}"
    return f"{digits}{barcode_check_digit(digits)}"


def sheet_of(number: int, tracks: int, seconds: int) -> Sheet:
    names = tuple(f"Song {chr(65 + track)}" for track in range(tracks))
    kind = "Album" if tracks > 1 else "Single"
    title = f"Record {number}" if tracks > 1 else names[0]
    whole = Sheet(title=title, type=kind, tracks=names, seconds=seconds, barcode=barcode(number))
    return replace(whole, released=date.today() + timedelta(days=60))


def sounds(seconds: int) -> list[bytes]:
    """The tracks of every album: other releases may hold the same recordings."""
    kinds = [dynamic(RATE, TOP), brick_walled(RATE, TOP)]
    return [
        signals.wav(np.roll(kinds[number % 2], number * RATE, axis=0)[: seconds * RATE], RATE, 24)
        for number in range(TRACKS)
    ]


def write(ready: Path, sheet: Sheet, tracks: list[bytes]) -> Path:
    folder = ready / sheet.folder
    folder.mkdir(parents=True)
    for number in range(1, len(sheet.tracks) + 1):
        (folder / sheet.file(number)).write_bytes(tracks[number - 1])
    (folder / "artwork.jpg").write_bytes(jpeg())
    (folder / "metadata.xml").write_text(guide_xml(sheet), "utf-8")
    return folder


def place(folder: Path, incoming: Path) -> None:
    incoming.mkdir(parents=True, exist_ok=True)
    folder.rename(incoming / folder.name)


def judged(look: Look) -> dict[str, Package]:
    return {row.folder: row for row in look.packages() if row.status != "Incoming"}


def taken(row: Package) -> float:
    """Seconds from the sealing to the verdict."""
    assert row.checked_at is not None and row.sealed_at is not None
    return (row.checked_at - row.sealed_at).total_seconds()


def add_labels(daemon: Daemon) -> list[str]:
    names = [f"label{number:02}" for number in range(LABELS + 1)]
    app = open_app(daemon.config)
    try:
        with app.store.transaction() as tx:
            for name in names:
                new_label(tx, name, title=name, emails=[f"{name}@label.example"], dsps=["alpha"], now=app.clock())
    finally:
        app.close()
    return names


def single(daemon: Daemon, look: Look, label: str, number: int, tracks: list[bytes], seconds: int) -> float:
    folder = write(daemon.home / "ready", sheet_of(number, 1, seconds), tracks)
    place(folder, daemon.config.paths.incoming(label))
    row = wait_for(lambda: judged(look).get(folder.name), 3600, "the verdict of the single")
    assert row is not None
    return taken(row)


def albums(daemon: Daemon, labels: list[str], tracks: list[bytes], seconds: int) -> Iterator[tuple[Path, Path]]:
    """Albums that are ready to be placed, each with where."""
    for turn in range(EACH):
        for number, label in enumerate(labels):
            folder = write(daemon.home / "ready", sheet_of(100 * turn + number, TRACKS, seconds), tracks)
            yield folder, daemon.config.paths.incoming(label)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--after", type=float, default=60)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        daemon = prepare(Path(home), intake=INTAKE)
        daemon.config_path.write_text(
            daemon.config_path.read_text("utf-8").replace("workers = 1", f"workers = {asked.processes}"), "utf-8"
        )
        *busy, idle = add_labels(daemon)
        tracks, look = sounds(asked.seconds), Look(daemon)
        placed = list(albums(daemon, busy, tracks, asked.seconds))
        daemon.start()
        daemon.wait_until_ready()
        try:
            alone = single(daemon, look, idle, 9000, tracks, asked.seconds)
            for folder, incoming in placed:
                place(folder, incoming)
            time.sleep(asked.after)
            beside = single(daemon, look, idle, 9001, tracks, asked.seconds)
            wait_for(lambda: len(judged(look)) == len(placed) + 2, 3600, "all verdicts")
            again = single(daemon, look, idle, 9002, tracks, asked.seconds)
            rows = sorted((row for row in judged(look).values() if row.label.name != idle), key=taken)
        finally:
            daemon.kill()
    print(f"single: {beside:.1f} s beside the albums, {alone:.1f} and {again:.1f} s alone")
    print("albums by their labels:", " ".join(str(busy.index(row.label.name)) for row in rows))
    print("verdicts after (s):", " ".join(f"{taken(row):.0f}" for row in rows))
    print(f"load average {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")


if __name__ == "__main__":
    main()
