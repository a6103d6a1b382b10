"""What an XSD says of one element: its children in order, its attributes, its values. Read only to explain a fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from lxml import etree

from ingest.readers.ern.document import Element, parser

XS = "{http://www.w3.org/2001/XMLSchema}"
_CONTAINERS = (f"{XS}sequence", f"{XS}choice", f"{XS}all")


@dataclass(frozen=True, slots=True)
class Child:
    """One child in a content model. `place` counts in the order that the model wants.

    `must` says that the parent cannot do without; `group` is the choice it is one way of, if any.
    """

    name: str
    place: int
    must: bool
    once: bool
    group: int | None
    declared: Element


@dataclass(frozen=True, slots=True)
class ContentModel:
    """The definitions of one schema by their names; global elements apart."""

    elements: dict[str, Element]
    types: dict[str, Element]

    def element(self, path: Sequence[str]) -> Element | None:
        """The declaration of the element at a path of names from the root."""
        declared = self.elements.get(path[0]) if path else None
        for name in path[1:]:
            if declared is None:
                return None
            declared = next((child.declared for child in self.children(declared) if child.name == name), None)
        return declared

    def type_of(self, declared: Element) -> Element | None:
        """The type of an element or attribute declaration, or of a simple type: its own or the one it names."""
        own = next((child for child in declared if child.tag in (f"{XS}complexType", f"{XS}simpleType")), None)
        return own if own is not None else self.types.get(_key(declared, "type"))

    def children(self, declared: Element) -> tuple[Child, ...]:
        """The children an element may have, in the model's order."""
        kind = self.type_of(declared)
        top = None if kind is None else next((child for child in kind if child.tag in _CONTAINERS), None)
        found = () if top is None else _walk(top, True, True, None, count())
        return tuple(replace(child, place=place) for place, child in enumerate(found))

    def attributes(self, declared: Element) -> dict[str, Element]:
        """The attributes an element may have."""
        kind = self.type_of(declared)
        return {} if kind is None else {_text(each, "name"): each for each in kind.iter(f"{XS}attribute")}

    def values(self, declared: Element) -> tuple[str, ...]:
        """The values that an element or an attribute is held to; empty where any will do."""
        kind = self.type_of(declared)
        return () if kind is None else tuple(dict.fromkeys(self._values(kind, 0)))

    def _values(self, kind: Element, depth: int) -> Iterator[str]:
        for part in kind.iter(f"{XS}extension", f"{XS}restriction", f"{XS}union"):
            yield from (_text(each, "value") for each in part.iterchildren(f"{XS}enumeration"))
            names = _text(part, "memberTypes").split() or [_text(part, "base")]
            for inner in (self.types.get(_resolve(part, name)) for name in names):
                if inner is not None and depth < 8:
                    yield from self._values(inner, depth + 1)

    def form(self, declared: Element) -> str:
        """The built-in type or the pattern behind an element's or attribute's value."""
        kind: Element | None = self.type_of(declared)
        name = _text(declared, "type")
        for _ in range(8):
            if kind is None:
                break
            pattern = next(kind.iter(f"{XS}pattern"), None)
            if pattern is not None:
                return _text(pattern, "value")
            part = next(kind.iter(f"{XS}extension", f"{XS}restriction"), None)
            if part is None:
                break
            name = _text(part, "base")
            kind = self.types.get(_resolve(part, name))
        return name.rpartition(":")[2]

    def parents_of(self, name: str) -> tuple[str, ...]:
        """The names of the elements that may hold a child of this name."""
        holders = {_text(kind, "name") for kind in self.types.values() if self._holds(kind, name)}
        kinds = (*self.types.values(), *self.elements.values())
        declared = [each for kind in kinds for each in kind.iter(f"{XS}element")]
        names = {_text(each, "name") for each in declared if _text(each, "type").rpartition(":")[2] in holders}
        roots = {root for root, kind in self.elements.items() if self._holds(kind, name)}
        return tuple(sorted(names | roots))

    @staticmethod
    def _holds(kind: Element, name: str) -> bool:
        return any(_text(each, "name") == name for each in kind.iterdescendants(f"{XS}element"))


def _text(element: Element, attribute: str) -> str:
    value: Any = element.get(attribute)
    return "" if value is None else str(value)


def _resolve(element: Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{element.nsmap.get(prefix or None, '')}}}{local}"


def _key(element: Element, attribute: str) -> str:
    return _resolve(element, _text(element, attribute))


def _walk(part: Element, must: bool, once: bool, group: int | None, groups: Iterator[int]) -> Iterator[Child]:
    """Every element below a particle, in order; `groups` numbers the choices."""
    must = must and part.get("minOccurs") != "0"
    once = once and part.get("maxOccurs", "1") == "1"
    if part.tag == f"{XS}element":
        yield Child(_text(part, "name"), 0, must, once, group, part)
        return
    if part.tag not in _CONTAINERS:
        return
    inner = next(groups) if part.tag == f"{XS}choice" and group is None else group
    for child in part.iterchildren("*"):
        yield from _walk(child, must, once, inner, groups)


@lru_cache(maxsize=4)
def read_content_model(schema: Path) -> ContentModel:
    """Read a schema and what it imports from beside it. Raises OSError or lxml.etree.XMLSyntaxError."""
    elements: dict[str, Element] = {}
    types: dict[str, Element] = {}
    waiting, seen = [schema], set[Path]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        root = etree.parse(str(path), parser()).getroot()
        for each in root.iterchildren("*"):
            name = _text(each, "name")
            if each.tag == f"{XS}element":
                elements[name] = each
            elif each.tag in (f"{XS}complexType", f"{XS}simpleType"):
                types[f"{{{_text(root, 'targetNamespace')}}}{name}"] = each
            elif (
                each.tag in (f"{XS}import", f"{XS}include") and (path.parent / _text(each, "schemaLocation")).is_file()
            ):
                waiting.append(path.parent / _text(each, "schemaLocation"))
    return ContentModel(elements, types)
