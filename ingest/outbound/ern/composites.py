"""What ERN 3.8 and 4.3 write alike: the header, identifiers and rights lines, references, the ends of a period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lxml import etree

from ingest.core.offer import Offer
from ingest.core.release import ReleaseTrack
from ingest.core.release_parts import ExternalId, RightsLine
from ingest.outbound.ern.markup import Element, flag, leaf, moment, node
from ingest.outbound.ern.outgoing import MessageParty, Outgoing, Transmission

MAIN_REFERENCE: Final = "R0"
SOUND_RECORDING_TYPE: Final = "MusicalWorkSoundRecording"
"""The type of a recording whose label did not say one."""
FRONT_COVER: Final = "FrontCoverImage"
DPID_PREFIX: Final = "PADPIDA"
"""How DDEX Party Ids begin."""
EAN_DIGITS: Final = 13
DAY: Final = len("2026-01-01")


def to_bytes(root: Element) -> bytes:
    """A whole message as it is sent."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def write_header(root: Element, transmission: Transmission, *, marks_party_ids: bool) -> None:
    """The MessageHeader; `marks_party_ids`: a PartyId says that it is one of DDEX, as it must in 3.8."""
    header = node(root, "MessageHeader")
    leaf(header, "MessageThreadId", transmission.thread_id)
    leaf(header, "MessageId", transmission.message_id)
    behalf = transmission.on_behalf_of
    parties = [("MessageSender", transmission.sender), *([("SentOnBehalfOf", behalf)] if behalf else [])]
    for name, party in (*parties, *(("MessageRecipient", one) for one in transmission.recipients)):
        write_party(header, name, party, marks_party_ids=marks_party_ids)
    leaf(header, "MessageCreatedDateTime", moment(transmission.created))
    leaf(header, "MessageControlType", "TestMessage" if transmission.is_test else "LiveMessage")


def write_party(parent: Element, name: str, party: MessageParty, *, marks_party_ids: bool) -> None:
    """A sender or recipient by PartyId and PartyName."""
    written = node(parent, name)
    is_marked = marks_party_ids and party.party_id.startswith(DPID_PREFIX)
    leaf(written, "PartyId", party.party_id, {"IsDPID": flag(True)} if is_marked else None)
    if party.name:
        leaf(node(written, "PartyName"), "FullName", party.name)


def write_icpn(parent: Element, barcode: str | None) -> None:
    """The barcode in 3.8 and in manifests, which say whether it is an EAN."""
    leaf(parent, "ICPN", barcode, {"IsEan": flag(len(barcode or "") == EAN_DIGITS)})


def write_proprietary_ids(parent: Element, ids: Iterable[ExternalId], namespace: str) -> None:
    """ProprietaryIds, in `namespace` where they have none of their own."""
    for one in ids:
        leaf(parent, "ProprietaryId", one.value, {"Namespace": one.scheme or namespace})


def write_lines(
    parent: Element, name: str, lines: Iterable[RightsLine], attributes: Mapping[str, str | None] | None = None
) -> None:
    """`PLine`s or `CLine`s; one without a text has its year and company as text."""
    for line in lines:
        text = line.text or " ".join(part for part in (line.year, line.company) if part)
        if text:
            written = node(parent, name, attributes)
            leaf(written, "Year", line.year)
            leaf(written, f"{name}Company", line.company)
            leaf(written, f"{name}Text", text)


def write_recording_ids(parent: Element, outgoing: Outgoing, track: ReleaseTrack) -> None:
    """What identifies a recording; one without anything has an identifier of ours, of the barcode and its number."""
    namespace = outgoing.transmission.namespace
    leaf(parent, "ISRC", track.isrc)
    leaf(parent, "CatalogNumber", track.catalogue_number, {"Namespace": namespace})
    ours = () if track.isrc else (our_id(outgoing, str(track.number)),)
    write_proprietary_ids(parent, track.ids or ours, namespace)


def our_id(outgoing: Outgoing, part: str) -> ExternalId:
    """An identifier of ours for a part of the release: its barcode, or the thread of the message, and the part."""
    return ExternalId(f"{outgoing.release.barcode or outgoing.transmission.thread_id}_{part}")


def algorithm(outgoing: Outgoing) -> str:
    """The HashSumAlgorithmType by the standard's name."""
    return "SHA1" if outgoing.hash_algorithm == "SHA-1" else outgoing.hash_algorithm


def recording_reference(track: ReleaseTrack) -> str:
    """The reference of a track's recording."""
    return f"A{track.number}"


def image_reference(outgoing: Outgoing, place: int) -> str:
    """The reference of an image by its place, from 0; images come after all recordings."""
    return f"A{len(outgoing.release.tracks) + place + 1}"


def release_reference(track: ReleaseTrack) -> str:
    """The reference of a track as a release of its own."""
    return f"R{track.number}"


def deal_references(outgoing: Outgoing, offer: Offer) -> list[str]:
    """The releases that an offer is for: the main one and all tracks, or those that it names, 0 being the main one."""
    every = [MAIN_REFERENCE, *map(release_reference, outgoing.release.tracks)]
    return [f"R{number}" for number in offer.tracks] or every


def period_ends(start: str | None, end: str | None) -> Iterator[tuple[str, str]]:
    """Elements of a period with their values: dates where both ends are dates, else date-times, which do not mix.

    A date beside a date-time is the first second of its day for a start, the last one for an end.
    """
    has_time = any("T" in (one or "") for one in (start, end))
    for name, edge, one in (("Start", "00:00:00", start), ("End", "23:59:59", end)):
        if one is not None:
            is_date = has_time and "T" not in one
            yield f"{name}DateTime" if has_time else f"{name}Date", f"{one[:DAY]}T{edge}" if is_date else one
