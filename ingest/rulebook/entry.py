"""The entry of one rule: its text, cure and reason, and an example.

The example is the finding of a package that breaks this rule and no other. The examples are shipped as data
(`templates/rule-examples.json`), which `python -m tests.rules.examples` writes from the broken packages of the tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from ingest.host.data_files import data_dir
from ingest.rules import Rule

FILE: Final = "rule-examples.json"
DEPENDS: Final = "What to do depends on what is wrong; the example shows one case."
_PLACEHOLDER: Final = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Example:
    """A finding of the rule: text and cure, and what was found and expected where the finding says so."""

    text: str
    fix: str
    found: str | None = None
    expected: str | None = None


@cache
def examples() -> Mapping[str, Example]:
    """The examples by code. Rules that no test package can break have none."""
    written = json.loads((data_dir("templates") / FILE).read_text("utf-8"))
    return {code: Example(**values) for code, values in written.items()}


def facts_of(rule: Rule) -> Iterator[tuple[str, str]]:
    """The lines of a rule's entry, in order, each as its name and its text."""
    yield "Finds", rule.text
    yield "Why", " ".join(rule.why.split())
    yield "Fix", DEPENDS if _PLACEHOLDER.fullmatch(rule.fix) else rule.fix
    example = examples().get(rule.code)
    if example is not None:
        yield "Example", example.text
        for name, value in (("Found", example.found), ("Expected", example.expected)):
            if value:
                yield name, value
        if example.fix != rule.fix:
            yield "Cure", example.fix
    if rule.snippet:
        yield "XML", " ".join(rule.snippet.split())
    yield "Source", rule.source
    yield "DDEX", f"FileStatus {rule.ddex_status.value}"
