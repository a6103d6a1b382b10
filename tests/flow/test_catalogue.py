"""Releases and tracks of integrators: created, changed, deleted, and never another label's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from ingest.core.catalogue_status import ReleaseStatus
from ingest.flow.errors import Code, CodedError, NotFound, Refused
from ingest.store.models import CatalogueTrack
from tests.flow.integrators import KEY, RELEASE, TRACK, Integrator
from tests.good import Good, write_good
from tests.stage import Stage, staged

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def refused(do: Callable[[], object]) -> Code:
    with pytest.raises(CodedError) as told:
        do()
    return told.value.code


def test_a_release_is_kept_as_it_was_sent(on: Stage) -> None:
    they = Integrator(on)
    made = they.create()
    seen = they.seen(made.row.id)
    assert seen.kept is not None
    assert {**seen.kept.fields, "releasePhoto": None} == {**RELEASE, "releasePhoto": None}
    assert seen.status is ReleaseStatus.PENDING
    assert seen.kept.slug.startswith("no-balance-user-example-")
    assert [one.id for one in they.parts.catalogue.releases(1)] == [made.row.id]
    assert [one.id for one in they.parts.catalogue.releases(1, "user_1")] == [made.row.id]
    assert they.parts.catalogue.releases(1, "user_2") == []


def test_a_barcode_is_of_one_release_until_that_is_deleted_or_rejected(on: Stage) -> None:
    they = Integrator(on)
    first = they.create().row.id
    assert refused(lambda: they.create(upcCode="05034567890120")) is Code.BARCODE_TAKEN
    they.parts.catalogue.delete(1, first)
    second = they.create().row.id
    they.parts.moderation.reject(1, second, KEY, "Not now")
    third = they.create().row.id
    assert they.seen(third).row.key is not None
    assert they.seen(second).row.key is None
    assert refused(lambda: they.parts.catalogue.release(1, first)) is Code.RELEASE_UNKNOWN


def test_tracks_stay_in_order_and_a_deleted_release_takes_its_own_along(on: Stage) -> None:
    they = Integrator(on)
    release = they.create().row.id
    sound = they.upload(b"RIFF\x24\0\0\0WAVE" + bytes(64), measured=False).id
    tracks = [they.add_track(release, trackAudio=sound, trackTitle=f"No. {number}") for number in (1, 2, 3)]
    they.parts.catalogue.delete_track(1, tracks[1].id)
    listed = they.parts.catalogue.tracks(1, release=release)
    assert [(one.number, one.title) for one in listed] == [(1, "No. 1"), (2, "No. 3")]
    they.parts.catalogue.delete(1, release)
    assert they.parts.catalogue.tracks(1) == []
    assert refused(lambda: they.parts.catalogue.tracks(1, release=release)) is Code.RELEASE_UNKNOWN
    assert refused(lambda: they.parts.catalogue.track(1, tracks[0].id)) is Code.RELEASE_TRACK_UNKNOWN


def test_an_update_keeps_what_is_not_named_and_removes_what_is_emptied(on: Stage) -> None:
    they = Integrator(on)
    release = they.create(subGenre="Afro-fusion").row.id
    seen = they.parts.catalogue.update(
        1, release, lambda kept: {name: value for name, value in kept.items() if name != "subGenre"} | {"genre": "Pop"}
    )
    assert seen.kept is not None
    assert (seen.kept.fields["genre"], "subGenre" in seen.kept.fields) == ("Pop", False)
    track = they.add_track(release)
    changed = they.parts.catalogue.update_track(1, track.id, lambda kept: {**kept, "lyrics": "Updated"})
    assert changed.fields["lyrics"] == "Updated"
    assert changed.fields["trackTitle"] == TRACK["trackTitle"]


def test_a_file_of_nobody_is_refused_by_the_name_of_the_field(on: Stage) -> None:
    they = Integrator(on)
    with pytest.raises(Refused) as told:
        they.create(releasePhoto="file_01M8R05S24MMHF9DJP21869SQA")
    assert (told.value.code, told.value.values["field"]) == (Code.FILE_UNKNOWN, "releasePhoto")
    assert they.parts.catalogue.releases(1) == [], "a release that was refused is not there"
    with pytest.raises(Refused):
        they.create(releasePhoto="http://cdn.example.com/plain.jpg")


def test_a_change_of_identity_reopens_an_approved_release_and_any_change_a_rejected_one(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.parts.moderation.approve(1, release, KEY)
    change = they.parts.catalogue.update
    assert change(1, release, lambda kept: {**kept, "genre": "Pop"}).status is ReleaseStatus.APPROVED
    assert change(1, release, lambda kept: {**kept, "releaseTitle": "Balance"}).status is ReleaseStatus.PENDING
    they.parts.moderation.reject(1, release, KEY, "No")
    assert they.seen(release).status is ReleaseStatus.REJECTED
    assert change(1, release, lambda kept: {**kept, "genre": "Highlife"}).status is ReleaseStatus.PENDING


def test_a_release_that_came_as_a_package_is_listed_alike_and_changed_by_an_upload_only(
    on: Stage, tmp_path: Path
) -> None:
    they = Integrator(on)
    assert on.judge(on.place(write_good(tmp_path / "label", Good.EP))) == "Needs QC"
    (listed,) = they.parts.catalogue.releases(1)
    seen = they.seen(listed.id)
    assert (listed.title, listed.slug, listed.status, seen.status) == (
        "Five Rivers",
        None,
        "Needs QC",
        ReleaseStatus.PENDING,
    )
    assert [one.title for one in seen.tracks] == ["Niger", "Benue", "Ogun", "Volta", "Congo"]
    assert refused(lambda: they.parts.catalogue.update(1, listed.id, dict)) is Code.RELEASE_CAME_AS_PACKAGE
    track = they.parts.catalogue.track(1, seen.tracks[0].id)
    assert not isinstance(track, CatalogueTrack)
    assert refused(lambda: they.parts.catalogue.delete_track(1, track.id)) is Code.RELEASE_CAME_AS_PACKAGE
    they.parts.catalogue.delete(1, listed.id)
    assert they.parts.catalogue.releases(1) == []


def test_what_stores_have_is_not_deleted(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.judged(release)
    they.parts.moderation.approve(1, release, KEY)
    assert refused(lambda: they.parts.catalogue.delete(1, release)) is Code.RELEASE_LIVE


def test_nothing_of_another_label_is_found(tmp_path: Path) -> None:
    with staged(tmp_path, others=[("ben", "Ben")]) as on:
        they, ben = Integrator(on), Integrator(on, 2)
        release = they.create().row.id
        track = they.add_track(release)
        catalogue, moderation = ben.parts.catalogue, ben.parts.moderation
        attempts = (
            lambda: catalogue.release(2, release),
            lambda: catalogue.update(2, release, dict),
            lambda: catalogue.delete(2, release),
            lambda: catalogue.tracks(2, release=release),
            lambda: catalogue.track(2, track.id),
            lambda: catalogue.update_track(2, track.id, dict),
            lambda: catalogue.delete_track(2, track.id),
            lambda: catalogue.create_track(2, release, {**TRACK, "trackAudio": "file_x", "releaseId": str(release)}),
            lambda: ben.parts.reports.report(2, release),
            lambda: ben.parts.reports.history(2, release),
            lambda: moderation.approve(2, release, KEY),
            lambda: moderation.reject(2, release, KEY),
            lambda: moderation.take_down(2, release, KEY),
        )
        for attempt in attempts:
            with pytest.raises(NotFound):
                attempt()
        theirs = they.upload(b"RIFF\x24\0\0\0WAVE" + bytes(64), measured=False).id
        assert refused(lambda: ben.create(releasePhoto=theirs)) is Code.FILE_UNKNOWN
        assert refused(lambda: ben.parts.assets.get(2, theirs)) is Code.ASSET_UNKNOWN
        assert (catalogue.releases(2), catalogue.tracks(2)) == ([], [])
        assert refused(lambda: catalogue.release(2, uuid4())) is Code.RELEASE_UNKNOWN
        mine = ben.create().row.id
        assert mine != release, "two labels may have the same barcode"


def test_a_release_has_a_limit_of_tracks(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.flow.catalogue.MOST_TRACKS", 1)
    they = Integrator(on)
    release = they.whole()
    assert refused(lambda: they.add_track(release)) is Code.TOO_MANY_TRACKS
