"""Fetching what DSPs answer: each file is read once, matched with the shipment that it is about, and kept as a row."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from ingest.config import Config, Dsp
from ingest.core.alarm import Outlook
from ingest.core.dsp_answer import AnswerStatus, DspAnswer, DspAnswers, may_resend, shipment_meant
from ingest.core.identifiers import canonical_grid
from ingest.core.log import Log
from ingest.core.notice import Audience, NoticeKind
from ingest.core.release import release_key
from ingest.flow.delivery_answers import DeliveryAnswers
from ingest.flow.notify import Notify
from ingest.outbound.dsp.open_transport import open_transport
from ingest.outbound.dsp.transport import TransportError
from ingest.readers.answers import WrongAnswer
from ingest.readers.dossier import ReaderSettings
from ingest.readers.dsp_answer import MAX_BYTES
from ingest.readers.fork_client import Failure
from ingest.readers.json_values import from_answer
from ingest.store import dsp_answers as rows
from ingest.store import shipments
from ingest.store.database import Clock, Store
from ingest.store.models import Delivery, Shipment

MOST_FILES: Final = 500
"""Files of a DSP that are read at one time."""
AGAIN: Final = "It is sent again now, by itself and once."
AS_IT_IS: Final = "It can be sent again as it is."
LOOKED_FOR: Final = timedelta(days=30)
"""How long after the last shipment a DSP's answers are looked for."""


@dataclass(frozen=True, slots=True)
class DspAnswersFetch:
    """What DSPs answer about the messages that we sent."""

    config: Config
    store: Store
    notify: Notify
    turns: DeliveryAnswers
    reading: ReaderSettings
    clock: Clock
    log: Log

    def fetch(self) -> int:
        """Read the new answers of every DSP that was sent something; one that is not reached is asked again later.

        Returns how many answers are new.
        """
        new = 0
        for name, dsp in self.config.dsp.items():
            if dsp.writes_messages and self._awaits(name):
                try:
                    new += self._fetch(name, dsp)
                except TransportError as error:
                    self.log("answers not fetched", dsp=name, reason=str(error))
        return new

    def _awaits(self, dsp: str) -> bool:
        with self.store.reading() as tx:
            return shipments.awaits_answer(tx, dsp, self.clock() - LOOKED_FOR)

    def _fetch(self, name: str, dsp: Dsp) -> int:
        with self.store.reading() as tx:
            known = rows.files_read(tx, name)
        folder = dsp.acknowledgements.folder
        with open_transport(dsp) as transport:
            new = [file for file in transport.names(folder) if file not in known]
            read = [
                (file, self._read(transport.read(f"{folder}/{file}", MAX_BYTES + 1), file)) for file in new[:MOST_FILES]
            ]
        in_order = sorted(read, key=lambda one: "" if one[1] is None else one[1].created)
        return sum(self._keep(name, file, answers) for file, answers in in_order)

    def _read(self, data: bytes, file: str) -> DspAnswers | None:
        """What a file says, read in a confined child; None where that failed through an error of ours."""
        with tempfile.TemporaryDirectory(prefix="ingest-answer-") as place:
            path = Path(place) / "answer.xml"
            path.write_bytes(data)
            request = {"read": "dsp-answer", "path": str(path), "name": "answer.xml"}
            (answer,) = self.reading.pool.read([request], self.reading.limits)
        if isinstance(answer, Failure):
            self.log("answer not read", file=file, reason=answer.reason)
            return DspAnswers(problem="it could not be read") if answer.is_final else None
        try:
            return from_answer(DspAnswers, answer)
        except WrongAnswer:
            return DspAnswers(problem="it could not be read")

    def _keep(self, dsp: str, file: str, read: DspAnswers | None) -> int:
        """Store what a file says; returns how many answers it holds."""
        if read is None:
            return 0
        now = self.clock()
        with self.store.transaction() as tx:
            if read.problem or not read.answers:
                rows.add_unread(tx, dsp, file, read.problem or "it holds no answer", now)
            for number, answer in enumerate(read.answers, start=1):
                about = shipment_meant(answer, *self._shipments(tx, dsp, answer))
                if rows.add_answer(tx, dsp, file, number, answer, None if about is None else about.id, now):
                    again = self._turn(tx, answer, about)
                    self._tell(tx, f"dsp-answer:{dsp}:{file}:{number}", answer, about, is_sent_again=again)
        self.log("answer read", dsp=dsp, file=file, answers=len(read.answers), problem=read.problem)
        return len(read.answers)

    def _shipments(self, tx: Session, dsp: str, answer: DspAnswer) -> tuple[list[Shipment], list[Shipment]]:
        keys = [key for one in answer.release_ids if (key := release_key(one)) is not None]
        of_release = list(shipments.of_barcodes(tx, dsp, keys)) if keys else []
        if keys and not of_release:
            of_release = list(shipments.of_grids(tx, dsp, [canonical_grid(one) for one in answer.release_ids]))
        return list(shipments.with_messages(tx, dsp, answer.message_ids)), of_release

    def _turn(self, tx: Session, answer: DspAnswer, about: Shipment | None) -> bool:
        """The delivery becomes what the DSP says of it; whether it is sent again by itself, because the DSP asks so.

        That happens once for a delivery: where the DSP rejects that one too, a person must look.
        """
        if about is None:
            return False
        delivery = tx.get_one(Delivery, about.delivery_id)
        self.turns.note(tx, delivery, answer.status, self.clock())
        if not may_resend(answer) or not self.turns.may_be_resent(tx, delivery):
            return False
        self.turns.resend(tx, delivery, self.clock())
        return True

    def _tell(self, tx: Session, key: str, answer: DspAnswer, about: Shipment | None, *, is_sent_again: bool) -> None:
        """QC hears of a rejection, in the DSP's words and ours, once."""
        if answer.status is not AnswerStatus.REJECTED or about is None:
            return
        package = tx.get_one(Delivery, about.delivery_id).package_id
        details = {
            "what": f"{about.dsp} rejected package {package}",
            "detail": " ".join([*_sentences(answer), *([AGAIN] if is_sent_again else [])]),
            "outlook": (Outlook.RETRIED if is_sent_again else Outlook.WAITS).value,
            "commands": [f"ingest show {package}", f"ingest shipment {about.id}"],
        }
        self.notify.owe(tx, key[:200], NoticeKind.ALARM, Audience.QC, self.clock(), details=details)


def _sentences(answer: DspAnswer) -> Iterator[str]:
    yield f"It says: {answer.said or 'nothing'}{f' ({answer.text})' if answer.text else ''}."
    if answer.resources:
        yield f"It is about {', '.join(answer.resources[:10])}."
    if answer.action:
        yield f"It proposes {answer.action}."
    if answer.needs_person is not None:
        yield AS_IT_IS if not answer.needs_person else "Somebody must look at it before it is sent again."
