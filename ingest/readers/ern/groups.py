"""The tree of ResourceGroups of a release, flattened into its running order (discs, then tracks)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.core.message import ResourceUse
from ingest.readers.ern.document import Element
from ingest.readers.ern.values import Source, attribute, descend, every, whole

ITEM = "ResourceGroupContentItem"


def read_groups(source: Source, groups: Sequence[Element]) -> tuple[ResourceUse, ...]:
    """Every item of the groups in running order. One outer group is opened; what then stands side by side are discs."""
    level = list(groups)
    while len(level) == 1 and not _has_items(level[0]) and (inner := list(every(level[0], "ResourceGroup"))):
        level = inner
    uses: list[ResourceUse] = []
    for place, group in enumerate(_in_order(level), start=1):
        items = enumerate(_items(source, group), start=1)
        uses.extend(replace(use, disc=place, number=number) for number, use in items)
    return tuple(uses)


def _has_items(group: Element) -> bool:
    return descend(group, ITEM) is not None or descend(group, "ResourceGroupResourceReferenceList") is not None


def _sequence(element: Element) -> int | None:
    number = descend(element, "SequenceNumber")
    return None if number is None else whole(number.text)


def _sub_sequence(element: Element) -> int:
    number = descend(element, "SequenceSubNumber")
    return (whole(number.text) if number is not None else None) or 0


def _in_order(elements: Sequence[Element]) -> list[Element]:
    """By SequenceNumber where every one has it, else as they stand."""
    numbered = [(_sequence(element), element) for element in elements]
    if any(number is None for number, _ in numbered):
        return list(elements)
    return sorted(elements, key=lambda element: (_sequence(element) or 0, _sub_sequence(element)))


def _items(source: Source, group: Element) -> Iterator[ResourceUse]:
    """The items of one disc: items and inner groups together in order of their numbers."""
    listed = descend(group, "ResourceGroupResourceReferenceList")
    if listed is not None:
        references = source.texts(every(listed, "ResourceGroupResourceReference"))
        yield from (ResourceUse(reference) for reference in references)
    for member in _in_order([child for child in group.iterchildren("*") if child.tag in (ITEM, "ResourceGroup")]):
        if member.tag == ITEM:
            yield from _item(source, member)
        else:
            yield from _items(source, member)


def _item(source: Source, item: Element) -> Iterator[ResourceUse]:
    element = descend(item, "ReleaseResourceReference")
    reference = source.text(element)
    if element is not None and reference is not None:
        yield ResourceUse(reference, attribute(element, "ReleaseResourceType"), sequence=_sequence(item))
