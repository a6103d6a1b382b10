"""Intake: watches the labels' folders, finds out when a release is settled, and has it sealed.

What the backend saw is the first source; a scan of the disk is the safety net, so that folders placed by other means
(by ops, by rsync) are found too and a lost event costs a minute at most.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.facts import FileKind, UploadEnd
from ingest.core.log import Log
from ingest.core.readiness import Readiness
from ingest.inbound import scan
from ingest.inbound.seal import Sealer
from ingest.inbound.settle import Act, View, decide
from ingest.store import folders, labels, packages, strays, uploads
from ingest.store.database import Clock, Store
from ingest.store.known import is_known
from ingest.store.models import OPEN, Label, ReleaseFolder

TICK_SECONDS: Final = 0.25
LOOKS_SIDE_BY_SIDE: Final = 8
LOOKS_PER_LABEL: Final = 3
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
RESCAN_PAUSE: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What intake is given by the daemon, because it may not import it.

    `look` answers how complete the folder is (it reads in a child process); `arrive` makes the package of a folder
    that is not complete, with what is missing; `stray` tells a label of files outside any release folder; `alarm`
    tells ops; `kind_of` is the kind of a file by its name.
    """

    look: Callable[[Path, str], Readiness]
    arrive: Callable[[Session, ReleaseFolder, Sequence[str]], None]
    stray: Callable[[Session, Label, Sequence[str]], None]
    alarm: Callable[[str, str], None]
    kind_of: Callable[[str], FileKind]


@dataclass(slots=True)
class Watched:
    """What is remembered of one open folder between two looks."""

    label: int
    due: datetime
    files: scan.Files = ()
    changed: datetime | None = None
    readiness: Readiness | None = None
    running: Future[None] | None = None

    @property
    def is_running(self) -> bool:
        return self.running is not None and not self.running.done()


