"""One remark of the schema validator, and the place in the tree that it points at."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.readers.ern.content_model import Child, ContentModel
from ingest.readers.ern.dialect import Canonical
from ingest.readers.ern.document import Element

MOST_EXPECTED = 12
MOST_HOLDERS = 4
LONGEST_FOUND = 200
_STEP = re.compile(r"/(?:[^:/\[]*:)?([^/\[]+)(?:\[(\d+)\])?")
_ATTRIBUTE = re.compile(r"attribute '([^']*)'")
_EXPECTED = re.compile(r"Expected is(?: one of)? \( (.*) \)")
_MISSING_ATTRIBUTE = re.compile(r"The attribute '([^']*)' is required")
_VALUES = ("ENUMERATION_VALID", "PATTERN_VALID", "DATATYPE_VALID", "FACET_VALID", "LENGTH_VALID", "CLUSIVE_VALID")


@dataclass(frozen=True, slots=True)
class Departure:
    """One remark: its kind, the path of the element, libxml2's line, and its sentence, which goes no further."""

    kind: str
    path: str
    line: int
    sentence: str

    @property
    def attribute(self) -> str | None:
        match = _ATTRIBUTE.search(self.sentence) or _MISSING_ATTRIBUTE.search(self.sentence)
        return match[1].rpartition("}")[2] if match else None

    @property
    def is_value(self) -> bool:
        return any(word in self.kind for word in _VALUES)

    @property
    def is_structure(self) -> bool:
        return self.kind == "SCHEMAV_ELEMENT_CONTENT"

    @property
    def names(self) -> tuple[str, ...]:
        """The element names that the validator would have taken."""
        match = _EXPECTED.search(self.sentence)
        found = match[1].split(", ") if match else []
        return tuple(name.rpartition("}")[2] for name in found if "#" not in name and "*" not in name)

    @property
    def steps(self) -> list[tuple[str, int]]:
        return [(name, int(index or 1)) for name, index in _STEP.findall(self.path)]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a remark points: the element, the names from the root to it, and the label's line."""

    element: Element
    names: tuple[str, ...]
    tree: Canonical
    model: ContentModel

    @property
    def line(self) -> int:
        return self.tree.lines.of(self.element)

    @property
    def name(self) -> str:
        """The element's name as the label wrote it."""
        written = self.tree.written.get(self.element)
        return written if written is not None and self.names[-1] != "AudioCodecType" else self.names[-1]

    @property
    def parent(self) -> Place | None:
        above = self.element.getparent()
        return None if above is None else Place(above, self.names[:-1], self.tree, self.model)

    @property
    def owner(self) -> str:
        """The resource, release or deal that the element is or stands in; else the part of the message."""
        names = [str(self.element.tag)]
        for each in (self.element, *self.element.iterancestors()):
            if each in self.tree.owners:
                return self.tree.owners[each]
            if each is not self.tree.root:
                names.append(str(each.tag))
        return names[-1].rpartition("}")[2]

    @property
    def around(self) -> tuple[int, ...]:
        """The lines of the elements around this one below the root, from the inside out."""
        above = (each for each in self.element.iterancestors() if each is not self.tree.root)
        return tuple(dict.fromkeys(self.tree.lines.of(each) for each in above))

    @property
    def declared(self) -> Element | None:
        return self.model.element(self.names)

    def children(self) -> list[Child]:
        """The children that the model knows here; some names at several places."""
        declared = self.declared
        return [] if declared is None else list(self.model.children(declared))

    def fault(
        self,
        problem: SchemaProblem,
        *,
        attribute: str | None = None,
        found: str | None = None,
        expected: tuple[str, ...] = (),
        nearest: str | None = None,
        read_as: str | None = None,
    ) -> SchemaFault:
        """A fault of the element at this place."""
        parent = self.names[-2] if len(self.names) > 1 else None
        shown = None if found is None else found[:LONGEST_FOUND]
        return SchemaFault(
            line=self.line,
            problem=problem,
            element=self.name,
            parent=parent,
            attribute=attribute,
            found=shown,
            expected=expected[:MOST_EXPECTED],
            nearest=nearest,
            read_as=read_as,
            owner=self.owner,
            around=self.around,
        )


def find_place(departure: Departure, tree: Canonical, model: ContentModel) -> Place:
    """The place of a remark; the nearest element above it where the path cannot be followed to its end."""
    element = tree.root
    names = [tree.root.tag.rpartition("}")[2]]
    for name, index in departure.steps[1:]:
        same = list(element.iterchildren(name))
        if index > len(same):
            break
        element = same[index - 1]
        names.append(name)
    return Place(element, tuple(names), tree, model)
