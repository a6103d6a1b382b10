"""Shipments are judged before they leave: what our own rules refuse is not sent, and ops hear why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ingest.core.conversion import Conversion, Converted, NotConverted
from ingest.core.delivery_kind import DeliveryKind
from ingest.core.finding import Finding, Severity
from ingest.core.release import Release
from ingest.flow import shipments
from ingest.flow.shipment_check import NotChecked, told
from ingest.outbound.ern.outgoing import Outgoing
from ingest.outbound.ern.versions import write
from ingest.readers.fork_client import Failure
from ingest.readers.pool import Pool
from tests.broken.change import edit
from tests.flow.scenes import alarms
from tests.flow.test_shipments import TUBE, approved, copied, shipment, tree
from tests.lives import LATER, TAKEDOWNS, alone, whole
from tests.messages import BARCODE
from tests.stage import CONFIG, Stage, staged

pytestmark = pytest.mark.usefixtures("read_in_this_process")

PURGES = TUBE.replace('layout = "batch"', 'layout = "batch"\ntakedown = "purge"')


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "tube").mkdir()
    with staged(tmp_path, config=CONFIG + PURGES, convert=copied) as there:
        yield there


def test_a_purge_and_an_update_pass_as_what_they_are(on: Stage, tmp_path: Path) -> None:
    on.deliver(approved(on, whole(tmp_path, "One")), "tube")
    update = approved(on, alone(tmp_path, "Two", edit(LATER), edit(("Afrobeats", "Highlife"))))
    assert on.deliver(update, "tube") == "delivered"
    down = approved(on, alone(tmp_path, "Down", TAKEDOWNS["no deal list"], edit(("20T10:00:00", "23T10:00:00"))))
    assert on.deliver(down, "tube") == "delivered"
    assert [shipment(on, one).kind for one in (update, down)] == ["metadata-update", "takedown"]


def test_a_message_of_ours_that_our_rules_refuse_is_not_sent(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_barcode(version: str, outgoing: Outgoing, *, is_purge: bool) -> bytes:
        return write(version, replace(outgoing, release=replace(outgoing.release, barcode=None)), is_purge=is_purge)

    package = approved(on, whole(tmp_path, "One"))
    monkeypatch.setattr(shipments, "write", without_barcode)
    assert on.deliver(package, "tube") == "failed"
    assert alarms(on) == [f"delivery of package {package} to tube failed for good"]
    assert (tree(on), list(on.app.storage.shipment(1).iterdir())) == ([], [])
    fault = on.app.views.package(package).deliveries[0].fault
    assert fault is not None
    assert fault.startswith("what was made for this DSP does not pass our own checks (ERN-001: ")
    assert fault.endswith("this is an error of ours; report it with the shipment's number")


def test_a_track_that_was_made_wrong_is_not_sent(on: Stage, tmp_path: Path) -> None:
    def cut(conversions: Sequence[Conversion]) -> list[Converted | NotConverted]:
        made = copied(conversions)
        for one in conversions:
            if one.target.endswith(".flac"):
                Path(one.target).write_bytes(Path(one.target).read_bytes()[:100_000])
        return made

    object.__setattr__(on.app.deliveries, "shipments", replace(on.app.deliveries.shipments, convert=cut))
    package = approved(on, whole(tmp_path, "One"))
    assert on.deliver(package, "tube") == "failed"
    assert tree(on) == []


def test_what_cannot_be_read_is_tried_again(on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = approved(on, whole(tmp_path, "One"))
    with monkeypatch.context() as broken:
        broken.setattr(Pool, "read", lambda self, requests, *_, **__: [Failure("the disk is broken")] * len(requests))
        assert on.deliver(package, "tube") == "retry"
    assert tree(on) == []
    assert on.deliver(package, "tube", attempt=2) == "delivered"


def test_a_folder_that_is_gone_is_not_judged(on: Stage, tmp_path: Path) -> None:
    check = on.app.deliveries.shipments.check
    with pytest.raises(NotChecked, match="could not be listed"):
        check.errors(tmp_path / "gone", BARCODE, Release(), DeliveryKind.INSERT, date(2026, 3, 23))


def test_five_errors_are_told_and_how_many_more_there_are() -> None:
    codes = [f"ERN-00{number}" for number in range(1, 8)]
    every = [Finding(one, Severity.ERROR, None, None, None, None, None, None, f"text of {one}", "") for one in codes]
    assert told(every[:1]) == "ERN-001: text of ERN-001"
    assert told(every).endswith("; ERN-005: text of ERN-005 and 2 more")
