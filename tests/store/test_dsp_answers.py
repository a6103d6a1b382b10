"""Answers of DSPs as rows: each file once, the last answer about a shipment last."""

from __future__ import annotations

from ingest.core.dsp_answer import AnswerStatus, DspAnswer
from ingest.store.database import Store
from ingest.store.dsp_answers import add_answer, add_unread, answers_about, files_read
from tests.store.rows import NOW
from tests.store.test_shipments import made, owed

OK = DspAnswer(AnswerStatus.ACCEPTED, "FileOK")
NO = DspAnswer(AnswerStatus.REJECTED, "ResourceMissing", text="no cover", action="ResendXmlOnly", needs_person=True)


def test_each_answer_of_a_file_is_stored_once(store: Store) -> None:
    package = owed(store, "One")
    with store.transaction() as tx:
        shipment = made(tx, package).id
        assert add_answer(tx, "beta", "ACK_1.xml", 1, OK, shipment, NOW)
        assert not add_answer(tx, "beta", "ACK_1.xml", 1, NO, shipment, NOW)
        assert add_answer(tx, "beta", "ACK_2.xml", 1, NO, shipment, NOW)
        assert add_answer(tx, "beta", "ACK_2.xml", 2, OK, None, NOW)
        assert [
            (row.status, row.said, row.text, row.action, row.needs_person) for row in answers_about(tx, shipment)
        ] == [
            ("accepted", "FileOK", "", "", None),
            ("rejected", "ResourceMissing", "no cover", "ResendXmlOnly", True),
        ]
        assert files_read(tx, "beta") == {"ACK_1.xml", "ACK_2.xml"}
        assert files_read(tx, "alpha") == frozenset()


def test_a_file_that_is_no_acknowledgement_is_not_read_again(store: Store) -> None:
    with store.transaction() as tx:
        assert add_unread(tx, "beta", "readme.txt", "it is no XML", NOW)
        assert not add_unread(tx, "beta", "readme.txt", "it is no XML", NOW)
        assert files_read(tx, "beta") == {"readme.txt"}
