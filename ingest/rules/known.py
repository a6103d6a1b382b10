"""ERN: what else is known under the same barcode, ISRC or audio. Runs only where the store was asked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ingest.core.dossier import Dossier, KnownRelease, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.rules.rule import Family
from ingest.rules.subjects import main_release

OWN: Final = "Checked for QC; not in the guide"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier package beside the message of this one; `title` is this release's, empty where it has none."""

    file: str
    title: str
    known: KnownRelease


def _earlier(dossier: Dossier) -> Iterator[Earlier]:
    """The newest package for each value that is shared, of the same label and of others."""
    if dossier.message is None:
        return
    newest = {(known.shared, known.value, known.same_label): known for known in sorted(dossier.known, key=_age)}
    title = next((main.title for main in main_release(dossier)), "")
    for known in newest.values():
        yield Earlier(dossier.message.file, title, known)


def _age(known: KnownRelease) -> int:
    return known.package


earlier = Family[Earlier]("ERN", "Release information", _earlier, source=OWN, ddex=FileStatus.IDENTIFIER_INVALID)


@earlier.rule(
    "ERN-070",
    Severity.INFO,
    text="{place}: an earlier package with the barcode {found} is package {package} ({status}).",
    fix="Nothing needs to be done if this is the same release. Tell support if these are two different ones.",
)
def sent_before(one: Earlier, _: Policy) -> Iterator[Fault]:
    """A corrected release comes with the barcode of the one that it replaces."""
    if one.known.shared == "barcode" and one.known.same_label and not _is_another(one):
        yield _fault(one)


@earlier.rule(
    "ERN-071",
    Severity.WARNING,
    text="{place}: the barcode {found} already belongs to a release of another label.",
    fix="Compare the barcode with the one that you were given, and ask support if it is yours.",
)
def barcode_of_another_label(one: Earlier, _: Policy) -> Iterator[Fault]:
    """A barcode is given to one release of one label."""
    if one.known.shared == "barcode" and not one.known.same_label:
        yield _fault(one)


@earlier.rule(
    "ERN-072",
    Severity.WARNING,
    text="{place}: the ISRC {found} was used for {known} before.",
    fix="Check the ISRC: a recording keeps its ISRC, another recording or version gets a new one.",
)
def isrc_used_before(one: Earlier, _: Policy) -> Iterator[Fault]:
    """One ISRC is one recording; its plays are paid to whoever had it first."""
    if one.known.shared == "isrc":
        yield _fault(one)


@earlier.rule(
    "ERN-073",
    Severity.WARNING,
    text="{place}: {found} is the same audio as in {known}.",
    fix="Check that the right file was uploaded; the same recording keeps its ISRC.",
)
def audio_used_before(one: Earlier, _: Policy) -> Iterator[Fault]:
    """The same sound under another ISRC splits its plays."""
    if one.known.shared == "audio":
        yield _fault(one)


@earlier.rule(
    "ERN-074",
    Severity.WARNING,
    text='{place}: the barcode {found} already belongs to "{title}" (package {package}, {status}).',
    fix="Give this release a barcode of its own. Nothing needs to be done if it is the same release under a new title.",
)
def barcode_of_another_release(one: Earlier, _: Policy) -> Iterator[Fault]:
    """Two releases under one barcode are one release to a store: the second takes the place of the first."""
    if one.known.shared == "barcode" and one.known.same_label and _is_another(one):
        yield _fault(one)


def _is_another(one: Earlier) -> bool:
    """Whether both titles are known and differ by more than capitals and the form of their letters."""
    return bool(one.title and one.known.title) and _folded(one.title) != _folded(one.known.title or "")


def _folded(title: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())


def _fault(one: Earlier) -> Fault:
    """Another label's title and package number are not told."""
    known = one.known
    own = f'"{known.title}" (package {known.package})' if known.title else f"package {known.package}"
    name = own if known.same_label else "a release of another label"
    title = known.title if known.same_label else None
    return fault(one.file, found=known.value, known=name, title=title, package=known.package, status=known.status)
