"""The statuses of a package and the moves between them (guide, "Delivery Status Explained", and Taken Down)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ingest.core.verdict import Verdict


class Status(StrEnum):
    """The status of a package as people read it; the values are stored."""

    INCOMING = "Incoming"
    NEEDS_QC = "Needs QC"
    INVALID = "Invalid"
    QC_APPROVED = "QC Approved"
    QC_REJECTED = "QC Rejected"
    DELIVERED = "Delivered to DSPs"
    TAKEN_DOWN = "Taken Down"


MOVES: Final[dict[Status, frozenset[Status]]] = {
    Status.INCOMING: frozenset({Status.NEEDS_QC, Status.INVALID}),
    Status.NEEDS_QC: frozenset({Status.QC_APPROVED, Status.QC_REJECTED}),
    Status.QC_APPROVED: frozenset({Status.DELIVERED, Status.TAKEN_DOWN}),
    Status.INVALID: frozenset(),
    Status.QC_REJECTED: frozenset(),
    Status.DELIVERED: frozenset({Status.TAKEN_DOWN}),
    Status.TAKEN_DOWN: frozenset({Status.DELIVERED}),
}
"""The statuses that may follow on each status."""

AFTER: Final[dict[Verdict, Status]] = {Verdict.PASSED: Status.NEEDS_QC, Verdict.FAILED: Status.INVALID}
"""The status after each verdict."""
