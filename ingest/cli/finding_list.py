"""Which findings people read of a package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ingest.core.finding import Finding, Severity


def shown_findings(findings: Sequence[Finding], severity: Severity) -> list[Finding]:
    """The findings of this severity that people read: every error and warning, and the first info of each code.

    The text of an info says how many more there are like it, as in emails.
    """
    found = [finding for finding in findings if finding.severity is severity]
    if severity is not Severity.INFO:
        return found
    counted = Counter(finding.code for finding in found)
    first = {finding.code: finding for finding in reversed(found)}
    return [_with_more(first[code], count - 1) for code, count in counted.items()]


def _with_more(finding: Finding, more: int) -> Finding:
    return replace(finding, text=f"{finding.text} (and {more} more like it)") if more else finding
