"""What people and programs ask of deliveries: submit a release to more DSPs, redeliver it (flow.takedowns: down)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.decision import By, DecisionKind
from ingest.core.delivery_state import LIVE, SENT, UNSENT, DeliveryPurpose
from ingest.core.kind import Kind
from ingest.flow.deliveries import Deliveries
from ingest.flow.delivery_lines import DeliveryLine, delivery_line
from ingest.flow.delivery_order import is_takedown
from ingest.flow.errors import Code, Conflict, Refused
from ingest.flow.lookup import check_dsps, package_meant
from ingest.store import deliveries as rows
from ingest.store.database import Clock, Store
from ingest.store.decisions import record_decision
from ingest.store.known import waiting_for_qc, went_out
from ingest.store.models import Delivery, Package


@dataclass(frozen=True, slots=True)
class Ordered:
    """What was ordered: the release by its id, the package that is sent, and its new deliveries as they stand."""

    release: UUID | None
    package: int
    deliveries: tuple[DeliveryLine, ...]


@dataclass(frozen=True, slots=True)
class DeliveryRequests:
    """The use cases of deliveries. `release` is what flow.lookup.package_meant understands; the id is never ambiguous.

    All raise NotFound for an unknown release or DSP, and Conflict where the name means releases of several labels.
    """

    config: Config
    store: Store
    deliveries: Deliveries
    clock: Clock

    def submit(
        self, release: str, dsps: Sequence[str], by: By, notes: str = "", not_before: datetime | None = None
    ) -> Ordered:
        """Deliver a release to these DSPs, not before a time; it is held until the approval if it still waits for QC.

        Raises Conflict where nothing of it can be delivered, where a DSP has it, or where a delivery to it is under
        way; Refused where a DSP may get nothing of it.
        """
        with self.store.transaction() as tx:
            package, is_held = self._deliverable(tx, package_meant(tx, release))
            check_dsps(self.config, dsps)
            wanted = tuple(dict.fromkeys(dsps))
            for dsp in wanted:
                self._check_free(tx, package, dsp)
                if not is_held:
                    self._check_gets(tx, package, dsp, DeliveryPurpose.DELIVER)
            now = self.clock()
            added = [self._submitted(tx, package, dsp, notes, not_before, is_held=is_held) for dsp in wanted]
            details = _details(wanted, not_before)
            record_decision(tx, DecisionKind.DELIVER, by, now, package=package.id, note=notes, details=details)
            return ordered(tx, package, added)

    def redeliver(
        self,
        release: str,
        by: By,
        dsps: Sequence[str] = (),
        notes: str = "",
        not_before: datetime | None = None,
        *,
        whole: bool = False,
    ) -> Ordered:
        """Send what has changed since to these DSPs, else to all that were sent the release; with `whole` all of it.

        A release that was taken down is offered again. Raises Conflict where nothing has changed, where the release or
        a named DSP was never sent it, or where a delivery is under way; Refused where a DSP may get nothing of it.
        """
        with self.store.transaction() as tx:
            meant = package_meant(tx, release)
            package = next(iter(went_out(tx, meant)), None)
            had = tuple(dict.fromkeys(one.dsp for one in rows.of_release(tx, meant) if one.state in SENT))
            check_dsps(self.config, dsps)
            for dsp in dsps:
                if dsp not in had:
                    raise Conflict(Code.DSP_HAS_IT_NOT, dsp=dsp)
            if package is None or not had:
                raise Conflict(Code.NOT_AT_A_DSP, release=release)
            asked = dsps or tuple(dsp for dsp in had if dsp in self.config.dsp)
            for dsp in asked:
                self._check_not_under_way(tx, package, dsp)
            purpose = DeliveryPurpose.WHOLE if whole else DeliveryPurpose.REDELIVER
            wanted = [dsp for dsp in asked if self._check_gets(tx, package, dsp, purpose)]
            if not wanted:
                raise Conflict(Code.NOTHING_CHANGED, release=release)
            added = [self._add(tx, package, dsp, purpose, notes, not_before) for dsp in wanted]
            details = _details(wanted, not_before) | ({"whole": True} if whole else {})
            record_decision(
                tx, DecisionKind.REDELIVER, by, self.clock(), package=package.id, note=notes, details=details
            )
            return ordered(tx, package, added)

    def _deliverable(self, tx: Session, meant: Package) -> tuple[Package, bool]:
        """The newest approved package, else the newest that waits for QC, and whether it still waits."""
        approved, waiting = went_out(tx, meant), waiting_for_qc(tx, meant)
        waiting = [one for one in waiting if one.kind != Kind.TEST.value]
        if not approved and not waiting:
            raise Conflict(Code.NOT_DELIVERABLE, package=meant.id, status=meant.status)
        return (approved[0], False) if approved else (waiting[0], True)

    def _check_free(self, tx: Session, package: Package, dsp: str) -> None:
        """Raise Conflict where the DSP has the release already, or is to get it."""
        self._check_not_under_way(tx, package, dsp)
        if any(
            one.dsp == dsp and one.state in LIVE and not is_takedown(tx, one) for one in rows.of_release(tx, package)
        ):
            raise Conflict(Code.DSP_HAS_IT, dsp=dsp)

    def _check_not_under_way(self, tx: Session, package: Package, dsp: str) -> None:
        for one in rows.of_release(tx, package):
            if one.dsp == dsp and one.state in UNSENT:
                raise Conflict(Code.DELIVERY_UNDER_WAY, package=one.package_id, dsp=dsp)

    def _check_gets(self, tx: Session, package: Package, dsp: str, purpose: DeliveryPurpose) -> bool:
        """Whether there is anything to send to a DSP. Raises Refused where there would be, but may not."""
        proposal = self.deliveries.shipments.proposals.of(tx, package, dsp, purpose)
        if proposal is None or proposal.planned is not None:
            return True
        if proposal.reasons:
            reasons = "; ".join(proposal.reasons)
            raise Refused(Code.NOTHING_FOR_DSP, package=package.id, dsp=dsp, reasons=reasons)
        return False

    def _submitted(
        self, tx: Session, package: Package, dsp: str, notes: str, not_before: datetime | None, *, is_held: bool
    ) -> Delivery:
        """The delivery, added behind those of the package to the DSP, or the first one owed again where it failed."""
        first = rows.get_delivery(tx, package.id, dsp)
        if first is not None and first.state == rows.FAILED and not is_held:
            return self.deliveries.owe(tx, package.id, dsp, self.clock(), not_before, notes)
        purpose = DeliveryPurpose.DELIVER if first is None else DeliveryPurpose.REDELIVER
        return self._add(tx, package, dsp, purpose, notes, not_before, is_held=is_held)

    def _add(
        self,
        tx: Session,
        package: Package,
        dsp: str,
        purpose: DeliveryPurpose,
        notes: str,
        not_before: datetime | None,
        *,
        is_held: bool = False,
    ) -> Delivery:
        now = self.clock()
        row = rows.add_delivery(tx, package.id, dsp, purpose, now, not_before=not_before, notes=notes, is_held=is_held)
        if not is_held:
            self.deliveries.begin(tx, row, now)
        return row


def ordered(tx: Session, package: Package, added: Sequence[Delivery]) -> Ordered:
    """What was ordered of a package, as it stands now."""
    return Ordered(package.release_id, package.id, tuple(delivery_line(tx, one) for one in added))


def _details(dsps: Sequence[str], not_before: datetime | None) -> dict[str, Any]:
    return {"dsps": list(dsps)} | ({} if not_before is None else {"not_before": not_before.isoformat()})
