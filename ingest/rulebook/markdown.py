"""The whole catalogue, or one rule of it, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.finding import Severity
from ingest.rulebook.entry import facts_of
from ingest.rules import RULES, Rule
from ingest.rules.catalogue import TITLES

_MEANING: Final = {
    Severity.ERROR: "the guide says must: the package is Invalid",
    Severity.WARNING: "noted for QC, never a reason to refuse by itself",
    Severity.INFO: "worth knowing",
}


def page() -> str:
    """The whole catalogue as Markdown, family by family."""
    return "\n".join(_lines()) + "\n"


def rule_markdown(rule: Rule) -> str:
    """The entry of one rule, as on the page."""
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
    """The text with `&` and `<` escaped: Markdown would take names of XML elements for HTML."""
    return words.replace("&", "&amp;").replace("<", "&lt;")
