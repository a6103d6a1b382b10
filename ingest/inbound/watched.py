"""What intake remembers of an open release folder, and the functions that the daemon gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ingest.core.archives import is_archive
from ingest.core.facts import FileKind, UploadEnd
from ingest.core.readiness import Readiness
from ingest.inbound import scan
from ingest.inbound.settle import View
from ingest.store.models import Label, ReleaseFolder
from ingest.store.uploads import UploadState


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Functions of other parts of the program, given by the daemon because intake may not import them.

    `look` reads in a child process how complete the folder is; `arrive` makes the package of an incomplete folder, with
    what is missing; `stray` tells a label of files outside any release folder; `alarm` tells ops; `kind_of` is the kind
    of a file by its name.
    """

    look: Callable[[Path, str], Readiness]
    arrive: Callable[[Session, ReleaseFolder, Sequence[str]], None]
    stray: Callable[[Session, Label, Sequence[str]], None]
    alarm: Callable[[str, str], None]
    kind_of: Callable[[str], FileKind]


@dataclass(slots=True)
class Watched:
    """What is remembered of one open folder between two looks.

    The next look is at `due`. `files` are those of the last look, `changed` is when they were first seen so, and
    `readiness` is what was read of them, None before that.
    """

    label: int
    due: datetime
    files: scan.Files = ()
    changed: datetime | None = None
    readiness: Readiness | None = None
    running: Future[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a look at the folder is under way."""
        return self.running is not None and not self.running.done()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An open release folder at one moment: its row and the last upload of each path.

    `told`: its label was told what is missing. `is_online`: its label is connected.
    """

    label: Label
    folder: ReleaseFolder
    place: Path
    uploads: tuple[UploadState, ...]
    told: bool
    is_online: bool


def view_of(seen: Snapshot, watched: Watched, kind_of: Callable[[str], FileKind], now: datetime) -> View:
    """What it is decided by whether the folder is settled; `kind_of` is the kind of a file by its name."""
    touched = seen.folder.touched_at
    present = {f"{seen.folder.name}/{path}" for path, *_ in watched.files}
    kinds = [kind_of(path) for path, *_ in watched.files]
    kept = [file for (file, *_), kind in zip(watched.files, kinds, strict=True) if kind is not FileKind.LITTER]
    uploading = any(state.connected for state in seen.uploads)
    return View(
        is_empty=not kept,
        is_archive=bool(kept) and all(map(is_archive, kept)),
        touched=min(max(touched, watched.changed or touched), now),
        writing=any(state.ending is UploadEnd.OPEN for state in seen.uploads),
        interrupted=any(state.ending is UploadEnd.INTERRUPTED and state.path in present for state in seen.uploads),
        temporary=FileKind.TEMPORARY in kinds,
        connected=uploading or (not kept and seen.is_online),
        told=seen.told,
        readiness=watched.readiness,
    )
