"""Shipments as rows: one for each delivery, in order for each release and DSP, with identifiers that never return."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from ingest.core.outcome import Done, Failed
from ingest.core.release import Release
from ingest.outbound.dsp.layouts import next_batch_id
from ingest.store.database import Store
from ingest.store.deliveries import end_delivery, get_delivery, owe_delivery
from ingest.store.models import Delivery, Package, Shipment
from ingest.store.releases import assign_release
from ingest.store.shipments import (
    OtherShipment,
    add_shipment,
    last_sent,
    last_sent_of,
    older_owed,
    record_built,
    record_sent,
    shipment_of,
    shipments_to,
)
from tests.store.rows import NOW, add_package

LATER = NOW + timedelta(minutes=1)


def owed(store: Store, name: str, dsp: str = "beta", barcode: str = "5034567890120") -> int:
    """A package of the release with this barcode, owed to a DSP; its number."""
    package = add_package(store, name)
    with store.transaction() as tx:
        assign_release(tx, tx.get_one(Package, package), Release(barcode=barcode), NOW)
        owe_delivery(tx, package, dsp, NOW)
    return package


def delivery(tx: Session, package: int, dsp: str = "beta") -> Delivery:
    found = get_delivery(tx, package, dsp)
    assert found is not None
    return found


def made(tx: Session, package: int, dsp: str = "beta") -> Shipment:
    return add_shipment(tx, delivery(tx, package, dsp), "insert", {"has_files": True}, NOW, next_batch_id)


def test_shipments_of_a_release_stand_in_order_and_each_is_younger_than_the_one_before(store: Store) -> None:
    first, second = owed(store, "One"), owed(store, "Two")
    with store.transaction() as tx:
        one, two = made(tx, first), made(tx, second)
        assert [(row.place, row.kind, row.plan, row.sent_at) for row in (one, two)] == [
            (1, "insert", {"has_files": True}, None),
            (2, "insert", {"has_files": True}, None),
        ]
        assert (one.created_at, two.created_at) == (NOW, NOW + timedelta(milliseconds=1))
        assert (one.batch_id, two.batch_id) == ("20260323120000000", "20260323120000001")
        assert one.message_id != two.message_id
        assert list(shipments_to(tx, delivery(tx, first))) == [one, two]
        assert shipment_of(tx, delivery(tx, second).id) is two


def test_batches_of_a_dsp_are_numbered_over_all_releases_and_others_begin_anew(store: Store) -> None:
    first, second = owed(store, "One"), owed(store, "Two", barcode="036000291452")
    third = owed(store, "Three", dsp="alpha")
    with store.transaction() as tx:
        rows = made(tx, first), made(tx, second), made(tx, third, "alpha")
        assert [(row.place, row.batch_id) for row in rows] == [
            (1, "20260323120000000"),
            (1, "20260323120000001"),
            (1, "20260323120000000"),
        ]


def test_a_dsp_has_the_last_shipment_that_was_sent(store: Store) -> None:
    first, second = owed(store, "One"), owed(store, "Two")
    with store.transaction() as tx:
        one = made(tx, first)
        assert last_sent(tx, delivery(tx, second)) is None
        record_built(tx, one.id, {"files": []}, NOW)
        record_sent(tx, delivery(tx, first).id, LATER)
        made(tx, second)
        assert (one.built_at, one.files, one.sent_at) == (NOW, {"files": []}, LATER)
        assert last_sent(tx, delivery(tx, second)) is one
        assert last_sent_of(tx, tx.get_one(Package, second), "beta") is one
        assert last_sent_of(tx, tx.get_one(Package, second), "alpha") is None
        record_sent(tx, 999, LATER)


def test_the_delivery_before_is_one_of_the_same_release_and_dsp_that_is_still_owed(store: Store) -> None:
    first, other = owed(store, "One"), owed(store, "Other", barcode="036000291452")
    owed(store, "Elsewhere", dsp="alpha")
    second = owed(store, "Two")
    with store.transaction() as tx:
        before = older_owed(tx, delivery(tx, second))
        assert (before and before.package_id, older_owed(tx, delivery(tx, first))) == (first, None)
        assert older_owed(tx, delivery(tx, other)) is None
        end_delivery(tx, delivery(tx, first), Done(), NOW)
        assert older_owed(tx, delivery(tx, second)) is None


def test_a_delivery_that_failed_for_good_is_not_waited_for(store: Store) -> None:
    first, second = owed(store, "One"), owed(store, "Two")
    with store.transaction() as tx:
        end_delivery(tx, delivery(tx, first), Failed("x", permanent=True), NOW)
        assert older_owed(tx, delivery(tx, second)) is None


def test_a_delivery_has_one_shipment(store: Store) -> None:
    package = owed(store, "One")
    with store.transaction() as tx:
        made(tx, package)
        with pytest.raises(OtherShipment):
            made(tx, package)
