"""The ManifestMessage that closes a batch (DDEX ERN choreography over SFTP, version 1.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from ingest.core.delivery_kind import DeliveryKind
from ingest.core.release import Release
from ingest.outbound.ern.composites import to_bytes, write_icpn, write_party
from ingest.outbound.ern.markup import Element, flag, leaf, moment, node
from ingest.outbound.ern.outgoing import Transmission

NAMESPACE: Final = "http://ddex.net/xml/ern-c-sftp/16"
VERSION: Final = "ern-c-sftp/16"


@dataclass(frozen=True, slots=True)
class BatchedMessage:
    """The message of a batch: `url` is its place relative to the marker, `md5` the hash sum of its bytes in hex."""

    transmission: Transmission
    release: Release
    kind: DeliveryKind
    url: str
    md5: str
    is_purge: bool = False


def write_manifest(sent: BatchedMessage) -> bytes:
    """The manifest of a batch with one message."""
    transmission = sent.transmission
    root = etree.Element(f"{{{NAMESPACE}}}ManifestMessage", {"MessageVersionId": VERSION}, nsmap={"echo": NAMESPACE})
    header = node(root, "MessageHeader")
    write_party(header, "MessageSender", transmission.sender, marks_party_ids=True)
    write_party(header, "MessageRecipient", transmission.recipients[0], marks_party_ids=True)
    leaf(header, "MessageCreatedDateTime", moment(transmission.created))
    leaf(root, "IsTestFlag", flag(transmission.is_test))
    node(root, "RootDirectory")
    leaf(root, "NumberOfMessages", 1)
    _write_message(node(root, "MessageInBatch"), sent)
    return to_bytes(root)


def _write_message(entry: Element, sent: BatchedMessage) -> None:
    release = sent.release
    leaf(entry, "MessageType", "PurgeReleaseMessage" if sent.is_purge else "NewReleaseMessage")
    leaf(entry, "MessageId", sent.transmission.message_id)
    leaf(entry, "URL", sent.url)
    included = node(entry, "IncludedReleaseId")
    leaf(included, "GRid", release.grid)
    write_icpn(included, release.barcode)
    leaf(included, "CatalogNumber", release.catalogue_number)
    leaf(entry, "DeliveryType", delivery_type(sent.kind))
    leaf(entry, "ProductType", "AudioProduct")
    hash_sum = node(entry, "HashSum")
    leaf(hash_sum, "HashSum", sent.md5)
    leaf(hash_sum, "HashSumAlgorithmType", "MD5")
    leaf(hash_sum, "HashSumDataType", "HexBinary")


def delivery_type(kind: DeliveryKind) -> str:
    """The DeliveryType of the choreography for a kind of message."""
    if kind is DeliveryKind.TAKEDOWN:
        return "TakeDown"
    return "NewReleaseDelivery" if kind is DeliveryKind.INSERT else "ReDelivery"
