"""A NewReleaseMessage or PurgeReleaseMessage in ERN 3.8.2 or 3.8.3, as bytes."""

from __future__ import annotations

from typing import Final, Literal

from lxml import etree

from ingest.outbound.ern.markup import Element, flag, leaf, moment, node
from ingest.outbound.ern.outgoing import LANGUAGE, MessageParty, Outgoing, Transmission, shown_credits
from ingest.outbound.ern.v382.deals import write_deals
from ingest.outbound.ern.v382.parts import write_contributors, write_proprietary_ids, write_titles
from ingest.outbound.ern.v382.releases import EAN_DIGITS, write_releases
from ingest.outbound.ern.v382.resources import write_resources

Version = Literal["382", "383"]
DPID_PREFIX: Final = "PADPIDA"
"""How DDEX Party Ids begin."""


def write_message(outgoing: Outgoing, version: Version = "382") -> bytes:
    """The whole release as this DSP may have it: metadata, all offers, and the files where they are sent along."""
    root = _root(outgoing, "NewReleaseMessage", version)
    _write_header(root, outgoing.transmission)
    leaf(root, "UpdateIndicator", outgoing.transmission.update_indicator)
    write_resources(root, outgoing)
    write_releases(root, outgoing)
    write_deals(root, outgoing)
    return _bytes(root)


def write_purge(outgoing: Outgoing, version: Version = "382") -> bytes:
    """A PurgeReleaseMessage: the release is to be removed as if it had never been sent."""
    root = _root(outgoing, "PurgeReleaseMessage", version)
    _write_header(root, outgoing.transmission)
    release, namespace = outgoing.release, outgoing.transmission.namespace
    purged = node(root, "PurgedRelease")
    ids = node(purged, "ReleaseId")
    leaf(ids, "GRid", release.grid)
    leaf(ids, "ICPN", release.barcode, {"IsEan": flag(len(release.barcode or "") == EAN_DIGITS)})
    write_proprietary_ids(ids, release.ids, namespace)
    write_titles(purged, release.title, release.version, ())
    write_contributors(purged, "ResourceContributor", shown_credits(release), namespace)
    return _bytes(root)


def _root(outgoing: Outgoing, name: str, version: str) -> Element:
    namespace = f"http://ddex.net/xml/ern/{version}"
    said = {
        "MessageSchemaVersionId": f"ern/{version}",
        "LanguageAndScriptCode": outgoing.release.language or LANGUAGE,
    }
    return etree.Element(f"{{{namespace}}}{name}", said, nsmap={"ern": namespace})


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
    is_dpid = party.party_id.startswith(DPID_PREFIX)
    leaf(written, "PartyId", party.party_id, {"IsDPID": flag(True)} if is_dpid else None)
    if party.name:
        leaf(node(written, "PartyName"), "FullName", party.name)
