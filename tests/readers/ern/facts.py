"""Instances made from the facts files alone: the least that a type needs, and one change at a time."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from lxml import etree

from ingest.host.data_files import data_dir

ERN = "http://ddex.net/xml/ern/382"
GOOD = {
    "xs:string": "x",
    "xs:anySimpleType": "x",
    "xs:boolean": "true",
    "xs:integer": "1",
    "xs:decimal": "1.5",
    "xs:duration": "PT1S",
    "xs:dateTime": "2026-04-01T12:00:00",
    "xs:date": "2026-04-01",
    "xs:gYear": "2026",
    "ddex_IsoDate": "2026-04",
    "ddexC_CurrentTerritoryCode": "IdentifierType",
    "ddex_LocalCollectionAnchorReference": "X1",
    "ddex_LocalResourceAnchorReference": "A1",
    "ddex_LocalPartyAnchorReference": "P1",
    "ddex_LanguageAndScriptCodeWithRestriction": "en",
    "ddex_PartyId": "PADPIDA2026010101A",
    "ddex_IpiNameNumber": "00000000001",
    "ddex_Point": "1,2",
    "ddex_AudioFile": "AudioFile",
}
ANY_TEXT = {"xs:string", "xs:anySimpleType"}


def make_schema() -> ModuleType:
    """The generator beside the facts, as a module."""
    path = data_dir("schemas") / "make_schema.py"
    spec = importlib.util.spec_from_file_location("make_schema", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_schema"] = module
    spec.loader.exec_module(module)
    return module


def outline(name: str) -> list[Any]:
    found: list[Any] = make_schema().read_outline(data_dir("schemas") / name)
    return found


@dataclass(frozen=True)
class Case:
    """One instance, what was done to it, and whether the facts allow it."""

    type: str
    what: str
    element: etree._Element
    allowed: bool


class Facts:
    """The facts files as types, and instances of them."""

    def __init__(self, file: str = "ern382.txt", namespace: str = ERN, lists: str = "allowed-values.txt") -> None:
        nodes = outline(file)
        self.namespace = namespace
        choices = (node.text.partition(" = one of ") for node in nodes if node.text.startswith("simple "))
        self.simples = {left.split()[1]: values.split() for left, _, values in choices if values}
        self.types = {self._name(node): node for node in nodes if node.text.startswith("type ")}
        self.messages = {self._name(node): node for node in nodes if node.text.startswith("message ")}
        self.lists = {node.text.partition(" = ")[0]: node for node in outline(lists)}

    @staticmethod
    def _name(node: Any) -> str:
        return str(node.text.split()[1])

    def values(self, name: str) -> list[str]:
        """Every allowed value of a list; empty where any text will do."""
        node = self.lists[name]
        rule = node.text.partition(" = ")[2]
        if rule == "text":
            return []
        if rule:
            return [value for part in rule.split(" | ") for value in self.values(part)]
        return [value for child in node.children for value in shlex.split(child.text)]

    def good(self, simple: str) -> str:
        if simple.startswith("avs:"):
            return next(iter(self.values(simple[4:])), "x")
        return self.simples[simple][0] if simple in self.simples else GOOD[simple]

    def bad(self, simple: str) -> str | None:
        """A value that a simple type does not allow; None where it allows any."""
        if simple in ANY_TEXT or (simple.startswith("avs:") and not self.values(simple[4:])):
            return None
        return "no such value!"

    def fill(self, element: etree._Element, name: str) -> None:
        """Give an element the least that its type needs."""
        node = self.types.get(name)
        if node is None:
            element.text = self.good(name)
            return
        if text := self.text_of(node):
            element.text = self.good(text)
        for attribute in node.children:
            if attribute.text.startswith("@") and "!" in attribute.text:
                key, _, kind = attribute.text[1:].partition("! : ")
                element.set(key, self.good(kind))
        for particle in self.particles(node):
            element.extend(self.instance(particle, None))

    @staticmethod
    def text_of(node: Any) -> str:
        return str(node.text.partition(" = ")[2])

    @staticmethod
    def particles(node: Any) -> list[Any]:
        return [child for child in node.children if not child.text.startswith("@")]

    @staticmethod
    def split(particle: Any) -> tuple[str, str, str]:
        """Name, occurrence mark and type of a child."""
        left, _, right = particle.text.partition(" : ")
        mark = left[-1] if left[-1] in "?*+" else ""
        name = left.removesuffix(mark) if mark else left
        return name, mark, right or name

    def leaf(self, particle: Any) -> etree._Element:
        name, _, kind = self.split(particle)
        element = etree.Element(name)
        word, _, letter = kind.partition(" ")
        if letter:
            element.text = f"{letter}{next(_numbers)}" if word == "anchor" else f"{letter}1"
        else:
            self.fill(element, kind)
        return element

    def instance(self, particle: Any, want: Any) -> list[etree._Element]:
        """The least that a particle needs, with `want` in it."""
        name, mark, _ = self.split(particle)
        inside = _holds(particle, want)
        if mark in ("?", "*") and not inside:
            return []
        if not particle.children:
            return [self.leaf(particle)]
        if name == "choice":
            chosen = next((child for child in particle.children if _holds(child, want)), particle.children[0])
            return self.instance(chosen, want)
        return [element for child in particle.children for element in self.instance(child, want)]

    def empty(self, particle: Any) -> bool:
        """Whether a particle can be left out."""
        name, mark, _ = self.split(particle)
        if mark in ("?", "*"):
            return True
        states = [self.empty(child) for child in particle.children]
        return bool(states) and (any(states) if name == "choice" else all(states))

    def element(self, name: str, want: Any = None) -> etree._Element:
        """An instance of a type under the test root of that type."""
        element = etree.Element(f"{{{self.namespace}}}T_{name}")
        self.fill(element, name)
        if self.particles(self.types[name]):
            for child in list(element):
                element.remove(child)
            for particle in self.particles(self.types[name]):
                element.extend(self.instance(particle, want))
        return element

    def cases(self, name: str) -> Iterator[Case]:
        """Everything that the facts say of one type, both ways."""
        node = self.types[name]
        yield Case(name, "least", self.element(name), True)
        yield from self._attribute_cases(name, node)
        extra = self.element(name)
        etree.SubElement(extra, "NoSuchElement")
        yield Case(name, "unknown child", extra, False)
        if text := self.text_of(node):
            wrong = self.element(name)
            wrong.text = self.bad(text)
            if wrong.text is not None:
                yield Case(name, "wrong text", wrong, False)
            return
        for top in self.particles(node):
            if not self.empty(top):
                lacking = self.element(name)
                for child in self.instance(top, None):
                    found = lacking.find(child.tag)
                    assert found is not None
                    lacking.remove(found)
                yield Case(name, f"without {top.text}", lacking, False)
            for leaf in _leaves(top):
                yield from self._leaf_cases(name, leaf)

    def _leaf_cases(self, name: str, leaf: Any) -> Iterator[Case]:
        child, mark, kind = self.split(leaf)
        yield Case(name, f"with {child}", self.element(name, leaf), True)
        twice = self.element(name, leaf)
        first = twice.find(child)
        assert first is not None
        first.addnext(self.leaf(leaf))
        yield Case(name, f"two {child}", twice, mark in ("*", "+"))
        late = self.element(name, leaf)
        moved = late.find(child)
        if moved is not None and moved.getnext() is not None and moved.getnext().tag != child:  # type: ignore[union-attr]
            late.append(moved)
            yield Case(name, f"{child} last", late, False)
        simple = None if kind in self.types else "key" if " " in kind else kind
        if simple is not None and (simple == "key" or self.bad(simple) is not None):
            wrong = self.element(name, leaf)
            target = wrong.find(child)
            assert target is not None
            target.text = "no such value!"
            yield Case(name, f"wrong {child}", wrong, False)

    def _attribute_cases(self, name: str, node: Any) -> Iterator[Case]:
        unknown = self.element(name)
        unknown.set("noSuchAttribute", "x")
        yield Case(name, "unknown attribute", unknown, False)
        for attribute in node.children:
            if not attribute.text.startswith("@"):
                continue
            key, _, kind = attribute.text[1:].partition(" : ")
            key, required = key.rstrip("!"), key.endswith("!")
            present, lacking = self.element(name), self.element(name)
            present.set(key, self.good(kind))
            yield Case(name, f"with @{key}", present, True)
            lacking.attrib.pop(key, "")
            yield Case(name, f"without @{key}", lacking, not required)
            if (bad := self.bad(kind)) is not None:
                wrong = self.element(name)
                wrong.set(key, bad)
                yield Case(name, f"wrong @{key}", wrong, False)


def _holds(particle: Any, want: Any) -> bool:
    return particle is want or any(_holds(child, want) for child in particle.children)


def _leaves(particle: Any) -> Iterator[Any]:
    if particle.children:
        for child in particle.children:
            yield from _leaves(child)
    else:
        yield particle


def _count() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


_numbers = _count()


def harness(folder: Path, types: list[str], schema: str = "ern382.xsd", namespace: str = ERN) -> Path:
    """A schema that makes every type the type of a root element."""
    xs = "http://www.w3.org/2001/XMLSchema"
    roots = "".join(f'<xs:element name="T_{name}" type="ern:{name}"/>' for name in types)
    include = f'<xs:include schemaLocation="{data_dir("schemas") / schema}"/>'
    head = f'<xs:schema xmlns:xs="{xs}" xmlns:ern="{namespace}" targetNamespace="{namespace}">'
    path = folder / "harness.xsd"
    path.write_text(f"{head}{include}{roots}</xs:schema>", "utf-8")
    return path
