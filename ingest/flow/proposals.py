"""What DSPs would get of packages now, for those who decide about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.delivery_state import DeliveryPurpose
from ingest.flow.shipment_plans import Proposal, from_stored, propose
from ingest.flow.stored_dossier import dossier_of
from ingest.store import shipments as rows
from ingest.store.database import Clock
from ingest.store.models import Package


@dataclass(frozen=True, slots=True)
class Proposals:
    """What DSPs that get messages of ours would get; nothing is sent or stored."""

    config: Config
    clock: Clock

    def of(
        self, tx: Session, package: Package, dsp: str, purpose: DeliveryPurpose = DeliveryPurpose.DELIVER
    ) -> Proposal | None:
        """What the DSP would get of a package now; None for a DSP that gets packages as they came, or no dossier."""
        target, dossier = self.config.dsp[dsp], dossier_of(tx, package.id)
        if dossier is None or not target.writes_messages:
            return None
        last = rows.last_sent_of(tx, package, dsp)
        had = None if last is None else from_stored(last.plan)
        return propose(dossier, target, self.config.contract(dsp), had, self.clock().date(), purpose)

    def told(self, tx: Session, package: Package) -> Iterator[str]:
        """What each agreed DSP that gets messages of ours would get of a package, a sentence each, for QC."""
        for dsp in package.label.dsps:
            if dsp in self.config.dsp and (proposal := self.of(tx, package, dsp)) is not None:
                yield f"{self.config.dsp[dsp].title or dsp}: {_sentence(proposal)}"

    def refused(self, tx: Session, package: Package, dsp: str) -> tuple[str, ...] | None:
        """Why the DSP gets nothing of a package; None where it gets something, or has it as it is."""
        proposal = self.of(tx, package, dsp)
        return None if proposal is None or proposal.planned is not None else proposal.reasons or None


def _sentence(proposal: Proposal) -> str:
    """What a DSP would get, and what of the deals it would not."""
    planned, reasons = proposal.planned, proposal.reasons
    if planned is None:
        return f"nothing, because {'; '.join(reasons)}" if reasons else "nothing: it has this already"
    files = "with all files" if planned.has_files else "without files"
    deals = "1 deal" if len(planned.offers) == 1 else f"{len(planned.offers)} deals"
    more = f". Look at: {'; '.join(reasons)}" if reasons else ""
    return f"{planned.kind.value.replace('-', ' ')}, {files}, {deals}{more}"
