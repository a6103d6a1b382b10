"""Deliveries of a release, or of all, for those who look: how each stands, with its attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.delivery_state import LIVE, DeliveryState, Standing
from ingest.flow.delivery_lines import DeliveryLine, delivery_line
from ingest.flow.delivery_order import takes_release_down
from ingest.flow.lookup import check_dsps, package_meant
from ingest.store import deliveries as rows
from ingest.store.database import Store
from ingest.store.models import Delivery, Package

STATES: Final[Mapping[Standing, Sequence[DeliveryState]]] = {
    Standing.QUEUED: (DeliveryState.OWED,),
    Standing.HELD: (DeliveryState.HELD, DeliveryState.OWED),
    Standing.SENDING: (DeliveryState.OWED,),
    Standing.SENT: (DeliveryState.DELIVERED,),
    Standing.ACCEPTED: (DeliveryState.ACCEPTED,),
    Standing.REJECTED: (DeliveryState.REJECTED,),
    Standing.FAILED: (DeliveryState.FAILED,),
    Standing.SUPERSEDED: (DeliveryState.SUPERSEDED,),
    Standing.TAKEN_DOWN: (DeliveryState.TAKEN_DOWN,),
}
"""The stored states that a delivery which stands so may have."""


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One attempt: `outcome` is done, superseded, failed or waits, `reason` why."""

    run: int
    attempt: int
    began_at: datetime
    ended_at: datetime
    outcome: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """A delivery in a list: its line, its release and package as people name them, the DSP's title, the attempts."""

    line: DeliveryLine
    release: UUID | None
    label: str
    folder: str
    barcode: str | None
    title: str
    attempts: tuple[AttemptLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseDeliveries:
    """The deliveries of all packages of a release, in the order in which they were owed first.

    `at_dsps` says how the release stands at each DSP now: as its last delivery does, and `taken down` where that was a
    takedown which was sent and not rejected.
    """

    release: UUID | None
    deliveries: tuple[ListedDelivery, ...]
    at_dsps: Mapping[str, Standing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeliveryViews:
    """What faces of the program show about deliveries."""

    config: Config
    store: Store

    def of_release(self, release: str) -> ReleaseDeliveries:
        """The deliveries of the release that flow.lookup.package_meant understands by a name.

        Raises NotFound, and Conflict where releases of several labels are so named.
        """
        with self.store.reading() as tx:
            package = package_meant(tx, release)
            found = rows.of_release(tx, package)
            listed = tuple(self._listed(tx, one) for one in found)
            at = {one.line.dsp: _at_dsp(tx, row, one.line) for row, one in zip(found, listed, strict=True)}
            return ReleaseDeliveries(package.release_id, listed, at)

    def newest(
        self, *, dsp: str | None = None, state: Standing | None = None, limit: int = 50
    ) -> tuple[ListedDelivery, ...]:
        """The newest deliveries of all releases, the newest first. Raises NotFound for an unknown DSP."""
        check_dsps(self.config, () if dsp is None else (dsp,))
        with self.store.reading() as tx:
            states = () if state is None else STATES[state]
            found = (self._listed(tx, one) for one in rows.newest_deliveries(tx, limit, dsp, states))
            return tuple(one for one in found if state is None or one.line.state is state)

    def _listed(self, tx: Session, row: Delivery) -> ListedDelivery:
        package = tx.get_one(Package, row.package_id)
        target = self.config.dsp.get(row.dsp)
        return ListedDelivery(
            line=delivery_line(tx, row),
            release=package.release_id,
            label=package.label.name,
            folder=package.folder,
            barcode=package.barcode,
            title=row.dsp if target is None else target.title or row.dsp,
            attempts=tuple(
                AttemptLine(one.run, one.attempt, one.began_at, one.ended_at, one.outcome, one.reason)
                for one in rows.attempts_of(tx, row.id)
            ),
        )


def _at_dsp(tx: Session, row: Delivery, line: DeliveryLine) -> Standing:
    is_down = row.state in LIVE and takes_release_down(tx, row)
    return Standing.TAKEN_DOWN if is_down else line.state
