"""Findings named by the fields of the API, and the history of a release."""

from __future__ import annotations

import pytest

from ingest.core.finding import Severity
from tests import good
from tests.flow.integrators import KEY, Integrator
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def test_findings_are_named_by_field_and_track(on: Stage) -> None:
    they = Integrator(on)
    small = they.upload(good.jpeg(1000, 1000), "small.jpg").id
    mono = they.upload(good.wav(40, bits=16, rate=22050), "low.wav").id
    release = they.create(releasePhoto=small, upcCode="5034567890123").row.id
    they.add_track(release, trackAudio=mono)
    assert they.judged(release) == "Invalid"
    report = they.parts.reports.report(1, release)
    assert not report.is_error_free
    named = {(one.field, one.finding.severity) for one in report.found}
    assert {
        ("releasePhoto", Severity.ERROR),
        ("trackAudio of track 1", Severity.ERROR),
        ("upcCode", Severity.WARNING),
    } <= named


def test_a_release_without_its_files_says_what_it_waits_for(on: Stage) -> None:
    they = Integrator(on)
    release = they.create().row.id
    report = they.parts.reports.report(1, release)
    assert (report.package, report.status, report.found) == (None, None, [])
    assert report.waiting == (("tracks", "The release has no track yet"),)


def test_the_history_tells_statuses_and_decisions_in_order(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.judged(release)
    on.clock.advance(minutes=1)
    they.parts.moderation.reject(1, release, KEY, "The cover shows a logo.")
    assert [(one.what, one.who, one.note) for one in they.parts.reports.history(1, release)] == [
        ("Incoming", "ingest", ""),
        ("Needs QC", "ingest", ""),
        ("QC Rejected", "key_1", "The cover shows a logo."),
        ("reject", "key_1", "The cover shows a logo."),
    ]
