"""The catalogue as a page: `python -m ingest.rules.markdown > docs/rules.md`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.finding import Severity
from ingest.rules.catalogue import RULES, TITLES
from ingest.rules.rule import Rule

_MEANING: Final = {
    Severity.ERROR: "the guide says must: the package is Invalid",
    Severity.WARNING: "noted for QC, never a reason to refuse by itself",
    Severity.INFO: "worth knowing",
}


def catalogue_markdown() -> str:
    """Every rule with its severity, wording, cure, reason, source and DDEX FileStatus, family by family."""
    return "\n".join(_lines()) + "\n"


def rule_markdown(rule: Rule) -> str:
    """One rule, as on the page."""
    return "\n".join(_rule(rule)).strip()


def _lines() -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield f"{len(RULES)} rules. This page is generated from the catalogue (`python -m ingest.rules.markdown`)."
    yield "Names in {braces} stand for the values found. A code can be silenced or get another severity in the"
    yield "configuration (`[rules]`); it is never reworded and never used for anything else."
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
    yield _escaped(rule.text)
    yield ""
    yield f"* Cure: {_escaped(rule.fix)}"
    yield f"* Why: {_escaped(' '.join(rule.why.split()))}"
    yield f"* Source: {_escaped(rule.source)}"
    yield f"* DDEX FileStatus: {rule.ddex_status.value}"


def _escaped(words: str) -> str:
    """Element names must not be taken for HTML."""
    return words.replace("&", "&amp;").replace("<", "&lt;")


if __name__ == "__main__":
    print(catalogue_markdown(), end="")
