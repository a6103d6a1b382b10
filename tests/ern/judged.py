"""A message judged without its files: they all stand there, and nothing was measured of them."""

from __future__ import annotations

from ingest.core.dossier import Dossier, Folder, ResolvedFile
from ingest.core.facts import FileEntry, FileKind
from ingest.core.finding import Finding
from ingest.core.message import Message, UnreadableMessage
from ingest.core.resources import FileReference, TechnicalDetails
from ingest.rules import check
from tests.rules.dossiers import MASTER, PICTURE, POLICY

NAME = "metadata.xml"


def stubbed(read: Message | UnreadableMessage) -> Dossier:
    """What was read, in a dossier whose media all stand there."""
    if isinstance(read, UnreadableMessage):
        return Dossier(folder=Folder("Any_Release", entries=(_entry(NAME),)), message=None, unreadable=read)
    files = tuple(
        ResolvedFile(file, file.name.value, "exact", recording=index)
        for index, recording in enumerate(read.recordings)
        for file in _files(recording.technical_details)
    )
    images = tuple(
        ResolvedFile(file, PICTURE.file, "exact", image=index)
        for index, image in enumerate(read.images)
        for file in _files(image.technical_details)
    )
    names = dict.fromkeys(file.reference.name.value for file in files)
    entries = [FileEntry(name, MASTER.size, FileKind.AUDIO, f"sha-{name}") for name in names]
    return Dossier(
        folder=Folder("Any_Release", entries=(_entry(NAME), *entries, _entry(PICTURE.file, FileKind.IMAGE))),
        message=read,
        unreadable=None,
        files=(*files, *images),
        artwork=(PICTURE,),
        cover=PICTURE.file,
    )


def _entry(name: str, kind: FileKind = FileKind.MESSAGE) -> FileEntry:
    return FileEntry(name, 100_000, kind, f"sha-{name}")


def _files(details: tuple[TechnicalDetails, ...]) -> list[FileReference]:
    return [file for each in details for file in each.files]


def judge(read: Message | UnreadableMessage) -> tuple[Finding, ...]:
    """What the rules say of a message, as far as it lies in the XML."""
    return check(stubbed(read), POLICY)
