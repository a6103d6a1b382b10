"""Where a message departs from the content model of ERN 3.8.2, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SchemaProblem(StrEnum):
    """The ways in which a message may depart from the content model."""

    UNEXPECTED_ELEMENT = "unexpected-element"
    MISSING_ELEMENT = "missing-element"
    MISSING_ATTRIBUTE = "missing-attribute"
    UNEXPECTED_ATTRIBUTE = "unexpected-attribute"
    VALUE_NOT_ALLOWED = "value-not-allowed"
    VALUE_FORM = "value-form"
    STRAY_TEXT = "stray-text"
    CHILD_OF_TEXT = "child-of-text"
    SECOND_SPELLING = "second-spelling"
    EXCLUSIVE = "exclusive"
    MISSPELT = "misspelt"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """One departure from the content model of ERN 3.8.2.

    `element` is the element that departs, `parent` the one that contains it, `expected` the names or values that are
    allowed there (at most a dozen), `nearest` the closest allowed value or name, where one is close. A missing element
    is itself `element`, and `line` the place where it belongs, between the siblings `after` and `before` (either may be
    None); if one of several is missing, `expected` names all of them. For a value of the wrong form `expected` shows
    the right form (`PT3M42S`), `nearest` what was most likely meant. An unexpected element that has its place elsewhere
    in `parent` names the siblings it belongs between; one that occurs too often is `repeated`; one unknown in `parent`
    names in `belongs_in` the elements that may contain it, and in `expected` what is needed in its place. A second
    spelling (`UPC` beside `ICPN`) names the first in `expected`, and one that excludes another names that. A misspelt
    element has a name that the standard lacks, and is where `nearest` belongs, which the standard or the guide asks
    for. `read_as` is the one valid value that was taken for the one that stands there; None where there is none, or
    where it could be several.

    `lacking` are elements that the guide asks for, and that are missing with a missing element, or missing where an
    unexpected one stands: they may be what it was meant to be. `owner` is the resource, release or deal that it stands
    in (`SoundRecording 2`), or else the part of the message (`MessageHeader`); `around` are the lines of the elements
    around it, from the inside out.
    """

    line: int
    problem: SchemaProblem
    element: str
    parent: str | None = None
    attribute: str | None = None
    found: str | None = None
    expected: tuple[str, ...] = ()
    nearest: str | None = None
    before: str | None = None
    after: str | None = None
    repeated: bool = False
    belongs_in: tuple[str, ...] = ()
    read_as: str | None = None
    lacking: tuple[str, ...] = ()
    owner: str = ""
    around: tuple[int, ...] = ()

    @property
    def is_misplaced(self) -> bool:
        """Whether the element only stands in the wrong order among its siblings."""
        ordered = self.before is not None or self.after is not None
        return self.problem is SchemaProblem.UNEXPECTED_ELEMENT and ordered

    @property
    def is_mended(self) -> bool:
        """Whether exactly one valid message can be meant: with another order of elements, another form of a value."""
        return self.is_misplaced or self.read_as is not None
