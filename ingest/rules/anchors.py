"""Whether the names by which a message joins its resources, releases and deals can be trusted.

Where they cannot, that is told once, and what follows from it waits: references that lead nowhere, tracks that seem
to be missing, releases that seem to have no deal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from ingest.core.message import Message, Reference
from ingest.core.resources import ImageResource, OtherResource, SoundRecording
from ingest.rules.memo import once_per_check
from ingest.rules.subjects import lacks_main, said

Resource = SoundRecording | ImageResource | OtherResource

RESOURCE_REFERENCES: Final = frozenset({"ReleaseResourceReference", "LinkedReleaseResourceReference"})


@once_per_check
def resources(message: Message) -> tuple[Resource, ...]:
    return (*message.recordings, *message.images, *message.others)


@once_per_check
def resources_are_named(message: Message) -> bool:
    """Whether there are resources, and each has a name of its own."""
    names = _names(message)
    return bool(names) and all(names) and _are_single(names) and not _is_faulty(message, "ResourceReference")


@once_per_check
def releases_are_named(message: Message) -> bool:
    """Whether there is a main release, and no name of a release is malformed or used twice."""
    names = [said(text) for one in message.releases for text in one.references]
    named = bool(message.releases) and _are_single(names) and not _is_faulty(message, "ReleaseReference")
    return named and not lacks_main(message)


@once_per_check
def tracks_are_known(message: Message) -> bool:
    """Whether every reference of the main release leads to a resource, so that its list of tracks is whole."""
    main = message.main_release
    if main is None or lacks_main(message) or not resources_are_named(message):
        return False
    if any(fault.element in ("ReleaseResourceReferenceList", "SoundRecording") for fault in message.schema_faults):
        return False
    names = frozenset(_names(message))
    return all(said(use.reference) in names for use in (*main.resources, *main.groups))


def is_faulty(message: Message, reference: Reference) -> bool:
    """Whether a schema fault tells of this anchor or reference itself."""
    return any(fault.element == reference.element and fault.line == reference.line for fault in message.schema_faults)


def dangling(message: Message, elements: frozenset[str]) -> Iterator[Reference]:
    """The references in these elements that lead nowhere, each name once."""
    told = set()
    for reference in _leading_nowhere(message):
        if reference.element not in elements:
            continue
        if (reference.element, reference.value) not in told and not is_faulty(message, reference):
            told.add((reference.element, reference.value))
            yield reference


@once_per_check
def _leading_nowhere(message: Message) -> tuple[Reference, ...]:
    anchors = {reference.value for reference in message.references if reference.is_anchor}
    return tuple(one for one in message.references if not one.is_anchor and one.value not in anchors)


@once_per_check
def _names(message: Message) -> tuple[str, ...]:
    """What the resources are called; empty for those without a name."""
    return tuple(said(one.reference) for one in resources(message))


def _are_single(names: Collection[str]) -> bool:
    return len(set(names)) == len(names)


def _is_faulty(message: Message, element: str) -> bool:
    return any(fault.element == element or element in fault.expected for fault in message.schema_faults)