@dataclass
class Intake:
    config: Config
    store: Store
    sealer: Sealer
    callbacks: Callbacks
    clock: Clock
    log: Log
    _watched: dict[int, Watched] = field(default_factory=dict)
    _noticed: set[tuple[int, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _rescan_due: datetime = LONG_AGO
    _rescanned: datetime = LONG_AGO
    beat: datetime | None = None

    def start(self) -> threading.Thread:
        """Recover from the last end, then watch in a thread of its own until `stop`."""
        self.sealer.recover()
        self.sealer.note_older()
        with self.store.transaction() as tx:
            folders.touch_all_open(tx, self.clock())
        thread = threading.Thread(target=self._run, name="intake")
        thread.start()
        return thread

    def stop(self) -> None:
        self._stop.set()

    def notice(self, label: int, name: str) -> None:
        """Something happened in this release folder; safe from any thread."""
        with self._lock:
            self._noticed.add((label, name))

    def rescan_soon(self) -> None:
        """Something happened that nobody could place; safe from any thread."""
        self._rescan_due = min(self._rescan_due, self._rescanned + RESCAN_PAUSE)

    def _run(self) -> None:
        with ThreadPoolExecutor(LOOKS_SIDE_BY_SIDE, thread_name_prefix="look") as pool:
            while not self._stop.wait(TICK_SECONDS):
                try:
                    self.turn(pool)
                except Exception as fault:  # noqa: BLE001 - the supervisor of intake: it must go on
                    self.log("intake failed", fault=repr(fault))
                    self._alarm("intake failed", repr(fault))

    def turn(self, pool: ThreadPoolExecutor) -> None:
        """One turn: rescan when due, take in what was noticed, look at every folder that is due."""
        now = self.clock()
        if self.beat is not None and now < self.beat:
            self._begin_anew(now)
        self.beat = now
        if now >= self._rescan_due:
            self._rescan_due = now + timedelta(seconds=self.config.intake.rescan_seconds)
            self.rescan()
            self._rescanned = self.clock()
        with self._lock:
            noticed, self._noticed = self._noticed, set()
        self._take_in(noticed, now)
        busy = Counter(one.label for one in list(self._watched.values()) if one.is_running)
        for number, watched in sorted(self._watched.items(), key=lambda pair: pair[1].due):
            if watched.due <= now and not watched.is_running and busy[watched.label] < LOOKS_PER_LABEL:
                # A few looks at a time for a label: whoever fills its folders with trouble waits for itself alone.
                busy[watched.label] += 1
                # What is noticed during the look sets `due` and must not be lost: the look only brings it forward.
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
        """The clock was set back: nothing that was due by the old one may wait for it to come round again."""
        self._rescan_due = self._rescanned = LONG_AGO
        for watched in list(self._watched.values()):
            watched.due = now

    def rescan(self) -> None:
        """Go through every label's /incoming/: folders and files nobody told us of, folders that are gone."""
        with self.store.reading() as tx:
            everyone = labels.list_labels(tx)
        for label in everyone:
            try:
                self._rescan_label(label)
            except OSError as fault:
                self._alarm(f"the folders of {label.name} cannot be listed", repr(fault))
        self.sealer.recover()

    def _rescan_label(self, label: Label) -> None:
        found = scan.list_incoming(self.config.paths.incoming(label.name))
        for name in found.unreadable:
            self._alarm(f"{label.name} has a folder whose name is not UTF-8", name)
        self._rescan_folders(label, found.folders)
        self._rescan_strays(label, found.files)

    def _alarm(self, what: str, detail: str) -> None:
        """Tell ops; where not even that can be written, the log has to do."""
        try:
            self.callbacks.alarm(what, detail)
        except Exception as fault:  # noqa: BLE001 - intake goes on whatever happens to the database
            self.log("alarm not written", what=what, detail=detail, fault=repr(fault))

    def _rescan_folders(self, label: Label, names: Sequence[str]) -> None:
        now = self.clock()
        with self.store.reading() as tx:
            known = {row.name: row for row in folders.open_folders(tx, label.id)}
        incoming = self.config.paths.incoming(label.name)
        missing = [row for name, row in known.items() if name not in names and row.state == OPEN]
        gone = [row for row in missing if not (incoming / row.name).is_dir()]
        new = [name for name in names if name not in known]
        for row in gone:
            self._vanished(label, row.id)
        if new:
            with self.store.transaction() as tx:
                for name in new:
                    known[name] = folders.touch_folder(tx, label.id, name, now)
        for name in names:
            self._watched.setdefault(known[name].id, Watched(label.id, now))

    def _rescan_strays(self, label: Label, names: Sequence[str]) -> None:
        """Files directly in /incoming/; nothing is written for a label that has none and had none."""
        found = [name for name in names if self.callbacks.kind_of(name) is not FileKind.LITTER]
        with self.store.reading() as tx:
            had = strays.has_strays(tx, label.id)
        if found or had:
            with self.store.transaction() as tx:
                strays.forget_strays(tx, label.id, found)
                self._tell_of_strays(tx, label, found, self.clock())

    def _tell_of_strays(self, tx: Session, label: Label, found: Sequence[str], now: datetime) -> None:
        """One email for all that lie there long enough and were not told of."""
        patience = timedelta(seconds=self.config.intake.stray_seconds)
        untold = [row for row in (strays.see_stray(tx, label.id, name, now) for name in found) if not row.told_at]
        if any(now - row.seen_at >= patience for row in untold):
            self.callbacks.stray(tx, label, [row.name for row in untold])
            for row in untold:
                row.told_at = now

    def _look_safely(self, number: int, watched: Watched) -> None:
        """One folder that cannot be looked at must not keep the others waiting."""
        try:
            self._look_at(number, watched)
        except Exception as fault:  # noqa: BLE001 - a supervisor: the folder waits, ops are told
            watched.due = self.clock() + timedelta(seconds=self.config.intake.rescan_seconds)
            self.log("look failed", folder=number, fault=repr(fault))
            self._alarm(f"release folder {number} could not be looked at", repr(fault))

    def _look_at(self, number: int, watched: Watched) -> None:
        """Look at one folder and do what is due; in a thread of the pool."""
        with self.store.reading() as tx:
            folder = tx.get(ReleaseFolder, number)
            label = None if folder is None else tx.get(Label, folder.label_id)
        if folder is None or label is None or folder.state != OPEN:
            self._watched.pop(number, None)
            return
        place = self.config.paths.incoming(label.name) / folder.name
        if not place.is_dir():
            self._vanished(label, number)
            return
        self._refresh(watched, place)
        decision = decide(self._view(folder, watched), self.config.intake, self.clock())
        if decision.act is Act.LOOK:
            watched.readiness = self._as_known(label, self.callbacks.look(place, folder.name))
            decision = decide(self._view(folder, watched), self.config.intake, self.clock())
        if decision.act is Act.SEAL:
            self._seal(label, folder, watched, place)
        elif decision.act is Act.TELL and watched.readiness is not None:
            self._tell(folder, watched.readiness)
        elif decision.again is not None:
            watched.due = min(watched.due, decision.again)

    def _as_known(self, label: Label, readiness: Readiness) -> Readiness:
        """A message that came alone may be an update, where the label has the release: more waiting will not help."""
        if not readiness.bare or readiness.is_whole:
            return readiness
        with self.store.reading() as tx:
            are_known = all(is_known(tx, label.id, barcode) for barcode in readiness.bare)
        return replace(readiness, explained=readiness.explained_if_known) if are_known else readiness

    def _vanished(self, label: Label, folder: int) -> None:
        with self.store.reading() as tx:
            was_told = bool(packages.packages_of(tx, folder))
        self.sealer.give_up(label, folder, was_told=was_told)
        self._watched.pop(folder, None)

    def _refresh(self, watched: Watched, place: Path) -> None:
        files = scan.files_of(place)
        if files != watched.files:
            watched.changed = self.clock()
            watched.files, watched.readiness = files, None

    def _view(self, folder: ReleaseFolder, watched: Watched) -> View:
        with self.store.reading() as tx:
            states = uploads.uploads_of(tx, folder.id)
            told = bool(packages.packages_of(tx, folder.id))
        present = {f"{folder.name}/{path}" for path, *_ in watched.files}
        kinds = [self.callbacks.kind_of(path) for path, *_ in watched.files]
        return View(
            is_empty=not any(kind is not FileKind.LITTER for kind in kinds),
            touched=min(max(folder.touched_at, watched.changed or folder.touched_at), self.clock()),
            writing=any(state.ending is UploadEnd.OPEN for state in states),
            interrupted=any(state.ending is UploadEnd.INTERRUPTED and state.path in present for state in states),
            temporary=FileKind.TEMPORARY in kinds,
            connected=any(state.connected for state in states),
            told=told,
            readiness=watched.readiness,
        )

    def _tell(self, folder: ReleaseFolder, readiness: Readiness) -> None:
        with self.store.transaction() as tx:
            self.callbacks.arrive(tx, folder, readiness.wanting())
        self.log("incomplete", folder=folder.name, missing=len(readiness.wanting()))

    def _seal(self, label: Label, folder: ReleaseFolder, watched: Watched, place: Path) -> None:
        sealed = self.sealer.seal(label, folder, lambda: scan.files_of(place) == watched.files)
        if not sealed:
            watched.due = self.clock() + timedelta(seconds=1)
        else:
            self._watched.pop(folder.id, None)
            self.log("sealed", label=label.name, folder=folder.name, files=len(watched.files))
