"""Rows of delivery jobs."""

from __future__ import annotations

from datetime import timedelta

from ingest.store import catalogue
from ingest.store import delivery_jobs as jobs
from ingest.store.database import Store
from ingest.store.models import Package
from tests.store.rows import NOW, add_package


def test_jobs_wait_until_they_are_started_or_refused_and_belong_to_their_label(on_sqlite: Store) -> None:
    add_package(on_sqlite)
    with on_sqlite.transaction() as tx:
        release = catalogue.add_release(tx, 1, "one", "slug", {"releaseTitle": "A"}, NOW, None).release_id
        tx.get_one(Package, 1).release_id = release
        made = [
            jobs.add_job(tx, f"deljob_{n}", 1, release, jobs.SUBMIT, dsps, NOW + timedelta(n), scheduled=None, notes="")
            for n, dsps in enumerate((["alpha"], ["alpha", "beta"], ["beta"]))
        ]
        assert [one.id for one in jobs.waiting_jobs(tx, release)] == ["deljob_0", "deljob_1", "deljob_2"]
        jobs.start(made[0], NOW)
        jobs.refuse(made[1], "no")
        assert [one.id for one in jobs.waiting_jobs(tx, release)] == ["deljob_2"]
        assert jobs.job_of_delivery(tx, 1, "alpha") == "deljob_1"
        assert jobs.job_of_delivery(tx, 1, "gamma") is None
        assert jobs.find_job(tx, 2, "deljob_0") is None
        assert [one.id for one in jobs.jobs_of(tx, release)] == ["deljob_0", "deljob_1", "deljob_2"]
