"""The files of a report, held against the email about the same status."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ingest.core.notice import NoticeKind, StatusNotice
from ingest.core.status import Status
from ingest.outbound.email.render import render
from ingest.outbound.report.pages import Step, report_files, way_of
from tests.outbound.browser import NARROW, widths
from tests.outbound.email.samples import (
    CREATED,
    HOSTILE,
    INVALID,
    NOTES,
    OPERATOR,
    PACKAGE,
    SENDER,
    SMALL_COVER,
    TRACKS,
    USUAL,
    full_of,
    smallest,
    text_of,
)

WAYS: dict[NoticeKind, tuple[Status, ...]] = {
    NoticeKind.INCOMING: (Status.INCOMING,),
    NoticeKind.WAITING: (Status.INCOMING,),
    NoticeKind.TESTED: (Status.INCOMING,),
    NoticeKind.NEEDS_QC: (Status.INCOMING, Status.NEEDS_QC),
    NoticeKind.INVALID: (Status.INCOMING, Status.INVALID),
    NoticeKind.QC_APPROVED: (Status.INCOMING, Status.NEEDS_QC, Status.QC_APPROVED),
    NoticeKind.QC_REJECTED: (Status.INCOMING, Status.NEEDS_QC, Status.QC_REJECTED),
    NoticeKind.DELIVERED: (Status.INCOMING, Status.NEEDS_QC, Status.QC_APPROVED, Status.DELIVERED),
    NoticeKind.TAKEN_DOWN: (
        *(Status.INCOMING, Status.NEEDS_QC, Status.QC_APPROVED, Status.DELIVERED),
        Status.TAKEN_DOWN,
    ),
}


def history(kind: NoticeKind) -> list[tuple[Status, datetime]]:
    way = WAYS[kind]
    return [(status, CREATED - timedelta(minutes=len(way) - 1 - place)) for place, status in enumerate(way)]


def files(notice: StatusNotice) -> dict[str, str]:
    return {name: content.decode() for name, content in report_files(notice, OPERATOR, history(notice.kind)).items()}


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


class Reader(HTMLParser):
    """The text of a page, its tags, and every attribute that could make a browser fetch or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.reaching: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._in_style = tag == "style"
        self.reaching += [
            (name, value) for name, value in attrs if name in ("src", "href", "action", "style") or name[:2] == "on"
        ]

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.texts.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


@pytest.mark.parametrize("kind", WAYS)
def test_the_report_says_what_the_email_says(kind: NoticeKind) -> None:
    """Every paragraph of the email's text, but for how to answer and where the report is."""
    email = text_of(render(USUAL[kind], OPERATOR, SENDER)).partition("-" * 74)[0]
    made = files(USUAL[kind])
    said = flat(made["report.txt"])
    page = flat(" ".join(read(made["report.html"]).texts))
    paragraphs = [flat(part).strip() for part in email.split("\n\n")]
    differing = [part for part in paragraphs if part not in said]
    assert len(differing) <= 2 and len(paragraphs) > 4
    for part in differing:
        assert re.search(r"You get|eply to this email|attached as", part), part
    assert paragraphs[0] in page


@pytest.mark.parametrize("kind", WAYS)
def test_the_status_file_begins_with_the_status_and_is_short(kind: NoticeKind) -> None:
    text = files(USUAL[kind])["status.txt"]
    assert text.splitlines()[0] == WAYS[kind][-1].value
    assert len(text.splitlines()) < 30
    assert f"Package:  {PACKAGE.id}" in text and "23 March 2026, 10:04 UTC" in text
    assert not re.search(r"\n\n\n", text)


def test_the_status_file_tells_what_is_missing_what_was_noted_and_who_has_it() -> None:
    assert "  - 04_Home.wav has not arrived." in files(USUAL[NoticeKind.WAITING])["status.txt"]
    for line in filter(None, NOTES.splitlines()):
        assert f"    {line}" in files(USUAL[NoticeKind.QC_REJECTED])["status.txt"]
    assert "  - Apple Music" in files(USUAL[NoticeKind.DELIVERED])["status.txt"]


