"""Delivery jobs: submitted before and after the approval, redelivered, and how they stand."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from ingest.flow.errors import Code, CodedError
from ingest.store.deliveries import deliveries_of
from ingest.store.labels import find_label
from tests.flow.integrators import KEY, Integrator, audio
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def at(they: Integrator, release: UUID) -> dict[str, str]:
    return {one.dsp: one.status for one in they.parts.delivery_jobs.status(1, release)}


def test_a_job_of_a_draft_waits_for_the_checks_and_for_the_approval(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    job = they.parts.delivery_jobs.submit(1, release, ["Alpha"], KEY, "Priority", None)
    assert (they.parts.delivery_jobs.status_of(job), job.started_at) == ("queued", None)
    assert at(they, release) == {"alpha": "queued"}

    assert they.compose(release, rested=False) == "composed", "a submitted release does not wait for its rest"
    package = they.seen(release).package
    assert package is not None
    assert on.judge(package.id) == "Needs QC"
    assert they.parts.standing.carry_out(package.id) == "superseded"
    with on.app.store.reading() as tx:
        assert [(one.dsp, one.state, one.notes) for one in deliveries_of(tx, package.id)] == [
            ("alpha", "held", "Priority")
        ]
    they.parts.moderation.approve(1, release, KEY)
    assert on.deliver(package.id, "alpha") == "delivered"
    job = they.parts.delivery_jobs.job(1, job.id)
    assert (they.parts.delivery_jobs.status_of(job), at(they, release)) == ("completed", {"alpha": "delivered"})


def test_an_approved_release_goes_to_further_dsps_and_not_before_its_time(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.judged(release)
    they.parts.moderation.approve(1, release, KEY)
    later = on.clock() + timedelta(days=3)
    job = they.parts.delivery_jobs.submit(1, release, ["beta"], KEY, "", later)
    with on.app.store.reading() as tx:
        assert [(one.dsp, one.not_before) for one in deliveries_of(tx, 1)] == [("alpha", None), ("beta", later)]
    assert they.parts.delivery_jobs.status_of(job) == "queued"
    again = they.parts.delivery_jobs.submit(1, release, ["beta"], KEY, "", later)
    assert again.refused is None, "what is under way already is not refused"
    with on.app.store.reading() as tx:
        assert len(deliveries_of(tx, 1)) == 2


def test_what_cannot_be_asked_for_is_refused_by_name(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    jobs = they.parts.delivery_jobs

    def code(*names: str) -> Code:
        with pytest.raises(CodedError) as told:
            jobs.submit(1, release, names, KEY, "", None)
        return told.value.code

    assert code("Alpha", "Spotify") is Code.DSP_UNKNOWN
    with on.app.store.transaction() as tx:
        label = find_label(tx, "anna")
        assert label is not None
        label.dsps = ["alpha"]
    assert code("Beta") is Code.DSP_NOT_AGREED
    they.parts.moderation.take_down(1, release, KEY)
    assert code("Alpha") is Code.RELEASE_TAKEN_DOWN


def test_a_rejected_release_fails_its_job(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.parts.moderation.reject(1, release, KEY, "No")
    job = they.parts.delivery_jobs.submit(1, release, ["Alpha"], KEY, "", None)
    assert (they.parts.delivery_jobs.status_of(job), job.refused) == ("failed", "the release is rejected")


def test_a_changed_release_is_redelivered_after_a_new_review(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.judged(release)
    they.parts.moderation.approve(1, release, KEY)
    assert on.deliver(1, "alpha") == "delivered"
    they.parts.catalogue.update(1, release, lambda kept: {**kept, "genre": "Highlife"})
    job = they.parts.delivery_jobs.redeliver(1, release, (), KEY, "", None)
    assert (job.destinations, they.parts.delivery_jobs.status_of(job)) == (["alpha"], "queued")
    assert they.compose(release, rested=False) == "composed"
    second = they.seen(release).package
    assert second is not None
    assert on.judge(second.id) == "Needs QC"
    assert they.parts.standing.carry_out(second.id) == "superseded"
    on.app.review.approve(second.id, KEY)
    assert on.deliver(second.id, "alpha") == "delivered"


def test_an_unchanged_release_is_not_redelivered(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    with pytest.raises(CodedError):
        they.parts.delivery_jobs.status(2, release)
    they.judged(release)
    with pytest.raises(CodedError) as told:
        they.parts.delivery_jobs.redeliver(1, release, (), KEY, "", None)
    assert told.value.code is Code.NOT_AT_A_DSP


def test_a_users_token_sees_only_its_own_releases(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    assert they.parts.delivery_jobs.status(1, release, "user_1") == ()
    with pytest.raises(CodedError):
        they.parts.delivery_jobs.status(1, release, "user_2")


def test_a_submitted_release_goes_where_it_was_submitted_and_is_composed_when_its_last_file_is_there(on: Stage) -> None:
    they = Integrator(on)
    release = they.create(distroStores=["Alpha", "Beta"]).row.id
    song = they.upload(audio(), measured=False)
    they.add_track(release, trackAudio=song.id)
    they.parts.delivery_jobs.submit(1, release, ["Beta"], KEY, "", None)
    assert they.measure(song.id) == "processed"
    assert they.compose_owed(release) == on.clock(), "not after a rest: it was submitted"
    assert they.compose(release, rested=False) == "composed"
    assert on.judge(1) == "Needs QC"
    they.parts.standing.carry_out(1)
    they.parts.moderation.approve(1, release, KEY)
    with on.app.store.reading() as tx:
        assert [one.dsp for one in deliveries_of(tx, 1)] == ["beta"]
