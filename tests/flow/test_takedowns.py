"""Releases that a person takes down: at the DSPs that have them, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.flow.errors import Code, CodedError
from ingest.store.decisions import decisions_on_package
from ingest.store.models import Notice
from tests.flow.releases import deliver_all, messages, stand, told, two_dsps
from tests.flow.scenes import status_of
from tests.flow.test_shipments import approved
from tests.lives import whole
from tests.messages import BARCODE
from tests.stage import Stage, by

pytestmark = pytest.mark.usefixtures("read_in_this_process")

NGOZI = by("ngozi")
WHY = "The rights to track 1 are disputed."
KINDS = ("takedown", "takedown-ordered", "taken-down")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with two_dsps(tmp_path) as there:
        yield there


@pytest.fixture
def sent(on: Stage, tmp_path: Path) -> int:
    """A package that both DSPs were sent."""
    package = approved(on, whole(tmp_path, "One"), "tube", "wave")
    assert deliver_all(on) == ["delivered", "delivered"]
    return package


def at_providers(on: Stage) -> dict[str, str]:
    """How the release stands at each DSP, as integrators read it."""
    (release,) = on.app.parts.catalogue.releases(1)
    return {one.dsp: one.status for one in on.app.parts.delivery_jobs.status(1, release.id)}


def test_a_takedown_tells_every_dsp_that_has_the_release_and_then_it_is_taken_down(on: Stage, sent: int) -> None:
    done = on.app.takedowns.takedown(BARCODE, NGOZI, WHY)
    assert [(one.dsp, one.purpose.value) for one in done.deliveries] == [("tube", "takedown"), ("wave", "takedown")]
    assert on.engine.priorities[f"deliver:{sent}:tube:2:1:1"] == 1
    assert at_providers(on) == {"tube": "delivered", "wave": "delivered"}
    assert status_of(on, sent) == "Delivered to DSPs"
    assert deliver_all(on) == ["delivered", "delivered"]
    assert stand(on, sent) == [
        *(("tube", "deliver", "taken down"), ("tube", "takedown", "sent")),
        *(("wave", "deliver", "taken down"), ("wave", "takedown", "sent")),
    ]
    assert [root.find("DealList") is None for root in messages(on, "tube")] == [False, True]
    assert status_of(on, sent) == "Taken Down"
    assert on.app.delivery_views.of_release(BARCODE).at_dsps == {"tube": "taken down", "wave": "taken down"}
    assert at_providers(on) == {"tube": "taken_down", "wave": "taken_down"}
    assert told(on, *KINDS) == [("takedown", "label"), ("takedown-ordered", "qc"), ("taken-down", "label")]
    with on.app.store.reading() as tx:
        last = decisions_on_package(tx, sent)[-1]
        (shown,) = tx.scalars(sa.select(Notice.details).where(Notice.kind == "takedown-ordered"))
    assert (last.kind, last.who, last.note) == ("takedown", "ngozi", WHY)
    assert last.details == {"dsps": ["tube", "wave"], "dropped": [], "told": []}
    assert shown == {"reason": WHY, "who": "ngozi", "stores": "Tube\nWave", "told": ""}


def test_a_takedown_at_one_dsp_leaves_the_others_and_the_status(on: Stage, sent: int) -> None:
    on.app.takedowns.takedown("One", NGOZI, WHY, ["wave"])
    deliver_all(on)
    assert stand(on, sent)[0] == ("tube", "deliver", "sent")
    assert status_of(on, sent) == "Delivered to DSPs"
    assert on.app.delivery_views.of_release(BARCODE).at_dsps == {"tube": "sent", "wave": "taken down"}
    on.app.takedowns.takedown("One", NGOZI, "All of it.")
    deliver_all(on)
    assert status_of(on, sent) == "Taken Down"


def test_what_was_not_sent_yet_is_not_sent_any_more(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"), "tube", "alpha")
    done = on.app.takedowns.takedown(BARCODE, NGOZI, WHY)
    assert (done.dropped, done.deliveries) == (("tube", "alpha"), ())
    assert set(deliver_all(on)) == {"superseded"}
    assert stand(on, package) == [("alpha", "deliver", "superseded"), ("tube", "deliver", "superseded")]
    assert (status_of(on, package), list(on.directory("alpha").iterdir()), messages(on, "tube")) == (
        "Taken Down",
        [],
        [],
    )


def test_a_takedown_follows_an_insert_of_which_something_may_have_been_sent(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"), "tube")
    on.directory("tube").rename(tmp_path / "away")
    assert on.deliver(package, "tube") == "retry"
    on.app.takedowns.takedown(BARCODE, NGOZI, WHY)
    assert on.carry(on.app.deliveries, package, "tube", 2, 1, 1) == "waits"
    (tmp_path / "away").rename(on.directory("tube"))
    assert on.deliver(package, "tube", attempt=2) == "delivered"
    assert on.carry(on.app.deliveries, package, "tube", 2, 2, 1) == "delivered"
    assert [root.find("DealList") is None for root in messages(on, "tube")] == [False, True]
    assert status_of(on, package) == "Taken Down"


def refusal(on: Stage, *dsps: str, reason: str = WHY, told: tuple[str, ...] = ()) -> tuple[Code, dict[str, object]]:
    with pytest.raises(CodedError) as caught:
        on.app.takedowns.takedown(BARCODE, NGOZI, reason, dsps, told)
    return caught.value.code, dict(caught.value.values)


def test_what_cannot_be_taken_down_is_refused_and_nobody_is_told(on: Stage, sent: int, tmp_path: Path) -> None:
    assert refusal(on, reason=" ")[0] is Code.REASON_MISSING
    assert refusal(on, "alpha") == (Code.DSP_HAS_IT_NOT, {"dsp": "alpha"})
    assert refusal(on, "gamma")[0] is Code.DSP_UNKNOWN
    on.app.delivery_requests.submit(BARCODE, ["alpha"], NGOZI)
    deliver_all(on)
    assert refusal(on) == (Code.NO_TAKEDOWN_MESSAGE, {"dsps": ("alpha",)})
    assert (told(on, *KINDS), stand(on, sent)[0]) == ([], ("alpha", "deliver", "sent"))


def test_a_dsp_that_a_person_told_counts_as_told(on: Stage, sent: int) -> None:
    on.app.delivery_requests.submit(BARCODE, ["alpha"], NGOZI)
    deliver_all(on)
    done = on.app.takedowns.takedown(BARCODE, NGOZI, WHY, told=["alpha"])
    assert (done.told, [one.dsp for one in done.deliveries]) == (("alpha",), ["tube", "wave"])
    deliver_all(on)
    assert stand(on, sent)[0] == ("alpha", "deliver", "taken down")
    assert status_of(on, sent) == "Taken Down"


def test_a_takedown_that_is_ordered_twice_goes_out_once(on: Stage, sent: int) -> None:
    for _ in range(2):
        on.app.takedowns.takedown(BARCODE, NGOZI, WHY)
    deliver_all(on)
    assert len(messages(on, "tube")) == 2
    assert refusal(on)[0] is Code.NOT_AT_A_DSP
