"""A file is opened for writing while another session renames its release folder, which is then sealed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.inbound.sftp.protocol import Code, OpenFlag
from tests.inbound.sftp.raw import Reply
from tests.inbound.sftp.sessions import MAKE_ANEW, Server, Session, code_of, prepare
from tests.inbound.sftp.stored import Counts

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROUNDS = 500
ROUNDS_OF_MAKING = 100
QUOTA = Counts(bytes=10**9, files=10**6, folders=10**6)
CHECKED = b"<artist>whom QC saw</artist>"
LATE = b"<artist>someone else</artist>!!"
LEADS = [0.0001 * (number % 50) - 0.001 for number in range(ROUNDS)]
"""For each round, seconds by which the one that opens begins before the one that renames: -1 to 4 ms."""
BUSY = 0.008
"""Seconds for which the database is busy with somebody else's change meanwhile."""


@dataclass
class Race:
    """Two sessions of the label anna, each with a thread."""

    server: Server
    opening: Session
    renaming: Session
    threads: ThreadPoolExecutor

    def at_once(self, one: Callable[[], Reply], other: Callable[[], Reply], lead: float) -> tuple[Reply, Reply]:
        """Ask both at about the same moment, one of them `lead` seconds before the other.

        Both find the database busy, so either may be the first to note in the journal what it does.
        """
        start = threading.Barrier(2)

        def ask(question: Callable[[], Reply], wait: float) -> Reply:
            start.wait()
            until = time.perf_counter() + wait
            while time.perf_counter() < until:
                pass
            return question()

        with self.server.store.transaction():
            first = self.threads.submit(ask, one, max(0, -lead))
            second = self.threads.submit(ask, other, max(0, lead))
            time.sleep(BUSY)
        return first.result(), second.result()

    def put(self, path: str, body: bytes) -> None:
        """Upload a file and close it."""
        handle = self.opening.open(path, MAKE_ANEW).handle
        (reply,) = self.opening.write(handle, (0, body))
        assert code_of(reply) is Code.OK
        self.opening.close(handle)


@pytest.fixture
def race(tmp_path: Path, unflushed: None) -> Iterator[Race]:
    prepare(tmp_path, QUOTA)
    server = Server(tmp_path)
    one, other = server.session("anna"), server.session("anna")
    with ThreadPoolExecutor(2) as threads:
        yield Race(server, one, other, threads)
    one.end()
    other.end()
    assert server.trouble() == []
    server.close()


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("flags", [OpenFlag.WRITE, MAKE_ANEW], ids=["resumed", "truncated"])
def test_a_file_opened_while_its_folder_is_renamed_is_not_written_after_the_sealing(race: Race, flags: int) -> None:
    written = [number for number in range(ROUNDS) if is_written_after_sealing(race, number, flags)]
    assert written == [], f"{len(written)} of {ROUNDS} rounds"


def is_written_after_sealing(race: Race, number: int, flags: int) -> bool:
    """One round: the file is opened, its folder renamed and sealed, then the file is written."""
    old, new = f"A{number}", f"B{number}"
    race.opening.mkdir(old)
    race.put(f"{old}/metadata.xml", CHECKED)
    opened, renamed = race.at_once(
        lambda: race.opening.open(f"{old}/metadata.xml", flags),
        lambda: race.renaming.rename(old, new, replaces=False),
        LEADS[number],
    )
    assert code_of(renamed) is Code.OK
    place = race.server.seal("anna", new)
    before = files_in(place) if place else {}
    if code_of(opened) is Code.OK:
        race.opening.write(opened.handle, (0, LATE))
        race.opening.close(opened.handle)
    if place:
        return files_in(place) != before
    place = race.server.seal("anna", new)
    assert place is not None, "nothing is open any more, and still the folder is not sealed"
    return False


def test_a_file_made_while_its_folder_is_renamed_does_not_appear_after_the_sealing(race: Race) -> None:
    written = [number for number in range(ROUNDS_OF_MAKING) if appears_after_sealing(race, number)]
    assert written == [], f"{len(written)} of {ROUNDS_OF_MAKING} rounds"


def appears_after_sealing(race: Race, number: int) -> bool:
    """One round: a folder is sealed at the moment at which a file is made in it."""
    old, new = f"A{number}", f"B{number}"
    race.opening.mkdir(old)
    race.put(f"{old}/metadata.xml", CHECKED)
    race.at_once(
        lambda: race.opening.mkdir(f"{old}/more"),
        lambda: race.renaming.rename(old, new, replaces=False),
        LEADS[number],
    )
    found: list[tuple[Path, set[str]]] = []

    def seal() -> Reply:
        if place := race.server.seal("anna", new):
            found.append((place, set(files_in_all(place))))
        return race.renaming.stat("")

    made, _ = race.at_once(lambda: race.opening.open(f"{new}/late.wav", MAKE_ANEW), seal, LEADS[number * 7 % 50])
    if code_of(made) is Code.OK:
        race.opening.write(made.handle, (0, LATE))
        race.opening.close(made.handle)
    return any(set(files_in_all(place)) != names for place, names in found)


def files_in_all(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*")]
