"""The files of a report: the words of the email about the same status, for a quick look, a browser and programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ingest.core.notice import Letter, NoticeKind, OperatorDetails
from ingest.core.status import Status
from ingest.outbound.email.attachment import report_values
from ingest.outbound.email.wording import Layout, rendered, tidy, values_of

AHEAD: Final[Mapping[Status, tuple[Status, ...]]] = {
    Status.INCOMING: (Status.NEEDS_QC, Status.QC_APPROVED, Status.DELIVERED),
    Status.NEEDS_QC: (Status.QC_APPROVED, Status.DELIVERED),
    Status.QC_APPROVED: (Status.DELIVERED,),
}
"""What a release still has before it when all goes well."""

STOPPED: Final = frozenset({Status.INVALID, Status.QC_REJECTED})


@dataclass(frozen=True, slots=True)
class Step:
    """One status on the way of a release: `state` is done, now or next; `at` is None for what lies ahead."""

    status: str
    state: str
    sign: str
    at: datetime | None


def report_files(
    letter: Letter, operator: OperatorDetails, history: Sequence[tuple[Status, datetime]]
) -> dict[str, bytes]:
    """The files of a label's report on the letter's package by their names.

    `history` are its statuses and when it took each, the last one as it is now; the letter is on that one.
    """
    assert letter.package is not None
    values = values_of(letter, operator) | {
        "way": way_of(history, ends=letter.kind is NoticeKind.TESTED),
        "at": letter.created,
    }
    pages = {layout: rendered(layout, letter.kind, values) for layout in Layout if layout.is_file}
    return {
        "status.txt": tidy(pages[Layout.STATUS_FILE]).encode(),
        "report.txt": tidy(pages[Layout.TEXT_FILE]).encode(),
        "report.html": pages[Layout.HTML_FILE].encode(),
        "report.json": _json(letter, history),
    }


def way_of(history: Sequence[tuple[Status, datetime]], *, ends: bool = False) -> tuple[Step, ...]:
    """The statuses that a release had, has and will have when all goes well; a test that passed `ends` where it is."""
    (status, since) = history[-1]
    done = [Step(each.value, "done", "✓", at) for each, at in history[:-1]]
    ended = ends or status in STOPPED or status is Status.DELIVERED
    sign = "✗" if status in STOPPED else "✓" if ended else "●"
    ahead = [Step(each.value, "next", "○", None) for each in (() if ends else AHEAD.get(status, ()))]
    return (*done, Step(status.value, "now", sign, since), *ahead)


def _json(letter: Letter, history: Sequence[tuple[Status, datetime]]) -> bytes:
    """ASCII JSON, documented in docs/reports.md."""
    assert letter.package is not None
    values = report_values(letter.package, history[-1][0], letter.findings)
    told = {
        "since": _moment(letter.created),
        "history": [{"status": status.value, "at": _moment(at)} for status, at in history],
        "missing": list(letter.missing),
        "notes": letter.notes,
        "dsps": list(letter.dsps),
    }
    first = {name: values[name] for name in ("package", "folder", "status")}
    return json.dumps(first | told | values, indent=2).encode("ascii") + b"\n"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
