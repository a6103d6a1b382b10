"""Intake, turn by turn, over real rows and folders: what it finds, waits for, seals, and tells of."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.core.readiness import Readiness
from ingest.inbound.intake import LOOKS_PER_LABEL, Intake
from ingest.inbound.watched import Callbacks, Snapshot, Watched
from ingest.readers.folder import kind_of
from ingest.store.models import SEALED, ReleaseFolder
from ingest.store.workers import note_heartbeat
from tests.inbound.journaling import folder_of, journal_of, sealer_of, upload
from tests.stage import START, Stage, staged

WHOLE = Readiness(True, None, (), (), has_cover=True, has_marker=False, explained=False)
LACKING = replace(WHOLE, missing=("02.wav",))


@dataclass
class Watching:
    """An intake, what the looks at its folders answer, and whom it told what."""

    on: Stage
    readiness: dict[str, Readiness | Exception] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)
    arrived: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    strays: list[list[str]] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    was_set_by: float = 0.0

    def __post_init__(self) -> None:
        app = self.on.app
        told = Callbacks(self.look, self.arrive, self.stray, lambda what, detail: self.alarms.append(what), kind_of)
        self.intake = Intake(app.config, app.store, sealer_of(self.on), told, self.on.clock, self.log, self.monotonic)

    def monotonic(self) -> float:
        return self.on.clock().timestamp() - self.was_set_by

    def set_clock(self, seconds: float) -> None:
        """Set the wall clock forward or back; no time passes."""
        self.on.clock.advance(seconds=seconds)
        self.was_set_by += seconds

    def look(self, place: Path, name: str) -> Readiness:
        assert place == self.incoming / name
        self.looks.append(name)
        answer = self.readiness.get(name, WHOLE)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def arrive(self, tx: Any, folder: ReleaseFolder, missing: Any) -> None:
        self.on.app.moves.arrive(tx, folder, "", missing, self.on.clock())
        self.arrived.append((folder.name, missing))

    def stray(self, tx: Any, label: Any, names: Any) -> None:
        self.strays.append(names)

    def log(self, event: str, **values: object) -> None:
        self.said.append(event)

    @property
    def incoming(self) -> Path:
        return self.on.app.config.paths.incoming("anna")

    def put(self, path: str, content: bytes = b"x") -> None:
        """A file that got there by other means than SFTP."""
        (self.incoming / path).parent.mkdir(parents=True, exist_ok=True)
        (self.incoming / path).write_bytes(content)

    def turn(self, seconds: float = 0) -> None:
        """Time passes, then one turn, with all of its looks."""
        self.on.clock.advance(seconds=seconds)
        with ThreadPoolExecutor(4) as pool:
            self.intake.turn(pool)

    def state(self, name: str) -> str:
        row = folder_of(self.on, name)
        return "none" if row is None else row.state


@pytest.fixture
def watching(on: Stage) -> Watching:
    return Watching(on)


def test_a_folder_that_got_there_by_other_means_is_found_and_sealed_when_it_is_quiet(watching: Watching) -> None:
    watching.put("Album/metadata.xml")
    watching.turn()
    assert (watching.state("Album"), watching.looks) == ("open", [])
    watching.turn(6)
    assert (watching.state("Album"), watching.looks) == ("open", ["Album"])
    watching.turn(20)
    assert (watching.state("Album"), watching.looks) == ("open", ["Album"])
    watching.turn(10)
    assert (watching.state("Album"), watching.looks) == ("sealed", ["Album"])
    assert not (watching.incoming / "Album").exists()
    assert "sealed" in watching.said
    watching.turn(60)
    assert watching.looks == ["Album"]


def test_a_file_that_changes_makes_the_quiet_begin_anew_and_the_folder_be_looked_at_again(watching: Watching) -> None:
    watching.put("Album/metadata.xml")
    for seconds in (0, 6):
        watching.turn(seconds)
    watching.put("Album/01.wav")
    watching.turn(24)
    assert (watching.state("Album"), watching.looks) == ("open", ["Album"])
    watching.turn(29)
    assert (watching.state("Album"), watching.looks) == ("open", ["Album", "Album"])
    watching.turn(1)
    assert watching.state("Album") == "sealed"


def test_what_is_missing_is_told_once_while_somebody_is_connected_and_the_folder_is_sealed_in_the_end(
    watching: Watching,
) -> None:
    watching.readiness["Album"] = LACKING
    journal, account = journal_of(watching.on)
    number = upload(watching.on, journal, account, "Album/metadata.xml")
    watching.turn(600)
    assert watching.looks == []
    journal.closed(number, received=1, size=1, holes=False, interrupted=False)
    watching.intake.notice(1, "Album")
    for seconds in (0, 6, 240, 60, 60):
        watching.turn(seconds)
    assert watching.arrived == [("Album", ("02.wav has not arrived.",))]
    assert watching.state("Album") == "open"
    watching.turn(3600)
    assert watching.state("Album") == "sealed"


def test_files_outside_any_folder_are_told_of_once_litter_never_and_again_when_they_come_back(
    watching: Watching,
) -> None:
    patience = watching.on.app.config.intake.stray_seconds
    for name in ("a.wav", ".DS_Store"):
        watching.put(name)
    watching.turn()
    assert watching.strays == []
    watching.put("b.wav")
    for _ in range(2):
        watching.turn(patience)
    assert watching.strays == [["a.wav", "b.wav"]]
    (watching.incoming / "a.wav").unlink()
    watching.turn(60)
    watching.put("a.wav")
    watching.turn(60)
    watching.turn(patience)
    assert watching.strays == [["a.wav", "b.wav"], ["a.wav"]]


def test_an_archive_outside_any_folder_is_told_of_at_once_and_by_itself(watching: Watching) -> None:
    for name in ("a.wav", "Album.ZIP"):
        watching.put(name)
    watching.turn()
    assert watching.strays == [["Album.ZIP"]]
    watching.turn(watching.on.app.config.intake.stray_seconds)
    assert watching.strays == [["Album.ZIP"], ["a.wav"]]


def test_a_folder_with_nothing_but_an_archive_is_taken_when_it_is_quiet(watching: Watching) -> None:
    for name in ("Album/album.zip", "Album/.DS_Store", "Other/album.zip", "Other/metadata.xml"):
        watching.put(name)
    watching.readiness["Other"] = LACKING
    watching.turn()
    watching.turn(30)
    assert (watching.state("Album"), watching.state("Other")) == ("sealed", "open")


@pytest.mark.parametrize(("is_online", "seconds"), [(False, 900), (True, 3600)])
def test_an_empty_folder_comes_to_its_end_sooner_where_its_label_is_not_connected(
    watching: Watching, is_online: bool, seconds: int
) -> None:
    journal, account = journal_of(watching.on)
    if is_online:
        journal.connected(account, "192.0.2.1")
    (watching.incoming / "Album").mkdir(parents=True)
    watching.turn()
    watching.turn(seconds - 2)
    assert watching.state("Album") == "open"
    watching.intake.notice(1, "Album")
    watching.turn(2)
    assert watching.state("Album") == "sealed"


@pytest.mark.parametrize("told", [False, True])
def test_a_folder_that_is_gone_is_forgotten_or_comes_to_its_end_where_its_label_was_told(
    watching: Watching, told: bool
) -> None:
    watching.readiness["Album"] = LACKING
    journal, account = journal_of(watching.on)
    number = upload(watching.on, journal, account, "Album/metadata.xml")
    journal.closed(number, received=1, size=1, holes=False, interrupted=False)
    for seconds in (0, 6, 240):
        watching.turn(seconds if told else 0)
    assert bool(watching.arrived) is told
    shutil.rmtree(watching.incoming / "Album")
    watching.turn(60)
    assert watching.state("Album") == ("sealed" if told else "gone")


def test_a_look_that_fails_is_told_to_ops_and_keeps_no_other_folder_waiting(watching: Watching) -> None:
    watching.readiness["A"] = OSError("disk")
    for name in "AB":
        watching.put(f"{name}/metadata.xml")
    for seconds in (0, 6, 30):
        watching.turn(seconds)
    assert (watching.state("A"), watching.state("B"), watching.looks.count("A")) == ("open", "sealed", 1)
    row = folder_of(watching.on, "A")
    assert row is not None and watching.alarms == [f"release folder {row.id} could not be looked at"]
    watching.readiness["A"] = WHOLE
    for seconds in (60, 30):
        watching.turn(seconds)
    assert watching.state("A") == "sealed"


def test_a_look_that_fails_because_another_worker_sealed_the_folder_is_no_alarm(watching: Watching) -> None:
    watching.put("Album/metadata.xml")
    watching.turn()
    row = folder_of(watching.on, "Album")
    assert row is not None

    def seal_elsewhere(place: Path, name: str) -> Readiness:
        with watching.on.app.store.transaction() as tx:
            tx.get_one(ReleaseFolder, row.id).state = SEALED
        raise FileNotFoundError(place)

    watching.intake.callbacks = replace(watching.intake.callbacks, look=seal_elsewhere)
    watching.turn(6)
    assert "look failed" in watching.said
    assert watching.alarms == []


def test_folders_of_labels_in_the_share_of_another_worker_are_left_to_it(watching: Watching) -> None:
    with watching.on.app.store.transaction() as tx:
        note_heartbeat(tx, "w2", watching.on.clock())
    watching.intake.worker = "w1"
    watching.intake.__post_init__()
    watching.put("Album/metadata.xml")
    for seconds in (0, 6, 20, 10, 60):
        watching.turn(seconds)
        with watching.on.app.store.transaction() as tx:
            note_heartbeat(tx, "w2", watching.on.clock())
    assert watching.looks == []
    for seconds in (31, 6, 30):
        watching.turn(seconds)
    assert watching.state("Album") == "sealed"


HOURS = 3600.0


@pytest.mark.parametrize("seconds", [-5 * HOURS, 2 * HOURS, 300, -300])
def test_after_the_clock_was_set_new_folders_are_found_at_the_next_turn(watching: Watching, seconds: float) -> None:
    watching.turn()
    watching.put("Album/metadata.xml")
    watching.set_clock(seconds)
    for passed in (0, 6):
        watching.turn(passed)
    assert (watching.state("Album"), watching.looks) == ("open", ["Album"])
    watching.turn(30)
    assert watching.state("Album") == "sealed"
    assert "clock was set" in watching.said


@pytest.mark.parametrize("seconds", [2 * HOURS, 300, 31, -31, -5 * HOURS])
def test_a_clock_that_is_set_seals_no_folder_whose_upload_goes_on(watching: Watching, seconds: float) -> None:
    watching.readiness["Album"] = LACKING
    watching.put("Album/metadata.xml")
    for passed in (0, 6, 2):
        watching.turn(passed)
    watching.set_clock(seconds)
    for passed in (0, 6, 6, 200):
        watching.turn(passed)
        assert watching.state("Album") == "open"
    watching.put("Album/02.wav", b"wave")
    watching.readiness["Album"] = WHOLE
    watching.intake.notice(1, "Album")
    for passed in (1, 6):
        watching.turn(passed)
    assert watching.state("Album") == "open"
    watching.turn(30)
    assert watching.state("Album") == "sealed"


def test_a_look_that_ran_while_the_clock_was_set_seals_nothing(watching: Watching) -> None:
    watching.put("Album/metadata.xml")
    for passed in (0, 6):
        watching.turn(passed)

    snapshot = watching.intake._snapshot

    def and_set(number: int, watched: Watched) -> Snapshot | None:
        watching.set_clock(2 * HOURS)
        watching.on.clock.advance(seconds=40)
        watching.intake._snapshot = snapshot  # type: ignore[method-assign]
        return snapshot(number, watched)

    watching.intake._snapshot = and_set  # type: ignore[method-assign]
    watching.turn(24)
    assert watching.state("Album") == "open"
    for passed in (0, 20):
        watching.turn(passed)
    assert watching.state("Album") == "open"
    watching.turn(11)
    assert watching.state("Album") == "sealed"


@pytest.mark.parametrize(("passed", "told"), [(0, 0), (200, 0), (300, 1)])
def test_loose_files_are_told_after_their_time_and_not_by_a_clock_that_was_set(
    watching: Watching, passed: float, told: int
) -> None:
    watching.put("loose.wav")
    watching.turn()
    watching.set_clock(2 * HOURS)
    watching.turn()
    watching.turn(passed)
    assert len(watching.strays) == told


def test_a_name_that_is_not_utf_8_is_told_to_ops_and_the_folder_stays(watching: Watching) -> None:
    watching.incoming.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(watching.incoming) + b"/caf\xe9")).mkdir()
    watching.turn()
    assert watching.alarms == ["anna has a folder whose name is not UTF-8"]


def test_folders_that_cannot_be_listed_are_told_to_ops_and_other_labels_are_gone_through(tmp_path: Path) -> None:
    with staged(tmp_path, [("ben", "Ben")]) as on:
        watching = Watching(on)
        watching.incoming.parent.mkdir(parents=True)
        watching.incoming.write_text("no folder")
        (on.app.config.paths.incoming("ben") / "Album").mkdir(parents=True)
        watching.turn()
        assert watching.alarms == ["the folders of anna cannot be listed"]
        assert watching.state("Album") == "open"


def test_what_is_noticed_of_no_open_folder_is_not_looked_for(watching: Watching) -> None:
    watching.turn()
    for name in ("Nothing", ".."):
        watching.intake.notice(1, name)
    watching.intake.notice(99, "Album")
    watching.put("Album/metadata.xml")
    watching.turn(6)
    assert (watching.state("Album"), watching.state("Nothing")) == ("none", "none")
    watching.intake.rescan_soon()
    watching.turn(6)
    assert watching.state("Album") == "open"


@pytest.fixture
def goes_on() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_label_with_many_folders_has_a_few_looks_at_a_time(watching: Watching, goes_on: threading.Event) -> None:
    for number in range(LOOKS_PER_LABEL + 3):
        watching.put(f"{number}/metadata.xml")
    for _ in range(3):
        watching.turn()
    watching.on.clock.advance(seconds=6)
    look = watching.intake.callbacks.look
    began = threading.Semaphore(0)

    def slow(place: Path, name: str) -> Readiness:
        began.release()
        goes_on.wait(20)
        return look(place, name)

    watching.intake.callbacks = replace(watching.intake.callbacks, look=slow)
    with ThreadPoolExecutor(8) as pool:
        watching.intake.turn(pool)
        assert all(began.acquire(timeout=20) for _ in range(LOOKS_PER_LABEL))
        watching.intake.turn(pool)
        assert not began.acquire(timeout=0.3)
        goes_on.set()
    for _ in range(2):
        watching.turn(1)
    assert sorted(watching.looks) == [str(number) for number in range(LOOKS_PER_LABEL + 3)]


def test_a_thread_of_its_own_finishes_what_broke_off_and_goes_on_after_a_fault(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.inbound.intake.TICK_SECONDS", 0.01)
    watching.put("Album/metadata.xml")
    watching.turn()
    row = folder_of(watching.on, "Album")
    assert row is not None
    with watching.on.app.store.transaction() as tx:
        tx.get_one(ReleaseFolder, row.id).state = "sealing"
    again = threading.Semaphore(0)

    def fail() -> None:
        again.release()
        raise OSError("disk")

    monkeypatch.setattr(watching.intake, "rescan", fail)
    watching.on.clock.advance(seconds=600)
    thread = watching.intake.start()
    try:
        assert again.acquire(timeout=20)
        watching.on.clock.advance(seconds=600)
        assert again.acquire(timeout=20)
    finally:
        watching.intake.stop()
        thread.join()
    row = folder_of(watching.on, "Album")
    assert row is not None and (row.state, row.touched_at) == ("open", START + timedelta(seconds=600))
    assert set(watching.alarms) == {"intake failed"}
