"""What moderators decide of releases, before and after there is a package."""

from __future__ import annotations

import pytest

from ingest.core.catalogue_status import ReleaseStatus
from ingest.flow.errors import Code, Conflict
from ingest.store.deliveries import deliveries_of
from ingest.store.models import Notice
from tests.flow.integrators import KEY, Integrator
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def code(told: pytest.ExceptionInfo[Conflict]) -> Code:
    return told.value.code


def test_a_package_that_waits_for_qc_is_approved_for_the_stores_that_the_release_names(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole(distroStores=["ALPHA", "Nobody's Store"])
    they.judged(release)
    they.parts.moderation.approve(1, release, KEY, "Fine")
    seen = they.seen(release)
    assert seen.package is not None
    assert (seen.status, seen.package.status) == (ReleaseStatus.APPROVED, "QC Approved")
    assert seen.approved_at == on.clock()
    with on.app.store.reading() as tx:
        assert [one.dsp for one in deliveries_of(tx, seen.package.id)] == ["alpha"]
    they.parts.moderation.approve(1, release, KEY)
    assert len(they.parts.reports.history(1, release)) == 4, "approved again, nothing happens"


def test_stores_that_nobody_has_leave_those_agreed(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole(distroStores=["Spotify"])
    they.judged(release)
    they.parts.moderation.approve(1, release, KEY)
    package = they.seen(release).package
    assert package is not None
    with on.app.store.reading() as tx:
        assert [one.dsp for one in deliveries_of(tx, package.id)] == ["alpha", "beta"]


def test_a_draft_is_approved_and_rejected_and_taken_down_without_a_package(on: Stage) -> None:
    they = Integrator(on)
    release = they.create().row.id
    moderation = they.parts.moderation
    for decide, status in (
        (moderation.approve, ReleaseStatus.APPROVED),
        (moderation.reject, ReleaseStatus.REJECTED),
        (moderation.approve, ReleaseStatus.APPROVED),
        (moderation.take_down, ReleaseStatus.TAKEN_DOWN),
        (moderation.take_down, ReleaseStatus.TAKEN_DOWN),
    ):
        decide(1, release, KEY, "")
        assert they.seen(release).status is status
    for decide in (moderation.approve, moderation.reject):
        with pytest.raises(Conflict) as told:
            decide(1, release, KEY, "")
        assert code(told) is Code.RELEASE_TAKEN_DOWN


def test_an_approval_ahead_composes_at_once_and_is_carried_out_after_the_checks(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.parts.moderation.approve(1, release, KEY, "Go")
    assert they.compose(release, rested=False) == "composed"
    package = they.seen(release).package
    assert package is not None
    assert on.judge(package.id) == "Needs QC"
    assert f"decide:{package.id}:1" in [key for key, *_ in on.engine.due]
    assert they.parts.standing.carry_out(package.id) == "approved"
    assert they.parts.standing.carry_out(package.id) == "superseded"
    seen = they.seen(release)
    assert seen.package is not None
    assert (seen.status, seen.package.status, seen.row.decision) == (ReleaseStatus.APPROVED, "QC Approved", None)
    assert [one.who for one in they.parts.reports.history(1, release)][-2:] == ["key_1", "key_1"]


def test_a_rejection_ahead_reaches_the_label_with_its_notes(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.parts.moderation.reject(1, release, KEY, "The cover shows a logo.")
    assert they.judged(release) == "Needs QC"
    package = they.seen(release).package
    assert package is not None
    assert they.parts.standing.carry_out(package.id) == "rejected"
    assert they.seen(release).status is ReleaseStatus.REJECTED
    last = they.parts.reports.history(1, release)[-1]
    assert last.note == "The cover shows a logo."


def test_an_approval_ahead_ends_where_errors_are_found(on: Stage) -> None:
    they = Integrator(on)
    small = they.upload(b"\xff\xd8\xff" + bytes(100), "cover.jpg").id
    release = they.create(releasePhoto=small).row.id
    they.add_track(release)
    they.parts.moderation.approve(1, release, KEY)
    assert they.seen(release).status is ReleaseStatus.APPROVED
    assert they.judged(release) == "Invalid"
    assert they.seen(release).status is ReleaseStatus.REJECTED
    with pytest.raises(Conflict) as told:
        they.parts.moderation.approve(1, release, KEY)
    assert code(told) is Code.RELEASE_HAS_ERRORS


def test_a_lossy_file_blocks_an_approval_by_name(on: Stage) -> None:
    they = Integrator(on)
    lossy = they.upload(b"ID3\x04\0\0\0\0\0\0" + b"\xff\xfb\x90\0" * 500, "no-balance.mp3").id
    release = they.create().row.id
    they.add_track(release, trackAudio=lossy)
    with pytest.raises(Conflict) as told:
        they.parts.moderation.approve(1, release, KEY)
    assert told.value.values["errors"] == ("no-balance.mp3: MP3 is not lossless",)


def test_a_rejected_release_is_approved_after_all_by_a_new_package(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.judged(release)
    they.parts.moderation.reject(1, release, KEY, "No")
    they.parts.moderation.approve(1, release, KEY)
    assert they.seen(release).status is ReleaseStatus.APPROVED
    assert they.judged(release) == "Needs QC"
    package = they.seen(release).package
    assert package is not None
    assert package.folder.endswith("_v2")
    assert they.parts.standing.carry_out(package.id) == "approved"


def test_what_went_to_stores_is_not_rejected(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.judged(release)
    they.parts.moderation.approve(1, release, KEY)
    with pytest.raises(Conflict) as told:
        they.parts.moderation.reject(1, release, KEY, "Too late")
    assert code(told) is Code.RELEASE_LIVE


def test_a_takedown_is_left_to_ops_where_a_dsp_gets_packages_as_received(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole(distroStores=["Alpha", "Beta"])
    they.judged(release)
    they.parts.moderation.approve(1, release, KEY)
    assert on.deliver(1, "alpha") == "delivered"
    before = set(on.engine.keys())
    they.parts.moderation.take_down(1, release, KEY, "A sample was not cleared.")
    assert they.seen(release).status is ReleaseStatus.TAKEN_DOWN
    with on.app.store.reading() as tx:
        assert {one.dsp: one.state for one in deliveries_of(tx, 1)}["beta"] == "superseded", "nothing goes out any more"
        (alarm,) = [one for one in tx.query(Notice) if "taken down by hand" in str(one.details)]
    assert "alpha" in str(alarm.details)
    assert set(on.engine.keys()) > before
