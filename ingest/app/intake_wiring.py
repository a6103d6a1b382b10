"""Connects intake to readers, moves and file system events, none of which `inbound` may import or watch itself."""

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
from ingest.inbound.intake import Callbacks, Intake
from ingest.inbound.seal import Sealer
from ingest.readers.dossier import Reading, ReadingFailed, read_readiness
from ingest.readers.folder import kind_of, releases_in
from ingest.store import folders, labels, packages
from ingest.store.models import Label, ReleaseFolder

LOOK_SECONDS: Final = 20
LOOKS: Final = 3
UNREADABLE: Final = Readiness(False, "unread", (), (), has_cover=False, has_marker=False, explained=True)
"""A folder that we fail to look at is sealed as it is; its reading then fails for ops to see, and nobody waits."""
HINT_SECONDS: Final = 2.0
HINTS_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class IntakeAdapter:
    """What intake calls in rooms that it may not import."""

    app: App
    reading: Reading
    failures: dict[Path, int] = field(default_factory=dict)

    def look(self, place: Path, name: str) -> Readiness:
        """How complete the folder is. Raises ReadingFailed, but the third time in a row it answers UNREADABLE."""
        try:
            readiness = read_readiness(place, name, self.reading)
        except ReadingFailed as fault:
            self.failures[place] = self.failures.get(place, 0) + 1
            if self.failures[place] < LOOKS:
                raise
            logger("intake").warning("a folder could not be looked at", folder=name, fault=str(fault))
            readiness = UNREADABLE
        self.failures.pop(place, None)
        return readiness

    def take(self, tx: Session, folder: ReleaseFolder) -> None:
        """A sealed folder becomes a package, or one for each release of a batch."""
        label = tx.get_one(Label, folder.label_id)
        place = self.app.config.paths.sealed(label.name, folder.id, folder.name)
        releases = releases_in(place)
        known = packages.packages_of(tx, folder.id)
        if len(known) == 1 and known[0].path == "" and releases != [""]:
            known[0].path = releases[0]
        for path in dict.fromkeys([*(row.path for row in known), *releases]):
            self.app.moves.take(tx, folder, path, self.app.clock())

    def arrive(self, tx: Session, folder: ReleaseFolder, missing: Sequence[str]) -> None:
        """A folder that is not complete becomes a package, and its label hears what is missing."""
        label = tx.get_one(Label, folder.label_id)
        first = releases_in(self.app.config.paths.incoming(label.name) / folder.name)[0]
        self.app.moves.arrive(tx, folder, first, missing, self.app.clock())

    def stray(self, tx: Session, label: Label, names: Sequence[str]) -> None:
        """A label hears of files outside any release folder."""
        self.app.moves.tell_stray(tx, label.id, label.emails, names, self.app.clock())


def intake_of(app: App) -> Intake:
    """Intake, with everything it is handed. A look at a folder may cost less than its reading, and waits for none."""
    whole = reading_of(app.config)
    limits = replace(whole.limits, cpu_seconds=LOOK_SECONDS, wall_seconds=3.0 * LOOK_SECONDS)
    adapter = IntakeAdapter(app, replace(whole, limits=limits, pool=app.looks))
    return Intake(
        config=app.config,
        store=app.store,
        sealer=Sealer(app.store, app.config.paths, app.clock, adapter.take),
        callbacks=Callbacks(adapter.look, adapter.arrive, adapter.stray, app.alarm, kind_of),
        clock=app.clock,
        log=logger("intake").info,
    )


@dataclass(eq=False)
class LabelEvents(FileSystemEventHandler):
    """Events of the disk under the labels' homes, as hints to intake; one in two seconds for a folder is enough."""

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
        except Exception as fault:  # noqa: BLE001 - a supervisor: an exception here ends the watching for everyone
            logger("intake").warning("an event of the disk was not understood", fault=repr(fault))
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


def _is_a_fault(record: logging.LogRecord) -> bool:
    """False for an event that was read while the watching ends: watchdog logs it as an error, and nothing is lost."""
    return "called when the thread is inactive" not in record.getMessage()


def watch(root: Path, intake: Intake, app: App) -> Callable[[], None]:
    """Watch the labels' homes; returns what ends it. Where the kernel refuses, the rescan alone has to do."""
    # A folder inside one just made can be found twice, by walking and by its own event; watchdog warns of it in vain.
    warnings.filterwarnings("ignore", "Callback with id '\\d+' already exists", RuntimeWarning)
    logging.getLogger("watchdog.observers.inotify").addFilter(_is_a_fault)
    observer = Observer()
    observer.schedule(LabelEvents(root, intake, app), str(root), recursive=True)
    try:
        observer.start()
    except OSError as fault:
        logger("intake").warning("the disk is not watched, only rescanned", fault=str(fault))
        return lambda: None

    def end() -> None:
        observer.stop()
        observer.join()

    return end
