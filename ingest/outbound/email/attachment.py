"""`report.json`: the findings of one package for programs, in the shape that `ingest check --format json` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from ingest.core.dates import iso_or_written
from ingest.core.finding import Finding
from ingest.core.notice import PackageSummary
from ingest.core.status import Status

MOST: Final = 2000
"""Findings in one report."""


def report_json(package: PackageSummary, status: Status, findings: Sequence[Finding]) -> bytes:
    """The report as JSON in ASCII; values are unchanged."""
    return json.dumps(report_values(package, status, findings), indent=2).encode("ascii") + b"\n"


def report_values(package: PackageSummary, status: Status, findings: Sequence[Finding]) -> dict[str, object]:
    """The report, ready for `json.dumps`. At most 2,000 findings, `findings_total` says how many there are."""
    date, written = iso_or_written(package.release_date)
    return {
        "package": package.id,
        "folder": package.folder,
        "status": status.value,
        "release": {
            "title": package.title,
            "artists": [package.artist] if package.artist else [],
            "upc": package.barcode,
            "type": package.release_type,
            "release_date": date,
            "release_date_written": written,
        },
        "findings_total": len(findings),
        "findings": [finding.values() for finding in findings[:MOST]],
    }
