"""PKG: the names in the release folder, extra files, and duplicates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.facts import FileEntry, FileKind
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.identifiers import barcode_check_fits, barcodes_in
from ingest.core.message import MessageProblem
from ingest.core.release import release_key
from ingest.rules.package.completeness import SOURCE, archives, package
from ingest.rules.package.misnamed import misnamed
from ingest.rules.rule import Family
from ingest.rules.subjects import Main, lacks_main, main_release, said, standing
from ingest.rules.units import listed, spell

WARNING: Final = Severity.WARNING
INFO: Final = Severity.INFO

named = Family[Main]("PKG", "The release folder", main_release, source=SOURCE, ddex=FileStatus.USER_DEFINED)

_PATTERN: Final = re.compile(r"[^_].*_.+_[0-9]{12,13}_[0-9]{8}([_-][^_]+)?", re.IGNORECASE)
_CHOREOGRAPHY: Final = re.compile(r"([NPM]_)?([0-9]{8,14}|[A-Z][0-9A-Z]{17})(_[0-9]{17})?([_-]v[0-9]+)?", re.IGNORECASE)
_CODED: Final = re.compile(
    r"(?:[^_]+_)?(?:[0-9]{8,14}|[A-Z][0-9A-Z]{17})_(?:T?[0-9]+_)*(?:[A-Za-z]+_)?[0-9]{1,4}(?:_[0-9]{1,4})*\.[A-Za-z0-9]+$"
    r"|[A-Z]{2}[0-9A-Z]{3}[0-9]{7}(?![0-9A-Za-z])",
)
"""`[Label_]ReleaseId_[Tnnn_][Type_]Hierarchy.ext` (DDEX ERN choreography), or a name that begins with an ISRC."""


@package.rule(
    "PKG-020",
    WARNING,
    text="{file} is in the release folder, but the XML does not name it, so it was not checked.{copy}",
    fix="Leave the file out, or name it in the XML if it is a track of this release.",
    ddex=FileStatus.USER_DEFINED,
)
def unreferenced_audio(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A track that was left out of the message would be left out of the stores; not if the XML names none."""
    if dossier.message is None or not dossier.message.recordings:
        return
    named, first = _named(dossier), _first_of_bytes(dossier)
    for entry in _outside_others(dossier, FileKind.AUDIO):
        if entry.path not in named:
            twin = first.get(entry.sha256 or "", entry.path)
            copy = f" It holds the same bytes as {twin}." if twin != entry.path else ""
            yield fault(entry.path, copy=copy)


