"""Rules as people look them up: `docs/rules.md` (`python -m ingest.rulebook > docs/rules.md`) and `ingest rules CODE`.

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

from ingest.core.finding import Severity
from ingest.host.data_files import data_dir
from ingest.rules import RULES, Rule
from ingest.rules.catalogue import TITLES

FILE: Final = "rule-examples.json"
_MEANING: Final = {
    Severity.ERROR: "the guide says must: the package is Invalid",
    Severity.WARNING: "noted for QC, never a reason to refuse by itself",
    Severity.INFO: "worth knowing",
}


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


def page() -> str:
    """The whole catalogue as Markdown, family by family."""
    return "\n".join(_lines()) + "\n"


def rule_markdown(rule: Rule) -> str:
    """One rule, as on the page."""
    return "\n".join(_rule(rule)).strip()


def _lines() -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield f"{len(RULES)} rules. This page is generated from the catalogue (`python -m ingest.rulebook`);"
    yield "`ingest rules CODE` prints the same. Names in {braces} stand for the values found; the example is what the"
    yield "rule said of a package that breaks it and no other. A code can be silenced or get another severity in the"
    yield "configuration (`[rules]`); it is never reworded and never used for anything else. FileStatus is for"
    yield "acknowledgements."
    yield ""
    for severity, meaning in _MEANING.items():
        count = sum(rule.severity is severity for rule in RULES.values())
        yield f"* **{severity.value}** ({count}): {meaning}"
    for prefix, title in TITLES.items():
        yield ""
        yield f"## {prefix}: {title}"
        for rule in RULES.values():
            if rule.family == prefix:
                yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield ""
    yield f"### {rule.code} ({rule.severity.value})"
    yield ""
    for name, text in facts_of(rule):
        yield f"* {name}: {_escaped(text)}"


def _escaped(words: str) -> str:
    """Element names must not be taken for HTML."""
    return words.replace("&", "&amp;").replace("<", "&lt;")


if __name__ == "__main__":
    print(page(), end="")
