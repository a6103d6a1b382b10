"""What intake holds of an open release folder, and what it calls in rooms that it may not import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ingest.core.facts import FileKind
from ingest.core.readiness import Readiness
from ingest.inbound import scan
from ingest.store.models import Label, ReleaseFolder
from ingest.store.uploads import UploadState


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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An open release folder at one moment: its row, the last upload of each path, and whether its label was told."""

    label: Label
    folder: ReleaseFolder
    place: Path
    uploads: tuple[UploadState, ...]
    told: bool
