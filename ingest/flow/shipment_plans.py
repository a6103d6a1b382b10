"""What a DSP is to be sent about a release: which kind of message, with which deals, with or without files.

Found by comparing the label's package with what the DSP was last sent; nothing is sent or stored here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ingest.config import Dsp
from ingest.core.contract import Contract, Withheld, allowed
from ingest.core.dates import day
from ingest.core.delivery_kind import (
    COVER,
    Content,
    DeliveryKind,
    FileState,
    SentState,
    TakedownForm,
    choose,
    content_of,
    state_after,
    takedown_offers,
)
from ingest.core.delivery_state import DeliveryPurpose
from ingest.core.dossier import Dossier
from ingest.core.offer import Offer
from ingest.core.offer_reading import offers_of
from ingest.core.offer_updates import keep_starts
from ingest.core.release import Release
from ingest.core.release_reading import FRONT_COVER, release_of
from ingest.readers.json_values import from_json, to_json

NOT_READABLE = "The message of this package cannot be read, so nothing can be sent."
NO_AUDIO = "This DSP has no audio of the release yet, and this package does not bring all of it."


@dataclass(frozen=True, slots=True)
class Planned:
    """A message to send: its kind, whether it brings files, the offers in it, and what the DSP has once it was sent."""

    kind: DeliveryKind
    has_files: bool
    offers: tuple[Offer, ...]
    state: SentState


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one DSP would get. Without `planned` nothing is sent.

    `remarks` are sentences for QC that say why, or what to look at before. `withheld` are the label's deals that this
    DSP does not get.
    """

    planned: Planned | None
    remarks: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """All that QC must read about it."""
        return (*self.remarks, *(one.text for one in self.withheld))


def propose(
    dossier: Dossier,
    dsp: Dsp,
    contract: Contract,
    last: Planned | None,
    today: date,
    purpose: DeliveryPurpose = DeliveryPurpose.DELIVER,
) -> Proposal:
    """What this DSP would get of a package; `last` is what it was last sent about the release and did not reject."""
    message, release = dossier.message, release_of(dossier)
    if message is None or release is None:
        return Proposal(None, (NOT_READABLE,))
    agreed = allowed(offers_of(message), contract)
    had = () if last is None else last.offers
    offers = keep_starts(agreed.offers, had, today)
    now = content_of(release, offers, _files(dossier, release), today)
    questions = tuple(f"{one.text[:1].upper()}{one.text[1:]}." for one in agreed.questions)
    choice = choose(now, None if last is None else last.state, questions, purpose)
    if choice.kind is None:
        return Proposal(None, choice.remarks, agreed.withheld)
    if choice.has_files and not _is_whole(now, release):
        return Proposal(None, (*choice.remarks, NO_AUDIO), agreed.withheld)
    form = TakedownForm(dsp.takedown)
    if choice.kind is DeliveryKind.TAKEDOWN:
        offers = takedown_offers(form, had, today, dsp.end_date_offset_days)
    state = state_after(choice.kind, now, None if last is None else last.state, form)
    planned = Planned(choice.kind, choice.has_files, offers, state)
    return Proposal(planned, (*choice.remarks, *_lead_remarks(planned, dsp, today)), agreed.withheld)


def _files(dossier: Dossier, release: Release) -> Iterator[FileState]:
    """The files of the release that the package brings, by the digests with which they were checked."""
    digests = {entry.path: entry.sha256 for entry in dossier.folder.entries if entry.sha256 is not None}
    for track in release.tracks:
        if track.file in digests:
            yield FileState(track.number, digests[track.file], track.seconds)
    covers = (image.file for image in release.images if image.type in (None, FRONT_COVER))
    cover = next((path for path in covers if path in digests), None)
    if cover is not None:
        yield FileState(COVER, digests[cover])


def _is_whole(now: Content, release: Release) -> bool:
    """Whether the audio of every track is at hand."""
    brought = {file.track for file in now.files}
    return brought.issuperset(track.number for track in release.tracks)


def _lead_remarks(planned: Planned, dsp: Dsp, today: date) -> Iterator[str]:
    """What QC must know of the time until the release begins."""
    starts = [start for offer in planned.offers if offer.start and (start := day(offer.start)) is not None]
    left = (min(starts) - today).days if starts else None
    if planned.kind is DeliveryKind.INSERT and left is not None and 0 <= left < dsp.lead_days:
        yield f"The release begins in {left} days; this DSP wants it {dsp.lead_days} days before."


def to_stored(planned: Planned) -> dict[str, Any]:
    """A plan as plain JSON."""
    stored: dict[str, Any] = to_json(planned)
    return stored


def from_stored(stored: dict[str, Any]) -> Planned:
    """The plan that was stored. Raises pydantic's ValidationError."""
    return from_json(Planned, stored)
