"""Which files of a package are incomplete because their upload was interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Dossier
from ingest.core.facts import Damage, UploadEnd

NOT_WHOLE: Final = frozenset(
    {
        Damage.TRUNCATED,
        Damage.HEADER_ONLY,
        Damage.ZERO_LENGTH,
        Damage.NO_AUDIO,
        Damage.DAMAGED_FRAMES,
        Damage.MD5_MISMATCH,
        Damage.TOTAL_MISMATCH,
        Damage.BAD_HEADER,
        Damage.UNREADABLE,
    }
)
"""Damage that an interrupted upload causes, and with which measurements say nothing about the master."""


def interrupted_uploads(dossier: Dossier) -> frozenset[str]:
    """The files whose last upload was interrupted before they were complete.

    A file that is complete by its own structure and has no gap counts as complete, although its client did not close
    it.
    """
    ended = {upload.path: upload for upload in dossier.uploads if upload.end in (UploadEnd.INTERRUPTED, UploadEnd.OPEN)}
    gaps = {entry.path for entry in dossier.folder.entries if entry.is_sparse}
    whole = set(_whole_by_structure(dossier)) - gaps
    return frozenset(path for path, upload in ended.items() if upload.holes or path not in whole)


def _whole_by_structure(dossier: Dossier) -> Iterator[str]:
    """Files that are complete by their own structure. Other kinds of files have none and count as complete."""
    structured = {facts.file for facts in dossier.audio} | {facts.file for facts in dossier.artwork}
    for audio in dossier.audio:
        if audio.size and not {damage.kind for damage in audio.damages} & NOT_WHOLE:
            yield audio.file
    yield from (image.file for image in dossier.artwork if image.damage is None)
    if dossier.message is not None:
        structured.add(dossier.message.file)
        yield dossier.message.file
    elif dossier.unreadable is not None and dossier.unreadable.file is not None:
        structured.add(dossier.unreadable.file)
    yield from (entry.path for entry in dossier.folder.entries if entry.path not in structured)
