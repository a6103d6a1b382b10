"""Slips of which one reading is valid: the message is read once more as what was meant, and so judged rightly."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.readers.ern.departure import LONGEST_FOUND
from ingest.readers.ern.document import Document, Element
from ingest.readers.ern.versions import split_tag

KEPT = frozenset({"ParentalWarningType", "ReleaseDate", "ReleaseType", "TerritoryCode", "ExcludedTerritoryCode"})
"""Elements of the guide's table, of which the label's own spelling is judged."""

_Place = tuple[int, str | None, str]


def misspelt(faults: Iterable[SchemaFault]) -> tuple[SchemaFault, ...]:
    """The faults that are slips in the name of an element that is needed, or in how a value is written."""
    return tuple(fault for fault in faults if fault.problem is SchemaProblem.MISSPELT or _is_slip(fault))


def _is_slip(fault: SchemaFault) -> bool:
    return fault.read_as not in (None, fault.found) and fault.element not in KEPT


def correct(document: Document, slips: Iterable[SchemaFault]) -> None:
    """Give each misspelt element of the tree, in place, the name that was meant, and each value its valid form."""
    names: dict[_Place, str | None] = {}
    values: dict[_Place, list[SchemaFault]] = {}
    for slip in slips:
        place = slip.line, slip.parent, slip.element
        if slip.problem is SchemaProblem.MISSPELT:
            names[place] = slip.nearest
        else:
            values.setdefault(place, []).append(slip)
    for element in document.root.iter("*"):
        parent = element.getparent()
        namespace, name = split_tag(str(element.tag))
        above = None if parent is None else split_tag(str(parent.tag))[1]
        place = document.lines.of(element), above, name
        for slip in values.get(place, ()):
            _correct_value(element, slip)
        if (right := names.get(place)) is not None:
            element.tag = etree.QName(namespace, right).text


def _correct_value(element: Element, slip: SchemaFault) -> None:
    written = element.text if slip.attribute is None else element.get(slip.attribute)
    if slip.read_as is None or written is None or str(written).strip()[:LONGEST_FOUND] != slip.found:
        return
    if slip.attribute is None:
        element.text = slip.read_as
    else:
        element.set(slip.attribute, slip.read_as)
