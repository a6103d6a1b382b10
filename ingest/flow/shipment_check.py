"""A shipment is judged before it leaves, by the rules that labels' packages are judged by: DSPs judge it too.

What our own message or files are told here is an error of ours: the label's package went through the same rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from ingest.config import Config
from ingest.core.delivery_kind import DeliveryKind
from ingest.core.dossier import Dossier, KnownRelease
from ingest.core.finding import Finding, Severity
from ingest.core.release import Release
from ingest.core.status import Status
from ingest.readers.dossier import ReaderSettings, ReadingFailed, read_dossier
from ingest.rules import check

READABLE: Final = ("3.8.2", "3.8.3")
"""The versions of messages that our reader reads as they are written."""
MOST_TOLD: Final = 5


class NotChecked(Exception):
    """A shipment could not be read, so that it was not judged: it may be tried again. The text says why."""


@dataclass(frozen=True, slots=True)
class ShipmentCheck:
    """Reads what is to be sent as it lies on the disk, in confined children, and judges it."""

    config: Config
    reading: ReaderSettings

    def errors(
        self, folder: Path, name: str, release: Release, kind: DeliveryKind, received: date
    ) -> tuple[Finding, ...]:
        """The errors in a shipment of `kind` about a release, whose files and message lie in `folder`.

        It is judged as the package that came on the day `received`, and the DSP as one that knows the release unless
        this is its insert. Raises NotChecked.
        """
        known = () if kind is DeliveryKind.INSERT else (_known(release),)
        try:
            read = read_dossier(folder, name, self.reading, known=lambda _: known)
        except ReadingFailed as error:
            raise NotChecked(str(error)) from error
        if read.unread:
            raise NotChecked("; ".join(f"{one.file}: {one.reason}" for one in read.unread))
        findings = check(_as_new(read, known), self.config.policy(received))
        return tuple(one for one in findings if one.severity is Severity.ERROR)


def told(errors: Sequence[Finding]) -> str:
    """The first errors in words, for ops."""
    listed = "; ".join(f"{one.code}: {one.text}" for one in errors[:MOST_TOLD])
    more = len(errors) - MOST_TOLD
    return f"{listed} and {more} more" if more > 0 else listed


def _known(release: Release) -> KnownRelease:
    """The release as the DSP has it."""
    return KnownRelease(
        package=0,
        label="",
        same_label=True,
        status=Status.DELIVERED.value,
        title=release.title,
        shared="barcode",
        value=release.barcode or "",
    )


def _as_new(read: Dossier, known: tuple[KnownRelease, ...]) -> Dossier:
    """Nobody is asked about earlier packages, as in `ingest check`, where the DSP has none."""
    return read if known else replace(read, asked=False)
