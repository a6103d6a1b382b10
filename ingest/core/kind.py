"""What a package is for: a new release, an update, a takedown, a purge, a test.

Only a new release must bring all its files. A package's purpose decides which rules apply; its kind is what people
read. They differ for tests, which are judged as what they would be; for a release that is sent again with all files,
which people call an update; and for a release of which one track is taken down. Source: DDEX ERN choreography, "life
cycle"; no field of ERN 3.8.2 says what a message is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ingest.core.dates import day
from ingest.core.deals import Deal, Period
from ingest.core.dossier import Dossier, KnownRelease
from ingest.core.facts import FileKind
from ingest.core.message import Message, MessageRelease
from ingest.core.status import Status
from ingest.core.text import Text

APPROVED: Final = frozenset({Status.QC_APPROVED, Status.DELIVERED, Status.TAKEN_DOWN})
"""Statuses of an earlier package that QC approved."""
ACCEPTED: Final = APPROVED | {Status.NEEDS_QC}
"""Statuses of an earlier package whose audio we have."""


class Kind(StrEnum):
    """What a package is for; the values are stored, and read by people."""

    NEW_RELEASE = "new release"
    UPDATE = "update"
    TAKEDOWN = "takedown"
    PURGE = "purge"
    TEST = "test"


class Form(StrEnum):
    """How a message says that something is taken down."""

    ENDED = "ended"
    CANCELLED = "cancelled"
    NO_DEALS = "no-deals"
    MANIFEST = "manifest"
    TRACKS = "tracks"


def kind_of(dossier: Dossier) -> Kind:
    """The kind that people read."""
    purpose = purpose_of(dossier)
    if is_test(dossier):
        return Kind.TEST
    if purpose is not Kind.PURGE and takedown_form(dossier) is not None:
        return Kind.TAKEDOWN
    return Kind.UPDATE if purpose is Kind.NEW_RELEASE and earlier_of(dossier) is not None else purpose


def purpose_of(dossier: Dossier) -> Kind:
    """The kind whose rules apply, never TEST; a package with audio, or without a message, is a new release.

    So is a package of more files than are listed. An update says so in UpdateIndicator, or brings no audio for a
    release that we accepted. If its message names audio files all the same, QC must have approved the release: else it
    is a correction of what still waits for QC, and its files are missing.
    """
    message = dossier.message
    if message is None:
        return Kind.NEW_RELEASE
    if message.root == "PurgeReleaseMessage":
        return Kind.PURGE
    if takedown_form(dossier) not in (None, Form.TRACKS):
        return Kind.TAKEDOWN
    if dossier.folder.of(FileKind.AUDIO) or dossier.folder.is_cut:
        return Kind.NEW_RELEASE
    says_update = message.header is not None and _is(message.header.update_indicator, "UpdateMessage")
    if says_update:
        return Kind.UPDATE
    names_audio = any(file.recording is not None for file in dossier.files)
    enough = APPROVED if names_audio else ACCEPTED
    return Kind.UPDATE if any(known.status in enough for known in _earlier(dossier)) else Kind.NEW_RELEASE


def brings_files(dossier: Dossier) -> bool:
    """True where the package must hold audio and artwork."""
    return purpose_of(dossier) is Kind.NEW_RELEASE


def is_test(dossier: Dossier) -> bool:
    """Whether the message, or the manifest of its batch, says that it is a test."""
    header = dossier.message.header if dossier.message is not None else None
    written = header is not None and _is(header.control_type, "TestMessage")
    return written or (dossier.manifest is not None and dossier.manifest.is_test)


def earlier_of(dossier: Dossier) -> KnownRelease | None:
    """The newest package of this label with this barcode that we accepted: what this one updates or takes down."""
    return max(_earlier(dossier), key=lambda known: known.package, default=None)


def _earlier(dossier: Dossier) -> list[KnownRelease]:
    """The packages of this label with this barcode that we accepted."""
    same = (known for known in dossier.known if known.shared == "barcode" and known.same_label)
    return [known for known in same if known.status in ACCEPTED]


def is_of_unknown(dossier: Dossier) -> bool:
    """Whether it updates or takes down a release that the label does not have; False where the store was not asked."""
    return dossier.asked and purpose_of(dossier) is not Kind.NEW_RELEASE and earlier_of(dossier) is None


def takedown_form(dossier: Dossier) -> Form | None:
    """How the message takes the release, or some of its tracks, down; None where it does not."""
    message = dossier.message
    if message is None or not message.releases:
        return None
    if dossier.manifest is not None and dossier.manifest.delivery_type.casefold() == "takedown":
        return Form.MANIFEST
    if not message.deals:
        without_audio = not dossier.folder.of(FileKind.AUDIO) and not dossier.folder.is_cut
        return Form.NO_DEALS if without_audio or earlier_of(dossier) is not None else None
    stated = [deal for deal in message.deals if deal.has_terms] or message.deals
    if all(deal.is_takedown for deal in stated):
        return Form.CANCELLED
    if all(deal.is_takedown or has_ended(deal, message) for deal in stated):
        return Form.ENDED
    return Form.TRACKS if tracks_taken_down(dossier) else None


def tracks_taken_down(dossier: Dossier) -> tuple[str, ...]:
    """The ISRCs of tracks that had a deal of their own in the earlier package and have none now."""
    earlier, message = earlier_of(dossier), dossier.message
    if earlier is None or message is None or not earlier.sold:
        return ()
    now = tracks_with_deals(message)
    return tuple(isrc for isrc in earlier.sold if isrc not in now)


def tracks_with_deals(message: Message) -> frozenset[str]:
    """The ISRCs of the track releases that have a deal which does not end them."""
    open_deals = [deal for deal in message.deals if not deal.is_takedown and not has_ended(deal, message)]
    dealt = {text.value for deal in open_deals for text in deal.releases}
    sold = (one for one in message.releases if is_track_release(one))
    held = (one for one in sold if any(text.value in dealt for text in one.references))
    recorded = _recorded(message)
    return frozenset(isrc for one in held if (isrc := _isrc_of(one, recorded)))


def is_track_release(one: MessageRelease) -> bool:
    return any(text.value in ("TrackRelease", "VideoTrackRelease") for text in one.types)


def _recorded(message: Message) -> dict[str, tuple[int, str]]:
    """The place and the ISRC of the first recording with an ISRC, by the name that releases call it."""
    found: dict[str, tuple[int, str]] = {}
    for place, track in enumerate(message.recordings):
        if track.reference is not None and track.isrc is not None:
            found.setdefault(track.reference.value, (place, track.isrc.value))
    return found


def _isrc_of(one: MessageRelease, recorded: Mapping[str, tuple[int, str]]) -> str:
    """The ISRC of a track release, else that of the first recording in it."""
    if one.isrc is not None and one.isrc.value:
        return one.isrc.value
    used = (recorded.get(use.reference.value) for use in one.resources)
    return min((found for found in used if found is not None), default=(0, ""))[1]


def has_ended(deal: Deal, message: Message) -> bool:
    """Every period was over when the message was made; one without a start also if it ends on that day."""
    created = message.header.created if message.header is not None else None
    made = None if created is None else day(created.value)

    def ended(period: Period) -> bool:
        end = None if period.end is None else day(period.end.value)
        if end is None or made is None:
            return False
        if period.start is None:
            return end <= made
        start = day(period.start.value)
        return start is not None and start <= end < made

    return bool(deal.periods) and all(ended(period) for period in deal.periods)


def _is(text: Text | None, value: str) -> bool:
    return text is not None and text.value == value
