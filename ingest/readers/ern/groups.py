"""The tree of ResourceGroups of a release, flattened into its running order (discs, then tracks)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.core.message import ResourceUse
from ingest.readers.ern.values import Node, Source, attribute, whole

ITEM = "ResourceGroupContentItem"


def read_groups(source: Source, groups: Sequence[Node]) -> tuple[ResourceUse, ...]:
    """Every item of the groups in running order.

    A single group that holds only groups is the release; the groups in it are its discs."""
    level = list(groups)
    while len(level) == 1 and not _has_items(level[0]) and (inner := list(level[0].nodes("ResourceGroup"))):
        level = inner
    uses: list[ResourceUse] = []
    for place, group in enumerate(_in_order(level), start=1):
        items = enumerate(_items(source, group), start=1)
        uses.extend(replace(use, disc=place, number=number) for number, use in items)
    return tuple(uses)


def _has_items(group: Node) -> bool:
    return group.first(ITEM) is not None or group.first("ResourceGroupResourceReferenceList") is not None


def _sequence(node: Node) -> int | None:
    number = node.first("SequenceNumber")
    return None if number is None else whole(number.text)


def _sub_sequence(node: Node) -> int:
    number = node.first("SequenceSubNumber")
    return (whole(number.text) if number is not None else None) or 0


def _in_order(nodes: Sequence[Node]) -> list[Node]:
    """By SequenceNumber where every one has it, else as they stand."""
    if any(_sequence(node) is None for node in nodes):
        return list(nodes)
    return sorted(nodes, key=lambda node: (_sequence(node) or 0, _sub_sequence(node)))


def _items(source: Source, group: Node) -> Iterator[ResourceUse]:
    """The items of one disc: items and inner groups together in order of their numbers."""
    listed = group.node("ResourceGroupResourceReferenceList")
    if listed is not None:
        references = source.texts(listed.every("ResourceGroupResourceReference"))
        yield from (ResourceUse(reference) for reference in references)
    for member in _in_order([Node(member) for member in group.element.iterchildren(ITEM, "ResourceGroup")]):
        if member.element.tag == ITEM:
            yield from _item(source, member)
        else:
            yield from _items(source, member)


def _item(source: Source, item: Node) -> Iterator[ResourceUse]:
    element = item.first("ReleaseResourceReference")
    reference = source.text(element)
    if element is not None and reference is not None:
        yield ResourceUse(reference, attribute(element, "ReleaseResourceType"), sequence=_sequence(item))
