"""One remark of the schema validator becomes SchemaFaults: what stands there, what belongs there, where to move it.

Only the kind and the place of the remark are used, and from its sentence the names it lists; the rest is worked out
from the tree and the content model.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

from ingest.core.meant import nearest
from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.readers.ern.content_model import ContentModel
from ingest.readers.ern.departure import LONGEST_FOUND, MOST_EXPECTED, MOST_HOLDERS, Departure, Place, find_place
from ingest.readers.ern.dialect import Canonical
from ingest.readers.ern.document import Element
from ingest.readers.ern.mend import ISO_DATE, mended
from ingest.readers.ern.structure import explain_structure

FORMS = {
    "boolean": "true or false",
    "date": "2026-04-01",
    "dateTime": "2026-04-01T12:00:00",
    "decimal": "44.1",
    "duration": "PT3M42S",
    "gYear": "2026",
    "integer": "1",
    ISO_DATE: "2026-04-01",
}
_KEY_PATTERN = r"[\d\-_a-zA-Z]+"
_MISSING_ATTRIBUTE = "SCHEMAV_CVC_COMPLEX_TYPE_4"
_UNEXPECTED_ATTRIBUTE = ("SCHEMAV_CVC_COMPLEX_TYPE_3_2_1", "SCHEMAV_CVC_TYPE_3_1_1")
_CHILD_OF_TEXT = ("SCHEMAV_CVC_COMPLEX_TYPE_2_2", "SCHEMAV_CVC_TYPE_3_1_2")
_STRAY_TEXT = "SCHEMAV_CVC_COMPLEX_TYPE_2_3"


def explain(departure: Departure, tree: Canonical, model: ContentModel) -> list[SchemaFault]:
    """Put one remark into our terms; may mend the tree. Nothing for an element that we made ourselves."""
    place = find_place(departure, tree, model)
    if place.element in tree.made:
        return []
    if departure.is_structure:
        return explain_structure(place, departure)
    if departure.attribute is not None:
        return [_attribute(place, departure.kind, departure.attribute)]
    if departure.is_value:
        return [_held(place, place.declared, _value(place), None)]
    if departure.kind in _CHILD_OF_TEXT:
        return [_child_of_text(place)]
    stray = _stray_text(place.element) if departure.kind == _STRAY_TEXT else None
    return [place.fault(SchemaProblem.OTHER if stray is None else SchemaProblem.STRAY_TEXT, found=stray)]


def _attribute(place: Place, kind: str, name: str) -> SchemaFault:
    declared = place.declared
    known = {} if declared is None else place.model.attributes(declared)
    if kind == _MISSING_ATTRIBUTE:
        return place.fault(SchemaProblem.MISSING_ATTRIBUTE, attribute=name)
    if kind in _UNEXPECTED_ATTRIBUTE:
        names = tuple(sorted(known))
        near = next(iter(get_close_matches(name, names, n=1, cutoff=0.7)), None)
        return place.fault(SchemaProblem.UNEXPECTED_ATTRIBUTE, attribute=name, expected=names, nearest=near)
    return _held(place, known.get(name), str(place.element.get(name, "")), name)


def _value(place: Place) -> str:
    """The text of an element as the label wrote it."""
    written = place.tree.written.get(place.element) if place.names[-1] == "AudioCodecType" else None
    return written if written is not None else (place.element.text or "").strip()


def _held(place: Place, declared: Element | None, found: str, attribute: str | None) -> SchemaFault:
    """A value that its list or its form does not allow."""
    allowed = () if declared is None else place.model.values(declared)
    if allowed:
        near = get_close_matches(found[:LONGEST_FOUND], allowed, n=3, cutoff=0.75)
        return place.fault(
            SchemaProblem.VALUE_NOT_ALLOWED,
            attribute=attribute,
            found=found,
            expected=allowed if len(allowed) <= MOST_EXPECTED else tuple(near) or allowed[:3],
            nearest=nearest(found[:LONGEST_FOUND], allowed, attribute or place.names[-1]),
        )
    form = "" if declared is None else place.model.form(declared)
    shape = f"{form[0]}1" if form.endswith(_KEY_PATTERN) else FORMS.get(form)
    expected = () if shape is None else (shape,)
    return place.fault(
        SchemaProblem.VALUE_FORM, attribute=attribute, found=found, expected=expected, nearest=mended(form, found)
    )


def _child_of_text(place: Place) -> SchemaFault:
    """An element inside one that holds text only."""
    inner = next(place.element.iterchildren("*"), None)
    if inner is None:
        return place.fault(SchemaProblem.OTHER)
    spot = Place(inner, (*place.names, str(inner.tag)), place.tree, place.model)
    holders = place.model.parents_of(str(inner.tag))
    fault = spot.fault(SchemaProblem.CHILD_OF_TEXT)
    return replace(fault, belongs_in=holders if len(holders) <= MOST_HOLDERS else ())


def _stray_text(element: Element) -> str | None:
    """The words between the children of an element that should have none."""
    pieces = [element.text, *(child.tail for child in element)]
    return next((piece.strip() for piece in pieces if piece is not None and piece.strip()), None)
