"""Ops hear of DSPs that promise acknowledgements and send none in their time."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.store.models import Notice
from tests.flow.test_shipments import TUBE, approved, copied
from tests.lives import whole
from tests.messages import BARCODE
from tests.readers.ern.test_choreography_schema import ANSWER
from tests.stage import CONFIG, Stage, staged

pytestmark = pytest.mark.usefixtures("read_in_this_process")

PROMISED = "[dsp.tube.acknowledgements]\npromised = true\nhours = 24\n"


def told(on: Stage) -> list[tuple[str, str, list[str]]]:
    with on.app.store.reading() as tx:
        rows = tx.scalars(sa.select(Notice).where(Notice.about == "unanswered:tube").order_by(Notice.id))
        return [(row.audience, row.details["what"], row.details["commands"]) for row in rows]


@pytest.mark.parametrize("promised", ["", PROMISED])
def test_a_missing_acknowledgement_is_told_once_a_day_where_it_was_promised_and_ends_with_an_all_clear(
    tmp_path: Path, promised: str
) -> None:
    (tmp_path / "tube" / "acknowledgements").mkdir(parents=True)
    with staged(tmp_path, config=CONFIG + TUBE + promised, convert=copied) as on:
        assert on.deliver(approved(on, whole(tmp_path, "One")), "tube") == "delivered"
        on.clock.advance(hours=23)
        on.app.maintenance.fetch_answers()
        assert told(on) == []
        on.clock.advance(hours=2)
        for _ in range(2):
            on.app.maintenance.fetch_answers()
        what, commands = "Tube has not acknowledged what it was sent", ["ingest dsp fetch", "ingest shipment 1"]
        assert told(on) == ([("ops", what, commands)] if promised else [])
        answer = ANSWER.replace("5034567890120", BARCODE).replace("ResourceMissing", "FileOK")
        (on.directory("tube") / "acknowledgements" / "ACK_1.xml").write_text(answer, "utf-8")
        on.app.maintenance.fetch_answers()
        over: list[tuple[str, str, list[str]]] = [("ops", "Tube has acknowledged all that it was sent", [])]
        assert told(on)[1:] == (over if promised else [])
