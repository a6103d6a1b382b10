"""Shipments: made once from what was checked, sent until the DSP has them, in order, and never twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
import soundfile
from lxml import etree

from ingest.core.conversion import Conversion, Converted, Form, NotConverted
from ingest.core.sent_file import SentAudio, SentImage
from ingest.flow.errors import Refused
from ingest.store import shipments as rows
from ingest.store.deliveries import deliveries_of
from ingest.store.models import Package, Shipment
from tests.broken.change import edit
from tests.flow.scenes import alarms, status_of
from tests.lives import LATER, TAKEDOWNS, alone, whole
from tests.messages import BARCODE
from tests.stage import CONFIG, Stage, by, staged

pytestmark = pytest.mark.usefixtures("read_in_this_process")

TUBE = """
[ddex]
party_id = "PADPIDA2026010101N"
name = "InterSpace"
[dsp.tube]
path = "tube"
title = "Tube"
layout = "batch"
ern_version = "3.8.2"
recipients = { PADPIDA2013020802I = "Tube" }
[dsp.tube.contract]
models = ["SubscriptionModel", "PayAsYouGoModel", "AdvertisementSupportedModel"]
uses = ["OnDemandStream", "Stream", "NonInteractiveStream", "PermanentDownload"]
"""


def copied(conversions: Sequence[Conversion]) -> list[Converted | NotConverted]:
    """Files made without children: tracks as FLAC, covers as they are."""
    return [_copied(one) for one in conversions]


def _copied(one: Conversion) -> Converted:
    data = Path(one.source).read_bytes()
    made = _flac(data) if one.form is Form.FLAC else data
    Path(one.target).write_bytes(made)
    md5, sha1, sha256 = (hashlib.new(name, made).hexdigest() for name in ("md5", "sha1", "sha256"))
    audio = SentAudio("FLAC", 44100, 24, 2, 31.0) if one.form is Form.FLAC else None
    image = SentImage("JPEG", 3000, 3000) if one.form is Form.SRGB_JPEG else None
    return Converted(hashlib.sha256(data).hexdigest(), len(made), md5, sha1, sha256, audio, image)


@cache
def _flac(data: bytes) -> bytes:
    sound, rate = soundfile.read(BytesIO(data), dtype="int32")
    written = BytesIO()
    soundfile.write(written, sound, rate, subtype="PCM_24", format="FLAC")
    return written.getvalue()


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "tube").mkdir()
    with staged(tmp_path, config=CONFIG + TUBE, convert=copied) as there:
        yield there


def approved(on: Stage, folder: Path, *dsps: str) -> int:
    package = on.place(folder)
    on.judge(package)
    on.app.review.approve(package, by("ngozi"), dsps=dsps or ("tube",), anyway=True)
    return package


def tree(on: Stage) -> list[str]:
    root = on.directory("tube")
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def shipment(on: Stage, package: int) -> Shipment:
    with on.app.store.reading() as tx:
        (delivery,) = deliveries_of(tx, package)
        found = rows.shipment_of(tx, delivery.id)
    assert found is not None
    return found


def message(on: Stage, batch: str) -> etree._Element:
    return etree.parse(str(on.directory("tube") / batch / BARCODE / f"{BARCODE}.xml")).getroot()


def test_a_release_lands_as_a_batch_with_our_message_and_its_manifest_last(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"))
    assert on.deliver(package, "tube") == "delivered"
    made = shipment(on, package)
    assert tree(on) == [
        f"{made.batch_id}/{BARCODE}/{BARCODE}.xml",
        f"{made.batch_id}/{BARCODE}/resources/{BARCODE}_T1_SoundRecording_001_001.flac",
        f"{made.batch_id}/{BARCODE}/resources/{BARCODE}_T2_Image_001.jpg",
        f"{made.batch_id}/BatchComplete_{made.batch_id}.xml",
    ]
    root = message(on, made.batch_id)
    assert root.findtext("MessageHeader/MessageId") == made.message_id
    assert root.findtext("MessageHeader/MessageSender/PartyId") == "PADPIDA2026010101N"
    assert [one.text for one in root.iter("FileName")] == [
        f"{BARCODE}_T1_SoundRecording_001_001.flac",
        f"{BARCODE}_T2_Image_001.jpg",
    ]
    assert (made.kind, made.place, made.sent_at) == ("insert", 1, on.clock())
    assert status_of(on, package) == "Delivered to DSPs"


def test_an_attempt_that_is_repeated_sends_the_same_bytes_under_the_same_names(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = approved(on, whole(tmp_path, "One"))
    root = on.directory("tube")
    root.rename(tmp_path / "away")
    assert on.deliver(package, "tube") == "retry"
    (tmp_path / "away").rename(root)
    first = shipment(on, package)
    assert first.built_at is not None
    on.clock.advance(hours=1)
    assert on.deliver(package, "tube", attempt=2) == "delivered"
    again = shipment(on, package)
    assert (again.batch_id, again.message_id, again.created_at) == (first.batch_id, first.message_id, first.created_at)
    assert message(on, first.batch_id).findtext("MessageHeader/MessageId") == first.message_id


@pytest.mark.parametrize("name", ["message.xml", "manifest.xml", "files/{}"])
def test_a_frozen_shipment_whose_bytes_changed_is_never_sent(on: Stage, tmp_path: Path, name: str) -> None:
    package = approved(on, whole(tmp_path, "One"))
    root = on.directory("tube")
    root.rename(tmp_path / "away")
    assert on.deliver(package, "tube") == "retry"
    (tmp_path / "away").rename(root)
    folder = on.app.storage.shipment(1)
    changed = folder / name.format(f"resources/{BARCODE}_T1_SoundRecording_001_001.flac")
    frozen = changed.read_bytes()
    changed.chmod(0o600)
    changed.write_bytes(frozen[:-1] + bytes([frozen[-1] ^ 1]))
    assert on.deliver(package, "tube", attempt=2) == "failed"
    assert tree(on) == []
    with on.app.store.reading() as tx:
        (delivery,) = deliveries_of(tx, package)
    assert delivery.fault is not None
    assert delivery.fault.startswith(f"{changed} has SHA-256 {hashlib.sha256(changed.read_bytes()).hexdigest()} where ")
    changed.write_bytes(frozen)
    on.app.review.retry(package, by("ngozi"))
    assert on.deliver(package, "tube", run=2) == "delivered"


def test_an_update_without_files_is_a_message_alone_and_younger(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"))
    on.deliver(package, "tube")
    update = approved(on, alone(tmp_path, "Two", edit(LATER), edit(("Afrobeats", "Highlife"))))
    assert on.deliver(update, "tube") == "delivered"
    first, second = shipment(on, package), shipment(on, update)
    assert (second.kind, second.place) == ("metadata-update", 2)
    assert second.created_at > first.created_at
    assert [path for path in tree(on) if path.startswith(second.batch_id)] == [
        f"{second.batch_id}/{BARCODE}/{BARCODE}.xml",
        f"{second.batch_id}/BatchComplete_{second.batch_id}.xml",
    ]
    root = message(on, second.batch_id)
    assert root.find(".//FileName") is None
    thread = [message(on, one.batch_id).findtext("MessageHeader/MessageThreadId") for one in (first, second)]
    assert thread[0] == thread[1]


def test_a_takedown_describes_what_the_dsp_has_and_offers_nothing(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"))
    on.deliver(package, "tube")
    down = approved(on, alone(tmp_path, "Two", TAKEDOWNS["no deal list"], edit(LATER)))
    assert on.deliver(down, "tube") == "delivered"
    made = shipment(on, down)
    root = message(on, made.batch_id)
    assert (made.kind, root.find("DealList")) == ("takedown", None)
    assert root.findtext("ReleaseList/Release/ReleaseId/ICPN") == BARCODE


def test_a_newer_package_waits_while_an_older_one_of_the_release_is_owed(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"))
    update = on.place(whole(tmp_path, "Two", edit(LATER), edit(("Afrobeats", "Highlife"))))
    on.judge(update)
    on.app.review.approve(update, by("ngozi"), dsps=("tube",), anyway=True)
    assert on.deliver(update, "tube") == "waits"
    assert alarms(on) == []
    with on.app.store.reading() as tx:
        (delivery,) = deliveries_of(tx, update)
        assert delivery.fault == f"it waits for the delivery of package {package} to the same DSP, which is older"
    assert tree(on) == []
    assert on.deliver(package, "tube") == "delivered"
    assert on.engine.due[-1] == (f"deliver:{update}:tube:2:1", (update, "tube", 2, 1), 0.0)
    assert on.deliver(update, "tube", run=1, attempt=2) == "superseded"
    assert on.deliver(update, "tube", run=2) == "delivered"
    assert [shipment(on, one).place for one in (package, update)] == [1, 2]


def test_what_the_contract_does_not_cover_is_not_approved_and_never_delivered(on: Stage, tmp_path: Path) -> None:
    wide = on.app.config.dsp["tube"]
    contract = wide.contract
    assert contract is not None
    narrow = on.app.config.dsp["tube"].model_copy(
        update={"contract": contract.model_copy(update={"models": ("RightsClaimModel",)})}
    )
    on.app.config.dsp["tube"] = narrow
    with pytest.raises(Refused, match=r"^nothing-for-dsp: .*the deal for the release is for ") as caught:
        approved(on, whole(tmp_path, "Before"))
    assert (caught.value.values["dsp"], tree(on)) == ("tube", [])
    on.app.config.dsp["tube"] = wide
    package = approved(on, whole(tmp_path, "One"))
    on.app.config.dsp["tube"] = narrow
    assert on.deliver(package, "tube") == "failed"
    with on.app.store.reading() as tx:
        (delivery,) = deliveries_of(tx, package)
    assert delivery.fault is not None
    assert delivery.fault.startswith("there is nothing to send to this DSP any more: the deal for the release is for ")
    assert alarms(on) == [f"delivery of package {package} to tube failed for good"]
    assert tree(on) == []


@pytest.mark.parametrize(("permanent", "ends"), [(False, "retry"), (True, "failed")])
def test_files_that_cannot_be_made_are_tried_again_or_not(
    on: Stage, tmp_path: Path, permanent: bool, ends: str
) -> None:
    def fail(conversions: Sequence[Conversion]) -> list[Converted | NotConverted]:
        return [NotConverted("the disk is full", permanent) for _ in conversions]

    object.__setattr__(on.app.deliveries, "shipments", replace(on.app.deliveries.shipments, convert=fail))
    package = approved(on, whole(tmp_path, "One"))
    assert on.deliver(package, "tube") == ends
    assert shipment(on, package).built_at is None
    assert tree(on) == []


def test_a_child_that_crashes_three_times_in_the_same_way_is_given_up(on: Stage, tmp_path: Path) -> None:
    reasons = iter(["01.wav: SIGSEGV", "01.wav: SIGKILL", *["01.wav: SIGSEGV"] * 4])

    def crash(conversions: Sequence[Conversion]) -> list[Converted | NotConverted]:
        return [NotConverted(reason, permanent=False, is_crash=True) for reason in [next(reasons)] for _ in conversions]

    object.__setattr__(on.app.deliveries, "shipments", replace(on.app.deliveries.shipments, convert=crash))
    package = approved(on, whole(tmp_path, "One"))
    ended = [on.deliver(package, "tube", attempt=attempt) for attempt in range(1, 6)]
    assert ended == ["retry", "retry", "retry", "retry", "failed"]
    assert alarms(on)[-1] == f"delivery of package {package} to tube failed for good"
    assert tree(on) == []


def test_a_package_belongs_to_the_release_of_its_shipment(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"))
    on.deliver(package, "tube")
    with on.app.store.reading() as tx:
        row = tx.get_one(Package, package)
        assert shipment(on, package).release_id == row.release_id


def test_the_media_of_a_shipment_are_removed_a_week_after_it_was_sent_and_its_message_stays(
    on: Stage, tmp_path: Path
) -> None:
    on.deliver(approved(on, whole(tmp_path, "One")), "tube")
    folder = on.app.storage.shipment(1)
    on.clock.advance(days=6)
    on.app.maintenance.prune()
    assert sorted(path.name for path in folder.iterdir()) == ["files", "manifest.xml", "message.xml"]
    on.clock.advance(days=2)
    for _ in range(2):
        on.app.maintenance.prune()
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.xml", "message.xml"]
    assert list(on.app.storage.shipments()) == [1]
