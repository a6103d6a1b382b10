"""The report for programs that is attached to an email."""

from __future__ import annotations

import json

import pytest

from ingest.core.notice import NoticeKind
from ingest.outbound.email.render import render
from tests.outbound.email.samples import INVALID, OPERATOR, SENDER, USUAL

KINDS = list(NoticeKind)


def test_the_report_for_programs_holds_every_finding() -> None:
    message = render(USUAL[NoticeKind.INVALID], OPERATOR, SENDER)
    (attached,) = message.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("application/json", "report.json")
    report = json.loads(attached.get_content())
    assert report | {"findings": []} == {
        "package": 123,
        "folder": "Amara_Lagos-Nights_5034567890123_20260501",
        "status": "Invalid",
        "release": {
            "title": "Lagos Nights",
            "artists": ["Amara"],
            "upc": "5034567890123",
            "type": "Album",
            "release_date": "2026-05-01",
            "release_date_written": None,
        },
        "findings_total": len(INVALID),
        "findings": [],
    }
    assert [found["code"] for found in report["findings"]] == [found.code for found in INVALID]
    assert report["findings"][1] == {
        "code": "ERN-012",
        "severity": "error",
        "file": "metadata.xml",
        "line": 42,
        "track": 3,
        "isrc": "GBDUM2600003",
        "found": None,
        "expected": "a GenreText",
        "text": "metadata.xml, line 42: track 3 has no genre.",
        "fix": "Add <Genre><GenreText>…</GenreText></Genre> to the track, for example Afrobeats.",
    }


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {NoticeKind.INVALID, NoticeKind.NEEDS_QC}))
def test_only_verdicts_carry_the_report(kind: NoticeKind) -> None:
    assert not list(render(USUAL[kind], OPERATOR, SENDER).iter_attachments())
