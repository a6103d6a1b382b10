"""Copies of a sealed package's files for people: its cover, its audio, or all of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ingest.core.dossier import Dossier
from ingest.core.facts import FileKind
from ingest.core.relative import relative_parts
from ingest.flow.errors import Code, Conflict, Refused
from ingest.flow.lookup import package_numbered
from ingest.flow.proof import Proof
from ingest.flow.storage import kept_of
from ingest.flow.stored_dossier import dossier_of
from ingest.host.openat import directory, read_beneath
from ingest.host.private import create, make_folder
from ingest.inbound.storage import Storage
from ingest.store.database import Store


class Part(StrEnum):
    """Which files of a package are copied."""

    COVER = "cover"
    AUDIO = "audio"
    ALL = "all"


UNCOPIED: Final = frozenset({FileKind.LITTER})
"""Kinds of files that do not belong to a release."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies files of sealed packages that were read."""

    storage: Storage
    store: Store
    proof: Proof

    def copy(self, package: int, part: Part, target: Path) -> tuple[Path, ...]:
        """Copy the files under their own paths into the folder `target`, which is made if need be; returns the copies.

        Raises NotFound; Conflict when the package was not read yet, its files were removed, or they are not what was
        checked; Refused when it has no such files; OSError where a file cannot be written, or is there already.
        """
        with self.store.reading() as tx:
            row = package_numbered(tx, package)
            dossier = dossier_of(tx, package)
        if dossier is None:
            raise Conflict(Code.PACKAGE_UNREAD, package=package)
        wanted = tuple(_wanted(dossier, part))
        if not wanted:
            raise Refused(Code.NO_SUCH_FILES, package=package, part=part.value)
        with self.storage.local(kept_of(row), row.path) as release:
            nested = dossier.folder.nested
            root = release if nested is None else release.joinpath(*_parts(nested))
            if not root.is_dir():
                raise Conflict(Code.FILES_REMOVED, package=package)
            if changed := self.proof.differs(package):
                raise Conflict(Code.FILES_NOT_SHOWN, package=package, changed=changed)
            with directory(root) as opened:
                return tuple(_copy(opened, path, target) for path in wanted)


def _wanted(dossier: Dossier, part: Part) -> Iterator[str]:
    """The paths of the files, in the order of the folder's listing."""
    for entry in dossier.folder.entries:
        chosen = {
            Part.COVER: entry.path == dossier.cover,
            Part.AUDIO: entry.kind is FileKind.AUDIO,
            Part.ALL: entry.kind not in UNCOPIED,
        }
        if chosen[part]:
            yield entry.path


def _copy(root: int, path: str, target: Path) -> Path:
    copy = target.joinpath(*_parts(path))
    make_folder(copy.parent)
    with read_beneath(root, relative_parts(path)) as source, create(copy, fresh=True) as file:
        shutil.copyfileobj(source, file)
    return copy


def _parts(path: str) -> tuple[str, ...]:
    try:
        return tuple(relative_parts(path))
    except ValueError as error:
        raise Refused(Code.PATH_REFUSED, reason=str(error)) from None
