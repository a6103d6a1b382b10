"""What children claim, held against what we know ourselves: the folder as we list it, and what was asked for.

A child that a hostile file took over can say anything. It is believed what only it could read; never which files there
are, where they lie, or of which one it speaks. Everything here raises WrongAnswer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from ingest.core.dossier import Folder
from ingest.core.facts import ArtworkFacts, AudioFacts, FileEntry, FileKind
from ingest.core.message import Message, MessageProblem
from ingest.core.relative import relative_parts
from ingest.readers.answers import LARGEST_IN_ROWS, MOST_SIZE_OF_MEDIA, WrongAnswer, check_bounds, size_of
from ingest.readers.contents import Contents
from ingest.readers.ern.crowd import MOST
from ingest.readers.ern.encodings import FITTING
from ingest.readers.files import IGNORED
from ingest.readers.folder import list_folder
from ingest.readers.fork_client import Hashes
from ingest.readers.json_values import from_answer
from ingest.readers.sealed import Stamp

MEDIA: Final = frozenset({FileKind.AUDIO, FileKind.IMAGE})
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Listing:
    """A release folder as this process lists it; no file of it is opened."""

    root: Path
    folder: Folder
    stamps: dict[str, Stamp]

    @classmethod
    def of(cls, folder: Path, name: str) -> Listing:
        """Raises OSError."""
        return cls(*list_folder(folder, name, opens=False))


def contents_of(answer: Any, listing: Listing) -> Contents:
    """What a child read of the folder; paths, sizes and stamps in it are those of our own `listing`."""
    _check_lengths(answer, listing)
    _check_numbers(answer)
    told = from_answer(Contents, answer)
    own = listing.folder
    _require(told.root == str(listing.root))
    _require((told.folder.name, told.folder.nested, told.folder.is_cut) == (own.name, own.nested, own.is_cut))
    _require(len(told.folder.entries) == len(own.entries))
    pairs = zip(own.entries, told.folder.entries, strict=True)
    entries = tuple(_entry(ours, theirs) for ours, theirs in pairs)
    _check_names(told, {entry.path for entry in entries})
    messages = [entry.path for entry in entries if entry.kind is FileKind.MESSAGE]
    _require(len(messages) <= 1)
    if messages:
        sha256_of(told.digest)
    _require((told.message is None) is not (told.unreadable is None))
    if told.message is not None:
        _require(messages == [told.message.file])
        _check_places(told.message, told)
    folder = replace(own, entries=entries)
    return replace(told, root=str(listing.root), folder=folder, stamps=listing.stamps)


def audio_of(answer: Any, entry: FileEntry, hashes: Hashes) -> AudioFacts:
    """Facts of a file with the hashes that were told before it was parsed; those who parse have no say in them."""
    facts = from_answer(AudioFacts, answer)
    _require((facts.file, facts.size, facts.hashes) == (entry.path, entry.size, {}))
    _require(size_of(facts) <= MOST_SIZE_OF_MEDIA)
    sha256_of(hashes.get("sha256"))
    return replace(facts, hashes=hashes)


def artwork_of(answer: Any, entry: FileEntry, hashes: Hashes) -> ArtworkFacts:
    """As `audio_of`."""
    facts = from_answer(ArtworkFacts, answer)
    _require((facts.file, facts.size, facts.sha256) == (entry.path, entry.size, None))
    _require(size_of(facts) <= MOST_SIZE_OF_MEDIA)
    return replace(facts, sha256=sha256_of(hashes.get("sha256")))


def sha256_of(answer: Any) -> str:
    """The digest, which is 64 digits of lower-case hex."""
    if isinstance(answer, str) and _SHA256.fullmatch(answer):
        return answer
    raise WrongAnswer


def _require(holds: bool) -> None:
    if not holds:
        raise WrongAnswer


def _check_lengths(answer: Any, listing: Listing) -> None:
    """Before entries, and parts of a message, are made into values, their number is looked at.

    Types are for what follows.
    """
    if not isinstance(answer, dict):
        return
    message = answer.get("message")
    parts = {} if not isinstance(message, dict) else {name: message.get(name) for name in MOST}
    _require(all(len(part) <= MOST[name] for name, part in parts.items() if isinstance(part, list)))
    most = len(listing.folder.entries)
    entries = answer["folder"].get("entries") if isinstance(answer.get("folder"), dict) else None
    _require(all(len(one) <= most for one in (entries, answer.get("stamps")) if isinstance(one, list | dict)))


def _check_numbers(answer: Any) -> None:
    """Lines and numbers of tracks come into rows; sizes do not, and are held against our own."""
    if isinstance(answer, dict):
        for name, part in answer.items():
            if name not in ("folder", "stamps"):
                check_bounds(part, LARGEST_IN_ROWS)


def _entry(own: FileEntry, told: FileEntry) -> FileEntry:
    """Our own entry, with the kind that the message gives the file, and whether it has gaps."""
    _require((told.path, told.size) == (own.path, own.size))
    if own.kind is not FileKind.LITTER:
        _require(_is_path(own.path))
    if told.kind is FileKind.MESSAGE:
        _require(own.kind is FileKind.XML and "/" not in own.path)
    elif told.kind is not own.kind:
        _require(own.kind not in IGNORED and told.kind in MEDIA)
    return replace(own, kind=told.kind, is_sparse=told.is_sparse)


def _is_path(path: str) -> bool:
    try:
        relative_parts(path)
    except ValueError:
        return False
    return True


def _check_names(told: Contents, paths: set[str]) -> None:
    named = [told.cover, *(name for file in told.files for name in (file.path, file.near))]
    if told.unreadable is not None:
        is_encoding = told.unreadable.problem is MessageProblem.ENCODING
        named += [told.unreadable.file, *(() if is_encoding else told.unreadable.candidates)]
        _require(not is_encoding or FITTING.issuperset(told.unreadable.candidates))
    _require(all(name is None or name in paths for name in named))
    _require(told.manifest is None or told.manifest.file == PurePosixPath(told.manifest.file).name)


def _check_places(message: Message, told: Contents) -> None:
    """Whatever points into a list of the message points at something."""
    _require(all(0 <= at < length for at, length in _places(message, told) if at is not None))


def _places(message: Message, told: Contents) -> Iterator[tuple[int | None, int]]:
    yield message.main, len(message.releases)
    yield from ((track.recording, len(message.recordings)) for track in message.tracks)
    for file in told.files:
        yield file.recording, len(message.recordings)
        yield file.image, len(message.images)
