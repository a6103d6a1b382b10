"""The quick half of a dossier, read in one request: the files, the message, and which file is meant by which name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Final

from ingest.core.dossier import Folder, ResolvedFile
from ingest.core.facts import FileEntry, FileKind
from ingest.core.message import Message, UnreadableMessage
from ingest.readers.answers import is_too_heavy
from ingest.readers.contents import Contents
from ingest.readers.ern.candidates import find_message
from ingest.readers.ern.manifest import read_manifest
from ingest.readers.ern.message import message_of, overfull
from ingest.readers.files import resolve
from ingest.readers.folder import has_gap, is_sparse, list_folder
from ingest.readers.sealed import Opener, Stamp, open_sealed

COVER_STEMS: Final = ("artwork", "cover", "front", "folder")


def read_contents(
    path: Path,
    name: str,
    max_bytes: int,
    schema: Path | None = None,
    batch: Path | None = None,
    opener: Opener = open_sealed,
) -> Contents:
    """Read the folder at `path`, which the label called `name`; media files are named, not read.

    `batch` is the folder of the batch that the release is one of, where it is. Raises OSError, and ChangedWhileRead if
    `opener` is that of sealed folders.
    """
    contents = _read(path, name, max_bytes, schema, opener)
    if batch is None or contents.message is None:
        return contents
    return replace(contents, manifest=read_manifest(batch, opener).entry_for(path.name, contents.message))


def _read(path: Path, name: str, max_bytes: int, schema: Path | None, opener: Opener) -> Contents:
    root, folder, stamps = list_folder(path, name)
    xml = _Xml(root, stamps, opener)
    found = find_message([entry.path for entry in folder.entries if _is_xml(entry)], xml.opened, max_bytes)
    folder = replace(folder, entries=tuple(xml.looked_at(entry) for entry in folder.entries))
    if isinstance(found, UnreadableMessage):
        return Contents(str(root), folder, None, found, (), _cover(folder, (), None), stamps=stamps)
    folder = replace(folder, entries=tuple(_marked(entry, found.name) for entry in folder.entries))
    contents = _with_message(root, folder, message_of(found, schema))
    if is_too_heavy(contents):
        contents = _with_message(root, folder, overfull(found.name))
    return replace(contents, digest=found.sha256, stamps=stamps)


def _with_message(root: Path, folder: Folder, read: Message | UnreadableMessage) -> Contents:
    if isinstance(read, UnreadableMessage):
        return Contents(str(root), folder, None, read, (), _cover(folder, (), None))
    files = resolve(read, folder.entries)
    meant = _meant(files)
    folder = replace(folder, entries=tuple(_as_meant(entry, meant) for entry in folder.entries))
    return Contents(str(root), folder, read, None, files, _cover(folder, files, read))


def _is_xml(entry: FileEntry) -> bool:
    return entry.kind is FileKind.XML and "/" not in entry.path


class _Xml:
    """Opens the XML files directly in `root`, and tells which of them have gaps."""

    def __init__(self, root: Path, stamps: dict[str, Stamp], opener: Opener) -> None:
        self._root, self._stamps, self._opener = root, stamps, opener
        self._gaps: dict[str, bool] = {}

    @contextmanager
    def opened(self, name: str) -> Iterator[FileIO]:
        with self._opener(self._root / name, name, self._stamps.get(name)) as file:
            self._gaps[name] = has_gap(file)
            yield file

    def looked_at(self, entry: FileEntry) -> FileEntry:
        """The entry with what only the open file tells; one that could not be the message was not opened yet."""
        if not _is_xml(entry):
            return entry
        gap = self._gaps.get(entry.path)
        return replace(entry, is_sparse=is_sparse(self._root / entry.path) if gap is None else gap)


def _marked(entry: FileEntry, message: str) -> FileEntry:
    return replace(entry, kind=FileKind.MESSAGE) if entry.path == message else entry


def _meant(files: tuple[ResolvedFile, ...]) -> dict[str, FileKind]:
    """What the files are that recordings and images name, by their paths; the first that names one is right."""
    meant: dict[str, FileKind] = {}
    for file in files:
        if file.path is not None and (file.recording is not None or file.image is not None):
            meant.setdefault(file.path, FileKind.IMAGE if file.recording is None else FileKind.AUDIO)
    return meant


def _as_meant(entry: FileEntry, meant: dict[str, FileKind]) -> FileEntry:
    """A file that a recording or image names is audio or image, whatever its suffix says."""
    kind = meant.get(entry.path, entry.kind)
    return entry if kind is entry.kind else replace(entry, kind=kind)


def _cover(folder: Folder, files: tuple[ResolvedFile, ...], message: Message | None) -> str | None:
    """The front cover: the image that the message names so, else the picture whose name says so, else the only one."""
    if message is not None:
        front = {
            index for index, image in enumerate(message.images) if image.type and image.type.value == "FrontCoverImage"
        }
        meant = [file for file in files if file.image is not None and (not front or file.image in front)]
        named = [file.path or file.near for file in meant]
        if named and named[0] is not None:
            return named[0]
    pictures = [entry.path for entry in folder.of(FileKind.IMAGE)]
    stems = {path: path.rsplit("/", 1)[-1].rsplit(".", 1)[0].casefold() for path in pictures}
    for stem in COVER_STEMS:
        for path in pictures:
            if stems[path] == stem:
                return path
    return pictures[0] if pictures else None
