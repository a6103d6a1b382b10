"""The manifest of a batch: valid by the choreography's schema, and understood by our own reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from ingest.core.delivery_kind import DeliveryKind
from ingest.core.dossier import ManifestEntry
from ingest.core.release import Release
from ingest.host.data_files import data_dir
from ingest.outbound.dsp.manifest import BatchedMessage, write_manifest
from ingest.outbound.ern.outgoing import MessageParty
from ingest.outbound.ern.v382.message import write_message
from ingest.readers.ern.manifest import read_manifest
from tests.outbound.ern.releases import STREAMS, TRANSMISSION, message_in, outgoing_of

RELEASE = Release(barcode="5034567890120", grid="A12425GABC1234002M", title="Sunrise", catalogue_number="CAT 1")
SENT = BatchedMessage(TRANSMISSION, RELEASE, DeliveryKind.INSERT, "5034567890120/5034567890120.xml", "0" * 32)


def assert_valid(data: bytes) -> etree._Element:
    root = etree.fromstring(data)
    etree.XMLSchema(etree.parse(str(data_dir("schemas") / "choreography.xsd"))).assertValid(root)
    return root


@pytest.mark.parametrize("release", [RELEASE, Release(), Release(barcode="036000291452")])
@pytest.mark.parametrize("kind", DeliveryKind)
def test_every_manifest_is_valid(release: Release, kind: DeliveryKind) -> None:
    sent = replace(SENT, release=release, kind=kind)
    assert_valid(write_manifest(sent))
    nameless = replace(TRANSMISSION, sender=MessageParty("X"), is_test=True)
    assert_valid(write_manifest(replace(sent, transmission=nameless, is_purge=True)))


def test_it_says_what_message_lies_where_with_which_hash_sum() -> None:
    entry = assert_valid(write_manifest(SENT)).find("MessageInBatch")
    assert entry is not None
    assert [(one.tag, one.text) for one in entry.iter() if (one.text or "").strip()] == [
        ("MessageType", "NewReleaseMessage"),
        ("MessageId", "M-1"),
        ("URL", "5034567890120/5034567890120.xml"),
        ("GRid", "A12425GABC1234002M"),
        ("ICPN", "5034567890120"),
        ("CatalogNumber", "CAT 1"),
        ("DeliveryType", "NewReleaseDelivery"),
        ("ProductType", "AudioProduct"),
        ("HashSum", "0" * 32),
        ("HashSumAlgorithmType", "MD5"),
        ("HashSumDataType", "HexBinary"),
    ]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (DeliveryKind.INSERT, "NewReleaseDelivery"),
        (DeliveryKind.METADATA_UPDATE, "ReDelivery"),
        (DeliveryKind.REINSTATEMENT, "ReDelivery"),
        (DeliveryKind.TAKEDOWN, "TakeDown"),
    ],
)
def test_our_own_reader_understands_it(tmp_path: Path, kind: DeliveryKind, told: str) -> None:
    (tmp_path / "BatchComplete_1.xml").write_bytes(write_manifest(replace(SENT, kind=kind)))
    message = message_in(write_message(outgoing_of(RELEASE, STREAMS)))
    entry = read_manifest(tmp_path).entry_for("5034567890120", message)
    assert entry == ManifestEntry("BatchComplete_1.xml", entry.line if entry else 0, told, False)
