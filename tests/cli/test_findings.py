"""What `ingest check` prints of packages: counts, sums, and where a date is from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.check import CheckedPackage
from ingest.cli.checking import summed
from ingest.cli.finding_list import shown_findings
from ingest.cli.findings import closing, released
from ingest.core.deals import Deal, Period
from ingest.core.dossier import Dossier, Folder
from ingest.core.finding import Finding, Severity
from ingest.core.message import Dialect, Message, MessageProblem, MessageRelease, UnreadableMessage
from ingest.core.release_reading import release_of
from ingest.core.status import Status
from ingest.core.text import Text
from ingest.outbound.email.findings import report_on

DAY = Text("2026-04-01", 3)
NEAREST = "2026-04-01 (another date of the release; there is no <ReleaseDate>)"
DEAL = "2026-04-01 (where a deal starts; there is no <ReleaseDate>)"


def finding(severity: Severity, code: str = "ART-001") -> Finding:
    return Finding(code, severity, None, None, None, None, None, None, "text", "fix")


def test_the_closing_line_counts_causes_as_the_emails_do() -> None:
    dossier = Dossier(Folder("F"), None, UnreadableMessage(None, MessageProblem.MISSING))
    findings = (finding(Severity.ERROR), finding(Severity.ERROR), finding(Severity.ERROR, "ART-002"))
    noted = CheckedPackage(dossier, (finding(Severity.WARNING),) * 4, Status.NEEDS_QC)
    assert closing(CheckedPackage(dossier, findings, Status.INVALID)).startswith("Invalid: 2 errors in 3 places. Fix")
    assert len(report_on(findings, {}).errors) == 2
    assert closing(noted) == "Would go to Needs QC: 1 warning in 4 places."


def test_infos_of_one_code_are_shown_once_with_how_many_more_there_are() -> None:
    errors = tuple(finding(Severity.ERROR) for _ in range(3))
    warnings = tuple(finding(Severity.WARNING) for _ in range(2))
    infos = [
        replace(finding(Severity.INFO, code), text=text)
        for code, text in (("A", "a"), ("B", "b"), ("A", "c"), ("A", "d"))
    ]
    found = (*warnings, *infos, *errors)
    assert shown_findings(found, Severity.ERROR) == list(errors)
    assert shown_findings(found, Severity.WARNING) == list(warnings)
    assert [(one.code, one.text) for one in shown_findings(found, Severity.INFO)] == [
        ("A", "a (and 2 more like it)"),
        ("B", "b"),
    ]


def test_one_line_sums_up_several_releases() -> None:
    dossier = Dossier(Folder("F"), None, UnreadableMessage(None, MessageProblem.MISSING))
    invalid, passed = (CheckedPackage(dossier, (), status) for status in (Status.INVALID, Status.NEEDS_QC))
    assert summed([invalid, passed, passed]) == "3 releases: 2 would go to Needs QC, 1 Invalid."
    assert summed([passed, passed]) == "2 releases: 2 would go to Needs QC."


@pytest.mark.parametrize(
    ("release", "deals", "shown"),
    [
        (MessageRelease(1, None, release_date=DAY), (), "2026-04-01"),
        (MessageRelease(1, None, original_release_date=DAY), (), NEAREST),
        (MessageRelease(1, None), (Deal(1, (), periods=(Period(DAY, None, 1),)),), DEAL),
        (MessageRelease(1, None), (), None),
    ],
)
def test_a_release_date_says_where_it_is_from(
    release: MessageRelease, deals: tuple[Deal, ...], shown: str | None
) -> None:
    message = Message(
        "m.xml", "NewReleaseMessage", Dialect.ERN, "382", None, None, None, releases=(release,), deals=deals, main=0
    )
    said = release_of(Dossier(Folder("F"), message, None))
    assert said is not None and released(said) == shown
