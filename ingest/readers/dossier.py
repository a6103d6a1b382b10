"""The dossier of one package: every file read once, each in a child process, side by side.

`read_dossier` is what intake, `ingest check` and a retry all call, so that they find the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from ingest.core.defaults import ARTWORK_MAX_PIXELS, MAX_DURATION, MESSAGE_MAX_BYTES, SILENCE_LEVEL
from ingest.core.dossier import Dossier, KnownRelease
from ingest.core.facts import ArtworkFacts, AudioFacts, FileEntry, FileKind, Unread, UploadFact
from ingest.core.readiness import Readiness
from ingest.readers.answers import WrongAnswer
from ingest.readers.batches import Progress
from ingest.readers.claims import Listing, artwork_of, audio_of, contents_of, sha256_of
from ingest.readers.contents import Contents
from ingest.readers.fork_client import Failure, Hashes, Limits, Request
from ingest.readers.json_values import from_answer, prepare
from ingest.readers.pool import Pool, shared
from ingest.readers.sealed import CHANGED
from ingest.readers.turns import Share

Value = TypeVar("Value")

COST: Final = {FileKind.IMAGE: 40}
"""How much longer a byte of such a file takes than one of a WAV: a picture is decoded and looked at all over."""


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """How packages are read: by which children, within which limits, with which thresholds.

    `schema` is an operator's own XSD in place of ours; sizes in bytes, pixels; the level in dBFS. `label` is whose turn
    the readings take in the pool.
    """

    limits: Limits = field(default_factory=Limits)
    pool: Pool = field(default_factory=shared)
    message_max_bytes: int = MESSAGE_MAX_BYTES
    max_pixels: int = ARTWORK_MAX_PIXELS
    silence_level: float = SILENCE_LEVEL
    max_duration: float = MAX_DURATION
    schema: Path | None = None
    label: str = ""


class ReadingFailed(Exception):
    """The folder itself could not be read, because of an error of ours."""


def read_readiness(folder: Path, name: str, reading: ReaderSettings) -> Readiness:
    """What is still missing of the release in `folder`. Raises ReadingFailed."""
    request = {"read": "readiness", "path": str(folder), "name": name, "max_bytes": reading.message_max_bytes}
    return _only(reading, request, lambda answer: from_answer(Readiness, answer))


def read_dossier(
    folder: Path,
    name: str,
    reading: ReaderSettings,
    uploads: tuple[UploadFact, ...] = (),
    known: Callable[[Dossier], tuple[KnownRelease, ...]] | None = None,
    progress: Progress = lambda done, total, name: None,
    batch: Path | None = None,
) -> Dossier:
    """Read the release in `folder`, which its label called `name`, and which may be one of a `batch`.

    Raises ReadingFailed.
    `progress` gets files done, files in all and the one done last; `known` answers what the store knows of earlier
    releases that share something with this one.
    """
    contents = _read_contents(folder, name, reading, batch)
    _prove_message(contents, reading)
    requests = list(_requests(contents, reading))
    progress(0, len(requests), "")
    accept = partial(_accepted, requests, {entry.path: entry for entry in contents.folder.entries})
    sizes = {entry.path: float(entry.size * COST.get(entry.kind, 1)) for entry in contents.folder.entries}
    share = Share(reading.label, [sizes[request["name"]] for request in requests])
    answers = reading.pool.read(requests, reading.limits, progress, accept, share)
    dossier = _assembled(contents, requests, answers, uploads)
    return dossier if known is None else replace(dossier, known=known(dossier), asked=True)


def get_ready() -> None:
    """Prepare what the first release would have to wait for; worth it while the children are being prepared too."""
    prepare(Contents, AudioFacts, ArtworkFacts)


def _read_contents(folder: Path, name: str, reading: ReaderSettings, batch: Path | None) -> Contents:
    """What the message says and means; which files there are, and where, is told by our own listing."""
    request = {
        "read": "folder",
        "path": str(folder),
        "name": name,
        "max_bytes": reading.message_max_bytes,
        "schema": None if reading.schema is None else str(reading.schema),
        "batch": None if batch is None else str(batch),
    }
    listing = _listed(folder, name)
    try:
        return _only(reading, request, lambda answer: contents_of(answer, listing))
    except ReadingFailed as failed:
        if str(failed).startswith(str(WrongAnswer())) and _listed(folder, name) != listing:
            raise ReadingFailed(f"the folder {CHANGED}") from None
        raise


def _only(reading: ReaderSettings, request: Request, made: Callable[[Any], Value]) -> Value:
    """What is made of the answer to a single request, by what raises WrongAnswer. Raises ReadingFailed."""
    limits, share = reading.limits, Share(reading.label)
    (answer,) = reading.pool.read([request], limits, accept=lambda index, told, hashes: made(told), share=share)
    if isinstance(answer, Failure):
        raise ReadingFailed(answer.reason)
    return cast(Value, answer)


def _listed(folder: Path, name: str) -> Listing:
    try:
        return Listing.of(folder, name)
    except OSError as error:
        raise ReadingFailed(f"the folder could not be listed: {error.strerror} ({error.filename})") from error


def _prove_message(contents: Contents, reading: ReaderSettings) -> None:
    """Have the message hashed by a child that parses nothing: the one that parsed it may have been taken over by it."""
    for entry in contents.folder.of(FileKind.MESSAGE):
        if _only(reading, {"read": "hash", **_place(contents, entry)}, sha256_of) != contents.digest:
            raise ReadingFailed(f"{entry.path} {CHANGED}")


def _place(contents: Contents, entry: FileEntry) -> Request:
    stamp = contents.stamps.get(entry.path)
    return {"path": f"{contents.root}/{entry.path}", "name": entry.path, "stamp": stamp}


def _requests(contents: Contents, reading: ReaderSettings) -> Iterator[Request]:
    """One request per file but the message, which has been read; those that take longest first, to end together."""
    asked = _hashes_asked(contents)
    for entry in sorted(contents.folder.entries, key=lambda entry: -entry.size * COST.get(entry.kind, 1)):
        if entry.kind is FileKind.MESSAGE:
            continue
        place = _place(contents, entry)
        if entry.kind is FileKind.AUDIO:
            hashes = ["sha256", *asked.get(entry.path, ())]
            limits = {"silence_level": reading.silence_level, "max_duration": reading.max_duration}
            yield {"read": "audio", "hashes": hashes, **limits, **place}
        elif entry.kind is FileKind.IMAGE:
            yield {"read": "artwork", "hashes": ["sha256"], "max_pixels": reading.max_pixels, **place}
        elif entry.kind is not FileKind.LITTER:
            yield {"read": "hash", **place}


def _hashes_asked(contents: Contents) -> dict[str, list[str]]:
    """The hash algorithms besides SHA-256 that the message gives for files, by their paths."""
    known = {"MD5": "md5", "SHA": "sha1", "SHA1": "sha1"}
    asked: dict[str, list[str]] = {}
    for file in contents.files:
        hash_sum = file.reference.hash_sum
        if file.path is not None and hash_sum is not None and hash_sum.algorithm is not None:
            name = known.get(hash_sum.algorithm.value.upper().replace("-", ""))
            if name is not None and name not in asked.setdefault(file.path, []):
                asked[file.path].append(name)
    return asked


def _accepted(
    requests: list[Request], entries: Mapping[str, FileEntry], index: int, answer: Any, hashes: Hashes
) -> AudioFacts | ArtworkFacts | str:
    """What is kept of a child's answer about a file; raises WrongAnswer."""
    request = requests[index]
    entry = entries[request["name"]]
    if request["read"] == "audio":
        return audio_of(answer, entry, hashes)
    return artwork_of(answer, entry, hashes) if request["read"] == "artwork" else sha256_of(answer)


