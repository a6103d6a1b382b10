"""The catalogue: every rule by its code, and `check`, which judges a dossier by all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.finding import Fault, Finding, Severity
from ingest.rules import artwork, audio, ern, package, references, style, xml
from ingest.rules.causes import one_per_cause
from ingest.rules.memo import one_check
from ingest.rules.rule import Family, Rule

FAMILIES: Final[tuple[Family[Any], ...]] = (
    *package.FAMILIES,
    *xml.FAMILIES,
    *ern.FAMILIES,
    *references.FAMILIES,
    *audio.FAMILIES,
    *artwork.FAMILIES,
    *style.FAMILIES,
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {rule.code: rule for rule in sorted((rule for family in FAMILIES for rule in family.rules), key=lambda r: r.code)}
)

TITLES: Final[Mapping[str, str]] = MappingProxyType({family.prefix: family.title for family in FAMILIES})

UPLOAD_INCOMPLETE: Final = frozenset(
    {"PKG-001", "PKG-002", "PKG-004", "PKG-008", "PKG-009", "XML-002", "AUD-004", "ART-008"}
)
"""Codes that usually mean that the upload is incomplete, not that the release itself is wrong."""

MOST_OF_A_RULE: Final = 2000
"""The most findings of one rule in one package. Only hostile messages have more."""

FIRST: Final = frozenset({"PKG-002", "PKG-003", *(rule.code for rule in xml.document.message.rules)})
"""Codes of a message that cannot be read: they are told first, since nothing that it says was checked."""

_ORDER: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def check(dossier: Dossier, policy: Policy) -> tuple[Finding, ...]:
    """Every finding about a package: errors, then warnings, then infos; each group by file, track and line, behind
    the reason why the message cannot be read.

    Silenced codes are left out, and softened ones have their new severity. A schema fault is left out where another
    rule already reports its element in the same place, and what follows from another fault: one finding per cause. At
    most MOST_OF_A_RULE findings of one rule are returned.
    """
    with one_check():
        broken = list(_broken(dossier, policy))
    told = one_per_cause(broken)
    findings = [rule.finding(fault, policy) for rule, fault in told if rule.code not in policy.silenced]
    return tuple(sorted(findings, key=_place))


def snippets_of(findings: Iterable[Finding]) -> dict[str, str]:
    """The XML that the rules of these findings show, by code; without those that show none."""
    rules = {finding.code: RULES.get(finding.code) for finding in findings}
    return {code: rule.snippet for code, rule in rules.items() if rule is not None and rule.snippet}


def _broken(dossier: Dossier, policy: Policy) -> Iterator[tuple[Rule, Fault]]:
    """Each fault with its rule. Subjects that several rules judge are taken from the dossier once."""
    picked: dict[Callable[[Dossier], Iterable[Any]], tuple[Any, ...]] = {}
    for rule in RULES.values():
        if rule.subjects not in picked:
            picked[rule.subjects] = tuple(rule.subjects(dossier))
        faults = (fault for subject in picked[rule.subjects] for fault in rule.judge(subject, policy))
        yield from ((rule, fault) for fault in islice(faults, MOST_OF_A_RULE))


def _place(finding: Finding) -> tuple[int, bool, str, int, int, str, str]:
    return (
        _ORDER[finding.severity],
        finding.code not in FIRST,
        finding.file or "",
        finding.track or 0,
        finding.line or 0,
        finding.code,
        finding.text,
    )
