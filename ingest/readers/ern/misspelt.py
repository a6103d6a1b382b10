"""Slips in the names of needed elements: read once more as what was meant, so that all beneath is judged rightly."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.readers.ern.document import Document
from ingest.readers.ern.versions import split_tag


def misspelt(faults: Iterable[SchemaFault]) -> tuple[SchemaFault, ...]:
    """The faults that are slips in the name of an element that is needed."""
    return tuple(fault for fault in faults if fault.problem is SchemaProblem.MISSPELT)


def correct_names(document: Document, slips: Iterable[SchemaFault]) -> None:
    """Give each misspelt element of the tree, in place, the name that was meant."""
    meant = {(slip.line, slip.parent, slip.element): slip.nearest for slip in slips}
    for element in document.root.iterdescendants("*"):
        parent = element.getparent()
        namespace, name = split_tag(str(element.tag))
        above = None if parent is None else split_tag(str(parent.tag))[1]
        if (right := meant.get((document.lines.of(element), above, name))) is not None:
            element.tag = etree.QName(namespace, right).text
