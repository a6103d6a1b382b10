"""The tree of ResourceGroups of a release, flattened into its running order (discs, then tracks)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from ingest.core.message import ResourceUse
from ingest.readers.ern.values import Node, Source, attribute, whole

ITEM = "ResourceGroupContentItem"
LIST = "ResourceGroupResourceReferenceList"
PRIMARY, SECONDARY = "PrimaryResource", "SecondaryResource"
SOUND = frozenset({"SoundRecording", "Video"})
"""Values of ResourceType that tracks have."""


@dataclass(slots=True)
class _Disc:
    """The place of a disc in the running order, and the numbers of its items, both from 1."""

    place: int
    numbers: Iterator[int] = field(default_factory=lambda: count(1))


def read_groups(source: Source, groups: Sequence[Node]) -> tuple[ResourceUse, ...]:
    """Every item of the groups in running order.

    A single group that holds groups, and beside them no track, is the release; the groups in it are its discs, and
    what stands beside those (a cover, a booklet) comes after the last one. So is a group within that one which holds
    nothing but groups and has neither number nor title.
    """
    level, rest = list(groups), list[Node]()
    while len(level) == 1 and (inner := _opened(source, level[0], is_outermost=level[0] in groups)):
        rest.extend(Node(item) for item in level[0].every(ITEM))
        level = inner
    names = count(1)
    last, uses = _Disc(1), list[ResourceUse]()
    for place, group in enumerate(_in_order(level), start=1):
        disc = _Disc(place)
        if found := list(_items(source, group, names, disc)):
            last = disc
            uses.extend(found)
    uses.extend(use for item in rest for use in _item(source, item, last))
    return tuple(uses)


def _opened(source: Source, group: Node, *, is_outermost: bool) -> list[Node]:
    """The groups in a group that is no disc itself; empty where it is one."""
    is_named = not is_outermost and (_sequence(group) is not None or group.first("Title") is not None)
    if is_named or group.first(LIST) is not None or any(_is_track(source, item) for item in group.nodes(ITEM)):
        return []
    return list(group.nodes("ResourceGroup"))


def _is_track(source: Source, item: Node) -> bool:
    """Whether an item beside groups is one of the tracks: it says so, or it has a number and does not say otherwise."""
    reference = item.first("ReleaseResourceReference")
    kind = None if reference is None else attribute(reference, "ReleaseResourceType")
    if kind in (PRIMARY, SECONDARY):
        return kind == PRIMARY
    kinds = {text.value for text in source.texts(item.every("ResourceType"))}
    return _sequence(item) is not None and (not kinds or bool(kinds & SOUND))


def _sequence(node: Node) -> int | None:
    number = node.first("SequenceNumber")
    return None if number is None else whole(number.text)


def _sub_sequence(node: Node) -> int:
    number = node.first("SequenceSubNumber")
    return (whole(number.text) if number is not None else None) or 0


def _in_order(nodes: Sequence[Node]) -> list[Node]:
    """By SequenceNumber; those without one come last, as they stand: secondary resources are not numbered."""

    def place(node: Node) -> tuple[bool, int, int]:
        number = _sequence(node)
        return (True, 0, 0) if number is None else (False, number, _sub_sequence(node))

    return sorted(nodes, key=place)


def _items(source: Source, group: Node, names: Iterator[int], disc: _Disc) -> Iterator[ResourceUse]:
    """The items of one disc: items and inner groups together in order of their numbers."""
    name = next(names)
    listed = group.node(LIST)
    if listed is not None:
        for reference in source.texts(listed.every("ResourceGroupResourceReference")):
            yield ResourceUse(reference, disc=disc.place, number=next(disc.numbers), group=name)
    numbers = (_sequence(inner) for inner in group.nodes("ResourceGroup"))
    beside = tuple(number for number in numbers if number is not None)
    for member in _in_order([Node(member) for member in group.element.iterchildren(ITEM, "ResourceGroup")]):
        if member.element.tag == ITEM:
            yield from _item(source, member, disc, name, beside)
        else:
            yield from _items(source, member, names, disc)


def _item(
    source: Source, item: Node, disc: _Disc, group: int | None = None, beside: tuple[int, ...] = ()
) -> Iterator[ResourceUse]:
    element = item.first("ReleaseResourceReference")
    reference = source.text(element)
    if element is not None and reference is not None:
        kind = attribute(element, "ReleaseResourceType")
        yield ResourceUse(reference, kind, disc.place, next(disc.numbers), _sequence(item), group, beside)
