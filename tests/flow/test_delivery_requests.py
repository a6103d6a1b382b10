"""Releases that people deliver to more DSPs, and redeliver."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.flow.errors import Code, CodedError, Conflict, NotFound
from ingest.store import packages
from ingest.store.decisions import decisions_on_package
from tests.broken.change import edit
from tests.flow.releases import deliver_all, media, stand, two_dsps
from tests.flow.scenes import status_of
from tests.flow.test_shipments import approved
from tests.lives import LATER, TAKEDOWNS, alone, whole
from tests.messages import BARCODE
from tests.stage import Stage, by

pytestmark = pytest.mark.usefixtures("read_in_this_process")

NGOZI = by("ngozi")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with two_dsps(tmp_path) as there:
        yield there


@pytest.fixture
def sent(on: Stage, tmp_path: Path) -> int:
    """A package that `tube` was sent."""
    package = approved(on, whole(tmp_path, "One"))
    assert deliver_all(on) == ["delivered"]
    return package


def refusal(on: Stage, what: str, *dsps: str, release: str = BARCODE) -> tuple[Code, dict[str, object]]:
    requests = on.app.delivery_requests
    with pytest.raises(CodedError) as caught:
        requests.submit(release, dsps, NGOZI) if what == "submit" else requests.redeliver(release, NGOZI, dsps)
    return caught.value.code, dict(caught.value.values)


def test_an_approved_release_goes_to_another_dsp_whole(on: Stage, sent: int) -> None:
    ordered = on.app.delivery_requests.submit(BARCODE, ["wave"], NGOZI, "Priority")
    assert [(one.dsp, one.state.value, one.notes) for one in ordered.deliveries] == [("wave", "queued", "Priority")]
    assert (ordered.package, status_of(on, sent)) == (sent, "Delivered to DSPs")
    assert deliver_all(on) == ["delivered"]
    assert stand(on, sent) == [("tube", "deliver", "sent"), ("wave", "deliver", "sent")]
    assert media(on, "wave") == [2]
    with on.app.store.reading() as tx:
        last = decisions_on_package(tx, sent)[-1]
    assert (last.kind, last.who, last.note, last.details) == ("deliver", "ngozi", "Priority", {"dsps": ["wave"]})


def test_what_waits_for_qc_is_held_until_it_is_approved(on: Stage, tmp_path: Path) -> None:
    package = on.place(whole(tmp_path, "One"))
    on.judge(package)
    at = on.clock() + timedelta(days=1)
    held = on.app.delivery_requests.submit(str(package), ["wave"], NGOZI, not_before=at)
    assert [(one.state.value, one.not_before) for one in held.deliveries] == [("held", at)]
    assert [key for key, _, _ in on.engine.due if key.startswith("deliver:")] == []
    assert refusal(on, "submit", "wave")[0] is Code.DELIVERY_UNDER_WAY
    assert on.app.review.approve(package, NGOZI, dsps=["tube"]) == ("tube", "wave")
    due = {key: delay for key, _, delay in on.engine.due if key.startswith("deliver:")}
    assert due == {f"deliver:{package}:tube:1:1": 0.0, f"deliver:{package}:wave:1:1": 86400.0}


def test_what_was_held_goes_nowhere_when_the_package_is_rejected(on: Stage, tmp_path: Path) -> None:
    package = on.place(whole(tmp_path, "One"))
    on.judge(package)
    on.app.delivery_requests.submit("One", ["wave"], NGOZI)
    on.app.review.reject(package, NGOZI, "No.")
    (line,) = on.app.views.package(package).deliveries
    assert (line.state.value, line.fault) == ("failed", "the package is QC Rejected")
    with pytest.raises(Conflict, match="nothing-failed"):
        on.app.review.retry(package, NGOZI)
    assert refusal(on, "submit", "wave") == (Code.NOT_DELIVERABLE, {"package": package, "status": "QC Rejected"})


def test_what_cannot_be_delivered_is_refused_with_the_reason(on: Stage, sent: int) -> None:
    assert refusal(on, "submit", "tube") == (Code.DSP_HAS_IT, {"dsp": "tube"})
    assert refusal(on, "submit", "gamma")[0] is Code.DSP_UNKNOWN
    assert refusal(on, "submit", "tube", release="4006381333931")[0] is Code.RELEASE_UNKNOWN
    assert refusal(on, "redeliver", "wave") == (Code.DSP_HAS_IT_NOT, {"dsp": "wave"})
    assert refusal(on, "redeliver") == (Code.NOTHING_CHANGED, {"release": BARCODE})
    on.app.delivery_requests.submit(BARCODE, ["wave"], NGOZI)
    assert refusal(on, "submit", "wave") == (Code.DELIVERY_UNDER_WAY, {"package": sent, "dsp": "wave"})
    assert isinstance(NotFound("release", "x"), CodedError)


def test_a_redelivery_sends_what_an_update_left_out_at_one_dsp(on: Stage, sent: int, tmp_path: Path) -> None:
    on.app.delivery_requests.submit(BARCODE, ["wave"], NGOZI)
    deliver_all(on)
    update = approved(on, alone(tmp_path, "Two", edit(LATER), edit(("Afrobeats", "Highlife"))), "tube")
    assert deliver_all(on) == ["delivered"]
    ordered = on.app.delivery_requests.redeliver(BARCODE, NGOZI)
    assert [(one.package, one.dsp, one.purpose.value) for one in ordered.deliveries] == [(update, "wave", "redeliver")]
    assert deliver_all(on) == ["delivered"]
    assert [one.kind for one in on.app.views.package(update).deliveries] == ["metadata-update", "metadata-update"]
    assert media(on, "wave") == [2, 0]


def test_the_whole_release_is_sent_once_more_where_somebody_insists(on: Stage, sent: int) -> None:
    on.app.delivery_requests.redeliver(str(sent), NGOZI, whole=True)
    assert deliver_all(on) == ["delivered"]
    assert [(one.number, one.kind) for one in on.app.views.package(sent).deliveries] == [
        (1, "insert"),
        (2, "asset-update"),
    ]
    assert media(on, "tube") == [2, 2]


def test_a_package_as_received_is_sent_again_under_another_name(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"), "alpha")
    deliver_all(on)
    on.app.delivery_requests.redeliver(BARCODE, NGOZI)
    assert deliver_all(on) == ["delivered"]
    assert sorted(path.name for path in on.directory("alpha").iterdir()) == [
        f"{BARCODE}_{package}",
        f"{BARCODE}_{package}_2",
    ]


def test_a_release_that_its_label_took_down_is_offered_again(on: Stage, sent: int, tmp_path: Path) -> None:
    down = approved(on, alone(tmp_path, "Down", TAKEDOWNS["no deal list"], edit(LATER)))
    deliver_all(on)
    assert (status_of(on, sent), status_of(on, down)) == ("Taken Down", "Delivered to DSPs")
    on.app.delivery_requests.redeliver(BARCODE, NGOZI)
    assert deliver_all(on) == ["delivered"]
    (_, again) = on.app.views.package(sent).deliveries
    assert (again.kind, again.state.value, status_of(on, sent)) == ("reinstatement", "sent", "Delivered to DSPs")
    with on.app.store.reading() as tx:
        assert [one.new for one in packages.changes_of(tx, sent)][-2:] == ["Taken Down", "Delivered to DSPs"]
