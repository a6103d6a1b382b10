"""Deliveries as people look at them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.core.delivery_state import DeliveryPurpose, Standing
from ingest.core.dsp_answer import AnswerStatus, DspAnswer
from ingest.flow.delivery_lines import DeliveryLine, delivery_lines
from ingest.store.database import Store
from ingest.store.dsp_answers import add_answer
from tests.store.conftest import migrate
from tests.store.rows import NOW
from tests.store.test_shipments import made, owed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/ingest.db"
    migrate(url)
    with closing(Store(url)) as store:
        yield store


def test_a_line_says_what_is_sent_and_what_was_answered_last(store: Store) -> None:
    package = owed(store, "One")
    with store.transaction() as tx:
        first = DeliveryLine(
            id=1,
            package=package,
            dsp="beta",
            number=1,
            purpose=DeliveryPurpose.DELIVER,
            state=Standing.QUEUED,
            attempts=0,
            fault=None,
            owed_at=NOW,
            not_before=None,
            delivered_at=None,
            superseded_by=None,
            notes="",
            bytes_sent=None,
            bytes_in_all=None,
        )
        assert delivery_lines(tx, package) == (first,)
        row = made(tx, package)
        line = replace(first, shipment=row.id, kind="insert", batch_id=row.batch_id)
        assert delivery_lines(tx, package) == (line,)
        add_answer(tx, "beta", "1", 1, DspAnswer(AnswerStatus.ACCEPTED, "FileOK"), row.id, NOW)
        add_answer(tx, "beta", "2", 1, DspAnswer(AnswerStatus.REJECTED, "ErnMissing", text="no XML"), row.id, NOW)
        (told,) = delivery_lines(tx, package)
        assert (told.shipment, told.answer, told.answered) == (row.id, "rejected", "ErnMissing: no XML")
