"""Shipments: the message and files of one delivery, made once, frozen, and sent until the DSP has them.

A shipment is made when its delivery is attempted first and no older one of the release to the same DSP is still owed;
from then on every attempt sends the same bytes under the same names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from ingest.config import Config, Dsp
from ingest.core.delivery_kind import DeliveryKind
from ingest.core.delivery_state import DeliveryPurpose
from ingest.core.dossier import Dossier
from ingest.core.identifiers import canonical_grid
from ingest.core.log import Log
from ingest.core.outcome import Done, Failed, Outcome, Waits
from ingest.core.release import Release
from ingest.core.release_reading import release_of
from ingest.core.sent_file import SentFile
from ingest.flow.proposals import Proposals
from ingest.flow.sending_progress import sending
from ingest.flow.shipment_check import READABLE, NotChecked, ShipmentCheck, told
from ingest.flow.shipment_files import wanted_files
from ingest.flow.shipment_plans import Planned, from_stored, to_stored
from ingest.flow.storage import kept_of
from ingest.flow.stored_dossier import dossier_of
from ingest.host import private
from ingest.host.fsync import flush
from ingest.inbound.storage import Kept, Storage
from ingest.outbound.dsp.layouts import Placed, message_url, next_batch_id, placed, release_id
from ingest.outbound.dsp.manifest import BatchedMessage, write_manifest
from ingest.outbound.dsp.open_transport import open_transport
from ingest.outbound.dsp.send import send
from ingest.outbound.dsp.transport import TransportError
from ingest.outbound.ern.outgoing import MessageParty, Outgoing, Transmission, UpdateIndicator
from ingest.outbound.ern.versions import NotValid, write
from ingest.outbound.shipment.build import Convert, NotBuilt, build, prove, remove
from ingest.readers.json_values import from_json, to_json
from ingest.store import shipments as rows
from ingest.store.database import Clock, Store
from ingest.store.deliveries import attempts_of, get_delivery
from ingest.store.models import Delivery, Package, Shipment

MESSAGE: Final = "message.xml"
MANIFEST: Final = "manifest.xml"
FILES: Final = "files"
NOTHING: Final = "there is nothing to send to this DSP any more: {}"
WAITS: Final = "it waits for the delivery of package {} to the same DSP, which is older"
OURS: Final = "this is an error of ours; report it with the shipment's number"
MOST_CRASHES: Final = 2
"""Attempts before this one that ended by the same crash, after which it is for good."""
NOT_GOOD: Final = "what was made for this DSP does not pass our own checks ({}); {}"


@dataclass(frozen=True, slots=True)
class Made:
    """A shipment as an attempt needs it, apart from its row. `failures` are the reasons of the last attempts."""

    number: int
    delivery: int
    package: int
    batch_id: str
    transmission: Transmission
    plan: Planned
    release: Release
    dossier: Dossier
    files: tuple[SentFile, ...] | None
    digests: Mapping[str, str]
    kept: Kept
    path: str
    received: date
    failures: tuple[str | None, ...]

    @property
    def name(self) -> str:
        """The name of its folder and message at the DSP."""
        return release_id(self.release, str(self.package))


@dataclass(frozen=True, slots=True)
class Shipments:
    """What deliveries to DSPs that get messages of ours send."""

    config: Config
    store: Store
    storage: Storage
    convert: Convert
    proposals: Proposals
    check: ShipmentCheck
    clock: Clock
    log: Log

    def deliver(self, package: int, dsp: str, number: int = 1) -> Outcome:
        """Make the shipment of a delivery unless it is made, and send it. It may be repeated, also after a crash."""
        target = self.config.dsp[dsp]
        with self.store.transaction() as tx:
            found = self._made(tx, package, dsp, number)
        if isinstance(found, Failed | Done | Waits):
            return found
        try:
            files = self._files(found, target)
            placed = self._placed(found, target, files)
            in_all = sum(local.stat().st_size for local in placed.files.values())
            with (
                open_transport(target) as transport,
                sending(self.store, self.clock, self.log, found.delivery, dsp, in_all) as progress,
            ):
                send(transport, placed, progress)
        except TransportError as error:
            return Failed(str(error), error.permanent)
        except NotBuilt as error:
            has_crashed = error.is_crash and found.failures == (str(error),) * MOST_CRASHES
            return Failed(str(error), error.permanent or has_crashed)
        except NotValid as error:
            return Failed(f"the message is not valid ({error}); {OURS}", permanent=True)
        return Done()

    def _made(self, tx: Session, package: int, dsp: str, number: int) -> Made | Done | Failed | Waits:
        """The shipment, which is planned now if it was not before; else why there is none."""
        delivery, row = get_delivery(tx, package, dsp, number), tx.get(Package, package)
        if delivery is None or row is None:
            return Failed("nothing is owed to this DSP")
        shipment = rows.shipment_of(tx, delivery.id)
        if shipment is None:
            older = rows.older_owed(tx, delivery)
            if older is not None:
                return Waits(WAITS.format(older.package_id))
            planned = self._plan(tx, row, delivery)
            if not isinstance(planned, Planned):
                return planned
            with suppress(rows.OtherShipment):
                plan = to_stored(planned)
                shipment = rows.add_shipment(tx, delivery, planned.kind, plan, self.clock(), next_batch_id)
        return Failed("it is made by another process") if shipment is None else self._read(tx, shipment, delivery)

    def _plan(self, tx: Session, package: Package, delivery: Delivery) -> Planned | Done | Failed:
        proposal = self.proposals.of(tx, package, delivery.dsp, DeliveryPurpose(delivery.purpose))
        if proposal is None:
            return Failed("the package has no dossier")
        if proposal.planned is not None:
            return proposal.planned
        reasons = proposal.reasons
        return Failed(NOTHING.format("; ".join(reasons)), permanent=True) if reasons else Done()

    def _read(self, tx: Session, shipment: Shipment, delivery: Delivery) -> Made | Failed:
        """What is known of a shipment. A takedown describes the release as the DSP has it, for labels send little."""
        plan, package = from_stored(shipment.plan), tx.get_one(Package, delivery.package_id)
        described = package.id
        if plan.kind is DeliveryKind.TAKEDOWN and (last := rows.last_sent(tx, delivery)) is not None:
            described = tx.get_one(Delivery, last.delivery_id).package_id
        dossier, own = dossier_of(tx, described), dossier_of(tx, package.id)
        release = None if dossier is None else release_of(dossier)
        if own is None or release is None:
            return Failed("the package has no dossier")
        release = replace(release, label_name=release.label_name or package.label.title)
        files = None if shipment.files is None else stored_files(shipment.files)
        return Made(
            number=shipment.id,
            delivery=delivery.id,
            package=package.id,
            batch_id=shipment.batch_id,
            transmission=self._transmission(shipment, delivery),
            plan=plan,
            release=release,
            dossier=own,
            files=files,
            digests=_stored_digests(shipment.files),
            kept=kept_of(package),
            path=package.path,
            received=package.received_at.date(),
            failures=tuple(
                one.reason for one in attempts_of(tx, delivery.id)[-MOST_CRASHES:] if one.run == delivery.runs
            ),
        )

    def _transmission(self, shipment: Shipment, delivery: Delivery) -> Transmission:
        dsp = self.config.dsp[delivery.dsp]
        update: UpdateIndicator = "OriginalMessage" if shipment.kind == DeliveryKind.INSERT else "UpdateMessage"
        return Transmission(
            message_id=shipment.message_id,
            thread_id=f"{shipment.release_id.hex}-{shipment.dsp}",
            sender=MessageParty(self.config.ddex.party_id or "", self.config.sender_name),
            recipients=tuple(MessageParty(party, name) for party, name in dsp.recipients.items()),
            created=shipment.created_at,
            is_test=dsp.test_mode,
            update_indicator=update if dsp.update_indicator else None,
        )

    def _files(self, made: Made, dsp: Dsp) -> tuple[SentFile, ...]:
        """The media of the shipment, made, judged and frozen, or proved where they are. Raises NotBuilt, NotValid."""
        folder = self.storage.shipment(made.number)
        if made.files is not None:
            prove(folder, made.digests)
            return made.files
        private.make_folder(folder)
        if not (folder / FILES / f"{made.name}.xml").exists():
            with suppress(FileNotFoundError):
                remove(folder / FILES)  # left unfinished by an earlier version, which froze no message
        wanted = wanted_files(made.release, made.dossier, str(made.package), dsp) if made.plan.has_files else []
        with self._source(made, folder) as source:
            files = build(source, wanted, folder / FILES, self.convert, partial(self._texts, made, dsp))
        self._judge(made, dsp, folder / FILES)
        texts = self._keep_texts(made, dsp, folder)
        media = tuple(file for file in files if file.source)
        with self.store.transaction() as tx:
            rows.record_built(tx, made.number, _to_stored(made.release, media, texts), self.clock())
        return media

    @contextmanager
    def _source(self, made: Made, folder: Path) -> Iterator[Path]:
        """Where the files of the package lie; any folder where none is wanted, for they may be gone by now."""
        if not made.plan.has_files:
            yield folder
            return
        nested = made.dossier.folder.nested
        with self.storage.local(made.kept, made.path) as release:
            yield release if nested is None else release / nested

    def _texts(self, made: Made, dsp: Dsp, files: tuple[SentFile, ...]) -> dict[str, bytes]:
        """The message, under its name. Raises NotValid."""
        sent = {file.source: file for file in files}
        outgoing = Outgoing(made.transmission, made.release, made.plan.offers, sent, dsp.hash_algorithm)
        return {f"{made.name}.xml": write(dsp.ern_version or "", outgoing, is_purge=made.plan.state.is_purged)}

    def _judge(self, made: Made, dsp: Dsp, folder: Path) -> None:
        """Raise NotBuilt, and leave nothing, where we would refuse what is to be sent if a label sent it."""
        if dsp.ern_version not in READABLE:
            return
        try:
            errors = self.check.errors(folder, made.name, made.release, made.plan.kind, made.received)
        except NotChecked as error:
            raise NotBuilt(f"what was made for this DSP could not be checked: {error}", is_crash=True) from error
        if errors:
            remove(folder)
            raise NotBuilt(NOT_GOOD.format(told(errors), OURS), permanent=True)

    def _keep_texts(self, made: Made, dsp: Dsp, folder: Path) -> dict[str, str]:
        """The message apart from the media, as it is kept for ever, and the manifest; returns their SHA-256."""
        message = (folder / FILES / f"{made.name}.xml").read_bytes()
        digest = hashlib.md5(message, usedforsecurity=False).hexdigest()
        url, is_purge = message_url(dsp, made.name), made.plan.state.is_purged
        batched = BatchedMessage(made.transmission, made.release, made.plan.kind, url, digest, is_purge)
        texts = {MESSAGE: message, MANIFEST: write_manifest(batched)}
        for text, content in texts.items():
            private.write(folder / text, content)
            flush(folder / text)
        flush(folder)
        return {text: hashlib.sha256(content).hexdigest() for text, content in texts.items()}

    def _placed(self, made: Made, dsp: Dsp, files: Sequence[SentFile]) -> Placed:
        folder = self.storage.shipment(made.number)
        resources = {file.path: folder / FILES / file.path for file in files}
        manifest, is_first = (folder / MANIFEST).read_bytes(), made.plan.kind is DeliveryKind.TAKEDOWN
        return placed(dsp, made.batch_id, made.name, folder / MESSAGE, resources, manifest, is_first=is_first)

    def record_sent(self, tx: Session, delivery: int, now: datetime) -> None:
        """Record that the DSP has the shipment of a delivery; nothing where the delivery has none."""
        rows.record_sent(tx, delivery, now)


def _to_stored(release: Release, files: Sequence[SentFile], texts: Mapping[str, str]) -> dict[str, Any]:
    """What is stored of what was made; the GRid, for answers that name the release by that alone."""
    grid = {} if release.grid is None else {"grid": canonical_grid(release.grid)}
    return {"files": [to_json(file) for file in files], "texts": dict(texts), **grid}


def stored_files(stored: Mapping[str, Any]) -> tuple[SentFile, ...]:
    """The files of a shipment, as they were stored with its row."""
    return tuple(from_json(SentFile, one) for one in stored["files"])


def _stored_digests(stored: Mapping[str, Any] | None) -> dict[str, str]:
    """The SHA-256 of all that a shipment sends, by its path in the shipment's folder; empty until it is built."""
    if stored is None:
        return {}
    texts: Mapping[str, str] = stored.get("texts", {})
    return {**{f"{FILES}/{file.path}": file.sha256 for file in stored_files(stored)}, **texts}
