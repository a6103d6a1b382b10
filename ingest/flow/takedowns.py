"""Taking a release down at DSPs, as a person orders it: who and why is kept, and label and QC are told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.decision import By, DecisionKind
from ingest.core.delivery_state import LIVE, UNSENT, DeliveryPurpose
from ingest.core.notice import Audience, NoticeKind
from ingest.flow.deliveries import Deliveries
from ingest.flow.delivery_lines import DeliveryLine, delivery_line
from ingest.flow.delivery_order import is_takedown
from ingest.flow.errors import Code, Conflict, Refused
from ingest.flow.lookup import check_dsps, package_meant
from ingest.flow.notify import Notify
from ingest.flow.sending_lock import sending_lock
from ingest.store import deliveries as rows
from ingest.store.database import Clock, Store
from ingest.store.decisions import record_decision
from ingest.store.known import went_out
from ingest.store.models import Delivery, Package
from ingest.store.shipments import shipment_of


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What a takedown came to: the newest package of the release, and the messages that go to DSPs.

    `dropped` are the DSPs that had nothing yet and are to get nothing, `told` those that a person told.
    """

    package: int
    deliveries: tuple[DeliveryLine, ...]
    dropped: tuple[str, ...]
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _AtDsps:
    """A release at the DSPs: the last delivery that each has, those that each is to get, and takedowns on their way."""

    live: Mapping[str, Delivery]
    unsent: Mapping[str, Sequence[Delivery]]
    ordered: Collection[str]

    @staticmethod
    def of(tx: Session, package: Package) -> _AtDsps:
        live: dict[str, Delivery] = {}
        unsent: dict[str, list[Delivery]] = {}
        ordered: set[str] = set()
        for one in rows.of_release(tx, package):
            if one.state in UNSENT and one.purpose == DeliveryPurpose.TAKEDOWN:
                ordered.add(one.dsp)
            elif one.state in UNSENT:
                unsent.setdefault(one.dsp, []).append(one)
            elif one.state in LIVE and not is_takedown(tx, one):
                live[one.dsp] = one
        return _AtDsps(live, unsent, ordered)

    @property
    def everywhere(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.live, *self.unsent]))


