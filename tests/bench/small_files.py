"""Many small files in one folder by OpenSSH's client: our whole server with its journal beside OpenSSH's own.

    python -m tests.bench.small_files [--files 2000] [--size 10000] [--repeats 3] [--folder DIR]

Journal, files and the target of sshd lie in `folder`, on one disk. The servers take turns in each repetition; the ratio
is of files a second. Ours is the whole server: the daemon's journal on SQLite, each commit of it written to the disk.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog

from ingest.config import Paths, Sftp
from ingest.flow.storage import DirectoryStorage
from ingest.inbound.journal import Journal
from ingest.inbound.sftp import make_host_keys, serve
from ingest.store import labels
from ingest.store.database import Store
from tests.bench.sftp import Server, command_of, cpu_seconds, fingerprint, openssh


async def serve_journal(root: Path) -> None:
    """Serve the label `anna` with a journal on SQLite until the process is killed."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    paths = Paths(data=root / "data")
    store = Store(f"sqlite:///{root}/data/state/ingest.db")
    store.migrate()
    with store.transaction() as tx:
        labels.add_label(
            tx,
            name="anna",
            title="Anna",
            emails=[],
            password_hash=None,
            public_keys=[(root / "key.pub").read_text().strip()],
            dsps=[],
            max_bytes=None,
            now=datetime.now(UTC),
        )
    journal = Journal(
        store,
        paths,
        DirectoryStorage(paths),
        "bench",
        lambda: datetime.now(UTC),
        lambda *what: None,
        lambda *what: None,
    )
    config = Sftp(host="127.0.0.1", port=0, min_free_bytes=0, max_files_per_folder=100_000)
    server = await serve(journal, config, make_host_keys(root / "keys"), log=structlog.get_logger())
    (root / "port").write_text(str(server.port))
    await asyncio.sleep(1e6)


@contextlib.contextmanager
def ours(root: Path) -> Iterator[Server]:
    """Our server in a process of its own."""
    with subprocess.Popen([sys.executable, "-m", "tests.bench.small_files", "--serve", str(root)]) as process:
        try:
            while not (root / "port").exists():
                time.sleep(0.05)
            time.sleep(0.5)
            yield Server("ours", process.pid, int((root / "port").read_text()), "anna", "/incoming", fingerprint(root))
        finally:
            process.terminate()


def upload(server: Server, root: Path, source: Path, target: str) -> float:
    """Seconds to put the folder `source` as `target` on this server."""
    began = time.monotonic()
    subprocess.run(
        command_of("openssh", server, server.port, root),
        input=f"put -r {source} {server.target}/{target}\n",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return time.monotonic() - began


def compare(root: Path, files: int, size: int, repeats: int) -> None:
    """Print files a second and CPU a file of each server, and the ratio."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", root / "key"], check=True)
    make_host_keys(root / "keys")
    source = root / "source"
    source.mkdir()
    for number in range(files):
        (source / f"{number:05}.wav").write_bytes(os.urandom(size))
    with contextlib.ExitStack() as running:
        servers = [running.enter_context(ours(root)), running.enter_context(openssh(root))]
        ratios = []
        for repeat in range(repeats):
            rates = {}
            for server in servers if repeat % 2 else servers[::-1]:
                before = cpu_seconds(server.pid)
                rates[server.name] = files / upload(server, root, source, f"Folder{repeat}")
                used = 1000 * (cpu_seconds(server.pid) - before) / files
                print(f"{server.name:5} {rates[server.name]:6.0f} files/s {used:6.2f} ms CPU a file", flush=True)
            ratios.append(rates["ours"] / rates["sshd"])
        print(f"ratio {statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]")
        stored = sum(1 for _ in (root / "data").glob("labels/anna/incoming/Folder*/*.wav"))
        print(f"{stored} of {repeats * files} files stored")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--files", type=int, default=2000)
    words.add_argument("--size", type=int, default=10_000)
    words.add_argument("--repeats", type=int, default=3)
    words.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to measure")
    words.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.serve:
        asyncio.run(serve_journal(given.serve))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as root:
        compare(Path(root), given.files, given.size, given.repeats)


if __name__ == "__main__":
    main()
