"""How findings are grouped and places are named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.finding import Finding, Severity
from ingest.core.notice import NoticeKind, PackageSummary
from ingest.outbound.email.findings import (
    Item,
    Spot,
    finding_location,
    name_of,
    report_on,
    tracks_in_order,
)
from tests.outbound.email.samples import (
    BARE,
    CHECK_DIGIT,
    INVALID,
    NO_GENRE,
    PACKAGE,
    SMALL_COVER,
    USUAL,
    finding,
    loud,
)


def test_errors_come_first_and_infos_last_and_each_code_once() -> None:
    report = report_on(reversed(INVALID), {})
    assert [(item.number, item.code) for item in report.errors] == [
        (1, "PKG-006"),
        (2, "ERN-012"),
        (3, "AUD-021"),
        (4, "ART-001"),
    ]
    assert [(item.number, item.code) for item in report.warnings] == [(5, "ERN-021"), (6, "PKG-011")]
    assert [item.code for item in report.infos] == ["PKG-020", "PKG-021"]


def test_what_concerns_the_package_and_its_message_comes_first_and_each_file_is_told_of_together() -> None:
    def of(code: str, file: str | None) -> Finding:
        return finding(code, Severity.ERROR, "text", "fix", file=file)

    found = [of("A", "b.wav"), of("B", "a.wav"), of("C", "x.XML"), of("D", "b.wav"), of("E", None), of("F", "x.XML")]
    assert "".join(item.code for item in report_on(found, {}).errors) == "CEFADB"


@pytest.mark.parametrize(
    ("text", "fix", "found", "expected", "is_kept"),
    [
        ("It is 2 MB. At most 1 MB.", "Shrink it.", "2 MB", "at most 1 MB", True),
        ("It is 2 MB.", "Shrink it to at most 1 MB.", "2 MB", "at most 1 MB", False),
        ("It is too large.", "Shrink it.", "2 MB", "at most 1 MB", True),
        ("It is 2 MB.", "Shrink it.", "2 MB", "1 MB", True),
        ("a.WAV is not the name.", "Rename it.", "a.WAV", "a.wav", True),
        ("'A  B' is not 'A B'.", "Write 'A B'.", "A  B", "A B", True),
        ("There is no genre.", "Write one.", None, "a genre", False),
        ("Why.", "Mend it.", None, None, False),
    ],
)
def test_what_the_sentence_and_its_cure_say_is_not_said_again(
    text: str, fix: str, found: str | None, expected: str | None, is_kept: bool
) -> None:
    (item,) = report_on([finding("ART-001", Severity.ERROR, text, fix, found=found, expected=expected)], {}).errors
    assert (item.spots[0].found, item.expected) == ((found, expected) if is_kept else (None, None))


def test_one_finding_is_an_item_with_one_spot() -> None:
    assert report_on([SMALL_COVER], {}).errors == (
        Item(
            number=1,
            code="ART-001",
            severity=Severity.ERROR,
            count=1,
            text=SMALL_COVER.text,
            expected=None,
            fix=SMALL_COVER.fix,
            spots=(Spot(text=None, where=None, found=None, expected=None, fix=None, is_named=True),),
        ),
    )


def test_the_same_code_many_times_is_one_item_that_shows_ten_places() -> None:
    item = report_on([loud(track, "+0.5") for track in range(1, 25)], {}).errors[0]
    assert (item.text, item.count, len(item.spots), item.more) == ("Found in 24 files:", 24, 10, 14)
    assert item.expected is None, "its cure says it"
    assert item.spots[1] == Spot(
        text="02_Track.wav reaches a true peak of +0.5 dBTP. The most we can take is -0.3 dBTP.",
        where="track 2, ISRC GBDUM2600002",
        found=None,
        expected=None,
        fix=None,
        is_named=True,
    )


def test_what_the_places_of_an_item_do_not_share_stands_at_each() -> None:
    other = replace(NO_GENRE, line=60, text="metadata.xml, line 60: no genre.", expected="a genre", fix="Add it there.")
    item = report_on([NO_GENRE, other], {}).errors[0]
    assert (item.text, item.expected, item.fix) == ("Found in 2 places:", None, None)
    assert [spot.fix for spot in item.spots] == [NO_GENRE.fix, "Add it there."]


def test_places_under_one_sentence_are_named_in_full() -> None:
    same = [
        finding("XML-009", Severity.ERROR, "The date has a wrong form.", "Write 2026-05-01.", file="m.xml", line=n)
        for n in (4, 9)
    ]
    item = report_on(same, {}).errors[0]
    assert item.text == "The date has a wrong form."
    assert [spot.where for spot in item.spots] == ["m.xml, line 4", "m.xml, line 9"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (NO_GENRE, "metadata.xml, line 42, track 3, ISRC GBDUM2600003"),
        (SMALL_COVER, "artwork.jpg"),
        (replace(NO_GENRE, file=None, line=None), "track 3, ISRC GBDUM2600003"),
        (replace(CHECK_DIGIT, file=None, line=None), ""),
    ],
)
def test_a_place_names_file_line_and_track(found: Finding, expected: str) -> None:
    assert finding_location(found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metadata.xml, line 42 (track 3): no genre.", "ISRC GBDUM2600003"),
        ("metadata.xml, line 42: no genre.", "track 3, ISRC GBDUM2600003"),
        ("metadata.xml, line 42: see track 31.", "track 3, ISRC GBDUM2600003"),
        ("Track 3 has no genre.", "metadata.xml, line 42, track 3, ISRC GBDUM2600003"),
        ("The track has no genre.", "metadata.xml, line 42, track 3, ISRC GBDUM2600003"),
    ],
)
def test_what_the_words_name_is_not_named_again(text: str, expected: str) -> None:
    assert finding_location(NO_GENRE, text) == expected


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        (PACKAGE, "Amara – Lagos Nights (5034567890123)"),
        (replace(PACKAGE, artist=None, barcode=None), "Lagos Nights"),
        (BARE, "New folder"),
        (replace(BARE, barcode="5034567890123"), "New folder (5034567890123)"),
        (None, ""),
    ],
)
def test_a_release_is_named_by_what_is_known_of_it(package: PackageSummary | None, expected: str) -> None:
    assert name_of(package) == expected


def test_tracks_without_an_error_are_counted_where_they_are_known() -> None:
    invalid = USUAL[NoticeKind.INVALID]
    assert tracks_in_order(invalid) == 7
    assert tracks_in_order(replace(invalid, package=BARE)) is None
    assert tracks_in_order(replace(invalid, findings=(SMALL_COVER,))) is None
