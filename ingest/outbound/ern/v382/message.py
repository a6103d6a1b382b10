"""A NewReleaseMessage or PurgeReleaseMessage in ERN 3.8.2 or 3.8.3, as bytes."""

from __future__ import annotations

from typing import Literal

from lxml import etree

from ingest.outbound.ern.composites import to_bytes, write_header, write_icpn, write_proprietary_ids
from ingest.outbound.ern.markup import Element, leaf, node
from ingest.outbound.ern.outgoing import LANGUAGE, Outgoing, shown_credits
from ingest.outbound.ern.v382.deals import write_deals
from ingest.outbound.ern.v382.parts import write_contributors, write_titles
from ingest.outbound.ern.v382.releases import write_releases
from ingest.outbound.ern.v382.resources import write_resources

Version = Literal["382", "383"]


def write_message(outgoing: Outgoing, version: Version = "382") -> bytes:
    """The whole release as this DSP may have it: metadata, all offers, and the files where they are sent along."""
    root = _root(outgoing, "NewReleaseMessage", version)
    write_header(root, outgoing.transmission, marks_party_ids=True)
    leaf(root, "UpdateIndicator", outgoing.transmission.update_indicator)
    write_resources(root, outgoing)
    write_releases(root, outgoing)
    write_deals(root, outgoing)
    return to_bytes(root)


def write_purge(outgoing: Outgoing, version: Version = "382") -> bytes:
    """A PurgeReleaseMessage: the release is to be removed as if it had never been sent."""
    root = _root(outgoing, "PurgeReleaseMessage", version)
    write_header(root, outgoing.transmission, marks_party_ids=True)
    release, namespace = outgoing.release, outgoing.transmission.namespace
    purged = node(root, "PurgedRelease")
    ids = node(purged, "ReleaseId")
    leaf(ids, "GRid", release.grid)
    write_icpn(ids, release.barcode)
    write_proprietary_ids(ids, release.ids, namespace)
    write_titles(purged, release.title, release.version, ())
    write_contributors(purged, "ResourceContributor", shown_credits(release), namespace)
    return to_bytes(root)


def _root(outgoing: Outgoing, name: str, version: str) -> Element:
    namespace = f"http://ddex.net/xml/ern/{version}"
    said = {
        "MessageSchemaVersionId": f"ern/{version}",
        "LanguageAndScriptCode": outgoing.release.language or LANGUAGE,
    }
    return etree.Element(f"{{{namespace}}}{name}", said, nsmap={"ern": namespace})
