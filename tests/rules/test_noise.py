"""Remarks that nobody can act on are not made; what holds for many files or places is told once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.deals import Period
from ingest.core.dossier import Dossier, ResolvedFile
from ingest.core.message import MessageRelease
from ingest.core.resources import Line
from ingest.rules import check
from tests.rules.dossiers import (
    DEAL,
    GOOD,
    MASTER,
    POLICY,
    RECORDING,
    REFERENCE,
    RELEASE,
    codes,
    message_of,
    only,
    text,
    with_audio,
    with_message,
)


def released(date: str, p_year: str = "2026", **changes: object) -> Dossier:
    """Received on 2026-03-23."""
    line = Line(text(p_year, 57), None, text(f"{p_year} Sunrise Records", 57), 57)
    release = replace(RELEASE, release_date=text(date, 54), p_lines=(line,))
    deal = replace(DEAL, periods=(Period(text("2026-04-01", 64), None, 64),))
    message = replace(message_of(releases=(release,), deals=(deal,)), **changes)  # type: ignore[arg-type]
    return with_message(message)


@pytest.mark.parametrize(
    ("dossier", "found"),
    [
        (released("2026-03-22"), ["STY-035"]),
        (released("2025-12-31"), ["STY-035"]),
        (released("2016-03-22"), ["STY-035"]),
        (released("2016-03-22", "2016"), []),
        (released("2016-03-22", "2015"), ["STY-035"]),
        (released("2026-03-22", is_backfill=True), []),
        (released("2016-03-22", is_backfill=True), []),
        (released("2026-04-01"), []),
        (released("2026-04-02"), ["ERN-067"]),
    ],
)
def test_an_old_date_is_told_unless_the_message_says_that_it_is_meant(dossier: Dossier, found: list[str]) -> None:
    assert codes(dossier) == found


def test_the_tracks_that_are_accepted_but_not_preferred_are_told_of_once() -> None:
    assert only(with_audio(replace(MASTER, bits=16))).text == (
        "01_Sunrise.wav has 16 bit, which is accepted. 24 bit is preferred."
    )
    recordings = tuple(replace(RECORDING, reference=text(f"A{n}"), isrc=text(f"GBDUM260000{n}")) for n in (1, 2, 3))
    names = [f"0{n}_A.wav" for n in (1, 2, 3)]
    files = tuple(
        ResolvedFile(replace(REFERENCE, name=text(name)), name, "exact", recording=n) for n, name in enumerate(names)
    )
    bits = zip(names, (16, 20, 24), strict=True)
    audio = tuple(replace(MASTER, file=name, bits=depth, hashes={}) for name, depth in bits)
    dossier = replace(GOOD, message=message_of(recordings), files=files, audio=audio)

    (finding,) = [one for one in check(dossier, POLICY) if one.code == "AUD-012"]

    assert (finding.file, finding.found, finding.text) == (
        None,
        "16 bit or 20 bit",
        "2 audio files have 16 bit or 20 bit, which is accepted. 24 bit is preferred.",
    )


@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        ("01_Sunrise.wav", False),
        ("Sunrise.wav", True),
        ("5034567890120_T1_0_SoundRecording_001_001.flac", False),
        ("Sunrise_5034567890120_SoundRecording_001_001.wav", False),
        ("A12425GABC1234002M_01_001.wav", False),
        ("A12425GABC1234002M_T1_001.wav", False),
        ("Sunrise_5034567890120.wav", True),
        ("GBDUM2600001.wav", False),
        ("GBDUM2600001_Sunrise.wav", False),
        ("GBDUM26000012.wav", True),
        ("Ayo_Sunrise_1.wav", True),
    ],
)
def test_names_that_number_the_tracks_in_another_way_are_fine(name: str, is_told: bool) -> None:
    reference = replace(REFERENCE, name=text(name, 34))
    dossier = replace(
        GOOD, files=(ResolvedFile(reference, name, "exact", recording=0),), audio=(replace(MASTER, file=name),)
    )

    assert ("PKG-026" in codes(dossier)) is is_told


@pytest.mark.parametrize(("isni", "code"), [("0000000121707485", "ERN-045"), ("1234", "ERN-044")])
def test_an_isni_that_stands_on_every_track_is_told_once_where_it_first_stands(isni: str, code: str) -> None:
    isnis = tuple(text(isni, line) for line in (31, 61, 91))

    (finding,) = check(with_message(replace(message_of(), isnis=isnis)), POLICY)

    assert (finding.code, finding.line) == (code, 31)


def test_two_wrong_isnis_are_two_findings() -> None:
    isnis = (text("0000000121707485", 31), text("1234", 61), text("12345", 91))
    release: MessageRelease = RELEASE

    assert sorted(codes(with_message(replace(message_of(releases=(release,)), isnis=isnis)))) == [
        "ERN-044",
        "ERN-044",
        "ERN-045",
    ]
