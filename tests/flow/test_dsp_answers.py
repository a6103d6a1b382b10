"""Answers of DSPs: fetched, matched, shown, and told to QC once when they reject."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.store.models import DspAnswerRow, Notice
from tests.broken.change import edit
from tests.flow.test_shipments import TUBE, approved, copied, shipment
from tests.good import Good
from tests.lives import whole
from tests.messages import BARCODE
from tests.readers.ern.test_choreography_schema import ANSWER
from tests.readers.test_dsp_answer import NEW
from tests.stage import CONFIG, Stage, staged

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "tube" / "acknowledgements").mkdir(parents=True)
    with staged(tmp_path, config=CONFIG + TUBE, convert=copied) as there:
        yield there


@pytest.fixture
def sent(on: Stage, tmp_path: Path) -> int:
    """A package that the DSP was sent."""
    package = approved(on, whole(tmp_path, "One"))
    assert on.deliver(package, "tube") == "delivered"
    return package


def drop(on: Stage, name: str, content: str) -> None:
    (on.directory("tube") / "acknowledgements" / name).write_text(content, "utf-8")
    on.app.answers.fetch()


def answered(on: Stage, package: int) -> tuple[str | None, str | None]:
    (line,) = on.app.views.package(package).deliveries
    return line.answer, line.answered


def told(on: Stage) -> list[dict[str, object]]:
    with on.app.store.reading() as tx:
        rows = tx.scalars(sa.select(Notice).where(Notice.kind == "alarm", Notice.audience == "qc"))
        return [dict(row.details) for row in rows]


def test_an_acknowledgement_of_our_message_makes_the_delivery_accepted(on: Stage, sent: int) -> None:
    assert answered(on, sent) == (None, None)
    drop(on, "ACK_1.xml", NEW.replace("<MessageId>M-1<", f"<MessageId>{shipment(on, sent).message_id}<"))
    assert answered(on, sent) == ("accepted", "SuccessfullyIngestedByReleaseDistributor, FileOK")
    assert on.app.views.package(sent).deliveries[0].state == "accepted"
    assert told(on) == []


def test_a_rejection_goes_to_qc_once_in_the_words_of_the_dsp(on: Stage, sent: int) -> None:
    drop(on, "ACK_1.xml", ANSWER.replace("5034567890120", BARCODE))
    on.app.answers.fetch()
    assert answered(on, sent) == ("rejected", "ResourceMissing: 02_Song.wav is not in the folder")
    assert told(on) == [
        {
            "what": f"tube rejected package {sent}",
            "detail": "It says: ResourceMissing (02_Song.wav is not in the folder). It is about GBDUM2600002."
            " It proposes ResendXmlAndResources. Somebody must look at it before it is sent again.",
            "outlook": "waits",
            "commands": [f"ingest show {sent}", "ingest shipment 1"],
        }
    ]


def test_an_answer_that_names_a_grid_alone_is_about_the_release_with_it(on: Stage, tmp_path: Path) -> None:
    grid = edit(('<ReleaseId><ICPN IsEan="true">', '<ReleaseId><GRid>A1-2425G-ABC1234002-M</GRid><ICPN IsEan="true">'))
    package = approved(on, whole(tmp_path, "One", grid, kind=Good.ERN))
    assert on.deliver(package, "tube") == "delivered"
    named = NEW.replace("<ICPN>5034567890120</ICPN>", "<GRid>A12425GABC9999999X</GRid>")
    drop(on, "ACK_1.xml", re.sub("<Acknowledgement>.*</Acknowledgement>", "", named))
    assert answered(on, package) == ("rejected", "CoverRejected: too small ‹U+202E›")


def test_a_later_answer_takes_an_earlier_one_back(on: Stage, sent: int) -> None:
    drop(on, "ACK_1.xml", ANSWER.replace("5034567890120", BARCODE).replace("ResourceMissing", "FileOK"))
    assert on.app.views.package(sent).deliveries[0].state == "accepted"
    drop(on, "ACK_2.xml", ANSWER.replace("5034567890120", BARCODE))
    assert answered(on, sent)[0] == "rejected"
    assert on.app.views.package(sent).deliveries[0].state == "rejected"


def test_answers_about_messages_of_others_are_kept_and_change_nothing(on: Stage, sent: int) -> None:
    drop(on, "ACK_1.xml", NEW.replace("5034567890120", "036000291452"))
    assert answered(on, sent) == (None, None)
    with on.app.store.reading() as tx:
        assert [row.shipment_id for row in tx.scalars(sa.select(DspAnswerRow))] == [None, None]
    assert told(on) == []


def test_a_file_that_is_no_acknowledgement_is_kept_as_such(on: Stage, sent: int) -> None:
    drop(on, "readme.txt", "hello")
    with on.app.store.reading() as tx:
        (row,) = tx.scalars(sa.select(DspAnswerRow))
    assert (row.status, row.file) == ("unread", "readme.txt")
    assert answered(on, sent) == (None, None)


def test_a_dsp_that_was_sent_nothing_is_not_asked_and_one_that_is_down_is_asked_later(on: Stage, sent: int) -> None:
    on.directory("tube").rename(on.directory("tube").with_name("away"))
    on.app.answers.fetch()
    on.directory("tube").with_name("away").rename(on.directory("tube"))
    on.clock.advance(days=31)
    drop(on, "ACK_1.xml", ANSWER.replace("5034567890120", BARCODE))
    assert answered(on, sent) == (None, None)


def test_of_answers_that_come_together_the_one_made_last_counts(on: Stage, sent: int) -> None:
    folder = on.directory("tube") / "acknowledgements"
    told = ANSWER.replace("5034567890120", BARCODE)
    (folder / "ACK_A.xml").write_text(told.replace("16:05:57Z", "18:00:00Z"), "utf-8")
    (folder / "ACK_B.xml").write_text(told.replace("ResourceMissing", "FileOK"), "utf-8")
    assert on.app.answers.fetch() == 2
    assert answered(on, sent)[0] == "rejected"
