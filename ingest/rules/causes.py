"""One finding per cause: of two faults that one mistake makes, the one that names the mistake is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from ingest.core.finding import Fault, Severity
from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.rules.rule import Rule

Broken = tuple[Rule, Fault]

EXTRA: Final = (SchemaProblem.UNEXPECTED_ELEMENT, SchemaProblem.MISSPELT, SchemaProblem.STRAY_TEXT)
STRAYS: Final = (SchemaProblem.UNEXPECTED_ELEMENT, SchemaProblem.CHILD_OF_TEXT)
LISTS: Final = frozenset({"MessageHeader", "ResourceList", "ReleaseList", "DealList"})
"""Elements that stand once in a message, so that one in a wrong place is the one that is missing."""

_WEIGHT: Final = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.INFO: 0}


def one_per_cause(broken: Sequence[Broken]) -> list[Broken]:
    """Without schema faults whose element another rule reports in the same place, and without what follows from others.

    Where that rule's fault weighs less than the schema fault, it is left out instead.
    """
    reports = _Reports(broken)
    better: dict[int, Fault] = {}
    for step in (_doubles, _implied):
        dropped = set(step(broken, reports, better))
        broken = [(rule, fault) for rule, fault in broken if id(fault) not in dropped]
    return [(rule, better.get(id(fault), fault)) for rule, fault in broken]


def _doubles(broken: Iterable[Broken], reports: _Reports, better: dict[int, Fault]) -> Iterator[int]:
    """The lighter of a schema fault and the fault of a rule that covers its element in the same place.

    A rule's fault that has no line gets that of the schema fault, in `better`.
    """
    for rule, fault, schema in _departures(broken):
        others = (other for other in reports.of(_concerned(schema), schema.owner) if other[1].schema is None)
        same = [other for other in others if _is_same_place(other[1], schema)]
        if any(_WEIGHT[other.severity] >= _WEIGHT[rule.severity] for other, _ in same):
            yield id(fault)
            better.update({id(other): replace(other, line=fault.line) for _, other in same if other.line is None})
        else:
            yield from (id(other) for _, other in same)


def _implied(broken: Iterable[Broken], reports: _Reports, better: dict[int, Fault]) -> Iterator[int]:
    """Faults about elements that are missing because another stands in their place, or they in another place.

    What is missing is named by the fault of the other element too, in `better`.
    """
    for _rule, fault, schema in _departures(broken):
        others = [other for _, other in reports.of(schema.lacking, schema.owner) if other.found is None]
        missing = [other for other in others if other is not fault and _is_same_place(other, schema)]
        yield from map(id, missing)
        if missing and fault.values.get("hint") == "":
            hint = f" What is missing here is {missing[0].expected}."
            better[id(fault)] = replace(fault, values={**fault.values, "hint": hint})
        if schema.problem in STRAYS and not schema.is_misplaced and not schema.repeated:
            yield from map(id, _left_behind(schema, reports))


def _left_behind(schema: SchemaFault, reports: _Reports) -> list[Fault]:
    """The faults of places without the element that stands where it may not: in the same part, or the only one."""
    owner = "" if schema.element in LISTS else schema.owner
    here = [other for _, other in reports.of((schema.element,), owner) if other.found is None]
    if here:
        return here
    anywhere = [other for _, other in reports.of((schema.element,), "") if other.found is None]
    return anywhere if len(anywhere) == 1 else []


def _departures(broken: Iterable[Broken]) -> Iterator[tuple[Rule, Fault, SchemaFault]]:
    return ((rule, fault, fault.schema) for rule, fault in broken if fault.schema is not None)


class _Reports:
    """The faults that tell of elements, by element and by the part of the message."""

    def __init__(self, broken: Iterable[Broken]) -> None:
        self._by_owner: dict[tuple[str, str | None], list[Broken]] = {}
        self._by_element: dict[str, list[Broken]] = {}
        for rule, fault in broken:
            for element in (*rule.covers, *(_missing(fault.schema) if fault.schema is not None else ())):
                self._by_owner.setdefault((element, fault.owner), []).append((rule, fault))
                self._by_element.setdefault(element, []).append((rule, fault))

    def of(self, elements: Iterable[str], owner: str) -> Iterator[Broken]:
        """Those about elements in one part of the message or in the message as a whole; in any where none is named."""
        for element in elements:
            if owner:
                yield from self._by_owner.get((element, owner), ())
                yield from self._by_owner.get((element, None), ())
            else:
                yield from self._by_element.get(element, ())


def _missing(schema: SchemaFault) -> tuple[str, ...]:
    """The names of a missing element. Of other problems `expected` holds values, not names."""
    if schema.problem is not SchemaProblem.MISSING_ELEMENT:
        return ()
    return tuple(dict.fromkeys((schema.element, *schema.expected)))


def _concerned(schema: SchemaFault) -> Collection[str]:
    """The elements that a schema fault tells something of that a rule may tell better."""
    if schema.problem in EXTRA or schema.attribute is not None:
        return ()
    return {schema.element, *_missing(schema)}


def _is_same_place(told: Fault, schema: SchemaFault) -> bool:
    """Whether a fault of the same part of the message stands on the element of a schema fault, or on one around it."""
    return told.owner is None or told.line is None or told.line == schema.line or told.line in schema.around
