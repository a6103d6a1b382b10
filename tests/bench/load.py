"""What releases cost a whole daemon: `python -m tests.bench.load release [--count 40] [--by disk|sftp]`.

A tiny release (one track of 31 seconds, one cover) keeps the share of the audio small. `release` lets a daemon take
`--count` of them at once, after two that warm it up, and prints for each: commits and statements on every SQLAlchemy
engine of the daemon, those of the workflow engine included; CPU of the daemon and of its children; and by how many
bytes the database grew, after a checkpoint of its write-ahead log. Commits that end a transaction which wrote nothing
are counted apart. What the idle daemon did is measured before, and subtracted.

`rows FILE` prints how many bytes each table and index of a SQLite database takes.

Commits, statements and bytes are counts, and nearly the same on every machine; CPU is not.
"""

from __future__ import annotations

import argparse
import mmap
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from ingest.cli.samples import Sample, SampleTrack, write, xml_of
from ingest.core.identifiers import barcode_check_digit
from tests.daemons import Daemon, Look, client, prepare, put, wait_for

COUNTERS: Final = struct.Struct("=QQQ")
TICKS: Final = os.sysconf("SC_CLK_TCK")
IDLE_SECONDS: Final = 15.0
REST_SECONDS: Final = 4.0
"""After the last email, for the reports that follow it."""
WARM_UP: Final = 2
SECONDS: Final = 31.0
INTAKE: Final = "settle_seconds = 1.5\nrescan_seconds = 2"
WANTED: Final = "wanted: 20 commits, 0.6 s of CPU (0.25 s in the daemon), 25 kB"


@dataclass(frozen=True)
class Used:
    """What a daemon used since it started. CPU in seconds; `children` are those that live and those that ended."""

    wall: float
    commits: float
    reads: float
    statements: float
    daemon: float
    children: float

    def less(self, other: Used, factor: float = 1) -> Used:
        return Used(*(getattr(self, one.name) - factor * getattr(other, one.name) for one in fields(self)))

    def shared(self, count: int) -> str:
        cpu = (self.daemon + self.children) / count
        return (
            f"{self.commits / count:.1f} commits, {self.reads / count:.1f} that wrote nothing, "
            f"{self.statements / count:.0f} statements, "
            f"{cpu:.2f} s of CPU ({self.daemon / count:.2f} daemon, {self.children / count:.2f} readers)"
        )


