"""Every error the rules know, from a broken package to the words in the label's email."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.core.finding import Severity
from ingest.core.notice import NoticeKind, StatusNotice
from ingest.core.verdict import Verdict, judge
from ingest.outbound.email.render import render
from ingest.rules import RULES
from tests.daemons import text_of
from tests.outbound.email.samples import CREATED, OPERATOR, PACKAGE, SENDER
from tests.packages import BROKEN
from tests.rules.reading import findings_after, read_here

ERRORS = sorted(code for code in BROKEN if RULES[code].severity is Severity.ERROR)
UNREADABLE = {"ART-007", "AUD-005", "AUD-006", "AUD-024", "XML-002", "XML-005", "XML-006"}
"""Codes of files that cannot be read at all, or hold nothing: there is no value to tell, only the file and the cure."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    read_here(monkeypatch)
    yield tmp_path
    shutil.rmtree(tmp_path)


def squeezed(text: str) -> str:
    return " ".join(text.split())


def words(text: str) -> set[str]:
    """The words of a value, which the sentence may say in another order; articles and their like are none."""
    return set(re.findall(r"\w{2,}", text)) - {"an", "the", "or", "one", "and"}


@pytest.mark.slow
@pytest.mark.parametrize("code", ERRORS)
def test_the_invalid_email_names_the_place_what_was_found_what_is_needed_and_the_cure(code: str, place: Path) -> None:
    findings = findings_after(place, BROKEN[code])
    assert judge(findings) is Verdict.FAILED
    notice = StatusNotice(NoticeKind.INVALID, ("a@label.example",), "1@x.example", None, CREATED, PACKAGE, findings)
    text = squeezed(text_of(render(notice, OPERATOR, SENDER)))
    (finding, *_) = [one for one in findings if one.code == code]
    assert squeezed(finding.fix) in text
    assert f"[{code}]" in text
    for value in (finding.file, finding.found, finding.expected):
        assert value is None or squeezed(value) in text or words(value) <= words(text), value
    assert finding.found is not None or finding.expected is not None or code in UNREADABLE
