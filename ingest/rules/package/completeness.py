"""PKG: whether the release folder is complete: message, audio and cover are there and whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.archives import is_archive
from ingest.core.dossier import Dossier, Policy, ResolvedFile
from ingest.core.facts import Damage, FileEntry, FileKind
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.message import MessageProblem
from ingest.rules.memo import once_per_check
from ingest.rules.package.misnamed import misnamed
from ingest.rules.rule import Family, Sentence
from ingest.rules.subjects import new_release, placed, said, songs
from ingest.rules.units import listed
from ingest.rules.uploads import interrupted_uploads

SOURCE: Final = "Guide, Package Structure"
AGAIN: Final = (
    "Upload the release again as a new folder, and wait until your SFTP program shows every transfer as finished."
)

WHOLE_FOLDER: Final = (
    "Upload the release again as a new folder with metadata.xml, the audio files and the artwork in it."
)

package = Family[Dossier](
    "PKG", "The release folder", lambda dossier: (dossier,), source=SOURCE, ddex=FileStatus.RESOURCE_MISSING
)
complete = Family[Dossier]("PKG", "The release folder", new_release, source=SOURCE, ddex=FileStatus.RESOURCE_MISSING)


@package.rule(
    "PKG-001",
    Severity.ERROR,
    text="The release folder {folder} arrived empty.",
    fix="Upload metadata.xml, the audio files and the artwork in a new folder, and wait until your SFTP program shows"
    " every transfer as finished.",
    ddex=FileStatus.ERN_MISSING,
)
def empty_folder(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A folder is made before its files are sent; where the transfer stops there, nothing has arrived."""
    if _is_empty(dossier):
        yield fault(None, found="no files", expected="metadata.xml, audio and artwork", folder=dossier.folder.name)


