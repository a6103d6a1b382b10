"""Elements that are missing, unknown, in the wrong order or too many: the fault, and a repair of the tree.

libxml2 stops looking at an element's children at the first that does not fit. Each fault is therefore mended in the
tree (never in the label's file), so that the next validation shows what lies behind it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from lxml import etree

from ingest.core.message import SchemaFault, SchemaProblem
from ingest.readers.ern.content_model import Child
from ingest.readers.ern.departure import MOST_EXPECTED, MOST_HOLDERS, Departure, Place
from ingest.readers.ern.document import Element


def explain_structure(place: Place, departure: Departure) -> list[SchemaFault]:
    """The faults behind one remark on an element's place or on what it lacks; mends the tree."""
    if "Missing child" in departure.sentence:
        return [_missing(place, place.line, departure.names, None)]
    parent = place.parent
    if parent is None:
        return [place.fault(SchemaProblem.OTHER)]
    known = parent.children()
    if place.names[-1] not in {child.name for child in known}:
        return [_unknown(place, parent, known, departure.names)]
    if needed_names(parent, departure.names):
        return [_missing(parent, place.line, departure.names, place.element)]
    if displaced := out_of_order(parent.element, known):
        return _reorder(parent, known, displaced)
    before = place.element.itersiblings(place.names[-1], preceding=True)
    fault = place.fault(SchemaProblem.UNEXPECTED_ELEMENT, expected=departure.names)
    parent.element.remove(place.element)
    return [replace(fault, repeated=next(before, None) is not None)]


def needed_names(parent: Place, names: Sequence[str]) -> list[str]:
    """Of the names that may stand at a place, those that must and do not; all ways of one choice together."""
    known = {child.name: child for child in reversed(parent.children())}
    here = {str(child.tag) for child in parent.element.iterchildren("*")}
    met = {known[name].group for name in here if name in known} - {None}
    able = [known[name] for name in names if name in known and name not in here]
    wanted = [child for child in able if child.must and child.group not in met]
    group = wanted[0].group if wanted else None
    return [child.name for child in wanted[:1]] if group is None else [c.name for c in wanted if c.group == group]


def _missing(parent: Place, line: int, names: Sequence[str], before: Element | None) -> SchemaFault:
    """Something the parent needs is not there; an empty element takes its place."""
    needed = needed_names(parent, names) or list(names)
    _make(parent, needed[0] if needed else None, before)
    return SchemaFault(
        line=line,
        problem=SchemaProblem.MISSING_ELEMENT,
        element=needed[0] if needed else "",
        parent=parent.name,
        expected=tuple(needed[:MOST_EXPECTED]),
    )


def _make(parent: Place, name: str | None, before: Element | None) -> None:
    if name is None:
        return
    made = etree.Element(name)
    parent.tree.made.add(made)
    if before is None:
        parent.element.append(made)
    else:
        before.addprevious(made)


def _unknown(place: Place, parent: Place, known: Sequence[Child], names: Sequence[str]) -> SchemaFault:
    """An element that its parent does not know: what it was perhaps meant to be, and who may hold it."""
    wrong = place.names[-1]
    nearest = next(iter(get_close_matches(wrong, [child.name for child in known], n=1, cutoff=0.7)), None)
    needed = needed_names(parent, names)
    holders = place.model.parents_of(wrong)
    fault = replace(
        place.fault(SchemaProblem.UNEXPECTED_ELEMENT, expected=tuple(needed or names), nearest=nearest),
        belongs_in=holders if len(holders) <= MOST_HOLDERS else (),
    )
    if nearest is not None and (nearest in names or nearest in needed):
        place.element.tag = nearest
        return fault
    if needed:
        _make(parent, needed[0], place.element)
    parent.element.remove(place.element)
    return fault


def out_of_order(parent: Element, known: Iterable[Child]) -> list[Element]:
    """The fewest children of a parent that have to move for all to stand in the model's order."""
    members, places = _places(parent, known)
    ends: list[int] = []
    chain: list[int] = []
    links: list[int] = [-1] * len(places)
    for index, place in enumerate(places):
        at = bisect_right(ends, place)
        links[index] = chain[at - 1] if at else -1
        ends[at : at + 1] = [place]
        chain[at : at + 1] = [index]
    kept: set[int] = set()
    index = chain[-1] if chain else -1
    while index >= 0:
        kept.add(index)
        index = links[index]
    return [member for number, member in enumerate(members) if number not in kept]


def _places(parent: Element, known: Iterable[Child]) -> tuple[list[Element], list[int]]:
    """The known children and their places in the model; of several places of a name, the first still ahead."""
    options: dict[str, list[int]] = {}
    for child in known:
        options.setdefault(child.name, []).append(child.place)
    members = [child for child in parent.iterchildren("*") if child.tag in options]
    places: list[int] = []
    for member in members:
        ahead = [place for place in options[str(member.tag)] if not places or place >= places[-1]]
        places.append(ahead[0] if ahead else options[str(member.tag)][0])
    return members, places


def _reorder(parent: Place, known: Sequence[Child], displaced: Sequence[Element]) -> list[SchemaFault]:
    """Name the neighbour that each displaced child belongs before, or after; then put all in order."""
    members, places = _places(parent.element, known)
    rank = {member: place for member, place in zip(members, places, strict=True)}
    steady = [member for member in members if member not in set(displaced)]
    faults = []
    for element in displaced:
        spot = Place(element, (*parent.names, str(element.tag)), parent.tree, parent.model)
        later = next((other for other in steady if rank[other] > rank[element]), None)
        fault = spot.fault(SchemaProblem.UNEXPECTED_ELEMENT)
        before = None if later is None else _name(parent, later)
        faults.append(replace(fault, before=before, after=_name(parent, steady[-1]) if before is None else None))
    for member in sorted(members, key=lambda member: rank[member]):
        parent.element.append(member)
    return faults


def _name(parent: Place, element: Element) -> str:
    return parent.tree.written.get(element, str(element.tag))