def _assembled(
    contents: Contents, requests: list[Request], answers: list[Any], uploads: tuple[UploadFact, ...]
) -> Dossier:
    audio, artwork, unread, digests = [], [], [], _digest_of_message(contents)
    for request, answer in zip(requests, answers, strict=True):
        name = request["name"]
        if isinstance(answer, Failure):
            unread.append(Unread(name, answer.reason.removeprefix(f"{name} ")))
        elif isinstance(answer, AudioFacts):
            audio.append(answer)
            digests[name] = answer.hashes["sha256"]
        elif isinstance(answer, ArtworkFacts):
            artwork.append(answer)
            digests[name] = answer.sha256
        else:
            digests[name] = answer
    entries = tuple(_with_digest(entry, digests.get(entry.path)) for entry in contents.folder.entries)
    return Dossier(
        folder=replace(contents.folder, entries=entries),
        message=contents.message,
        unreadable=contents.unreadable,
        files=contents.files,
        audio=tuple(sorted(audio, key=lambda facts: facts.file)),
        artwork=tuple(sorted(artwork, key=lambda facts: facts.file)),
        cover=contents.cover,
        manifest=contents.manifest,
        uploads=tuple(_inside(contents.folder.nested, upload) for upload in uploads),
        unread=tuple(unread),
    )


def _digest_of_message(contents: Contents) -> dict[str, str | None]:
    return {entry.path: contents.digest for entry in contents.folder.of(FileKind.MESSAGE)}


def _inside(nested: str | None, upload: UploadFact) -> UploadFact:
    """Paths count from the folder that holds the release."""
    return upload if nested is None else replace(upload, path=upload.path.removeprefix(f"{nested}/"))


def _with_digest(entry: FileEntry, digest: str | None) -> FileEntry:
    return replace(entry, sha256=digest)