@package.rule(
    "PKG-002",
    Severity.ERROR,
    text="We never received {expected}: there is no DDEX message in the release folder{instead}.{meant}",
    fix="{cure}",
    source="Guide, File checklist",
    ddex=FileStatus.ERN_MISSING,
)
def no_message(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """Without the message nobody knows what the audio files are."""
    unread = dossier.unreadable
    explained = _is_empty(dossier) or dossier.folder.is_cut or bool(archives(dossier))
    if unread is not None and unread.problem is MessageProblem.MISSING and not explained:
        meant = misnamed(dossier)
        yield fault(
            None,
            found=None if meant is None else meant.path,
            expected="metadata.xml",
            instead=_other_xml(dossier),
            meant="" if meant is None else meant.what,
            cure=Sentence(WHOLE_FOLDER if meant is None else meant.cure),
        )


def _other_xml(dossier: Dossier) -> str:
    """` (notes.xml is none)`, or where the XML files lie that are not looked at; empty where there are none."""
    others = [entry.path for entry in dossier.folder.of(FileKind.XML)]
    deeper = [path for path in others if "/" in path]
    if not others:
        return ""
    if deeper:
        return f" itself ({listed(deeper)} {'lies' if len(deeper) == 1 else 'lie'} in a folder inside it)"
    return f" ({listed(others)} {'is' if len(others) == 1 else 'are'} none)"


@package.rule(
    "PKG-003",
    Severity.ERROR,
    text="There are {found} DDEX messages in the release folder: {names}. There must be exactly one.",
    fix="Leave one XML file in the folder, and put every other release into a folder of its own.",
    ddex=FileStatus.MESSAGE_INVALID,
)
def several_messages(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """One folder is one release; with two messages nobody can tell which of them holds."""
    unread = dossier.unreadable
    if unread is not None and unread.problem is MessageProblem.SEVERAL:
        names = list(unread.candidates)
        yield fault(None, found=str(len(names)), expected="1", names=listed(names))


@complete.rule(
    "PKG-004",
    Severity.ERROR,
    text="{place}: the XML names {expected}, but no such file is in the release folder.",
    fix="Put the file into the folder on your computer if it is missing there; if it has another name, write that name"
    f" into the XML. {AGAIN}",
    source="Guide, Required XML fields (File URI)",
)
def missing_file(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A track without its file cannot be delivered."""
    for file in () if dossier.folder.is_cut else dossier.files:
        if file.path is None and file.near is None and not file.escapes and said(file.reference.name):
            yield reference_fault(dossier, file, found="no such file", expected=file.reference.name.value)


@package.rule(
    "PKG-008",
    Severity.ERROR,
    text="The upload of {file} broke off: {received}.",
    fix=AGAIN,
    source="Guide, How it works",
    ddex=FileStatus.RESOURCE_CORRUPT,
)
def interrupted_upload(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """The connection closed before your program said that the file was complete."""
    interrupted = interrupted_uploads(dossier)
    received = {upload.path: upload.bytes_received for upload in dossier.uploads}
    for entry in dossier.folder.entries:
        if entry.path in interrupted and entry.size and entry.kind not in (FileKind.TEMPORARY, FileKind.LITTER):
            needed = _bytes_needed(dossier, entry.path)
            count = max(received.get(entry.path, 0), entry.size)
            yield file_fault(
                dossier,
                entry.path,
                found=f"{entry.size} bytes",
                expected=None if needed is None else f"{needed} bytes",
                received=f"{count} bytes arrived" if needed is None else f"{entry.size} of {needed} bytes arrived",
            )


@package.rule(
    "PKG-009",
    Severity.ERROR,
    text="{file} arrived empty (0 bytes).",
    fix=f"Check the size of the file on your computer. {AGAIN}",
    ddex=FileStatus.RESOURCE_CORRUPT,
)
def empty_file(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """An upload that never got going, or an export that failed, leaves an empty file."""
    for entry in dossier.folder.entries:
        if not entry.size and entry.kind in (FileKind.AUDIO, FileKind.IMAGE):
            yield file_fault(dossier, entry.path, found="0 bytes")


@complete.rule(
    "PKG-010",
    Severity.ERROR,
    text="There is no cover artwork in the release folder.",
    fix="Add the cover as artwork.jpg, a square JPEG of 3000 × 3000 pixels, and upload the release as a new folder.",
    source="Guide, File checklist",
)
def no_cover(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """No store shows a release without a cover."""
    awaited = any(file.image is not None and file.path is None for file in dossier.files)
    explained = _is_empty(dossier) or dossier.folder.is_cut or bool(archives(dossier)) or _may_be_without(dossier)
    if dossier.cover is None and not awaited and not explained:
        yield fault(None, found="no picture", expected="artwork.jpg or artwork.png")


@package.rule(
    "PKG-012",
    Severity.ERROR,
    text="{file} is an archive, and there is no DDEX message beside it. We do not open archives.",
    fix="Unpack {file} on your computer, and upload the files inside it in a new folder.",
    ddex=FileStatus.ERN_MISSING,
)
def archive(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A release is a folder of files; nobody looks into a ZIP file, which can swell to a thousand times its size."""
    if not dossier.folder.is_cut:
        for entry in archives(dossier):
            yield fault(entry.path, found="an archive", expected="metadata.xml, audio and artwork")


@package.rule(
    "PKG-013",
    Severity.ERROR,
    text="The release folder holds more than {found} files. We read no further, so the release was not checked whole.",
    fix="Put each release into a folder of its own, with its XML, its audio files and its artwork only.",
    ddex=FileStatus.USER_DEFINED,
)
def too_many_files(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """One folder is one release, and no release has thousands of files."""
    if dossier.folder.is_cut:
        count = str(len(dossier.folder.entries))
        yield fault(None, found=count, expected="the XML, the audio files and the artwork of one release")


def _may_be_without(dossier: Dossier) -> bool:
    """Whether a message that cannot be read may be a takedown or an update, as no audio came with it."""
    unread = dossier.unreadable
    is_broken = unread is not None and unread.problem is not MessageProblem.MISSING
    return is_broken and not dossier.folder.of(FileKind.AUDIO)


def archives(dossier: Dossier) -> tuple[FileEntry, ...]:
    """The archives in a folder without a message: the release may be inside them."""
    unread = dossier.unreadable
    if unread is None or unread.problem is not MessageProblem.MISSING:
        return ()
    return tuple(entry for entry in dossier.folder.of(FileKind.OTHER) if is_archive(entry.path))


def _is_empty(dossier: Dossier) -> bool:
    ignored = (FileKind.LITTER, FileKind.TEMPORARY, FileKind.MARKER)
    return all(entry.kind in ignored for entry in dossier.folder.entries)


def reference_fault(
    dossier: Dossier, file: ResolvedFile, *, found: str | None = None, expected: str | None = None, **values: object
) -> Fault:
    """A fault at the place where the XML names the file."""
    message = dossier.message.file if dossier.message is not None else None
    track, isrc = _track(dossier, file)
    line = file.reference.name.line or None
    return placed(message, line=line, track=track, isrc=isrc, found=found, expected=expected, values=values)


def file_fault(
    dossier: Dossier, path: str, *, found: str | None = None, expected: str | None = None, **values: object
) -> Fault:
    """A fault of the file itself, with the track that it belongs to."""
    file = _by_path(dossier).get(path)
    track, isrc = (None, None) if file is None else _track(dossier, file)
    return placed(path, track=track, isrc=isrc, found=found, expected=expected, values=values)


@once_per_check
def _by_path(dossier: Dossier) -> dict[str, ResolvedFile]:
    """The first reference that means each file, exactly or by a similar name."""
    found: dict[str, ResolvedFile] = {}
    for file in dossier.files:
        for path in (file.path, file.near):
            if path is not None:
                found.setdefault(path, file)
    return found


def _track(dossier: Dossier, file: ResolvedFile) -> tuple[int | None, str | None]:
    if dossier.message is None or file.recording is None:
        return None, None
    song = songs(dossier)[file.recording]
    return song.number, said(song.recording.isrc) or None


def _bytes_needed(dossier: Dossier, path: str) -> int | None:
    """The full size of a cut file in bytes, by its header; None where the header does not give it."""
    facts = dossier.audio_of(path)
    for damage in facts.damages if facts is not None else ():
        counted = damage.kind in (Damage.TRUNCATED, Damage.HEADER_ONLY) and damage.chunk != "samples"
        if facts is not None and counted and damage.expected is not None and damage.present is not None:
            return facts.size + damage.expected - damage.present
    return None
