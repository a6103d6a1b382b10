"""The message of a composed package: it says what the fields say, and our own checks find nothing wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.finding import Severity
from ingest.core.release_reading import release_of
from ingest.flow.stored_dossier import dossier_of
from ingest.store import packages
from tests.flow.integrators import Integrator, audio
from tests.stage import Stage, staged

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def test_every_field_that_a_message_carries_is_read_back(tmp_path: Path) -> None:
    with staged(tmp_path) as on:
        they = Integrator(on)
        release = they.create(
            releaseVersion="Deluxe",
            subGenre="Afro-fusion",
            remixer="DJ Remix",
            pastReleaseDate="2025-01-20",
            otherArtist=["Burna", "Omah"],
            otherArtistRole=["Featured Artist", "Mixing Engineer"],
        ).row.id
        they.add_track(release, trackVersion="Acoustic", explicitContent=True)
        assert they.judged(release) == "Needs QC"
        with on.app.store.reading() as tx:
            dossier = dossier_of(tx, 1)
            errors = [one for one in packages.findings_of(tx, 1) if one.severity is Severity.ERROR]
        said = None if dossier is None else release_of(dossier)
        assert said is not None
        assert errors == []
        assert (said.barcode, said.title, said.version, said.types, said.release_date, said.original_date) == (
            *("5034567890120", "No Balance", "Deluxe", ("Single",), "2027-02-10", "2025-01-20"),
        )
        assert [(one.name, one.roles) for one in said.artists] == [
            ("Ama", ("MainArtist",)),
            ("Burna", ("FeaturedArtist",)),
        ]
        assert [(one.text, one.subgenre) for one in said.genres] == [("Afrobeats", "Afro-fusion")]
        assert [line.text for line in said.c_lines] == ["© 2027 Anna Records"]
        (track,) = said.tracks
        assert (track.isrc, track.title, track.version, track.parental_warnings, track.file) == (
            *("QZABC2600001", "No Balance", "Acoustic", ("Explicit",), "01_NoBalance.wav"),
        )
        assert [(one.name, one.roles) for one in track.writers] == [("Ama", ("ComposerLyricist",))]
        assert [one.name for one in track.contributors] == ["Telz", "Omah", "DJ Remix"]


def test_titles_of_any_script_and_the_same_title_twice_are_composed(on: Stage) -> None:
    they = Integrator(on)
    release = they.create(releaseTitle='東京 & <夜> "\u202e', releaseType="EP", primaryArtistName="Ọlá/..").row.id
    for number in (1, 2):
        they.add_track(
            release, trackTitle="夜", isrcCode=f"QZABC260000{number}", trackAudio=they.upload(audio(number)).id
        )
    assert they.judged(release) in ("Needs QC", "Invalid")
    package = they.seen(release).package
    assert package is not None
    assert package.folder == "Ola_Release_5034567890120_20270210"
    report = they.parts.reports.report(1, release)
    assert {one.finding.code for one in report.found if one.finding.severity is Severity.ERROR} <= {
        "AUD-030",
        "ERN-011",
    }
