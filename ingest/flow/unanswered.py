"""DSPs that promise to acknowledge what they are sent and did not in their time: ops are told, once a day each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from ingest.config import Config, Dsp
from ingest.core.alarm import Alarm, Outlook
from ingest.flow.notify import Notify
from ingest.store.database import Clock
from ingest.store.shipments import unanswered

LOOKED_FOR: Final = timedelta(days=30)
"""How long after a shipment was sent its answer is missed."""
MOST_LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Tells ops of shipments without an answer (`[dsp.NAME.acknowledgements]`), and when all have one."""

    config: Config
    notify: Notify
    clock: Clock

    def tell(self, tx: Session) -> None:
        """Owe ops what is called for now; to be called after answers were fetched."""
        for name, dsp in self.config.dsp.items():
            if dsp.writes_messages and dsp.acknowledgements.promised:
                self._tell(tx, name, dsp)

    def _tell(self, tx: Session, name: str, dsp: Dsp) -> None:
        now, hours = self.clock(), dsp.acknowledgements.hours
        missed = unanswered(tx, name, now - LOOKED_FOR, now - timedelta(hours=hours))
        about, title = f"unanswered:{name}", dsp.title or name
        if not missed:
            self.notify.all_clear(tx, about, f"{title} has acknowledged all that it was sent", "", now)
            return
        listed = ", ".join(str(one.id) for one in missed[:MOST_LISTED])
        more = "" if len(missed) <= MOST_LISTED else f" and {len(missed) - MOST_LISTED} more"
        detail = (
            f"It promises to within {hours} hours. Without an answer: shipment {listed}{more}. Ask the DSP whether it"
            " has them; `ingest redeliver` sends a release again."
        )
        commands = ("ingest dsp fetch", *(f"ingest shipment {one.id}" for one in missed[:MOST_LISTED]))
        alarm = Alarm(f"{title} has not acknowledged what it was sent", Outlook.WAITS, commands, about)
        self.notify.alarm(tx, alarm, detail, now, daily=True)