@dataclass(frozen=True, slots=True)
class Takedowns:
    """The use case of taking a release down."""

    config: Config
    store: Store
    deliveries: Deliveries
    notify: Notify
    clock: Clock

    def takedown(
        self, release: str, by: By, reason: str, dsps: Sequence[str] = (), told: Sequence[str] = ()
    ) -> TakenDown:
        """Take a release down at these DSPs, else at all that have it or are to get it.

        `release` is what flow.lookup.package_meant understands. A DSP that has nothing yet gets nothing. `told` are
        DSPs that a person told, whatever they get from us. Once no DSP has the release, its packages are Taken Down.

        Raises NotFound; Refused without a reason, and for DSPs that get packages as received, which no message takes
        down; Conflict where no DSP has the release, a named one has it not, or it is being sent as received right now.
        """
        if not reason.strip():
            raise Refused(Code.REASON_MISSING)
        with self._locks(release) as locked, self.store.transaction() as tx:
            meant = package_meant(tx, release)
            check_dsps(self.config, (*dsps, *told))
            at = _AtDsps.of(tx, meant)
            wanted = tuple(dict.fromkeys(one for one in (dsps or at.everywhere) if one not in told))
            _check_there(at, (*wanted, *told), release)
            newest = next(iter(went_out(tx, meant)), meant)
            dropped = [dsp for dsp in (*wanted, *told) if self._drop(tx, at, dsp, locked)]
            added = self._order(tx, at, wanted, reason)
            for dsp in told:
                rows.note_taken_down(tx, dsp, newest)
            self._record(tx, newest, by, reason, {"dsps": list(wanted), "dropped": dropped, "told": list(told)})
            self._conclude(tx, newest, reason)
            return TakenDown(newest.id, tuple(delivery_line(tx, one) for one in added), tuple(dropped), tuple(told))

    @contextmanager
    def _locks(self, release: str) -> Iterator[Collection[str]]:
        """Keep workers from beginning to send what may be dropped; the DSPs to which nobody is sending now."""
        with self.store.reading() as tx:
            package = package_meant(tx, release)
            unsent = list(_AtDsps.of(tx, package).unsent)
            name = f"package {package.id}" if package.release_id is None else str(package.release_id)
        with ExitStack() as held:
            state = self.config.paths.state_dir
            locks = {dsp: held.enter_context(sending_lock(self.store, state, name, dsp)) for dsp in unsent}
            yield [dsp for dsp, is_ours in locks.items() if is_ours]

    def _drop(self, tx: Session, at: _AtDsps, dsp: str, locked: Collection[str]) -> bool:
        """Drop what the DSP was to get and of which nothing can have been sent; whether it has and gets nothing now."""
        begun = [one for one in at.unsent.get(dsp, ()) if dsp not in locked or shipment_of(tx, one.id) is not None]
        if begun and not self._writes(dsp):
            raise Conflict(Code.DELIVERY_UNDER_WAY, package=begun[0].package_id, dsp=dsp)
        for one in at.unsent.get(dsp, ()):
            if one not in begun:
                rows.supersede(tx, one, one.package_id)
        return not begun and dsp not in at.live

    def _order(self, tx: Session, at: _AtDsps, dsps: Sequence[str], reason: str) -> list[Delivery]:
        """Owe a takedown to each DSP that has the release or is being sent it, unless it is owed one already."""
        having = {dsp: one for dsp in dsps if (one := self._had(at, dsp)) is not None and dsp not in at.ordered}
        if unwritten := tuple(dsp for dsp in having if not self._writes(dsp)):
            raise Refused(Code.NO_TAKEDOWN_MESSAGE, dsps=unwritten)
        now, added = self.clock(), []
        for dsp, one in having.items():
            row = rows.add_delivery(tx, one.package_id, dsp, DeliveryPurpose.TAKEDOWN, now, notes=reason)
            self.deliveries.begin(tx, row, now)
            added.append(row)
        return added

    def _had(self, at: _AtDsps, dsp: str) -> Delivery | None:
        """The delivery that is to be taken down: the last one that the DSP has, or is being sent."""
        begun = [one for one in at.unsent.get(dsp, ()) if one.state in UNSENT]
        return begun[-1] if begun else at.live.get(dsp)

    def _writes(self, dsp: str) -> bool:
        """Whether the DSP gets messages of ours; one that left the configuration gets nothing."""
        target = self.config.dsp.get(dsp)
        return target is not None and target.writes_messages

    def _record(self, tx: Session, package: Package, by: By, reason: str, details: Mapping[str, list[str]]) -> None:
        """Keep who decided what and why, and owe the emails to label and QC."""
        now = self.clock()
        decision = record_decision(tx, DecisionKind.TAKEDOWN, by, now, package=package.id, note=reason, details=details)
        stores, told = (self._titles(details[name]) for name in ("dsps", "told"))
        shown = {"reason": reason, "stores": "\n".join([*stores, *told])}
        self.notify.owe(
            tx, f"takedown:{decision}:label", NoticeKind.TAKEDOWN, Audience.LABEL, now, package=package, details=shown
        )
        shown = {"reason": reason, "who": by.who, "stores": "\n".join(stores), "told": "\n".join(told)}
        kind = NoticeKind.TAKEDOWN_ORDERED
        self.notify.owe(tx, f"takedown:{decision}:qc", kind, Audience.QC, now, package=package, details=shown)

    def _titles(self, dsps: Sequence[str]) -> list[str]:
        return [self.config.dsp[dsp].title or dsp if dsp in self.config.dsp else dsp for dsp in dsps]

    def _conclude(self, tx: Session, package: Package, reason: str) -> None:
        """Move the packages of the release on where nothing is left to be sent."""
        now: datetime = self.clock()
        self.deliveries.note_gone(tx, package, now, reason, is_told=True)
        for one in went_out(tx, package):
            self.deliveries.conclude(tx, one.id, now)


def _check_there(at: _AtDsps, dsps: Sequence[str], release: str) -> None:
    """Raise Conflict where there is nothing to take down."""
    if not dsps:
        raise Conflict(Code.NOT_AT_A_DSP, release=release)
    for dsp in dsps:
        if dsp not in at.everywhere and dsp not in at.ordered:
            raise Conflict(Code.DSP_HAS_IT_NOT, dsp=dsp)
