"""ART: the same cover on another release. Finds nothing where the dossier holds no known releases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Dossier, KnownRelease, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.rules.rule import Family
from ingest.rules.subjects import owed_an_answer

OWN: Final = "Checked for QC; not in the guide"


def _shared(dossier: Dossier) -> Iterator[KnownRelease]:
    return (known for known in owed_an_answer(dossier) if known.shared == "cover")


shared = Family[KnownRelease](
    "ART", "Cover artwork", _shared, source=OWN, ddex=FileStatus.RESOURCE_OUT_OF_SPECIFICATION
)


@shared.rule(
    "ART-024",
    Severity.INFO,
    text="{file} is also the cover of {known}.",
    fix="Nothing needs to be done if both releases share their cover. Else upload this one with its own.",
)
def cover_of_own_release(known: KnownRelease, _: Policy) -> Iterator[Fault]:
    """A single may carry its album's cover; a folder that was copied carries it by mistake."""
    if known.same_label:
        name = f'"{known.title}" (package {known.package})' if known.title else f"package {known.package}"
        yield fault(known.value, known=name, found=name)


@shared.rule(
    "ART-025",
    Severity.WARNING,
    text="{file} is also the cover of a release of another label.",
    fix="Upload the release with a cover of its own. Nothing needs to be done if both labels agreed on this one.",
)
def cover_of_another_label(known: KnownRelease, _: Policy) -> Iterator[Fault]:
    """A cover says whose release it is; stores take down one that belongs to somebody else."""
    if not known.same_label:
        yield fault(known.value)
