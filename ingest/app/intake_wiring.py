"""Connects intake with readers, moves and file system events, which `inbound` may not import."""

from __future__ import annotations

import logging
import os
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from ingest.app.application import App
from ingest.check import reading_of
from ingest.core.readiness import Readiness
from ingest.host.logs import logger
from ingest.inbound.intake import Intake
from ingest.inbound.seal import Sealer
from ingest.inbound.storage import Kept
from ingest.inbound.watched import Callbacks
from ingest.readers.dossier import ReaderSettings, ReadingFailed, read_readiness
from ingest.readers.folder import kind_of, releases_in
from ingest.store import folders, labels, packages
from ingest.store.models import Label, ReleaseFolder

LOOK_SECONDS: Final = 20
LOOKS: Final = 3
UNREADABLE: Final = Readiness(False, "unread", (), (), has_cover=False, has_marker=False, explained=True)
"""A folder that cannot be looked at is sealed as it is; then its reading fails and ops get an email."""
HINT_SECONDS: Final = 2.0
HINTS_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class IntakeAdapter:
    """The functions that intake calls in other parts of the program (inbound.watched.Callbacks)."""

    app: App
    reading: ReaderSettings
    failures: dict[Path, int] = field(default_factory=dict)

    def look(self, place: Path, name: str) -> Readiness:
        """How complete the folder is. Raises ReadingFailed; the third time in a row it returns UNREADABLE instead."""
        try:
            readiness = read_readiness(place, name, self.reading)
        except ReadingFailed as error:
            self.failures[place] = self.failures.get(place, 0) + 1
            if self.failures[place] < LOOKS:
                raise
            logger("intake").warning("a folder could not be looked at", folder=name, fault=str(error))
            readiness = UNREADABLE
        self.failures.pop(place, None)
        return readiness

    def take(self, tx: Session, folder: ReleaseFolder) -> None:
        """Make a package of a sealed folder, or one of each release of a batch."""
        label = tx.get_one(Label, folder.label_id)
        with self.app.storage.local(Kept(label.name, folder.id, folder.name)) as place:
            releases = releases_in(place)
        known = packages.packages_of(tx, folder.id)
        if len(known) == 1 and known[0].path == "" and releases != [""]:
            packages.place_in_batch(known[0], releases[0])
        for path in dict.fromkeys([*(row.path for row in known), *releases]):
            self.app.moves.take(tx, folder, path, self.app.clock())

    def arrive(self, tx: Session, folder: ReleaseFolder, missing: Sequence[str]) -> None:
        """Make a package of a folder that is not complete, and owe its label an email about what is missing."""
        label = tx.get_one(Label, folder.label_id)
        first = releases_in(self.app.config.paths.incoming(label.name) / folder.name)[0]
        self.app.moves.arrive(tx, folder, first, missing, self.app.clock())

    def stray(self, tx: Session, label: Label, names: Sequence[str]) -> None:
        """Owe a label an email about files outside any release folder."""
        self.app.notify.of_strays(tx, label.id, label.emails, names, self.app.clock())


def intake_of(app: App) -> Intake:
    """Intake, with all that it calls.

    Looks at open folders have lower limits than readings, and a pool of their own.
    """
    whole = reading_of(app.config)
    limits = replace(whole.limits, cpu_seconds=LOOK_SECONDS, wall_seconds=3.0 * LOOK_SECONDS)
    adapter = IntakeAdapter(app, replace(whole, limits=limits, pool=app.looks))
    return Intake(
        config=app.config,
        store=app.store,
        sealer=Sealer(app.store, app.config.paths, app.storage, app.clock, adapter.take),
        callbacks=Callbacks(adapter.look, adapter.arrive, adapter.stray, app.alarm, kind_of),
        clock=app.clock,
        log=logger("intake").info,
        worker=app.engine.worker,
    )


@dataclass(eq=False)
class LabelEvents(FileSystemEventHandler):
    """File system events under the labels' homes, passed to intake at most once per folder in two seconds."""

    root: Path
    intake: Intake
    app: App
    hinted: dict[tuple[str, str], float] = field(default_factory=dict)

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("opened", "closed_no_write"):
            return
        try:
            for path in (event.src_path, getattr(event, "dest_path", "")):
                self._hint(os.fsdecode(path))
        except Exception as error:  # noqa: BLE001 - a supervisor: an exception here would end the watching of all labels
            logger("intake").warning("an event of the disk was not understood", fault=repr(error))
            self.intake.rescan_soon()

    def _hint(self, path: str) -> None:
        try:
            parts = Path(path).relative_to(self.root).parts
        except ValueError:
            return
        if len(parts) < 3 or time.monotonic() - self.hinted.get((parts[0], parts[2]), -HINT_SECONDS) < HINT_SECONDS:
            return
        if len(self.hinted) > HINTS_KEPT:
            self.hinted.clear()
        self.hinted[parts[0], parts[2]] = time.monotonic()
        with self.app.store.reading() as tx:
            label = labels.find_label(tx, parts[0])
            known = label is not None and folders.open_folder(tx, label.id, parts[2]) is not None
        if label is not None and known:
            self.intake.notice(label.id, parts[2])
        else:
            self.intake.rescan_soon()


def _is_an_error(record: logging.LogRecord) -> bool:
    """False for the harmless error that watchdog logs for an event that it reads while the observer stops."""
    return "called when the thread is inactive" not in record.getMessage()


def watch(root: Path, intake: Intake, app: App) -> Callable[[], None]:
    """Watch the labels' homes; returns the function that stops it.

    Where the kernel refuses, only the rescan is left.
    """
    # watchdog warns needlessly when it finds a new folder both by listing its parent and by its own event.
    warnings.filterwarnings("ignore", "Callback with id '\\d+' already exists", RuntimeWarning)
    logging.getLogger("watchdog.observers.inotify").addFilter(_is_an_error)
    try:
        observer = Observer()
        observer.schedule(LabelEvents(root, intake, app), str(root), recursive=True)
        observer.start()
    except OSError as error:
        logger("intake").warning("the disk is not watched, only rescanned", fault=str(error))
        return lambda: None

    def end() -> None:
        observer.stop()
        observer.join()

    return end
