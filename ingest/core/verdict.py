"""The verdict on a package: a function of its findings and of nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from ingest.core.finding import Finding, Severity


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


def judge(findings: Iterable[Finding]) -> Verdict:
    """Failed when at least one finding is an error; warnings and infos are for QC."""
    return Verdict.FAILED if any(finding.severity is Severity.ERROR for finding in findings) else Verdict.PASSED
