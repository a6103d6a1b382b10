"""The report for programs that is attached to an email."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.core.notice import NoticeKind
from ingest.core.status import Status
from ingest.outbound.email.attachment import MOST, report_json, report_values
from ingest.outbound.email.render import render
from tests.outbound.email.samples import INVALID, OPERATOR, PACKAGE, SENDER, USUAL, full_of

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


def test_of_very_many_findings_the_first_are_listed_and_all_are_counted() -> None:
    values = report_values(PACKAGE, Status.INVALID, INVALID[:1] * (MOST + 3))
    found = values["findings"]
    assert isinstance(found, list)
    assert (values["findings_total"], len(found), found[-1]) == (MOST + 3, MOST, INVALID[0].values())


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2026-05-01", ("2026-05-01", None)),
        ("2026-05-01T00:00:00", ("2026-05-01", None)),
        ("May 2026", (None, "May 2026")),
    ],
)
def test_a_date_that_is_none_is_told_as_it_was_written(written: str, told: tuple[str | None, str | None]) -> None:
    release = report_values(replace(PACKAGE, release_date=written), Status.INVALID, ())["release"]
    assert isinstance(release, dict)
    assert (release["release_date"], release["release_date_written"]) == told


def test_what_is_not_known_of_a_release_is_null_and_no_artist_an_empty_list() -> None:
    bare = replace(PACKAGE, title=None, artist=None, barcode=None, release_type=None, release_date=None)
    names = ("title", "upc", "type", "release_date", "release_date_written")
    assert report_values(bare, Status.NEEDS_QC, ())["release"] == dict.fromkeys(names) | {"artists": []}


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_any_text_of_a_label_is_written_in_ascii_and_read_again_as_it_was(text: str) -> None:
    notice = full_of(NoticeKind.INVALID, text)
    assert notice.package is not None
    written = report_json(notice.package, Status.INVALID, notice.findings)
    assert written.isascii() and written.endswith(b"}\n")
    assert json.loads(written) == report_values(notice.package, Status.INVALID, notice.findings)
