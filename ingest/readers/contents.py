"""What a folder holds besides media: the files, the message, and which file is meant by which name.

The value alone, without its reader (`contents_reader`): whoever hears of it from a child loads no parser.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.core.dossier import Folder, ManifestEntry, ResolvedFile
from ingest.core.message import Message, UnreadableMessage
from ingest.readers.sealed import Stamp


@dataclass(frozen=True, slots=True)
class Contents:
    """`root` is the folder the paths count from; exactly one of `message` and `unreadable` is set.

    `digest` is the SHA-256 of the bytes that the message, readable or not, was read from; None where there is none.
    `stamps` are those of all files as they were listed, by their paths.
    """

    root: str
    folder: Folder
    message: Message | None
    unreadable: UnreadableMessage | None
    files: tuple[ResolvedFile, ...]
    cover: str | None
    manifest: ManifestEntry | None = None
    digest: str | None = None
    stamps: dict[str, Stamp] = field(default_factory=dict)
