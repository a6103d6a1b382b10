"""What answers do to deliveries: takedowns that are rejected, and what is sent again by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.core.dsp_answer import AnswerStatus
from ingest.flow.delivery_answers import DeliveryAnswers
from ingest.store.deliveries import get_delivery
from tests.flow.releases import deliver_all, media, stand, two_dsps
from tests.flow.scenes import status_of
from tests.flow.test_dsp_answers import told
from tests.flow.test_shipments import approved
from tests.lives import whole
from tests.messages import BARCODE
from tests.readers.ern.test_choreography_schema import ANSWER
from tests.stage import Stage, by

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with two_dsps(tmp_path) as there:
        (there.directory("tube") / "acknowledgements").mkdir()
        yield there


@pytest.fixture
def sent(on: Stage, tmp_path: Path) -> int:
    package = approved(on, whole(tmp_path, "One"))
    assert deliver_all(on) == ["delivered"]
    return package


def note(on: Stage, package: int, number: int, status: AnswerStatus) -> None:
    with on.app.store.transaction() as tx:
        row = get_delivery(tx, package, "tube", number)
        assert row is not None
        DeliveryAnswers(on.app.deliveries).note(tx, row, status, on.clock())


def test_a_takedown_that_is_rejected_leaves_the_release_there_until_it_is_accepted(on: Stage, sent: int) -> None:
    note(on, sent, 1, AnswerStatus.ACCEPTED)
    on.app.takedowns.takedown(BARCODE, by("ngozi"), "Why not")
    deliver_all(on)
    assert status_of(on, sent) == "Taken Down"
    note(on, sent, 2, AnswerStatus.REJECTED)
    assert stand(on, sent) == [("tube", "deliver", "sent"), ("tube", "takedown", "rejected")]
    assert status_of(on, sent) == "Delivered to DSPs"
    note(on, sent, 2, AnswerStatus.ACCEPTED)
    assert stand(on, sent) == [("tube", "deliver", "taken down"), ("tube", "takedown", "accepted")]
    assert status_of(on, sent) == "Taken Down"


def drop(on: Stage, name: str, changes: dict[str, str]) -> None:
    content = ANSWER.replace("5034567890120", BARCODE)
    for old, new in changes.items():
        assert old in content
        content = content.replace(old, new)
    (on.directory("tube") / "acknowledgements" / name).write_text(content, "utf-8")
    on.app.answers.fetch()


NOBODY = {"<ManualCheckRequired>true<": "<ManualCheckRequired>false<"}


def test_a_rejection_that_asks_for_the_same_once_more_is_answered_once_by_itself(on: Stage, sent: int) -> None:
    drop(on, "ACK_1.xml", NOBODY)
    assert stand(on, sent) == [("tube", "deliver", "rejected"), ("tube", "resend", "queued")]
    assert deliver_all(on) == ["delivered"]
    assert media(on, "tube") == [2, 2], "what was rejected is not there: all of it is sent anew"
    drop(on, "ACK_2.xml", NOBODY)
    assert stand(on, sent) == [("tube", "deliver", "rejected"), ("tube", "resend", "rejected")]
    first, second = told(on)
    assert (first["outlook"], second["outlook"]) == ("retried", "waits")
    assert str(first["detail"]).endswith("It can be sent again as it is. It is sent again now, by itself and once.")


def test_where_somebody_must_look_nothing_is_sent_by_itself(on: Stage, sent: int) -> None:
    drop(on, "ACK_1.xml", {})
    assert stand(on, sent) == [("tube", "deliver", "rejected")]
    on.app.delivery_requests.redeliver(BARCODE, by("ngozi"))
    assert deliver_all(on) == ["delivered"]
    assert media(on, "tube") == [2, 2]
