"""Files directly in /incoming/, outside any release folder: their label is told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.archives import is_archive
from ingest.core.facts import FileKind
from ingest.inbound.watched import Callbacks
from ingest.store import strays
from ingest.store.database import Store
from ingest.store.models import Label


@dataclass(frozen=True, slots=True)
class Strays:
    """Notes which files lie there, and tells of them by `callbacks.stray`."""

    config: Config
    store: Store
    callbacks: Callbacks

    def look(self, label: Label, names: Sequence[str], now: datetime) -> None:
        """Take note of these files. Nothing is written to the database for a label that has none and had none."""
        found = [name for name in names if self.callbacks.kind_of(name) is not FileKind.LITTER]
        with self.store.reading() as tx:
            had = strays.has_strays(tx, label.id)
        if found or had:
            with self.store.transaction() as tx:
                strays.forget_strays(tx, label.id, found)
                self._tell(tx, label, found, now)

    def _tell(self, tx: Session, label: Label, found: Sequence[str], now: datetime) -> None:
        """Owe the label one email about all files not told of before, once one of them is `stray_seconds` old.

        Archives are told of at once: no time makes a release of them.
        """
        patience = timedelta(seconds=self.config.intake.stray_seconds)
        untold = [row for row in (strays.see_stray(tx, label.id, name, now) for name in found) if not row.told_at]
        if not any(now - row.seen_at >= patience for row in untold):
            untold = [row for row in untold if is_archive(row.name)]
        if untold:
            self.callbacks.stray(tx, label, [row.name for row in untold])
            strays.note_told(untold, now)
