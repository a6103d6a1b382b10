"""Composing packages: when, of what, and that nothing is composed twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from lxml import etree

from ingest.core.catalogue_status import ReleaseStatus
from ingest.flow.storage import kept_of
from tests.flow.integrators import Integrator, audio, cover
from tests.stage import CONFIG, Stage, staged

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def test_a_whole_release_becomes_a_package_that_passes_and_belongs_to_it(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()

    assert they.judged(release) == "Needs QC"

    package = they.seen(release).package
    assert package is not None
    assert (package.folder, package.release_id) == ("Ama_NoBalance_5034567890120_20270210", release)
    with on.app.storage.local(kept_of(package)) as place:
        assert sorted(one.name for one in place.iterdir()) == ["01_NoBalance.wav", "artwork.jpg", "metadata.xml"]
        assert (place / "01_NoBalance.wav").read_bytes() == audio()
        assert (place / "01_NoBalance.wav").stat().st_nlink == 2, "the content is linked, not copied"
        root = etree.parse(str(place / "metadata.xml")).getroot()
    assert root.findtext("MessageHeader/MessageSender/PartyName/FullName") == "Anna's Label"
    assert root.findtext("ReleaseList/Release/ReleaseId/ICPN") == "5034567890120"
    assert they.seen(release).status is ReleaseStatus.PENDING


def test_a_release_is_composed_only_once_it_rested_and_has_all_its_files(on: Stage) -> None:
    they = Integrator(on)
    release = they.create().row.id
    sound = they.upload(audio(), measured=False)
    they.add_track(release, trackAudio=sound.id)

    assert they.compose(release, rested=False) == "incomplete"
    assert they.compose_owed(release) is None
    they.measure(sound.id)
    assert they.compose_owed(release) is not None
    assert they.compose(release, rested=False) == "waiting"
    assert they.seen(release).package is None
    assert they.compose(release) == "composed"
    assert they.seen(release).package is not None


def test_a_change_owes_the_next_package_and_an_earlier_workflow_does_nothing(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    assert they.judged(release) == "Needs QC"
    kept = they.seen(release).kept
    assert kept is not None
    stale = kept.runs

    they.parts.catalogue.update(1, release, lambda fields: {**fields, "genre": "Highlife"})
    on.clock.advance(minutes=2)
    assert on.carry(they.parts.catalogue.composition, release.hex, stale, 1) == "superseded"
    first = they.seen(release).package
    assert first is not None
    # The attempt of the stale workflow composed it all the same: what is owed is owed once.
    assert first.folder == "Ama_NoBalance_5034567890120_20270210_v2"
    assert they.compose(release) == "composed"
    again = they.seen(release).package
    assert again is not None
    assert again.id == first.id


def test_what_no_message_says_owes_no_package(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.judged(release)
    they.parts.catalogue.update(1, release, lambda fields: {**fields, "smartLink": "https://example.com/x"})
    kept = they.seen(release).kept
    assert kept is not None
    assert (kept.revision, kept.composed, kept.compose_at) == (2, 2, None)


def test_codes_that_are_missing_are_assigned_and_stay(tmp_path: Path) -> None:
    more = '[api]\nisrc_prefix = "QZXYZ"\nbarcodes = "50345678900-50345678901"\n'
    with staged(tmp_path, config=CONFIG + more) as on:
        they = Integrator(on)
        release = they.create(upcCode=None).row.id
        they.add_track(release, isrcCode=None)
        they.compose(release)
        first = they.seen(release)
        assert first.row.barcode == "503456789005"
        assert [track.fields["isrcCode"] for track in tracks(they, release)] == ["QZXYZ2600001"]

        they.parts.catalogue.update(1, release, lambda fields: {**fields, "genre": "Highlife"})
        on.judge(1)
        they.compose(release)
        assert they.seen(release).row.barcode == "503456789005"
        other = they.create(upcCode=None, releaseTitle="Other").row.id
        they.add_track(other, isrcCode=None)
        on.judge(2)
        they.compose(other)
        assert they.seen(other).row.barcode == "503456789012"
        assert [track.fields["isrcCode"] for track in tracks(they, other)] == ["QZXYZ2600002"]

        third = they.create(upcCode=None, releaseTitle="Third").row.id
        they.add_track(third, isrcCode=None)
        on.judge(3)
        assert they.compose(third) == "given up"
        assert any("barcodes" in str(args) or "tell" in key for key, args, _ in on.engine.due)


def tracks(they: Integrator, release: UUID) -> list[Any]:
    return [they.parts.catalogue.track(1, one.id) for one in they.seen(release).tracks]


def test_a_content_is_not_linked_again_while_a_package_with_it_is_being_read(on: Stage) -> None:
    they = Integrator(on)
    picture, sound = they.upload(cover(), "cover.jpg").id, they.upload(audio()).id
    first = they.create(releasePhoto=picture).row.id
    they.add_track(first, trackAudio=sound)
    second = they.create(releasePhoto=picture, upcCode="5034567890137").row.id
    they.add_track(second, trackAudio=sound)

    assert they.compose(first) == "composed"
    assert they.compose(second) == "waiting"
    package = they.seen(first).package
    assert package is not None
    assert on.judge(package.id) == "Needs QC"
    assert they.compose(second) == "composed"
    assert on.app.proof.differs(package.id) == "", "the bytes are the same, whatever the number of links"


def test_a_composing_that_was_interrupted_goes_on_in_the_same_folder(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    they = Integrator(on)
    release = they.whole()
    composition = they.parts.catalogue.composition

    def crash(*_: object) -> None:
        raise OSError(28, "No space left on device", "spool")

    with monkeypatch.context() as broken:
        broken.setattr(type(on.app.storage), "keep", crash)
        assert they.compose(release) == "retry"
    kept = they.seen(release).kept
    assert kept is not None
    folder = kept.folder_id
    assert folder is not None
    assert on.carry(composition, release.hex, kept.runs, 2) == "composed"
    package = they.seen(release).package
    assert package is not None
    assert package.folder_id == folder


def test_what_was_owed_and_lost_is_found_again(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    on.clock.advance(minutes=10)
    on.engine.due.clear()
    on.app.maintenance.reconcile()
    assert [key for key, *_ in on.engine.due if key.startswith(f"compose:{release.hex}")]


def test_a_content_that_is_being_measured_once_more_is_not_linked(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    again = they.upload(audio(), measured=False)
    assert they.compose(release) == "waiting"
    assert they.measure(again.id) == "processed"
    assert they.compose(release) == "composed"
