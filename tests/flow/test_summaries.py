"""Summaries: what emails and reviewers read first of a package."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ingest.core.dossier import tracks
from ingest.core.facts import Loudness
from ingest.core.notice import PackageSummary
from ingest.flow.summaries import MOST_TRACKS, dossier_facts, summary_of, track_line
from ingest.store import packages
from ingest.store.models import SEALED, Package, ReleaseFolder
from tests.rules import dossiers
from tests.stage import stage

NOW = datetime(2026, 3, 23, 12, tzinfo=UTC)


def test_a_package_is_summed_up_with_its_label_s_title(tmp_path: Path) -> None:
    there = stage(tmp_path)
    with there.app.store.transaction() as tx:
        row = ReleaseFolder(
            label_id=there.label().id, name="x", state=SEALED, seen_at=NOW, touched_at=NOW, sealed_at=NOW
        )
        tx.add(row)
        tx.flush()
        number = packages.add_package(tx, row, "", NOW)
        assert number is not None
        summary = summary_of(tx.get_one(Package, number))
    there.app.close()
    assert summary == PackageSummary(id=number, label="anna", folder="x", label_title="Anna's Label")


def test_a_track_s_levels_have_the_minus_that_machines_read() -> None:
    measured = replace(dossiers.MEASUREMENT, true_peak=-1.24, true_peak_itu=-0.01, loudness=Loudness(-14.08, 5.0))
    (track,) = tracks(dossiers.with_sound(measured))
    assert track_line(track) == (
        "Sunrise · GBDUM2600001 · 01_Sunrise.wav · 0:31 · 24 bit / 44.1 kHz · -1.2 dBTP (0.0 by BS.1770) · -14.1 LUFS"
    )


def test_a_track_of_which_nothing_is_known_is_named_as_such() -> None:
    (track,) = tracks(dossiers.GOOD)
    bare = replace(track, audio=None, file=None, recording=replace(track.recording, title=None, isrc=None))
    assert track_line(bare) == "without a title"


def test_a_reviewer_reads_each_track_and_which_picture_is_the_cover() -> None:
    back = replace(dossiers.PICTURE, file="back.png", format="PNG", width=600, height=400, size=50_000)
    dossier = replace(dossiers.GOOD, artwork=(dossiers.PICTURE, back))
    assert list(dossier_facts(dossier)) == [
        ("Track 1", "Sunrise · GBDUM2600001 · 01_Sunrise.wav · 0:31 · 24 bit / 44.1 kHz · -3.1 dBTP (-3.2 by BS.1770)"),
        ("Cover", "artwork.jpg: JPEG, 3000 × 3000 pixels, 2.0 MB"),
        ("Picture", "back.png: PNG, 600 × 400 pixels, 0.1 MB"),
    ]


def test_of_very_many_tracks_the_first_are_told_and_the_others_counted() -> None:
    message = dossiers.message_of(recordings=(dossiers.RECORDING,) * (MOST_TRACKS + 7))
    told = list(dossier_facts(replace(dossiers.with_message(message), artwork=())))
    assert (len(told), told[-2][0], told[-1]) == (MOST_TRACKS + 1, "Track 100", ("Tracks", "and 7 more"))
