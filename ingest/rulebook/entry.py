"""What is told of one rule: its own words, and an example of what it says.

Every rule that a package can break comes with an example: what it says of one that breaks it and no other rule. The
examples are data that ship with the program, written by the tests (`python -m tests.rules.examples`) from their broken
packages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from ingest.host.data_files import data_dir
from ingest.rules import Rule

FILE: Final = "rule-examples.json"


@dataclass(frozen=True, slots=True)
class Example:
    """What a rule said of one package: its sentence and cure, what was found, and what was expected, where it says."""

    text: str
    fix: str
    found: str | None = None
    expected: str | None = None


@cache
def examples() -> Mapping[str, Example]:
    """The examples by code; a rule that no package can show has none."""
    written = json.loads((data_dir("templates") / FILE).read_text("utf-8"))
    return {code: Example(**values) for code, values in written.items()}


def facts_of(rule: Rule) -> Iterator[tuple[str, str]]:
    """Name and text of everything that is told of a rule, in the order in which it is told."""
    yield "Finds", rule.text
    yield "Why", " ".join(rule.why.split())
    yield "Fix", rule.fix
    example = examples().get(rule.code)
    if example is not None:
        yield "Example", example.text
        for name, value in (("Found", example.found), ("Expected", example.expected)):
            if value:
                yield name, value
        if example.fix != rule.fix:
            yield "Cure", example.fix
    yield "Source", rule.source
    yield "DDEX", f"FileStatus {rule.ddex_status.value}"
