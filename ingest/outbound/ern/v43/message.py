"""A NewReleaseMessage or PurgeReleaseMessage in ERN 4.3, as bytes."""

from __future__ import annotations

from typing import Final

from lxml import etree

from ingest.outbound.ern.composites import to_bytes, write_header
from ingest.outbound.ern.markup import Element, leaf, node
from ingest.outbound.ern.outgoing import LANGUAGE, Outgoing
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
    write_header(root, outgoing.transmission, marks_party_ids=False)
    parties = Parties(outgoing)
    parties.write(root)
    write_resources(root, outgoing, parties)
    write_releases(root, outgoing, parties)
    write_deals(root, outgoing)
    return to_bytes(root)


def write_purge(outgoing: Outgoing) -> bytes:
    """A PurgeReleaseMessage: the release is to be removed as if it had never been sent."""
    root = _root(outgoing, "PurgeReleaseMessage", {})
    write_header(root, outgoing.transmission, marks_party_ids=False)
    purged = node(root, "PurgedRelease")
    write_release_id(node(purged, "ReleaseId"), outgoing.release, outgoing.transmission.namespace)
    if outgoing.release.title:
        title = node(purged, "Title")
        leaf(title, "TitleText", outgoing.release.title)
        leaf(title, "SubTitle", outgoing.release.version)
    return to_bytes(root)


def _root(outgoing: Outgoing, name: str, attributes: dict[str, str]) -> Element:
    said = {**attributes, "AvsVersionId": AVS_VERSION, "LanguageAndScriptCode": outgoing.release.language or LANGUAGE}
    return etree.Element(f"{{{NAMESPACE}}}{name}", said, nsmap={"ern": NAMESPACE})
