"""Elements that are missing, unknown, in the wrong order or too many: the fault, and a repair of the tree.

libxml2 stops looking at an element's children at the first that does not fit. Each fault is therefore mended in the
tree (never in the label's file), so that the next validation shows what lies behind it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from math import inf

from lxml import etree

from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.readers.ern.content_model import Child
from ingest.readers.ern.departure import MOST_EXPECTED, MOST_HOLDERS, Departure, Place
from ingest.readers.ern.document import Element
from ingest.readers.ern.wanted import ASKED_FOR, EITHER_OR, GUIDES, SPELLINGS, all_wanted_in, lacking_in


def explain_structure(place: Place, departure: Departure) -> list[SchemaFault]:
    """The faults behind one remark on an element's place or on what it lacks; mends the tree."""
    if "Missing child" in departure.sentence:
        return [_missing(place, needed_names(place, inf) or departure.names, None)]
    parent = place.parent
    if parent is None:
        return [place.fault(SchemaProblem.OTHER)]
    known = parent.children()
    own = [child.place for child in known if child.name == place.names[-1]]
    if not own:
        return [_unknown(place, parent, known, departure.names)]
    if faults := _both_ways(place, parent):
        return faults
    if needed := needed_names(parent, own[0]):
        return [_missing(parent, needed, place.element)]
    if displaced := out_of_order(parent.element, known):
        return _reorder(parent, known, displaced)
    before = place.element.itersiblings(place.names[-1], preceding=True)
    fault = place.fault(SchemaProblem.UNEXPECTED_ELEMENT, expected=departure.names)
    parent.element.remove(place.element)
    return [replace(fault, repeated=next(before, None) is not None)]


def _both_ways(place: Place, parent: Place) -> list[SchemaFault]:
    """One fault where an element and the one that excludes it stand side by side; the latter are removed."""
    for excluding, named in EITHER_OR.items():
        excluded = list(parent.element.iterchildren(excluding))
        if excluded and place.names[-1] in (excluding, named) and any(True for _ in parent.element.iterchildren(named)):
            spot = Place(excluded[0], (*parent.names, excluding), parent.tree, parent.model)
            fault = spot.fault(SchemaProblem.EXCLUSIVE, expected=(named,))
            for each in excluded:
                parent.element.remove(each)
            return [fault]
    return []


def needed_names(parent: Place, place: float) -> list[str]:
    """The first thing before `place` of the model that the parent must have and has not; all ways of one choice.

    The validator's own list will not do: it ends after ten names.
    """
    known = parent.children()
    here = {str(child.tag) for child in parent.element.iterchildren("*")}
    met = {child.group for child in known if child.name in here} - {None}
    wanted = [c for c in known if c.must and c.place < place and c.name not in here and c.group not in met]
    if not wanted or wanted[0].group is None:
        return [child.name for child in wanted[:1]]
    return list(dict.fromkeys(child.name for child in wanted if child.group == wanted[0].group))


def _next_place(place: Place, known: Sequence[Child]) -> float:
    """The place in the model of the first known element after an unknown one."""
    places = {child.name: child.place for child in reversed(known)}
    after = (places[str(other.tag)] for other in place.element.itersiblings("*") if other.tag in places)
    return next(after, inf)


def _missing(parent: Place, needed: Sequence[str], before: Element | None) -> SchemaFault:
    """Something that the parent needs is not there: told where the parent starts; an empty element takes its place."""
    wanted = needed[0] if needed else None
    earlier, later = _neighbours(parent, wanted)
    rest = _rest_of(parent, needed)
    _make(parent, wanted, before)
    return SchemaFault(
        line=parent.line,
        problem=SchemaProblem.MISSING_ELEMENT,
        element=wanted or "",
        parent=parent.name,
        expected=tuple(needed[:MOST_EXPECTED]),
        after=earlier,
        before=later,
        lacking=() if wanted is None else (*all_wanted_in(wanted), *rest),
        owner=parent.owner,
        around=parent.around,
    )


def _rest_of(parent: Place, needed: Sequence[str]) -> tuple[str, ...]:
    """All else that an empty parent lacks."""
    if next(parent.element.iterchildren("*"), None) is not None:
        return ()
    return tuple(name for name in lacking_in(parent, parent.children()) if name not in needed)


