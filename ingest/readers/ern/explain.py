"""One remark of the schema validator becomes SchemaFaults: what stands there, what belongs there, where to move it.

Only the kind and the place of the remark are used, and from its sentence the names it lists; the rest is worked out
from the tree and the content model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from ingest.readers.ern.wanted import lacking_in

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
_COLLAPSED = frozenset(FORMS) - {ISO_DATE}
"""Types of which blanks around the value are no part (XML Schema part 2, whiteSpace)."""

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
        return _attribute(place, departure.kind, departure.attribute)
    if departure.is_value:
        return _held(place, place.declared, None)
    if departure.kind in _CHILD_OF_TEXT:
        return [_child_of_text(place)]
    stray = _stray_text(place.element) if departure.kind == _STRAY_TEXT else None
    return [place.fault(SchemaProblem.OTHER) if stray is None else _stray(place, stray)]


def _stray(place: Place, words: str) -> SchemaFault:
    """Words outside of any element; where nothing but words is there, they are what the needed element should hold."""
    known = place.children()
    is_bare = all(child in place.tree.made for child in place.element.iterchildren("*"))
    needed = [child for child in known if child.must and is_bare]
    inner = needed[0] if needed and not place.model.children(needed[0].declared) else None
    fault = place.fault(SchemaProblem.STRAY_TEXT, found=words, nearest=None if inner is None else inner.name)
    return replace(fault, lacking=lacking_in(place, known))


def _attribute(place: Place, kind: str, name: str) -> list[SchemaFault]:
    declared = place.declared
    known = {} if declared is None else place.model.attributes(declared)
    if kind == _MISSING_ATTRIBUTE:
        return [place.fault(SchemaProblem.MISSING_ATTRIBUTE, attribute=name)]
    if kind in _UNEXPECTED_ATTRIBUTE:
        names = tuple(sorted(known))
        near = next(iter(get_close_matches(name, names, n=1, cutoff=0.7)), None)
        return [place.fault(SchemaProblem.UNEXPECTED_ATTRIBUTE, attribute=name, expected=names, nearest=near)]
    return _held(place, known.get(name), name)


def _value(place: Place, attribute: str | None) -> str:
    """The text of an element, or an attribute, as the label wrote it."""
    is_codec = attribute is None and place.names[-1] == "AudioCodecType"
    written = place.tree.written.get(place.element) if is_codec else None
    return written if written is not None else _raw(place, attribute).strip()


def _held(place: Place, declared: Element | None, attribute: str | None) -> list[SchemaFault]:
    """A value that its list or its form does not allow; one valid reading of it takes its place in the tree.

    Blanks around a date, a duration or a number are none of the value (XML Schema, whiteSpace "collapse"), which the
    validator does not know of all of them.
    """
    above = place.element.getparent()
    if place.names[-1] == "Nationality" and above is not None:
        above.remove(place.element)  # the standard allows no nationality, by a slip in its schema
        return []
    allowed = () if declared is None else place.model.values(declared)
    form = "" if declared is None else place.model.form(declared)
    if form in _COLLAPSED and _is_padded(place, attribute):
        _write(place, attribute, _raw(place, attribute).strip())
        return []
    fault = _not_listed(place, allowed, attribute) if allowed else _malformed(place, form, attribute)
    if fault.read_as is not None:
        _write(place, attribute, fault.read_as)
    return [fault]


def _not_listed(place: Place, allowed: Sequence[str], attribute: str | None) -> SchemaFault:
    found = _value(place, attribute)
    near = get_close_matches(found[:LONGEST_FOUND], allowed, n=3, cutoff=0.75)
    return place.fault(
        SchemaProblem.VALUE_NOT_ALLOWED,
        attribute=attribute,
        found=found,
        expected=tuple(allowed) if len(allowed) <= MOST_EXPECTED else tuple(near) or tuple(allowed[:3]),
        nearest=nearest(found[:LONGEST_FOUND], allowed, attribute or place.names[-1]),
        read_as=one_spelling(found, allowed),
    )


def _malformed(place: Place, form: str, attribute: str | None) -> SchemaFault:
    found = _value(place, attribute)
    shape = f"{form[0]}1" if form.endswith(_KEY_PATTERN) else FORMS.get(form)
    meant = _unpadded(place, form, attribute) or mended(form, found)
    return place.fault(
        SchemaProblem.VALUE_FORM,
        attribute=attribute,
        found=found,
        expected=() if shape is None else (shape,),
        nearest=meant,
        read_as=meant,
    )


def _unpadded(place: Place, form: str, attribute: str | None) -> str | None:
    """The value without the blanks around it, where its pattern allows that and not them."""
    found = _value(place, attribute)
    is_pattern = form not in FORMS or form == ISO_DATE
    fits = is_pattern and _is_padded(place, attribute) and re.fullmatch(form, found) is not None
    return found if fits else None


def one_spelling(found: str, allowed: Sequence[str]) -> str | None:
    """The one allowed value that differs from this one in nothing but capitals and blanks; None where several do."""
    plain = "".join(found[:LONGEST_FOUND].split()).casefold()
    same = [value for value in allowed if "".join(value.split()).casefold() == plain]
    return same[0] if len(same) == 1 else None


def _raw(place: Place, attribute: str | None) -> str:
    written = place.element.text if attribute is None else place.element.get(attribute)
    return "" if written is None else str(written)


def _is_padded(place: Place, attribute: str | None) -> bool:
    raw = _raw(place, attribute)
    return raw != raw.strip()


def _write(place: Place, attribute: str | None, value: str) -> None:
    if attribute is None:
        place.element.text = value
    else:
        place.element.set(attribute, value)


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
