"""The files of a report: the texts of the email about the same status, as text, HTML and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ingest.core.notice import NoticeKind, OperatorDetails, StatusNotice
from ingest.core.status import Status
from ingest.outbound.email.attachment import report_values
from ingest.outbound.email.wording import Layout, rendered, tidy, values_of

AHEAD: Final[Mapping[Status, tuple[Status, ...]]] = {
    Status.INCOMING: (Status.NEEDS_QC, Status.QC_APPROVED, Status.DELIVERED),
    Status.NEEDS_QC: (Status.QC_APPROVED, Status.DELIVERED),
    Status.QC_APPROVED: (Status.DELIVERED,),
}
"""The statuses still ahead of a release if all goes well."""

STOPPED: Final = frozenset({Status.INVALID, Status.QC_REJECTED})


@dataclass(frozen=True, slots=True)
class Step:
    """One status of a release: `state` is `done`, `now` or `next`; `at` is None for a status still to come."""

    status: str
    state: str
    sign: str
    at: datetime | None


def report_files(
    notice: StatusNotice, operator: OperatorDetails, history: Sequence[tuple[Status, datetime]]
) -> dict[str, bytes]:
    """The files of a label's report on the notice's package, by name.

    `history` has its statuses with the time of each, the present one last, which the notice is about.
    """
    assert notice.package is not None
    ends = notice.kind is NoticeKind.TESTED or "newer" in notice.details
    values = values_of(notice, operator) | {
        "way": way_of(history, ends=ends),
        "at": notice.created,
    }
    pages = {layout: rendered(layout, notice.kind, values) for layout in Layout if layout.is_file}
    return {
        "status.txt": tidy(pages[Layout.STATUS_FILE]).encode(),
        "report.txt": tidy(pages[Layout.TEXT_FILE]).encode(),
        "report.html": pages[Layout.HTML_FILE].encode(),
        "report.json": _json(notice, history),
    }


def way_of(history: Sequence[tuple[Status, datetime]], *, ends: bool = False) -> tuple[Step, ...]:
    """The statuses that a release had, has, and will have if all goes well; `ends`: none follows."""
    (status, since) = history[-1]
    done = [Step(each.value, "done", "✓", at) for each, at in history[:-1]]
    ended = ends or status in STOPPED or status in (Status.DELIVERED, Status.TAKEN_DOWN)
    sign = "✗" if status in STOPPED else "✓" if ended else "●"
    ahead = [Step(each.value, "next", "○", None) for each in (() if ends else AHEAD.get(status, ()))]
    return (*done, Step(status.value, "now", sign, since), *ahead)


def _json(notice: StatusNotice, history: Sequence[tuple[Status, datetime]]) -> bytes:
    """ASCII JSON, documented in docs/reports.md."""
    assert notice.package is not None
    values = report_values(notice.package, history[-1][0], notice.findings)
    told = {
        "since": _moment(notice.created),
        "history": [{"status": status.value, "at": _moment(at)} for status, at in history],
        "missing": list(notice.missing),
        "notes": notice.notes,
        "dsps": list(notice.dsps),
        "superseded_by": int(notice.details["newer"]) if "newer" in notice.details else None,
    }
    first = {name: values[name] for name in ("package", "folder", "status")}
    return json.dumps(first | told | values, indent=2).encode("ascii") + b"\n"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
