"""Pushing an album to a DSP's OpenSSH server on this machine, beside OpenSSH's own `sftp`, interleaved.

`python -m tests.bench.dsp_push [MEGABYTES] [PAIRS]` prints the rate of ours as a ratio to that of `sftp put` of the
same tree, and the CPU seconds of each client; 600 MB and 5 pairs by default.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.outbound.dsp.servers import Server, openssh
from tests.outbound.dsp.shipments import FOLDER, shipment

TRACKS = 12


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock, and CPU seconds of the child that does it."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    work()
    ended, after = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ours(server: Server, folder: Path, sizes: tuple[int, ...]) -> None:
    program = [sys.executable, "-m", "tests.outbound.dsp.shipments", server.target.model_dump_json(), str(folder)]
    subprocess.run([*program, ",".join(map(str, sizes))], check=True)


def theirs(server: Server, folder: Path, keys: Path) -> None:
    options = ["-q", "-i", keys / "client", "-P", str(server.target.port)]
    checked = ["-o", f"UserKnownHostsFile={keys / 'known_hosts'}", "-o", "StrictHostKeyChecking=no"]
    batch = f"mkdir {server.root}/{FOLDER}\nput -r {folder} {server.root}/{FOLDER}/1\n"
    program = ["sftp", *map(str, options), *checked, "-b", "-", f"{server.target.user}@127.0.0.1"]
    subprocess.run(program, input=batch, text=True, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    megabytes, pairs = (int(one) for one in (*sys.argv[1:], *("600", "5")[len(sys.argv) - 1 :]))
    sizes = (megabytes * 1_000_000 // TRACKS,) * TRACKS
    with tempfile.TemporaryDirectory(dir="/dev/shm") as where, openssh(Path(where)) as server:
        folder = Path(where) / "shipment"
        shipment(folder, sizes)
        rates, cpu = list[float](), list[float]()
        for pair in range(pairs):
            took = {}
            for one in ("ours", "theirs") if pair % 2 else ("theirs", "ours"):
                shutil.rmtree(server.root / FOLDER, ignore_errors=True)
                took[one] = timed(
                    (lambda: ours(server, folder, sizes))
                    if one == "ours"
                    else (lambda: theirs(server, folder, Path(where)))
                )
            rates.append(took["theirs"][0] / took["ours"][0])
            cpu.append(took["ours"][1] / took["theirs"][1])
        print(f"{megabytes} MB, {pairs} pairs: rate ours / OpenSSH {statistics.median(rates):.2f}", end=" ")
        print(f"[{min(rates):.2f}-{max(rates):.2f}], CPU of the client {statistics.median(cpu):.2f}")


if __name__ == "__main__":
    main()
