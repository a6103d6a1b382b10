"""The statuses that the REST API shows, each from the status of a package and what was decided of the release itself.

Guide, "Release Status Endpoints" and "Models": integrators read four statuses of a release, the canonical model has
four others, and labels and QC read those of `core.status`.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Final

from ingest.core.status import Status

TAKEN_DOWN: Final = "Taken Down"


class ReleaseDecision(StrEnum):
    """What was decided of a release, not of a package of it; the values are stored.

    `approved` and `rejected` hold until a package of the release has its verdict. `reopened`: its fields changed in a
    way that is reviewed again.
    """

    APPROVED = "approved"
    REJECTED = "rejected"
    REOPENED = "reopened"
    TAKEN_DOWN = "taken down"


class ReleaseStatus(StrEnum):
    """The status of a release in the REST API."""

    PENDING = "Pending"
    APPROVED = "Approved"
    REJECTED = "Rejected"
    TAKEN_DOWN = "Taken Down"


class CanonicalStatus(StrEnum):
    """The status of a release in the canonical model; `taken_down` is ours, the guide has no word for it."""

    DRAFT = "draft"
    PENDING = "pending"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    TAKEN_DOWN = "taken_down"


_WENT_OUT: Final = frozenset({Status.QC_APPROVED.value, Status.DELIVERED.value})
_REFUSED: Final = frozenset({Status.INVALID.value, Status.QC_REJECTED.value})
_BY_DECISION: Final = {
    ReleaseDecision.APPROVED.value: ReleaseStatus.APPROVED,
    ReleaseDecision.REJECTED.value: ReleaseStatus.REJECTED,
}


@cache
def release_status(package: str | None, decision: str | None) -> ReleaseStatus:
    """The REST status, from the status of the package that people go by and the ReleaseDecision, each None if none."""
    if TAKEN_DOWN in (package, ReleaseStatus.TAKEN_DOWN if decision == ReleaseDecision.TAKEN_DOWN else None):
        return ReleaseStatus.TAKEN_DOWN
    if decision == ReleaseDecision.REOPENED:
        return ReleaseStatus.PENDING
    if package in _WENT_OUT:
        return ReleaseStatus.APPROVED
    if decision in _BY_DECISION:
        return _BY_DECISION[decision]
    return ReleaseStatus.REJECTED if package in _REFUSED else ReleaseStatus.PENDING


def canonical_status(package: str | None, decision: str | None, *, has_tracks: bool) -> CanonicalStatus:
    """The canonical status. A release is a draft until it has a track; an approved one is pending until delivered."""
    status = release_status(package, decision)
    if status is ReleaseStatus.TAKEN_DOWN:
        return CanonicalStatus.TAKEN_DOWN
    if status is ReleaseStatus.REJECTED:
        return CanonicalStatus.REJECTED
    if package == Status.DELIVERED and status is ReleaseStatus.APPROVED:
        return CanonicalStatus.DELIVERED
    return CanonicalStatus.PENDING if has_tracks or package is not None else CanonicalStatus.DRAFT
