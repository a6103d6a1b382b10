"""The catalogue: every rule by its code, and `check`, which judges a dossier by all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.finding import Fault, Finding, Severity
from ingest.rules import artwork, audio, ern, package, references, style, xml
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
"""Codes that mostly mean that the upload did not arrive whole, rather than that the release is wrong."""

MOST_OF_A_RULE: Final = 2000
"""Findings of one rule in one package, as many as files; more are found by hostile messages, and help nobody."""

_ORDER: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def check(dossier: Dossier, policy: Policy) -> tuple[Finding, ...]:
    """Every finding about a package: errors, warnings, infos; in each by file, track and line.

    Silenced codes are left out and softened ones carry their new severity. A schema fault that concerns an element
    about which a rule of the guide has spoken is left out: one finding per cause. No rule is told more than
    MOST_OF_A_RULE times.
    """
    broken = list(_broken(dossier, policy))
    covered = {element for rule, _ in broken for element in rule.covers}
    findings = [
        rule.finding(fault, policy)
        for rule, fault in broken
        if rule.code not in policy.silenced and not _concerns(fault) & covered
    ]
    return tuple(sorted(findings, key=_place))


def _broken(dossier: Dossier, policy: Policy) -> Iterator[tuple[Rule, Fault]]:
    """Subjects are picked out of the dossier once, however many rules judge them."""
    picked: dict[Callable[[Dossier], Iterable[Any]], tuple[Any, ...]] = {}
    for rule in RULES.values():
        if rule.subjects not in picked:
            picked[rule.subjects] = tuple(rule.subjects(dossier))
        faults = (fault for subject in picked[rule.subjects] for fault in rule.judge(subject, policy))
        yield from ((rule, fault) for fault in islice(faults, MOST_OF_A_RULE))


def _concerns(fault: Fault) -> frozenset[str]:
    concerns = fault.values.get("concerns", frozenset())
    return concerns if isinstance(concerns, frozenset) else frozenset()


def _place(finding: Finding) -> tuple[int, str, int, int, str, str]:
    return (
        _ORDER[finding.severity],
        finding.file or "",
        finding.track or 0,
        finding.line or 0,
        finding.code,
        finding.text,
    )
