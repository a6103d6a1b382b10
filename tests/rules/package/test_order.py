"""The numbers in the names of audio files, against the order of the XML."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.dossier import Dossier, ResolvedFile
from ingest.core.message import TrackEntry
from ingest.rules import check
from tests.rules.dossiers import GOOD, POLICY, RECORDING, REFERENCE, message_of, text


def with_files(*names: str, discs: str = "") -> Dossier:
    """A release of these files in the order of the XML, each on disc 1 or on that of `discs`."""
    numbers = range(len(names))
    recordings = tuple(replace(RECORDING, reference=text(f"A{n}"), isrc=text(f"GBDUM26{n:05}")) for n in numbers)
    on = [int(disc) for disc in discs] or [1] * len(names)
    message = replace(message_of(recordings), tracks=tuple(TrackEntry(n + 1, on[n], n) for n in numbers))
    references = [replace(REFERENCE, name=text(name, 34 + n)) for n, name in enumerate(names)]
    files = tuple(ResolvedFile(one, one.name.value, "exact", recording=n) for n, one in enumerate(references))
    return replace(GOOD, message=message, files=files, audio=())


def told(dossier: Dossier) -> list[str | None]:
    return [finding.found for finding in check(dossier, POLICY) if finding.code == "PKG-031"]


@pytest.mark.parametrize(
    ("names", "discs"),
    [
        ("01_Intro.wav 02_Path.wav 03_End.wav", ""),
        ("01_Intro.wav", ""),
        ("Intro.wav 01_Path.wav", ""),
        ("50_Ways.wav 7_Rings.wav", ""),
        ("1999_Nights.wav 2000_Days.wav", ""),
        ("02_Path.wav 03_End.wav", ""),
        ("01_A.wav 02_B.wav 01_C.wav 02_D.wav", "1122"),
        ("01_A.wav 02_B.wav 03_C.wav 04_D.wav", "1122"),
        ("1-01_A.wav 1-02_B.wav 2-01_C.wav", "112"),
        ("1-01_A.wav 02_B.wav", ""),
        ("01_A.wav 01_B.wav", ""),
        ("resources/01_A.wav resources/02_B.wav", ""),
        ("5034567890120_T2_001.wav 5034567890120_T1_001.wav", ""),
    ],
)
def test_names_that_count_as_the_tracks_do_or_say_nothing_are_fine(names: str, discs: str) -> None:
    assert told(with_files(*names.split(), discs=discs)) == []


def test_names_in_another_order_are_told_once_with_their_tracks() -> None:
    dossier = with_files("03_End.wav", "01_Intro.wav", "02_Path.wav")

    (finding,) = [one for one in check(dossier, POLICY) if one.code == "PKG-031"]

    assert finding.text == (
        "metadata.xml, line 34 (track 1): the numbers in the file names are in another order than the tracks in the"
        " XML: 03_End.wav is track 1, 01_Intro.wav is track 2 and 02_Path.wav is track 3. The order of the XML counts."
    )


@pytest.mark.parametrize(
    ("names", "discs", "found"),
    [
        ("02_B.wav 01_A.wav", "", "02_B.wav is track 1 and 01_A.wav is track 2"),
        ("02 B.wav|01 A.wav|03 C.wav", "", "02 B.wav is track 1 and 01 A.wav is track 2"),
        ("01_A.wav 02_B.wav 02_D.wav 01_C.wav", "1122", "02_D.wav is track 3 and 01_C.wav is track 4"),
        ("2-01_C.wav 1-01_A.wav", "12", "2-01_C.wav is track 1 and 1-01_A.wav is track 2"),
    ],
)
def test_only_the_tracks_that_stand_elsewhere_are_named(names: str, discs: str, found: str) -> None:
    listed = names.split("|") if "|" in names else names.split()

    assert told(with_files(*listed, discs=discs)) == [found]