@package.rule(
    "PKG-021",
    WARNING,
    text="{file} is a second picture. We take {expected} as the cover.",
    fix="Leave one picture in the release folder: the cover, called artwork.jpg or artwork.png.",
    ddex=FileStatus.USER_DEFINED,
)
def second_picture(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """With two pictures the wrong one may be taken for the cover."""
    named = _named(dossier)
    for entry in () if _has_several(dossier) else _outside_others(dossier, FileKind.IMAGE):
        if dossier.cover is not None and entry.path != dossier.cover and entry.path not in named:
            yield fault(entry.path, expected=dossier.cover)


@package.rule(
    "PKG-022",
    WARNING,
    text="{file} does not belong in a release folder.",
    fix="Leave only the XML, the audio files and the artwork in the folder.",
    ddex=FileStatus.USER_DEFINED,
)
def other_file(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """The guide asks for exactly three kinds of files; others may be private."""
    meant = misnamed(dossier)
    told = _named(dossier) | {entry.path for entry in archives(dossier)} | {None if meant is None else meant.path}
    for entry in _listed(dossier, FileKind.OTHER, FileKind.XML):
        if entry.path not in told and not _is_candidate(dossier, entry):
            yield fault(entry.path, found=entry.path)


def _is_candidate(dossier: Dossier, entry: FileEntry) -> bool:
    """Whether the file is XML in a folder without a message that could be chosen: other rules report that."""
    return entry.kind is FileKind.XML and dossier.message is None


def _listed(dossier: Dossier, *kinds: FileKind) -> Iterator[FileEntry]:
    """The files of these kinds; none where the folder has too many files, which PKG-013 reports."""
    if not dossier.folder.is_cut:
        yield from (entry for entry in dossier.folder.entries if entry.kind in kinds)


def _has_several(dossier: Dossier) -> bool:
    """Whether PKG-003 reports several messages: then nobody knows which files belong together."""
    return dossier.unreadable is not None and dossier.unreadable.problem is MessageProblem.SEVERAL


def _outside_others(dossier: Dossier, kind: FileKind) -> Iterator[FileEntry]:
    """The files of a kind but those beside an XML in a subfolder: that is another release, and PKG-022 reports it."""
    others = {entry.path.rpartition("/")[0] for entry in dossier.folder.of(FileKind.XML)} - {""}
    return (entry for entry in _listed(dossier, kind) if entry.path.rpartition("/")[0] not in others)


def _named(dossier: Dossier) -> set[str | None]:
    """The files that the XML names, exactly or by a similar name."""
    return {standing(file) for file in dossier.files}


def _first_of_bytes(dossier: Dossier) -> dict[str, str]:
    """By SHA-256 of each audio file: the first file with it, preferring files that the XML names."""
    named = _named(dossier)
    first: dict[str, str] = {}
    for entry in sorted(dossier.folder.of(FileKind.AUDIO), key=lambda entry: entry.path not in named):
        if entry.sha256 and entry.size:
            first.setdefault(entry.sha256, entry.path)
    return first


@package.rule(
    "PKG-023",
    WARNING,
    text="{file} looks like the rest of an unfinished upload.",
    fix="Wait until your SFTP program shows every transfer as finished, and leave such files out.",
    source="Guide, How it works",
    ddex=FileStatus.USER_DEFINED,
)
def leftover(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """Some programs upload under a temporary name and rename the file at the end."""
    for entry in _listed(dossier, FileKind.TEMPORARY):
        yield fault(entry.path)


@package.rule(
    "PKG-024",
    WARNING,
    text="The release lies one folder deeper, in {found}. We found it there.",
    fix="Upload the release folder itself into /incoming/, not the folder around it.",
    ddex=FileStatus.USER_DEFINED,
)
def nested(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """One folder in /incoming/ is one release; deeper ones can be overlooked."""
    if dossier.folder.nested is not None:
        yield fault(None, found=f"{dossier.folder.name}/{dossier.folder.nested}", expected=dossier.folder.name)


@package.rule(
    "PKG-025",
    WARNING,
    text="{first} and {file} hold exactly the same bytes.",
    fix="Check that each track has the right file.",
    ddex=FileStatus.USER_DEFINED,
)
def same_audio(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """The same sound under two names is mostly a mix-up when the files were exported."""
    named, first = _named(dossier), _first_of_bytes(dossier)
    for entry in _listed(dossier, FileKind.AUDIO):
        earlier = first.get(entry.sha256 or "", entry.path)
        if entry.size and earlier != entry.path and (entry.path in named or dossier.message is None):
            yield fault(entry.path, found=earlier, first=earlier)


@package.rule(
    "PKG-026",
    INFO,
    text="{found} not {verb} with a track number: {names}.",
    fix="Start file names with the track number next time, such as 01_TrackTitle.wav. Nothing needs to be done now.",
    source="Guide, Track ordering",
    ddex=FileStatus.USER_DEFINED,
)
def no_track_number(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """With numbers in front the files sort in the order of the release; names by DDEX's own rule number them too."""
    names = [file.path.rsplit("/", 1)[-1] for file in dossier.files if file.path and file.recording is not None]
    bare = [name for name in dict.fromkeys(names) if not name[:1].isdigit() and _CODED.match(name) is None]
    if bare:
        verb = "does" if len(bare) == 1 else "do"
        yield fault(None, found=f"{spell(len(bare), 'audio file')} {verb}", verb="start", names=listed(bare, 5))


@package.rule(
    "PKG-027",
    INFO,
    text="The message is called {file}. We expect {expected}, and accept <barcode>.xml.",
    fix="Call the message metadata.xml next time. Nothing needs to be done now.",
    ddex=FileStatus.USER_DEFINED,
)
def message_name(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """The guide's name is found at once by people and programs."""
    message = dossier.message
    if message is None or message.file == "metadata.xml":
        return
    main = message.main_release
    if main is None or lacks_main(message):
        return
    names = {said(main.barcode), said(main.grid)}
    if message.file.removesuffix(".xml") not in names - {""}:
        yield fault(message.file, found=message.file, expected="metadata.xml")


@package.rule(
    "PKG-028",
    INFO,
    text="The cover is called {file}, which is accepted. {expected} is recommended.",
    fix="Call the cover artwork.jpg or artwork.png next time. Nothing needs to be done now.",
    source="Guide, Artwork Requirements",
    ddex=FileStatus.USER_DEFINED,
)
def cover_name(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A cover under its usual name cannot be taken for another picture."""
    cover = dossier.cover
    if dossier.message is not None and not dossier.message.recordings:
        return
    if (
        cover is None
        or _has_several(dossier)
        or any(standing(file) == cover and file.image is not None for file in dossier.files)
    ):
        return
    if re.search(r"\.(jpe?g|png)$", cover, re.IGNORECASE) and re.fullmatch(r"artwork\.(jpe?g|png)", cover) is None:
        yield fault(cover, found=cover, expected="artwork.jpg or artwork.png")


@package.rule(
    "PKG-029",
    INFO,
    text="The release folder is called {found}. The recommended pattern is {expected}.{difference}",
    fix="Follow this pattern with your next folder. This one may stay as it is.",
    source="Guide, Naming your release folder",
    ddex=FileStatus.USER_DEFINED,
)
def folder_name(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A name that tells artist, title, barcode and date is unique and says at a glance what is inside."""
    name = dossier.folder.name
    if not _PATTERN.fullmatch(name) and not _CHOREOGRAPHY.fullmatch(name):
        yield fault(None, found=name, expected="ArtistName_AlbumTitle_UPC_YYYYMMDD", difference=_difference(name))


def _difference(name: str) -> str:
    """Which part of a folder's name does not match the pattern; the parts are compared from the end."""
    parts = re.sub(r"(?<=_[0-9]{8})[_-][^_]+$", "", name).split("_")
    if len(parts) < 4:
        return f" It has {spell(len(parts), 'part')} where four are joined by underscores."
    if re.fullmatch(r"[0-9]{8}", parts[-1]) is None:
        return f" Its last part, {parts[-1] or 'which is empty'}, is not a date of 8 digits."
    if re.fullmatch(r"[0-9]{12,13}", parts[-2]) is None:
        return f" Its barcode part, {parts[-2] or 'which is empty'}, is not made of 12 or 13 digits."
    return " The artist or the title is missing."


@named.rule(
    "PKG-030",
    WARNING,
    text="The folder name has the barcode {found}, the XML has {expected}.",
    fix="Check which of the two barcodes is right, and write it in both places.",
    source="Guide, Naming your release folder",
    ddex=FileStatus.IDENTIFIER_INVALID,
)
def other_barcode(main: Main, _: Policy) -> Iterator[Fault]:
    """Two barcodes for one release mean that one of them belongs to another release.

    Where the check digit of the message's barcode is wrong, ERN-003 names that of the folder.
    """
    barcode = said(main.release.barcode)
    written = barcodes_in(main.dossier.folder.name)
    if barcode_check_fits(barcode) and written and release_key(barcode) not in map(release_key, written):
        yield fault(None, found=written[0], expected=barcode)
