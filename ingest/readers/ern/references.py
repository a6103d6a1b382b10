"""Every anchor and every reference of a message, whether or not they meet."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.core.message import Reference
from ingest.readers.ern.values import Node, Source

ANCHORS = frozenset(
    {
        "CollectionReference",
        "CueSheetReference",
        "MusicalWorkReference",
        "ReleaseReference",
        "ResourceReference",
        "RightShareReference",
        "TechnicalResourceDetailsReference",
    }
)
REFERENCES = frozenset(
    {
        "CatalogReleaseReference",
        "CollectionCollectionReference",
        "CollectionResourceReference",
        "CollectionWorkReference",
        "CueResourceReference",
        "CueWorkReference",
        "DealReleaseReference",
        "DealResourceReference",
        "DealTechnicalResourceDetailsReference",
        "EquivalentReleaseReference",
        "LinkedReleaseResourceReference",
        "ReleaseCollectionReference",
        "ReleaseResourceReference",
        "RepresentativeImageReference",
        "ResourceContainedResourceReference",
        "ResourceGroupContentItemReleaseReference",
        "ResourceGroupReleaseReference",
        "ResourceGroupResourceReference",
        "ResourceMusicalWorkReference",
        "ResourceReleaseReference",
        "RightShareReleaseReference",
        "RightShareResourceReference",
        "RightShareWorkReference",
        "SoundRecordingCollectionReference",
        "VideoCueSheetReference",
    }
)


def read_references(source: Source, root: Node) -> tuple[Reference, ...]:
    """In document order; empty ones are the schema's matter."""
    return tuple(_references(source, root))


def _references(source: Source, root: Node) -> Iterator[Reference]:
    for element in root.element.iter(*ANCHORS, *REFERENCES):
        text = source.text(element)
        if text is not None and text.value:
            yield Reference(element.tag, text.value, text.line, element.tag in ANCHORS)
