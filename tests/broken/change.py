"""The changes that break a package: edits of its message, its media, its names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.core.dossier import KnownRelease
from ingest.core.facts import UploadFact
from tests.good import Good

Change = Callable[[Path], Path | None]


@dataclass(frozen=True, slots=True)
class Broken:
    """A good package and what breaks it: a change of the folder, broken uploads, or an earlier release."""

    good: Good
    change: Change
    uploads: tuple[UploadFact, ...] = ()
    known: tuple[KnownRelease, ...] = ()


def single(change: Change) -> Broken:
    return Broken(Good.SINGLE, change)


def ep(change: Change) -> Broken:
    return Broken(Good.EP, change)


def ern(change: Change) -> Broken:
    return Broken(Good.ERN, change)


def untouched(folder: Path) -> None:
    """The package stays good; something else about it is wrong."""


def message_of(folder: Path) -> Path:
    return next(folder.glob("*.xml"))


def edit(*pairs: tuple[str, str]) -> Change:
    """Replace the first occurrence of each text in the message."""

    def change(folder: Path) -> None:
        text = message_of(folder).read_text("utf-8")
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new, 1)
        message_of(folder).write_text(text, "utf-8")

    return change


def edit_all(old: str, new: str) -> Change:
    """Replace every occurrence of a pattern in the message."""

    def change(folder: Path) -> None:
        text, count = re.subn(old, new, message_of(folder).read_text("utf-8"), flags=re.DOTALL)
        assert count, old
        message_of(folder).write_text(text, "utf-8")

    return change


def rewrite(content: bytes) -> Change:
    """Put other bytes into the message."""

    def change(folder: Path) -> None:
        message_of(folder).write_bytes(content)

    return change


def add(name: str, content: bytes) -> Change:
    def change(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return change


def remove(pattern: str) -> Change:
    def change(folder: Path) -> None:
        for path in folder.glob(pattern):
            path.unlink()

    return change


def rename(old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        next(folder.glob(old)).rename(folder / new)

    return change


def replace_audio(content: Callable[[], bytes], number: int = 1) -> Change:
    """Other bytes under the name of the track's file."""

    def change(folder: Path) -> None:
        next(folder.rglob(f"{number:02}_*")).write_bytes(content())

    return change


def replace_cover(content: Callable[[], bytes]) -> Change:
    return lambda folder: _write(folder / "artwork.jpg", content())


def both(*changes: Change) -> Change:
    """Several steps of one change."""

    def change(folder: Path) -> Path | None:
        moved: Path | None = None
        for one in changes:
            moved = one(moved or folder) or moved
        return moved

    return change


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
