"""A fault is a place where a rule is broken; a finding is that fault put into words for the label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from ingest.core.schema_fault import SchemaFault


class Severity(StrEnum):
    """RFC 2119 words: `error` breaks a must, `warning` a should, `info` is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a rule is broken, without words: `values` fill the rule's sentences.

    `file` is a path inside the package, `line` counts from 1 in the label's own file, `track` is the track's number
    in the running order, `found` and `expected` are what stands there and what belongs there, as text for the label.
    `owner` is the part of the message that it stands in (`SoundRecording 2`, `Deal 1`); None: the message as a whole.
    `schema` is the departure that it tells of, if any: what tells of the same, or follows from it, is left out.
    """

    file: str | None = None
    line: int | None = None
    track: int | None = None
    isrc: str | None = None
    found: str | None = None
    expected: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    owner: str | None = None
    schema: SchemaFault | None = None


def fault(
    file: str | None = None,
    *,
    line: int | None = None,
    track: int | None = None,
    isrc: str | None = None,
    found: object = None,
    expected: object = None,
    **values: object,
) -> Fault:
    """Build a fault; `found` and `expected` may be any value with a readable `str`."""
    return Fault(
        file=file,
        line=line,
        track=track,
        isrc=isrc,
        found=None if found is None else str(found),
        expected=None if expected is None else str(expected),
        values=values,
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """What a label reads: `text` says what was found and what it must be, `fix` is an instruction."""

    code: str
    severity: Severity
    file: str | None
    line: int | None
    track: int | None
    isrc: str | None
    found: str | None
    expected: str | None
    text: str
    fix: str

    def values(self) -> dict[str, object]:
        """Every field by its name, the severity as its word: how rows and reports hold a finding."""
        every = {one.name: getattr(self, one.name) for one in fields(self)}
        return every | {"severity": self.severity.value}
