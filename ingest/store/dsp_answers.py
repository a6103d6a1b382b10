"""Answers of DSPs: which files were read, and what is known of a shipment from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.dsp_answer import DspAnswer
from ingest.store.database import insert
from ingest.store.models import DspAnswerRow

UNREAD: Final = "unread"
"""The status of a file that is no acknowledgement."""


def files_read(tx: Session, dsp: str) -> frozenset[str]:
    """The names of the DSP's files that were read already."""
    return frozenset(tx.scalars(sa.select(DspAnswerRow.file).where(DspAnswerRow.dsp == dsp).distinct()))


def add_answer(
    tx: Session, dsp: str, file: str, number: int, answer: DspAnswer, shipment: int | None, now: datetime
) -> bool:
    """Store one answer; False where it is stored already."""
    values = {
        "dsp": dsp,
        "file": file,
        "number": number,
        "shipment_id": shipment,
        "status": answer.status.value,
        "said": answer.said,
        "text": answer.text,
        "action": answer.action,
        "needs_person": answer.needs_person,
        "read_at": now,
    }
    return _added(tx, values)


def add_unread(tx: Session, dsp: str, file: str, problem: str, now: datetime) -> bool:
    """Record that a file is no acknowledgement, and why; False where that is recorded already."""
    values = {"dsp": dsp, "file": file, "number": 1, "status": UNREAD, "said": "", "text": problem, "action": ""}
    return _added(tx, {**values, "read_at": now})


def _added(tx: Session, values: dict[str, object]) -> bool:
    row = insert(tx, DspAnswerRow).values(**values).on_conflict_do_nothing()
    return tx.scalar(row.returning(DspAnswerRow.id)) is not None


def answers_about(tx: Session, shipment: int) -> Sequence[DspAnswerRow]:
    """What the DSP answered about a shipment, the last one last; a later answer may take an earlier one back."""
    own = sa.select(DspAnswerRow).where(DspAnswerRow.shipment_id == shipment)
    return tx.scalars(own.order_by(DspAnswerRow.id)).all()
