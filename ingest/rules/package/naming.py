"""PKG: the file names in the message, against the files in the folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Dossier, Policy, ResolvedFile
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.rules.package.completeness import complete, package, reference_fault
from ingest.rules.subjects import said
from ingest.rules.units import listed


@complete.rule(
    "PKG-005",
    Severity.ERROR,
    text="{place}: you wrote {found}, but the file is {expected}.{why} The two names must be exactly the same.",
    fix="Write {expected} into the XML{rename}.",
    source="Guide, Track ordering",
)
def near_name(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """Names are compared letter by letter, capitals and spaces included: most systems take 01.WAV for another file."""
    for file in () if dossier.folder.is_cut else dossier.files:
        if file.path is None and file.near is not None and not file.escapes:
            wanted = file.reference.name.value
            is_renamed = not _lies_elsewhere(file.near, wanted) and _suffix(file.near) == _suffix(wanted)
            rename = f", or rename the file to {wanted}" if is_renamed else ""
            why = _nearness(file.how, file.near, wanted)
            yield reference_fault(dossier, file, found=wanted, expected=file.near, why=why, rename=rename)


@package.rule(
    "PKG-006",
    Severity.INFO,
    text="{place}: you wrote {expected}, the file is {found}. They differ only in how their letters are encoded,"
    " so we took them for the same.",
    fix="Use plain letters and digits in file names next time. Nothing needs to be done now.",
    source="Guide, Track ordering",
)
def encoded_name(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """macOS and Windows write accented letters differently, and web tools write blanks as %20."""
    for file in dossier.files:
        if file.path is not None and file.how in ("unicode", "percent"):
            yield reference_fault(dossier, file, found=file.path, expected=file.reference.name.value)


@package.rule(
    "PKG-007",
    Severity.ERROR,
    text="{place}: {found} leads out of the release folder. Only files inside the folder can be named.",
    fix="Write only {bare}, without folders or a web address before it, and put the file into the release folder.",
    source="Guide, Required XML fields (File URI)",
)
def escaping_name(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """We read nothing outside the folder that was uploaded: no other folder, no web address."""
    for file in dossier.files:
        if file.escapes:
            wanted = file.reference.name.value
            bare = re.split(r"[/\\]", wanted)[-1]
            is_name = bool(bare.strip(".")) and "." in bare
            yield reference_fault(
                dossier,
                file,
                found=wanted,
                expected=bare if is_name else "the file's name alone",
                bare=bare if is_name else "the file's name, such as 01_TrackTitle.wav",
            )


@package.rule(
    "PKG-011",
    Severity.ERROR,
    text="{place}: {found} is named for more than one track ({tracks}). Each track needs a file of its own.",
    fix="Write the right file name for each track, one file per track.",
    source="Guide, File checklist",
    ddex=FileStatus.MESSAGE_INVALID,
)
def shared_file(dossier: Dossier, _: Policy) -> Iterator[Fault]:
    """A name copied from the track above sends the wrong song to the stores."""
    users: dict[str, list[ResolvedFile]] = {}
    for file in dossier.files:
        if file.recording is not None and file.path is not None and not file.reference.is_preview:
            users.setdefault(file.path, []).append(file)
    for path, files in users.items():
        if len({_name(dossier, file) for file in files}) > 1:
            lines = [f"line {file.reference.name.line}" for file in files]
            yield reference_fault(dossier, files[-1], found=path, tracks=listed(lines))


def _name(dossier: Dossier, file: ResolvedFile) -> str | int | None:
    """What tells the recording of a file apart: one that was copied whole, with its name, is REF-001's matter."""
    if dossier.message is None or file.recording is None:
        return file.recording
    return said(dossier.message.recordings[file.recording].reference) or file.recording


NEARNESS: Final = {
    "case": " The difference is in capital and small letters.",
    "blanks": " The difference is in spaces, hyphens, underscores or points.",
}


def _nearness(how: str, near: str, wanted: str) -> str:
    """A sentence about the difference between the names; empty where it is easy to see."""
    if _lies_elsewhere(near, wanted):
        slash = r" Folders are written with /, not with \." if "\\" in wanted else ""
        return f" The difference is in the folder.{slash}"
    if how in NEARNESS:
        return NEARNESS[how]
    stem = near.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return " The difference is in the ending." if stem == wanted.rsplit(".", 1)[0] else ""


def _suffix(name: str) -> str:
    """The ending of a name in small letters: another one would make a file of another kind of it."""
    return name.rpartition(".")[2].lower()


def _lies_elsewhere(near: str, wanted: str) -> bool:
    """Whether the names differ in the folder, not only in the file name."""
    return "/" in wanted or "\\" in wanted or near.rsplit("/", 1)[-1] == wanted