def count_statements(file: Path) -> None:
    """Count the statements and commits of every engine of this process, in a file that others read meanwhile."""
    with file.open("r+b") as opened:
        shown = mmap.mmap(opened.fileno(), COUNTERS.size)
    lock, counts = threading.Lock(), Counter[str]()

    def add(what: str) -> None:
        with lock:
            counts[what] += 1
            COUNTERS.pack_into(shown, 0, *(counts[each] for each in ("commits", "reads", "statements")))

    def committed(connection: sa.Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        add("commits" if driver.in_transaction else "reads")

    sa.event.listen(sa.Engine, "after_cursor_execute", lambda *_: add("statements"))
    sa.event.listen(sa.Engine, "commit", committed)


def serve(counters: Path, arguments: list[str]) -> None:
    from ingest.cli import main

    count_statements(counters)
    main(arguments)


@contextmanager
def counted_daemon(home: Path) -> Iterator[tuple[Daemon, Path]]:
    """A daemon that serves and counts, and the file of its counters. It reads with one child process for each core."""
    daemon, counters = prepare(home, intake=INTAKE), home / "counters"
    daemon.config_path.write_text(daemon.config_path.read_text("utf-8").replace("workers = 1", "workers = 0"), "utf-8")
    counters.write_bytes(bytes(COUNTERS.size))
    words = ["--config", str(daemon.config_path), "serve", "--worker", daemon.worker]
    with (home / "log-w1").open("ab") as log:
        command = [sys.executable, "-m", "tests.bench.load", "serve", str(counters), *words]
        daemon.process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        daemon.wait_until_ready()
        yield daemon, counters
        assert daemon.stop() == 0, daemon.log()
    finally:
        if daemon.process.poll() is None:
            daemon.kill()


def used(daemon: Daemon, counters: Path) -> Used:
    assert daemon.process is not None
    own, ended = _cpu(daemon.process.pid)
    living = [sum(_cpu(one)) for one in tree_of(daemon.process.pid)[1:]]
    commits, reads, statements = COUNTERS.unpack(counters.read_bytes())
    return Used(time.monotonic(), commits, reads, statements, own, ended + sum(living))


def tree_of(process: int) -> list[int]:
    """A process and all that came from it, whichever of its threads started them."""
    try:
        lists = [file.read_text() for file in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:
        return [process]
    return [process, *(one for each in lists for child in each.split() for one in tree_of(int(child)))]


def _cpu(process: int) -> tuple[float, float]:
    """Seconds that a process took, and those of its children that ended; nothing for one that ended just now."""
    try:
        values = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return (int(values[11]) + int(values[12])) / TICKS, (int(values[13]) + int(values[14])) / TICKS


@dataclass(frozen=True)
class Press:
    """Makes tiny releases that share no barcode, ISRC, audio or cover, from one that was written in full."""

    place: Path

    def sample(self, number: int) -> Sample:
        digits = f"50345{number:07}"
        track = SampleTrack("Morning Light", "01_MorningLight.wav", f"GBDUM26{number:05}", SECONDS)
        released = date.today() + timedelta(days=28)
        barcode = f"{digits}{barcode_check_digit(digits)}"
        return Sample(f"Light {number}", barcode, "Single", (track,), released=released)

    def release(self, number: int) -> Path:
        first = self.place / self.sample(0).folder
        if not first.is_dir():
            write(self.sample(0), self.place)
        one = self.sample(number)
        folder = self.place / one.folder
        folder.mkdir()
        (folder / "metadata.xml").write_text(xml_of(one), "utf-8")
        sound = bytearray((first / one.tracks[0].file).read_bytes())
        middle = len(sound) // 12 * 6 + 2
        sound[middle : middle + 2] = (number * 7).to_bytes(2, "little")
        (folder / one.tracks[0].file).write_bytes(sound)
        picture = (first / "artwork.jpg").read_bytes()
        comment = f"{number:08}".encode()
        (folder / "artwork.jpg").write_bytes(
            picture[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + picture[2:]
        )
        return folder


def drop(daemon: Daemon, folders: list[Path], by: str) -> None:
    """Place release folders in the label's tree, all at once."""
    if by == "disk":
        for folder in folders:
            shutil.copytree(folder, daemon.incoming / folder.name)
        return
    with client(daemon) as sftp:
        for folder in folders:
            put(sftp, folder, folder.name)


def wait_until_told(look: Look, count: int) -> None:
    """Until `count` packages have their verdict, and every email was sent."""

    def told() -> bool:
        with sqlite3.connect(database_of(look.daemon)) as rows:
            [judged] = rows.execute("SELECT count(*) FROM packages WHERE status <> 'Incoming'").fetchone()
            [unsent] = rows.execute("SELECT count(*) FROM notices WHERE sent_at IS NULL").fetchone()
            [unwritten] = rows.execute("SELECT count(*) FROM reports WHERE written < version").fetchone()
        return judged >= count and not unsent and not unwritten

    wait_for(told, 600, f"{count} verdicts and their emails")
    time.sleep(REST_SECONDS)


def database_of(daemon: Daemon) -> Path:
    return Path(str(sa.make_url(daemon.config.database_url).database))


def bytes_of(daemon: Daemon) -> int:
    """The size of the database after a checkpoint of its log, without pages that are free."""
    with sqlite3.connect(database_of(daemon)) as rows:
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [pages], [free], [size] = (
            rows.execute(f"PRAGMA {what}").fetchone() for what in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)


def cost_of_release(count: int, by: str, keep: Path | None) -> None:
    with tempfile.TemporaryDirectory() as where:
        home = Path(where) / "home"
        home.mkdir()
        press = Press(Path(where))
        folders = [press.release(number) for number in range(1, WARM_UP + count + 1)]
        with counted_daemon(home) as (daemon, counters):
            look = Look(daemon)
            drop(daemon, folders[:WARM_UP], by)
            wait_until_told(look, WARM_UP)
            before_idle = used(daemon, counters)
            time.sleep(IDLE_SECONDS)
            before, size = used(daemon, counters), bytes_of(daemon)
            idle = before.less(before_idle)
            drop(daemon, folders[WARM_UP:], by)
            wait_until_told(look, WARM_UP + count)
            spent, grown = used(daemon, counters).less(before), bytes_of(daemon) - size
            statuses = Counter(look.statuses().values())
            emails = len(look.emails())
        if keep is not None:
            shutil.copy(database_of(daemon), keep)
    print(f"{count} releases by {by} in {spent.wall:.0f} s: {dict(statuses)}, {emails} emails")
    print("each:", spent.less(idle, spent.wall / idle.wall).shared(count) + f", {grown / count / 1000:.1f} kB")
    print("idle, a minute:", idle.less(idle, 1 - 60 / idle.wall).shared(1))
    print(WANTED, flush=True)


def print_rows(database: Path) -> None:
    with sqlite3.connect(database) as rows:
        taken = rows.execute("SELECT name, sum(pgsize), sum(payload) FROM dbstat GROUP BY name ORDER BY 2 DESC")
        for name, size, payload in taken:
            print(f"{size:>12,} {payload:>12,} {name}")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    release = verbs.add_parser("release", help="what one tiny release costs")
    release.add_argument("--count", type=int, default=40)
    release.add_argument("--by", choices=("disk", "sftp"), default="sftp")
    release.add_argument("--keep", type=Path, help="copy the database to this file in the end")
    rows = verbs.add_parser("rows", help="bytes of each table and index")
    rows.add_argument("database", type=Path)
    daemon = verbs.add_parser("serve", help="the daemon that counts; used by `release`")
    daemon.add_argument("counters", type=Path)
    daemon.add_argument("words", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(arguments)
    if chosen.verb == "release":
        cost_of_release(chosen.count, chosen.by, chosen.keep)
    elif chosen.verb == "rows":
        print_rows(chosen.database)
    else:
        serve(chosen.counters, chosen.words)


if __name__ == "__main__":
    main(sys.argv[1:])
