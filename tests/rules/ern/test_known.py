"""What is said of earlier packages with the same barcode, ISRC or audio."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.dossier import AudioFingerprint, KnownRelease, KnownTrack
from ingest.core.facts import Loudness
from ingest.core.finding import Severity
from ingest.core.message import Header
from ingest.core.text import Text
from ingest.rules import check
from tests.rules.dossiers import (
    GOOD,
    MASTER,
    MEASUREMENT,
    POLICY,
    RELEASE,
    codes,
    message_of,
    only,
    with_audio,
    with_release,
)

BARCODE = "5034567890120"
KNOWN = KnownRelease(7, "sunrise", True, "Delivered to DSPs", "Sunrise", "barcode", BARCODE)


def test_an_earlier_package_of_the_same_release_is_named_and_nothing_is_promised() -> None:
    finding = only(replace(GOOD, known=(KNOWN,)))

    assert (finding.code, finding.severity) == ("ERN-070", Severity.INFO)
    assert finding.text == (
        "metadata.xml: an earlier package with the barcode 5034567890120 is package 7 (Delivered to DSPs)."
    )
    assert finding.fix == (
        "Nothing needs to be done if this is the same release. Else give this one a barcode of its own."
    )


def test_a_barcode_of_another_release_is_told_with_its_title() -> None:
    finding = only(replace(GOOD, known=(replace(KNOWN, title="Moonrise"),)))

    assert (finding.code, finding.severity) == ("ERN-074", Severity.WARNING)
    assert finding.text == (
        'metadata.xml: the barcode 5034567890120 already belongs to "Moonrise" (package 7, Delivered to DSPs).'
    )


@pytest.mark.parametrize("title", [None, "SUNRISE", " Sun\u0072ise ", "Ｓunrise"])
def test_a_title_that_differs_in_form_only_is_the_same_release(title: str | None) -> None:
    assert codes(replace(GOOD, known=(replace(KNOWN, title=title),))) == ["ERN-070"]


def test_a_release_without_a_title_is_not_called_another_one() -> None:
    untitled = replace(with_release(replace(RELEASE, title=None)), known=(KNOWN,))

    assert "ERN-070" in codes(untitled)
    assert "ERN-074" not in codes(untitled)


def test_only_the_newest_package_of_the_barcode_is_told() -> None:
    older = replace(KNOWN, package=3, title="Moonrise")

    assert codes(replace(GOOD, known=(older, KNOWN))) == ["ERN-070"]


def test_nothing_but_the_barcode_is_told_of_another_labels_release() -> None:
    rival = replace(KNOWN, label="rival", same_label=False, package=99, title="Secret Song", status="Needs QC")

    finding = only(replace(GOOD, known=(rival,)))

    assert finding.code == "ERN-071"
    assert finding.text == "metadata.xml: the barcode 5034567890120 already belongs to a release of another label."
    for secret in ("rival", "99", "Secret Song", "Needs QC"):
        assert secret not in finding.text + finding.fix + str(finding.found) + str(finding.expected)


SHA256 = "5" * 64
_SOUND = replace(MEASUREMENT, loudness=Loudness(-12.0, 5.0))
_MESSAGE = replace(message_of(), header=Header(line=7, created=Text("2026-03-20T10:00:00", 17)))
HEARD = replace(with_audio(replace(MASTER, hashes={"sha256": SHA256}, measurement=_SOUND)), message=_MESSAGE)
TRACK = KnownTrack(4, "GBDUM2600001", "Moonrise", AudioFingerprint("0" * 64, 200.0, -14.0, -1.0))
OTHER = KnownRelease(9, "sunrise", True, "QC Approved", "Night Songs", "isrc", "GBDUM2600001", track=TRACK)


def test_an_isrc_of_another_title_is_told_with_the_place_of_the_other() -> None:
    heard = AudioFingerprint(SHA256)

    finding = only(replace(HEARD, known=(replace(OTHER, track=replace(TRACK, heard=heard)),)))

    assert (finding.code, finding.severity, finding.track) == ("ERN-072", Severity.WARNING, 1)
    assert finding.text == (
        'metadata.xml, line 24 (track 1): the ISRC GBDUM2600001 is given to "Sunrise" here, but to "Moonrise" in'
        ' track 4 of "Night Songs" (package 9).'
    )


def test_an_isrc_on_a_compilation_with_the_same_title_and_audio_is_in_order() -> None:
    again = replace(OTHER, track=replace(TRACK, title="SUNRISE", heard=AudioFingerprint(SHA256)))

    assert codes(replace(HEARD, known=(again,))) == []


def test_the_same_master_in_another_format_is_the_same_audio() -> None:
    facts = HEARD.audio[0]
    assert facts.measurement is not None and facts.measurement.loudness is not None
    loudness, peak = facts.measurement.loudness.integrated, facts.measurement.true_peak
    heard = AudioFingerprint("0" * 64, facts.duration, loudness, peak)
    alike = replace(OTHER, track=replace(TRACK, title="Sunrise", heard=heard))
    longer = replace(alike, track=replace(TRACK, title="Sunrise", heard=replace(heard, seconds=99.0)))
    louder = replace(alike, track=replace(TRACK, title="Sunrise", heard=replace(heard, loudness=-5.0)))

    assert [codes(replace(HEARD, known=(one,))) for one in (alike, longer, louder)] == [[], ["ERN-077"], ["ERN-077"]]


def test_of_another_labels_recording_neither_title_nor_package_nor_isrc_is_told() -> None:
    path = HEARD.audio[0].file
    hidden = replace(OTHER, label="rival", same_label=False, title="Secret Songs")
    secret = KnownTrack(4, "USXXX2600009", "Secret Track", AudioFingerprint("0" * 64))
    by_isrc = replace(hidden, track=replace(secret, isrc="GBDUM2600001"))
    by_audio = replace(hidden, shared="audio", value=path, track=secret)

    findings = check(replace(HEARD, known=(by_isrc, by_audio)), POLICY)

    assert {finding.code for finding in findings} == {"ERN-072", "ERN-073", "ERN-077"}
    told = " ".join(f"{one.text} {one.fix} {one.found} {one.expected}" for one in findings)
    assert not [word for word in ("Secret", "rival", "USXXX2600009", "package 9") if word in told]


@pytest.mark.parametrize(
    ("created", "found"),
    [
        ("2026-03-20T09:59:59+00:00", ["ERN-070"]),
        ("2026-03-20T10:00:00+00:00", ["ERN-070"]),
        ("2026-03-20T10:00:01+00:00", ["ERN-076"]),
        (None, ["ERN-070"]),
    ],
)
def test_only_a_message_made_before_one_that_we_have_is_refused(created: str | None, found: list[str]) -> None:
    assert codes(replace(HEARD, asked=True, known=(replace(KNOWN, created=created),))) == found


def test_of_an_older_message_it_is_said_after_what_a_new_one_must_be_made() -> None:
    (finding,) = check(replace(HEARD, known=(replace(KNOWN, created="2026-03-20T10:00:01+00:00"),), asked=True), POLICY)

    assert (finding.found, finding.expected) == ("2026-03-20 10:00:00 UTC", "after 2026-03-20 10:00:01 UTC")
    assert "of the same release (2026-03-20 10:00:01 UTC), which we already have." in finding.text


def test_a_message_made_before_one_that_failed_or_is_anothers_is_not_refused() -> None:
    failed = replace(KNOWN, status="Invalid", created="2026-03-30T10:00:00+00:00")
    rival = replace(KNOWN, same_label=False, created="2026-03-30T10:00:00+00:00")

    assert "ERN-076" not in codes(replace(HEARD, asked=True, known=(failed, rival)))
