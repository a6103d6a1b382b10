"""What a message is for: a new release, an update, a takedown, a purge. Only a new release must bring all its files."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ingest.core.dates import day
from ingest.core.deals import Deal
from ingest.core.dossier import Dossier
from ingest.core.facts import FileKind
from ingest.core.message import Message
from ingest.core.status import Status
from ingest.core.text import Text

ACCEPTED: Final = frozenset({Status.NEEDS_QC, Status.QC_APPROVED, Status.DELIVERED})
"""Statuses of an earlier package whose audio we have."""


class Purpose(StrEnum):
    NEW_RELEASE = "new release"
    UPDATE = "update"
    TAKEDOWN = "takedown"
    PURGE = "purge"


def purpose_of(dossier: Dossier) -> Purpose:
    """The purpose of the dossier's message; a package that brings audio, or has no message, is a new release.

    So is a package of more files than are listed. A takedown has a deal list that only cancels or only ends, or
    neither deals nor audio (ERN 3.8.2, choreography).
    An update brings no audio for a release that we accepted, or says so in UpdateIndicator.
    """
    message = dossier.message
    if message is None:
        return Purpose.NEW_RELEASE
    if message.root == "PurgeReleaseMessage":
        return Purpose.PURGE
    if message.deals and all(_ends_only(deal) for deal in message.deals):
        return Purpose.TAKEDOWN
    if dossier.folder.of(FileKind.AUDIO) or dossier.folder.is_cut:
        return Purpose.NEW_RELEASE
    if not message.deals and message.releases:
        return Purpose.TAKEDOWN
    return Purpose.UPDATE if _is_update(dossier, message) else Purpose.NEW_RELEASE


def brings_files(dossier: Dossier) -> bool:
    """True where the package must hold audio and artwork."""
    return purpose_of(dossier) is Purpose.NEW_RELEASE


def _ends_only(deal: Deal) -> bool:
    """TakeDown, AllDealsCancelled, or periods that have an end and no start."""
    if deal.is_takedown:
        return True
    return bool(deal.periods) and all(_is_day(period.end) and period.start is None for period in deal.periods)


def _is_day(text: Text | None) -> bool:
    return text is not None and day(text.value) is not None


def _is_update(dossier: Dossier, message: Message) -> bool:
    indicator = message.header.update_indicator if message.header is not None else None
    if indicator is not None and indicator.value == "UpdateMessage":
        return True
    return any(known.same_label and known.shared == "barcode" and known.status in ACCEPTED for known in dossier.known)
