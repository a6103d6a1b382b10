"""From the last byte to the verdict email: a 10-track 24-bit album, default settings, uploaded with OpenSSH.

`python -m tests.bench.verdict [MINUTES_PER_TRACK]`; the guide promises five minutes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from ingest.cli.samples import Sample, SampleTrack, write
from tests import sftp_clients as clients
from tests.daemons import running


def album(minutes: float) -> Sample:
    tracks = tuple(
        SampleTrack(f"Song {n}", f"{n:02}_Song{n}.wav", f"GBDUM26{n:05}", minutes * 60) for n in range(1, 11)
    )
    return Sample("Ten Songs", "5034567890120", "Album", tracks, 3000, date.today())


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    with tempfile.TemporaryDirectory() as where:
        folder = write(album(minutes), Path(where) / "label")
        size = sum(path.stat().st_size for path in folder.iterdir())
        home = Path(where) / "home"
        home.mkdir()
        with running(home, intake="") as (daemon, look):
            started = time.monotonic()
            clients.run(clients.sftp_command(daemon), f"cd incoming\nput -r {folder}\n", timeout=600)
            uploaded = time.monotonic()
            package = look.wait_for_status(folder.name, ["Needs QC", "Invalid"], 300)
            while not any(one["X-Ingest-Status"] == package.status for one in look.emails()):
                time.sleep(0.1)
            told = time.monotonic()
            print(f"{len(album(minutes).tracks)} tracks, {size / 1e6:.0f} MB, upload {uploaded - started:.1f} s")
            print(f"{package.status}: verdict email {told - uploaded:.1f} s after the last byte")
            print(f"errors: {look.codes(package.id)}")


if __name__ == "__main__":
    main()