def test_nobody_is_asked_to_reply_to_a_file() -> None:
    for kind in WAYS:
        for text in files(USUAL[kind]).values():
            assert "this email" not in flat(text) and "attached" not in flat(text)


@pytest.mark.parametrize("kind", WAYS)
def test_the_page_is_one_file_without_script_whose_only_link_is_to_the_guide(kind: NoticeKind) -> None:
    for notice in (USUAL[kind], smallest(kind), full_of(kind, HOSTILE[8] + HOSTILE[9] + HOSTILE[10])):
        reader = read(files(notice)["report.html"])
        assert reader.reaching == [("href", OPERATOR.guide_url)]
        assert not reader.tags & {"script", "img", "link", "iframe", "form", "object", "base", "svg"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_shown_and_never_run(text: str) -> None:
    made = files(full_of(NoticeKind.INVALID, text))
    usual = replace(USUAL[NoticeKind.INVALID], tracks=TRACKS)
    assert read(made["report.html"]).tags == read(files(usual)["report.html"]).tags
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "".join(made.values()))
    assert json.loads(made["report.json"])["status"] == "Invalid"


def test_the_json_has_findings_as_the_check_prints_them() -> None:
    notice = replace(USUAL[NoticeKind.INVALID], findings=(SMALL_COVER,))
    assert json.loads(files(notice)["report.json"]) == {
        "package": 123,
        "folder": "Amara_Lagos-Nights_5034567890123_20260501",
        "status": "Invalid",
        "since": "2026-03-23T10:04:05Z",
        "history": [
            {"status": "Incoming", "at": "2026-03-23T10:03:05Z"},
            {"status": "Invalid", "at": "2026-03-23T10:04:05Z"},
        ],
        "missing": [],
        "notes": "",
        "dsps": [],
        "superseded_by": None,
        "release": {
            "title": "Lagos Nights",
            "artists": ["Amara"],
            "upc": "5034567890123",
            "type": "Album",
            "release_date": "2026-05-01",
            "release_date_written": None,
        },
        "findings_total": 1,
        "findings": [
            {
                "code": "ART-001",
                "severity": "error",
                "file": "artwork.jpg",
                "line": None,
                "track": None,
                "isrc": None,
                "found": "2000 × 2000 pixels",
                "expected": "at least 3000 × 3000 pixels",
                "text": SMALL_COVER.text,
                "fix": SMALL_COVER.fix,
            }
        ],
    }
    assert len(json.loads(files(USUAL[NoticeKind.INVALID])["report.json"])["findings"]) == len(INVALID)


def test_the_way_shows_what_was_is_and_will_be() -> None:
    now = CREATED
    assert way_of([(Status.INCOMING, now), (Status.NEEDS_QC, now)]) == (
        Step("Incoming", "done", "✓", now),
        Step("Needs QC", "now", "●", now),
        Step("QC Approved", "next", "○", None),
        Step("Delivered to DSPs", "next", "○", None),
    )
    assert [step.sign for step in way_of([(Status.INCOMING, now), (Status.INVALID, now)])] == ["✓", "✗"]
    assert way_of(history(NoticeKind.DELIVERED))[-1].sign == "✓"


@pytest.mark.browser
def test_no_report_is_wider_than_a_telephone(tmp_path: Path) -> None:
    pages = {f"{kind}-usual": files(USUAL[kind])["report.html"] for kind in WAYS}
    pages |= {f"{kind}-long": files(full_of(kind, "W" * 300))["report.html"] for kind in WAYS}
    assert widths(pages, tmp_path) == dict.fromkeys(pages, NARROW)


def test_names_are_escaped_in_the_page() -> None:
    notice = replace(USUAL[NoticeKind.INVALID], package=replace(PACKAGE, title="Rock & <b>Roll</b>"))
    page = files(notice)["report.html"]
    assert "<b>" not in page and html.escape("Rock & <b>Roll</b>") in page