def _neighbours(parent: Place, name: str | None) -> tuple[str | None, str | None]:
    """The children between which a child of this name belongs, as the label wrote them."""
    known = parent.children()
    own = next((child.place for child in known if child.name == name), None)
    if own is None:
        return None, None
    members, places = _places(parent.element, known)
    ranked = [
        (rank, _name(parent, each)) for each, rank in zip(members, places, strict=True) if not _is_ours(parent, each)
    ]
    earlier = [shown for rank, shown in ranked if rank < own]
    later = [shown for rank, shown in ranked if rank > own]
    return (earlier[-1] if earlier else None), (later[0] if later else None)


def _is_ours(parent: Place, element: Element) -> bool:
    return element in parent.tree.made


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
    if (fault := _second_spelling(place, parent)) is not None:
        parent.element.remove(place.element)
        return fault
    holders = place.model.parents_of(wrong)
    if not holders and (fault := _slip_of_the_guide(place, parent, known)) is not None:
        parent.element.remove(place.element)
        return fault
    nearest = _nearest(wrong, [child.name for child in known])
    needed = needed_names(parent, _next_place(place, known))
    fault = replace(
        place.fault(SchemaProblem.UNEXPECTED_ELEMENT, expected=tuple(needed), nearest=nearest),
        belongs_in=holders if len(holders) <= MOST_HOLDERS else (),
        lacking=lacking_in(parent, known),
    )
    is_slip = not holders and (nearest in needed or nearest in ASKED_FOR)
    is_missing = nearest is not None and next(parent.element.iterchildren(nearest), None) is None
    is_free = nearest in names and not _is_there_once(parent, known, nearest)
    if nearest is not None and (nearest in needed or is_free or (is_slip and is_missing)):
        place.element.tag = nearest
        problem = SchemaProblem.MISSPELT if is_slip else fault.problem
        return replace(fault, expected=(nearest,), problem=problem, lacking=(nearest, *all_wanted_in(nearest)))
    if needed:
        _make(parent, needed[0], place.element)
    parent.element.remove(place.element)
    return fault


def _nearest(wrong: str, names: Iterable[str], cutoff: float = 0.7) -> str | None:
    """The name that was perhaps meant: one of the same letters, small or capital, else the most alike."""
    listed, letters = list(names), sorted(wrong.casefold())
    same = next((name for name in listed if sorted(name.casefold()) == letters), None)
    return same or next(iter(get_close_matches(wrong, listed, n=1, cutoff=cutoff)), None)


def _slip_of_the_guide(place: Place, parent: Place, known: Iterable[Child]) -> SchemaFault | None:
    """A misspelt name of an element that the guide has at this place, and that is missing in the message.

    Alike means a ratio of difflib of at least 0.65: about two letters of three are the same, in order.
    """
    guides = GUIDES.get(parent.names[-1], ())
    nearest = _nearest(place.names[-1], [*guides, *(child.name for child in known)], 0.65)
    if nearest not in guides or next(parent.element.iter(nearest, *SPELLINGS.get(nearest, ())), None) is not None:
        return None
    return place.fault(SchemaProblem.MISSPELT, expected=(nearest,), nearest=nearest)


def _is_there_once(parent: Place, known: Iterable[Child], name: str | None) -> bool:
    """Whether a child that may stand once is there already."""
    once = any(child.name == name and child.once for child in known)
    return once and next(parent.element.iterchildren(name), None) is not None


def _second_spelling(place: Place, parent: Place) -> SchemaFault | None:
    """An element of the guide beside the one that the standard has for the same thing."""
    names = SPELLINGS.get(place.names[-1])
    twin = None if names is None else next(parent.element.iterchildren(*names), None)
    if twin is None:
        return None
    shown = _name(parent, twin)
    if shown == place.name:
        return replace(place.fault(SchemaProblem.UNEXPECTED_ELEMENT), repeated=True)
    return place.fault(SchemaProblem.SECOND_SPELLING, expected=(shown,))


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
    """Name the neighbours that each displaced child has once all stand in order; then put them so."""
    members, places = _places(parent.element, known)
    rank = dict(zip(members, places, strict=True))
    moved = set(displaced)
    right = sorted(members, key=lambda member: (rank[member], member in moved))
    faults = []
    for element in displaced:
        spot = Place(element, (*parent.names, str(element.tag)), parent.tree, parent.model)
        at = right.index(element)
        earlier, later = (
            [_name(parent, other) for other in part if other.tag != element.tag or other not in moved]
            for part in (right[:at], right[at + 1 :])
        )
        fault = spot.fault(SchemaProblem.UNEXPECTED_ELEMENT)
        faults.append(replace(fault, before=next(iter(later), None), after=next(reversed(earlier), None)))
    for member in right:
        parent.element.append(member)
    return faults


def _name(parent: Place, element: Element) -> str:
    return parent.tree.written.get(element, str(element.tag))
