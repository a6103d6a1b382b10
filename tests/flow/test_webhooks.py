"""Webhooks are owed in the transaction of what happened, once, with the bodies of the guide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ingest.core.webhook import WebhookEvent
from ingest.store import deliveries, packages
from ingest.store.delivery_jobs import add_job
from ingest.store.models import Package
from tests.flow.hooks import Hooked, hooked
from tests.flow.integrators import KEY, Integrator
from tests.packages import Good, write_good
from tests.stage import START, by

pytestmark = pytest.mark.usefixtures("read_in_this_process")

AT = "2026-03-23T12:00:00Z"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Hooked]:
    with hooked(tmp_path) as there:
        yield there


def told(there: Hooked, event: str) -> list[dict[str, Any]]:
    return [body["data"] for body in there.bodies() if body["event"] == event]


def delivered(there: Hooked, tmp_path: Path) -> int:
    """A single that was approved for two DSPs, of which one has it and the other one never will."""
    on = there.on
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    assert on.judge(package) == "Needs QC"
    on.app.review.approve(package, by("ngozi"))
    assert on.deliver(package, "alpha") == "delivered"
    on.directory("beta").rmdir()
    on.clock.advance(days=8)
    assert on.deliver(package, "beta") == "failed"
    on.clock.advance(days=-8)
    return package


def test_every_change_of_a_status_is_told_with_both_words_for_it(there: Hooked, tmp_path: Path) -> None:
    package = there.on.place(write_good(tmp_path / "label", Good.SINGLE))
    there.on.judge(package)
    there.on.app.review.reject(package, by("ngozi"), "No.")
    with there.on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
    assert row is not None and row.release_id is not None
    known = {"packageName": row.folder, "timestamp": AT}
    read = {"releaseId": str(row.release_id), "upcCode": row.barcode}
    assert told(there, "release.updated") == [
        {"releaseId": None, "status": "Pending", "ingestStatus": "Incoming", "upcCode": None, **known},
        {**read, "status": "Pending", "ingestStatus": "Needs QC", **known},
        {**read, "status": "Rejected", "ingestStatus": "QC Rejected", **known},
    ]
    assert list(told(there, "release.updated")[1]) == [
        "releaseId",
        "status",
        "ingestStatus",
        "upcCode",
        "packageName",
        "timestamp",
    ]


def test_every_change_of_a_delivery_is_told(there: Hooked, tmp_path: Path) -> None:
    package = delivered(there, tmp_path)
    with there.on.app.store.reading() as tx:
        release = str(tx.get_one(Package, package).release_id)
    said = [(one["provider"], one["status"]) for one in told(there, "delivery.update")]
    assert sorted(said) == [("alpha", "delivered"), ("alpha", "queued"), ("beta", "failed"), ("beta", "queued")]
    first = next(one for one in told(there, "delivery.update") if one["provider"] == "alpha")
    assert list(first.items()) == [
        ("deliveryJobId", None),
        ("releaseId", release),
        ("provider", "alpha"),
        ("status", "queued"),
        ("timestamp", AT),
    ]


def test_an_approved_package_is_told_as_approved_until_the_end(there: Hooked, tmp_path: Path) -> None:
    package = there.on.place(write_good(tmp_path / "label", Good.SINGLE))
    there.on.judge(package)
    there.on.app.review.approve(package, by("ngozi"))
    for dsp in ("alpha", "beta"):
        there.on.deliver(package, dsp)
    said = [(one["status"], one["ingestStatus"]) for one in told(there, "release.updated")]
    assert said[2:] == [("Approved", "QC Approved"), ("Approved", "Delivered to DSPs")]


def test_a_delivery_of_a_job_names_it_and_one_that_was_superseded_is_not_told(there: Hooked, tmp_path: Path) -> None:
    package = delivered(there, tmp_path)
    with there.on.app.store.transaction() as tx:
        row = deliveries.get_delivery(tx, package, "alpha")
        found = tx.get(Package, package)
        assert row is not None and found is not None and found.release_id is not None
        later = START + timedelta(seconds=1)
        add_job(tx, "deljob_1", 1, found.release_id, "submit", ["alpha"], later, scheduled=None, notes="")
        for _ in range(2):
            there.on.app.webhooks.delivery_update(tx, row, later)
        row.state = "superseded"
        there.on.app.webhooks.delivery_update(tx, row, later)
    assert [one["deliveryJobId"] for one in told(there, "delivery.update")].count("deljob_1") == 1


def test_a_decision_before_the_package_is_told_and_shown_while_it_stands(there: Hooked) -> None:
    they = Integrator(there.on)
    release = they.whole()
    they.parts.moderation.approve(1, release, KEY)
    assert they.compose(release, rested=False) == "composed"
    package = they.seen(release).package
    assert package is not None
    assert there.on.judge(package.id) == "Needs QC"
    they.parts.standing.carry_out(package.id)
    they.parts.moderation.take_down(1, release, KEY, "Wrong sample")
    said = [(one["status"], one["ingestStatus"]) for one in told(there, "release.updated")]
    assert ("Approved", None) in said, "before there is a package"
    assert ("Approved", "Needs QC") in said, "the approval stands while the package waits for it"
    assert "Taken Down" in [status for status, _ in said]


def test_a_release_without_a_package_is_told_of_too(there: Hooked) -> None:
    release = uuid4()
    with there.on.app.store.transaction() as tx:
        for _ in range(2):
            told_of = ("Taken Down", None, "5034567890120", None)
            there.on.app.webhooks.release_changed(tx, 1, release, told_of, "takedown:1", START)
    assert told(there, "release.updated") == [
        {
            "releaseId": str(release),
            "status": "Taken Down",
            "ingestStatus": None,
            "upcCode": "5034567890120",
            "packageName": None,
            "timestamp": AT,
        }
    ]


def test_an_asset_and_a_payout_are_told_once(there: Hooked) -> None:
    with there.on.app.store.transaction() as tx:
        for _ in range(2):
            there.on.app.webhooks.asset_processed(tx, 1, "file_1", "processed", 222_000, START)
            there.on.app.webhooks.asset_processed(tx, 1, "file_2", "processed", None, START)
            there.on.app.webhooks.royalty_credited(tx, 1, "po_1", 1234.56, "EUR", START)
    assert sorted(row.body for row in there.owed()) == [
        '{"event":"asset.processed","data":{"assetId":"file_1","status":"processed","durationMs":222000}}',
        '{"event":"asset.processed","data":{"assetId":"file_2","status":"processed","durationMs":null}}',
        '{"event":"royalty.credited","data":{"payoutId":"po_1","amount":1234.56,"currency":"EUR"}}',
    ]


def test_each_endpoint_gets_a_webhook_of_its_own_and_of_what_it_wants(there: Hooked) -> None:
    endpoints = there.on.app.webhook_endpoints
    other, _ = endpoints.add("anna", there.receiver.url, ("royalty.credited",), by("ops"))
    endpoints.add("anna", there.receiver.url, ("asset.processed",), by("ops"))
    there.on.engine.due.clear()
    owed = endpoints.send_royalty("anna", "po_1", 1, "EUR", by("ops"))
    rows = {row.id: row.endpoint_id for row in there.owed()}
    assert set(rows) == set(owed) and sorted(rows.values()) == sorted([there.endpoint, other.id])
    assert all(re.fullmatch(r"msg_[0-9A-HJKMNP-TV-Z]{26}", name) for name in owed)
    assert {key for key, _, _ in there.on.engine.due} == {f"webhook:{name}:1:1" for name in owed}


def test_what_a_disabled_endpoint_misses_is_kept_and_not_sent(there: Hooked) -> None:
    there.on.app.webhook_endpoints.disable(there.endpoint, by("ops"))
    there.on.engine.due.clear()
    with there.on.app.store.transaction() as tx:
        owed = there.on.app.webhooks.owe(tx, 1, WebhookEvent.ROYALTY_CREDITED, "x", {}, START)
    (row,) = there.owed()
    assert (owed, there.on.engine.due) == ((), [])
    assert (row.state, row.fault) == ("failed", "the endpoint was disabled")


def test_nothing_is_owed_where_what_happened_is_rolled_back_or_nobody_listens(there: Hooked, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), there.on.app.store.transaction() as tx:
        there.on.app.webhooks.royalty_credited(tx, 1, "po_1", 1, "EUR", START)
        raise ZeroDivisionError
    there.on.app.webhook_endpoints.remove(there.endpoint, by("ops"))
    there.on.place(write_good(tmp_path / "label", Good.SINGLE))
    assert there.owed() == []
