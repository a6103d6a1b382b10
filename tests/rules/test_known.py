"""What is said of earlier packages with the same barcode, ISRC or audio."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.dossier import KnownRelease
from ingest.core.finding import Severity
from tests.rules.dossiers import GOOD, RELEASE, codes, only, with_release

BARCODE = "5034567890120"
KNOWN = KnownRelease(7, "sunrise", True, "Delivered to DSPs", "Sunrise", "barcode", BARCODE)


def test_an_earlier_package_of_the_same_release_is_named_and_nothing_is_promised() -> None:
    finding = only(replace(GOOD, known=(KNOWN,)))

    assert (finding.code, finding.severity) == ("ERN-070", Severity.INFO)
    assert finding.text == (
        "metadata.xml: an earlier package with the barcode 5034567890120 is package 7 (Delivered to DSPs)."
    )
    assert finding.fix == (
        "Nothing needs to be done if this is the same release. Tell support if these are two different ones."
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
