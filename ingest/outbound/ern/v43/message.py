"""A NewReleaseMessage or PurgeReleaseMessage in ERN 4.3, as bytes."""

from __future__ import annotations

from typing import Final

from lxml import etree

from ingest.outbound.ern.markup import Element, leaf, moment, node
from ingest.outbound.ern.outgoing import LANGUAGE, MessageParty, Outgoing, Transmission
from ingest.outbound.ern.v43.deals import write_deals
from ingest.outbound.ern.v43.parties import Parties
from ingest.outbound.ern.v43.releases import write_release_id, write_releases
from ingest.outbound.ern.v43.resources import write_resources

NAMESPACE: Final = "http://ddex.net/xml/ern/43"
AVS_VERSION: Final = "3"
"""The edition of the allowed-value sets that our schema holds."""
PROFILE: Final = "Audio"


def write_message(outgoing: Outgoing) -> bytes:
    """The whole release as this DSP may have it: metadata, all offers, and the files where they are sent along."""
    root = _root(outgoing, "NewReleaseMessage", {"ReleaseProfileVersionId": PROFILE})
    _write_header(root, outgoing.transmission)
    parties = Parties(outgoing)
    parties.write(root)
    write_resources(root, outgoing, parties)
    write_releases(root, outgoing, parties)
    write_deals(root, outgoing)
    return _bytes(root)


def write_purge(outgoing: Outgoing) -> bytes:
    """A PurgeReleaseMessage: the release is to be removed as if it had never been sent."""
    root = _root(outgoing, "PurgeReleaseMessage", {})
    _write_header(root, outgoing.transmission)
    purged = node(root, "PurgedRelease")
    write_release_id(node(purged, "ReleaseId"), outgoing.release, outgoing.transmission.namespace)
    if outgoing.release.title:
        title = node(purged, "Title")
        leaf(title, "TitleText", outgoing.release.title)
        leaf(title, "SubTitle", outgoing.release.version)
    return _bytes(root)


def _root(outgoing: Outgoing, name: str, attributes: dict[str, str]) -> Element:
    said = {**attributes, "AvsVersionId": AVS_VERSION, "LanguageAndScriptCode": outgoing.release.language or LANGUAGE}
    return etree.Element(f"{{{NAMESPACE}}}{name}", said, nsmap={"ern": NAMESPACE})


def _bytes(root: Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _write_header(root: Element, transmission: Transmission) -> None:
    header = node(root, "MessageHeader")
    leaf(header, "MessageThreadId", transmission.thread_id)
    leaf(header, "MessageId", transmission.message_id)
    _write_party(header, "MessageSender", transmission.sender)
    if transmission.on_behalf_of is not None:
        _write_party(header, "SentOnBehalfOf", transmission.on_behalf_of)
    for recipient in transmission.recipients:
        _write_party(header, "MessageRecipient", recipient)
    leaf(header, "MessageCreatedDateTime", moment(transmission.created))
    leaf(header, "MessageControlType", "TestMessage" if transmission.is_test else "LiveMessage")


def _write_party(parent: Element, name: str, party: MessageParty) -> None:
    written = node(parent, name)
    leaf(written, "PartyId", party.party_id)
    if party.name:
        leaf(node(written, "PartyName"), "FullName", party.name)
