"""Whether a release folder holds a whole release: the XML is the manifest, structure is the proof.

Headers and ends of files only: a truncated upload shows in the lengths that its own chunks declare. What is judged
here is completeness alone; whether the release is good is for the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from ingest.core.dossier import Dossier, ManifestEntry
from ingest.core.facts import Container, Damage, FileKind
from ingest.core.kind import Form, Kind, purpose_of, takedown_form
from ingest.core.message import MessageProblem
from ingest.core.readiness import Readiness, Short
from ingest.readers.artwork import is_whole
from ingest.readers.audio import inspect_audio
from ingest.readers.contents import Contents
from ingest.readers.contents_reader import read_contents
from ingest.readers.ern.manifest import ManifestFile, read_manifest
from ingest.readers.folder import has_marker, is_batch_name, releases_in
from ingest.readers.sealed import open_changing

CUT: Final = frozenset({Damage.TRUNCATED, Damage.HEADER_ONLY, Damage.ZERO_LENGTH})


def look(path: Path, name: str, max_bytes: int) -> Readiness:
    """Look at the folder as it stands; the releases of a batch are ready together."""
    children = releases_in(path)
    if children == [""]:
        return _look_at(path, name, max_bytes, ManifestFile(None))
    manifest = read_manifest(path, open_changing)
    seen = [(child, _look_at(path / child, child, max_bytes, manifest)) for child in children]
    marker = has_marker(path) or all(one.has_marker for _, one in seen)
    unsure = [one for _, one in seen if not one.is_whole]
    return Readiness(
        has_message=all(one.has_message for _, one in seen),
        unreadable=next((one.unreadable for _, one in seen if one.unreadable is not None), None),
        missing=tuple(f"{child}/{file}" for child, one in seen for file in one.missing),
        short=tuple(replace(short, path=f"{child}/{short.path}") for child, one in seen for short in one.short),
        has_cover=all(one.has_cover for _, one in seen),
        has_marker=marker,
        explained=all(one.explained for one in unsure),
        bare=tuple(barcode for one in unsure for barcode in one.bare),
        explained_if_known=all(one.explained or one.explained_if_known for one in unsure),
        awaits_marker=not marker and is_batch_name(name),
    )


def _look_at(path: Path, name: str, max_bytes: int, manifest: ManifestFile) -> Readiness:
    contents = read_contents(path, name, max_bytes, opener=open_changing)
    root, unreadable = Path(contents.root), contents.unreadable
    entry = None if contents.message is None else manifest.entry_for(name, contents.message)
    needs = _needs_files(contents, entry)
    missing = tuple(file.reference.name.value for file in contents.files if file.path is None) if needs else ()
    near = any(file.near is not None or file.escapes for file in contents.files if file.path is None)
    found = unreadable is None or unreadable.problem is not MessageProblem.MISSING
    bare = _bare(contents) if needs else ()
    return Readiness(
        has_message=unreadable is None,
        unreadable=None if unreadable is None else unreadable.problem.value,
        missing=missing,
        short=tuple(_short(root, contents)),
        has_cover=contents.cover is not None or not needs or not _wants_media(contents),
        has_marker=bool(contents.folder.of(FileKind.MARKER)),
        explained=near or (unreadable is not None and found and unreadable.problem is not MessageProblem.EMPTY),
        bare=bare,
        explained_if_known=bool(bare),
    )


def _needs_files(contents: Contents, manifest: ManifestEntry | None) -> bool:
    """False where the message itself says that nothing but it is to come: it ends or cancels deals, or purges."""
    dossier = Dossier(contents.folder, contents.message, contents.unreadable, contents.files, manifest=manifest)
    if purpose_of(dossier) is Kind.PURGE:
        return False
    return takedown_form(dossier) not in (Form.ENDED, Form.CANCELLED, Form.MANIFEST)


def _bare(contents: Contents) -> tuple[str, ...]:
    """The barcode of a release whose message came alone, as that of an update does, or one that came first."""
    release = contents.message.main_release if contents.message is not None else None
    alone = not any(contents.folder.of(kind) for kind in (FileKind.AUDIO, FileKind.IMAGE))
    return (release.barcode.value,) if alone and release is not None and release.barcode is not None else ()


def _wants_media(contents: Contents) -> bool:
    return contents.message is None or bool(contents.message.recordings)


def _short(root: Path, contents: Contents) -> Iterator[Short]:
    for entry in contents.folder.entries:
        if entry.kind in (FileKind.AUDIO, FileKind.IMAGE) and entry.size == 0:
            yield Short(entry.path, 0, None)
        elif entry.kind is FileKind.AUDIO:
            yield from _cut_audio(root, entry.path, entry.size)
        elif entry.kind is FileKind.IMAGE and not is_whole(root / entry.path):
            yield Short(entry.path, entry.size, None)


def _cut_audio(root: Path, path: str, size: int) -> Iterator[Short]:
    facts = inspect_audio(root / path, path)
    if facts.container is Container.OTHER:
        return
    for damage in facts.damages:
        if damage.kind in CUT:
            yield Short(path, size if damage.present is None else damage.present, damage.expected)
