"""Make the fixtures of the upgrade test: what an older version of `ingest` left behind when it was killed.

    python -m tests.upgrade.make_fixture COMMIT

runs the `ingest` of that commit as a daemon, with the packages of this environment, once on SQLite and once on
PostgreSQL, and writes `fixtures/COMMIT-*`. `scenario` tells what happens. Needs git, PostgreSQL and some minutes.
"""

from __future__ import annotations

import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.ports import free_port
from tests.postgres import empty_database, newest_programs, server
from tests.upgrade.home import EMAILS, FIXTURES, MADE_IN, Home, ask
from tests.upgrade.scenario import play

KEPT: Final = ("data", "dsp", EMAILS)
LEFT_OUT: Final = ("data/state/host-keys",)


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """Let child processes run the code of that commit: from its folder, which is first on their path too.

    Yields a temporary folder that is removed at the end.
    """
    repository, temporary = Path.cwd(), Path(tempfile.mkdtemp(prefix="ingest-older-"))
    place = temporary / "code"
    subprocess.run(["git", "worktree", "add", "--detach", str(place), commit], check=True)
    os.chdir(place)
    os.environ |= {"PYTHONPATH": str(place), "LOGNAME": "ngozi"}
    try:
        told = subprocess.run(
            [sys.executable, "-c", "import ingest; print(ingest.__file__)"], capture_output=True, text=True, check=True
        )
        assert told.stdout.strip() == str(place / "ingest/__init__.py"), told.stdout
        yield temporary
    finally:
        os.chdir(repository)
        subprocess.run(["git", "worktree", "remove", "--force", str(place)], check=True)
        shutil.rmtree(temporary)


def make(name: str, database: str, releases: Path) -> None:
    """Play the scenario on this database, and keep the home and what is said of it as `fixtures/NAME*`."""
    home = Home(MADE_IN, free_port(), database=database)
    for dsp in ("alpha", "beta"):
        (home.home / "dsp" / dsp).mkdir(parents=True)
    try:
        play(home, releases)
        said = json.dumps(asdict(ask(home)), indent=1, ensure_ascii=False)
        (FIXTURES / f"{name}-expected.json").write_text(f"{said}\n", "utf-8")
        pack(home.home, FIXTURES / f"{name}.tar.xz")
        if database:
            (FIXTURES / f"{name}.sql.xz").write_bytes(lzma.compress(dump(database), preset=9 | lzma.PRESET_EXTREME))
    except BaseException:
        print(home.log())
        raise
    finally:
        if home.process is not None and home.process.poll() is None:
            home.kill()
        shutil.rmtree(MADE_IN)


def pack(home: Path, archive: Path) -> None:
    """The files of the home: nobody's, without host keys, emails under names that say nothing of this machine."""
    for number, email in enumerate(sorted((home / EMAILS / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)):
        email.rename(email.with_name(f"{number:04}.test"))

    def kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return None if entry.name in LEFT_OUT else entry

    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for name in KEPT:
            tar.add(home / name, name, filter=kept)


def dump(database: str) -> bytes:
    """The database as SQL that every client and every supported server understands: without what one version added."""
    command = ["pg_dump", "--no-owner", "--no-privileges", "--inserts", "--dbname", database]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    foreign = ("\\restrict", "\\unrestrict", "SET transaction_timeout")
    return "".join(line for line in said.splitlines(keepends=True) if not line.startswith(foreign)).encode()


def main() -> None:
    commit = sys.argv[1]
    FIXTURES.mkdir(exist_ok=True)
    programs = newest_programs()
    assert programs is not None, "PostgreSQL is not installed"
    with checked_out(commit) as place:
        make(f"{commit}-sqlite", "", place / "sqlite")
        with server(programs) as url, empty_database(url) as database:
            make(f"{commit}-postgresql", database, place / "postgresql")
    for path in sorted(FIXTURES.glob(f"{commit}-*")):
        print(f"{path.stat().st_size:>9,} {path.name}")


if __name__ == "__main__":
    main()
