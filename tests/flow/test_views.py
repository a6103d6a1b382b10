"""Packages as values: what was read, what was decided, and all that happened to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.core.decision import By, DecisionKind, Face
from ingest.core.delivery_state import Standing
from ingest.core.finding import Finding
from ingest.core.kind import Kind
from ingest.core.status import Status
from ingest.flow.errors import NotFound
from ingest.flow.views import ChangeLine, DecisionLine, PackageLine, PackageList
from ingest.store import packages
from ingest.store.progress import Progress
from tests.packages import Good, write_broken, write_good
from tests.stage import START, Stage, staged

NGOZI = By("ngozi", Face.CONSOLE)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, [("ben", "Ben & Co")]) as there:
        yield there


@pytest.fixture
def single(on: Stage, tmp_path: Path) -> int:
    """A package that was received and not read yet."""
    return on.place(write_good(tmp_path / "label", Good.SINGLE))


def test_a_package_before_and_after_it_was_read(on: Stage, single: int) -> None:
    folder = on.app.views.package(single).package.folder
    unread = PackageLine(
        id=single,
        status=Status.INCOMING,
        kind=None,
        label="anna",
        folder=folder,
        artist=None,
        title=None,
        barcode=None,
        release_type=None,
        release_date=None,
        replaces=None,
        superseded_by=None,
        received_at=START,
        warnings=0,
        is_checked=False,
        is_on_hold=False,
        files_read=None,
        files_in_all=None,
    )
    assert on.app.views.packages() == PackageList((unread,), 1)
    Progress(on.app.store, single, lambda event, **more: None, iter((0.0, 9.0)).__next__)(1, 3, "01.wav")
    assert on.app.views.packages().lines == (replace(unread, files_read=1, files_in_all=3),)
    on.judge(single)
    (read,) = on.app.views.packages().lines
    assert (read.status, read.kind, read.is_checked) == (Status.NEEDS_QC, Kind.NEW_RELEASE, True)
    assert (read.artist, read.title, read.barcode) == ("Ayo Lande", "Sunrise", "5034567890120")


def test_packages_are_listed_by_status_and_label_the_newest_first(on: Stage, single: int, tmp_path: Path) -> None:
    on.judge(single)
    other = on.place(write_good(tmp_path / "ben", Good.ALBUM), "ben")
    views = on.app.views
    assert [one.id for one in views.packages().lines] == [other, single]
    assert [one.id for one in views.packages(limit=1).lines] == [other]
    assert [one.id for one in views.packages(status=Status.NEEDS_QC).lines] == [single]
    assert [one.id for one in views.packages(label="ben").lines] == [other]
    with pytest.raises(NotFound, match=r"^label-unknown: label='nobody'$"):
        views.packages(label="nobody")


def test_all_that_happened_to_a_package(on: Stage, single: int) -> None:
    on.judge(single)
    on.clock.advance(minutes=5)
    on.app.review.approve(single, NGOZI, "Lovely", ["beta"])
    view = on.app.views.package(single)
    assert view.changes == (
        ChangeLine(None, Status.INCOMING, "ingest", START, ""),
        ChangeLine(Status.INCOMING, Status.NEEDS_QC, "ingest", START, ""),
        ChangeLine(Status.NEEDS_QC, Status.QC_APPROVED, "ngozi", START + timedelta(minutes=5), "Lovely"),
    )
    decided = DecisionLine(
        DecisionKind.APPROVE, "ngozi", Face.CONSOLE, START + timedelta(minutes=5), "Lovely", {"dsps": ["beta"]}
    )
    assert view.decisions == (decided,)
    assert [(one.dsp, one.state, one.attempts) for one in view.deliveries] == [("beta", Standing.QUEUED, 0)]
    assert [(one.kind, one.to, one.sent_at) for one in view.emails] == [
        ("incoming", ("anna@label.example",), None),
        ("needs-qc", ("anna@label.example",), None),
        ("review", ("qc@test.example",), None),
        ("qc-approved", ("anna@label.example",), None),
    ]


def test_the_findings_are_those_of_the_verdict(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_broken(tmp_path / "label", "ART-001"))
    on.judge(package)
    found: tuple[Finding, ...] = on.app.views.package(package).findings
    assert "ART-001" in [one.code for one in found]
    with on.app.store.reading() as tx:
        assert found == packages.findings_of(tx, package)


def test_a_package_on_hold_says_so(on: Stage, single: int) -> None:
    with on.app.store.transaction() as tx:
        packages.put_on_hold(tx, single, START)
    assert on.app.views.package(single).package.is_on_hold


def test_the_facts_of_a_reviewer(on: Stage, single: int) -> None:
    on.judge(single)
    named = dict(on.app.views.facts(single))
    assert named["Label"] == "Anna's Label (anna)"
    assert named["Track 1"].startswith("Sunrise · ")


def test_a_package_that_there_is_not_is_not_found(on: Stage) -> None:
    for look in (on.app.views.package, on.app.views.facts):
        with pytest.raises(NotFound, match=r"^package-unknown: package=9$"):
            look(9)
