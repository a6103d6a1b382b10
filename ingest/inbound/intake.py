"""Intake: watches the labels' release folders, finds out when one is settled, and has it sealed.

The journal of the SFTP server is the first source. A scan of the disk every `rescan_seconds` finds folders placed by
other means (by ops, by rsync), and bounds the delay that a lost event causes.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from ingest.config import Config
from ingest.core.log import Log
from ingest.core.readiness import Readiness
from ingest.inbound import scan
from ingest.inbound.seal import Sealer
from ingest.inbound.settle import Act, Decision, decide
from ingest.inbound.shares import Shares
from ingest.inbound.steady_clock import SteadyClock
from ingest.inbound.strays import Strays
from ingest.inbound.watched import Callbacks, Snapshot, Watched, view_of
from ingest.store import folders, labels, packages, strays, uploads
from ingest.store.database import Clock, Store
from ingest.store.known import all_approved
from ingest.store.models import OPEN, Label, ReleaseFolder

TICK_SECONDS: Final = 0.25
LOOKS_SIDE_BY_SIDE: Final = 8
LOOKS_PER_LABEL: Final = 3
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
RESCAN_PAUSE: Final = timedelta(seconds=2)
AGAIN: Final = timedelta(seconds=1)
"""The pause before the next look at a folder that changed during a look."""


@dataclass
class Intake:
    """Looks at open release folders in a thread of its own, and seals those that are settled.

    `heartbeat` is when its last turn began, for the daemon's self-check. `clock` may be set forward and back: quiet
    counts by `monotonic`, and after a step every open folder counts as touched.
    """

    config: Config
    store: Store
    sealer: Sealer
    callbacks: Callbacks
    clock: Clock
    log: Log
    monotonic: Callable[[], float] = time.monotonic
    worker: str = ""
    _watched: dict[int, Watched] = field(default_factory=dict)
    _noticed: set[tuple[int, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _rescan_due: datetime = LONG_AGO
    _rescanned: datetime = LONG_AGO
    heartbeat: datetime | None = None

    def __post_init__(self) -> None:
        self._time = SteadyClock(self.clock, self.monotonic)
        self._shares = Shares(self.store, self.worker)
        self._strays = Strays(self.config, self.store, self.callbacks)

    def start(self) -> threading.Thread:
        """Finish what a crash interrupted, then run in a thread of its own until `stop`; returns the thread."""
        self.sealer.recover()
        self.sealer.note_older()
        with self.store.transaction() as tx:
            folders.touch_all_open(tx, self.clock())
        thread = threading.Thread(target=self._run, name="intake")
        thread.start()
        return thread

    def stop(self) -> None:
        """Let the thread end after its present turn and the looks under way; returns at once."""
        self._stop.set()

    def notice(self, label: int, name: str) -> None:
        """Look at this release folder of the label at the next turn: something happened in it. Safe from any thread."""
        with self._lock:
            self._noticed.add((label, name))

    def rescan_soon(self) -> None:
        """Scan the disk soon: something happened in no known folder. Safe from any thread."""
        self._rescan_due = min(self._rescan_due, self._rescanned + RESCAN_PAUSE)

    def _run(self) -> None:
        with ThreadPoolExecutor(LOOKS_SIDE_BY_SIDE, thread_name_prefix="look") as pool:
            while not self._stop.wait(TICK_SECONDS):
                try:
                    self.turn(pool)
                except Exception as error:  # noqa: BLE001 - the supervisor of intake: it must go on
                    self.log("intake failed", fault=repr(error))
                    self._alarm("intake failed", repr(error))

    def turn(self, pool: ThreadPoolExecutor) -> None:
        """One turn: rescan when due, take in what was noticed, start a look at every folder that is due."""
        if self._time.has_stepped():
            self._begin_anew(self.clock())
        self._time.follow()
        now = self.heartbeat = self._time()
        self._shares.refresh(now)
        if now >= self._rescan_due:
            self._rescan_due = now + timedelta(seconds=self.config.intake.rescan_seconds)
            self.rescan()
            self._rescanned = self.clock()
        with self._lock:
            noticed, self._noticed = self._noticed, set()
        self._take_in(noticed, now)
        busy = Counter(one.label for one in list(self._watched.values()) if one.is_running)
        for number, watched in sorted(self._watched.items(), key=lambda pair: pair[1].due):
            is_due = watched.due <= now and not watched.is_running and self._shares.has(watched.label)
            if is_due and busy[watched.label] < LOOKS_PER_LABEL:
                # At most LOOKS_PER_LABEL at a time for a label: slow looks at its folders do not delay other labels.
                busy[watched.label] += 1
                # A notice that comes during the look sets `due` to now; looks that succeed only make `due` earlier.
                watched.due = now + timedelta(seconds=self.config.intake.rescan_seconds)
                watched.running = pool.submit(self._look_safely, number, watched)

    def _take_in(self, noticed: set[tuple[int, str]], now: datetime) -> None:
        if not noticed:
            return
        with self.store.reading() as tx:
            for label, name in noticed:
                folder = folders.open_folder(tx, label, name)
                if folder is not None:
                    self._watched.setdefault(folder.id, Watched(label, now)).due = now

    def _begin_anew(self, now: datetime) -> None:
        """The wall clock was set, so times noted before may be hours off: make all due, and let quiet begin anew."""
        self.log("clock was set", seconds=round((now - self._time()).total_seconds()))
        with self.store.transaction() as tx:
            folders.touch_all_open(tx, now)
            strays.see_all_anew(tx, now)
        self._rescan_due = self._rescanned = LONG_AGO
        for watched in list(self._watched.values()):
            watched.due, watched.changed = now, None

    def rescan(self) -> None:
        """Scan every label's /incoming/ for folders and files that no event reported, and for folders that are gone."""
        with self.store.reading() as tx:
            everyone = labels.list_labels(tx)
        for label in filter(lambda one: self._shares.has(one.id), everyone):
            try:
                self._rescan_label(label)
            except OSError as error:
                self._alarm(f"the folders of {label.name} cannot be listed", repr(error))
        self.sealer.recover()

    def _rescan_label(self, label: Label) -> None:
        found = scan.list_incoming(self.config.paths.incoming(label.name))
        for name in found.unreadable:
            self._alarm(f"{label.name} has a folder whose name is not UTF-8", name)
        self._rescan_folders(label, found.folders)
        self._strays.look(label, found.files, self._time())

    def _alarm(self, what: str, detail: str) -> None:
        """Owe ops an email; log what could not even be written to the database."""
        try:
            self.callbacks.alarm(what, detail)
        except Exception as error:  # noqa: BLE001 - intake goes on whatever happens to the database
            self.log("alarm not written", what=what, detail=detail, fault=repr(error))

    def _rescan_folders(self, label: Label, names: Sequence[str]) -> None:
        now = self._time()
        with self.store.reading() as tx:
            known = {row.name: row for row in folders.open_folders(tx, label.id)}
        incoming = self.config.paths.incoming(label.name)
        missing = [row for name, row in known.items() if name not in names and row.state == OPEN]
        gone = [row for row in missing if not (incoming / row.name).is_dir()]
        new = [name for name in names if name not in known]
        for row in gone:
            with self.store.reading() as tx:
                was_told = bool(packages.packages_of(tx, row.id))
            self._vanished(label, row.id, was_told=was_told)
        if new:
            with self.store.transaction() as tx:
                for name in new:
                    known[name] = folders.touch_folder(tx, label.id, name, now)
        for name in names:
            self._watched.setdefault(known[name].id, Watched(label.id, now))

    def _look_safely(self, number: int, watched: Watched) -> None:
        """Look at one folder. A failure is reported to ops, and the folder is due again after `rescan_seconds`."""
        try:
            self._look_at(number, watched)
        except Exception as error:  # noqa: BLE001 - a supervisor: the folder waits, ops are told
            watched.due = self._time() + timedelta(seconds=self.config.intake.rescan_seconds)
            self.log("look failed", folder=number, fault=repr(error))
            if self._is_open(number):
                self._alarm(f"release folder {number} could not be looked at", repr(error))

    def _is_open(self, number: int) -> bool:
        """False when another worker sealed the folder, or gave it up, during a look that failed because of that."""
        try:
            with self.store.reading() as tx:
                row = tx.get(ReleaseFolder, number)
        except SQLAlchemyError:
            return True
        return row is not None and row.state == OPEN

    def _look_at(self, number: int, watched: Watched) -> None:
        """Look at one folder and do what is due. Runs in a thread of the pool."""
        seen = self._snapshot(number, watched)
        if seen is None:
            return
        decision = self._decide(seen, watched)
        if decision.act is Act.LOOK:
            watched.readiness = self._as_known(seen.label, self.callbacks.look(seen.place, seen.folder.name))
            seen = self._snapshot(number, watched)
            if seen is None:
                return
            decision = self._decide(seen, watched)
        if self._time.has_stepped():  # what was decided may rest on times from before the step
            watched.due = min(watched.due, self._time())
        elif decision.act is Act.LOOK:  # its files changed while they were looked at
            watched.due = min(watched.due, self._time() + AGAIN)
        elif decision.act is Act.SEAL:
            self._seal(seen, watched)
        elif decision.act is Act.TELL and watched.readiness is not None:
            self._tell(seen.folder, watched.readiness)
        elif decision.again is not None:
            watched.due = min(watched.due, decision.again)

    def _snapshot(self, number: int, watched: Watched) -> Snapshot | None:
        """The folder's row, uploads and files at one moment; None when it is no longer open or gone.

        It is not watched any more then. What was read of its files is forgotten when they differ from those of the last
        look.
        """
        with self.store.snapshot() as tx:
            folder = tx.get(ReleaseFolder, number)
            label = None if folder is None else tx.get(Label, folder.label_id)
            if folder is None or label is None or folder.state != OPEN:
                self._watched.pop(number, None)
                return None
            place = self.config.paths.incoming(label.name) / folder.name
            states, told = uploads.uploads_of(tx, number), bool(packages.packages_of(tx, number))
            is_online = uploads.is_connected(tx, label.id)
            files = scan.files_of(place) if place.is_dir() else None
        if files is None:
            self._vanished(label, number, was_told=told)
            return None
        if files != watched.files:
            watched.changed, watched.files, watched.readiness = self._time(), files, None
        return Snapshot(label, folder, place, tuple(states), told, is_online)

    def _decide(self, seen: Snapshot, watched: Watched) -> Decision:
        now = self._time()
        return decide(view_of(seen, watched, self.callbacks.kind_of, now), self.config.intake, now)

    def _as_known(self, label: Label, readiness: Readiness) -> Readiness:
        """A message without its files counts as an update where QC approved the release: waiting does not help."""
        if not readiness.bare or readiness.is_whole:
            return readiness
        with self.store.reading() as tx:
            are_known = all_approved(tx, label.id, readiness.bare)
        return replace(readiness, explained=readiness.explained_if_known) if are_known else readiness

    def _vanished(self, label: Label, folder: int, *, was_told: bool) -> None:
        self.sealer.give_up(label, folder, was_told=was_told)
        self._watched.pop(folder, None)

    def _tell(self, folder: ReleaseFolder, readiness: Readiness) -> None:
        with self.store.transaction() as tx:
            self.callbacks.arrive(tx, folder, readiness.wanting())
        self.log("incomplete", folder=folder.name, missing=len(readiness.wanting()))

    def _seal(self, seen: Snapshot, watched: Watched) -> None:
        sealed = self.sealer.seal(seen.label, seen.folder, lambda: scan.files_of(seen.place) == watched.files)
        if not sealed:
            watched.due = self._time() + AGAIN
        else:
            self._watched.pop(seen.folder.id, None)
            self.log("sealed", label=seen.label.name, folder=seen.folder.name, files=len(watched.files))
