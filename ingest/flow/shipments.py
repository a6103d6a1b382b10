"""Shipments: the message and files of one delivery, made once, frozen, and sent until the DSP has them.

A shipment is made when its delivery is attempted first and no older one of the release to the same DSP is still owed;
from then on every attempt sends the same bytes under the same names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from ingest.config import Config, Dsp
from ingest.core.conversion import Form
from ingest.core.delivery_kind import DeliveryKind
from ingest.core.dossier import Dossier
from ingest.core.outcome import Done, Failed, Outcome
from ingest.core.release import Release
from ingest.core.release_reading import release_of
from ingest.core.sent_file import SentAudio, SentFile, SentImage
from ingest.flow.proposals import Proposals
from ingest.flow.shipment_plans import Planned, from_stored, to_stored
from ingest.flow.storage import kept_of
from ingest.flow.stored_dossier import dossier_of
from ingest.host import private
from ingest.host.fsync import flush
from ingest.inbound.storage import Kept, Storage
from ingest.outbound.dsp.layouts import Placed, message_url, next_batch_id, placed, release_id, resource_names
from ingest.outbound.dsp.manifest import BatchedMessage, write_manifest
from ingest.outbound.dsp.open_transport import open_transport
from ingest.outbound.dsp.send import send
from ingest.outbound.dsp.transport import TransportError
from ingest.outbound.ern.outgoing import MessageParty, Outgoing, Transmission, UpdateIndicator
from ingest.outbound.ern.versions import NotValid, write
from ingest.outbound.shipment.build import Convert, NotBuilt, build, prove
from ingest.outbound.shipment.manifest import Wanted
from ingest.readers.json_values import from_json, to_json
from ingest.store import shipments as rows
from ingest.store.database import Clock, Store
from ingest.store.deliveries import get_delivery
from ingest.store.models import Delivery, Package, Shipment

MESSAGE: Final = "message.xml"
MANIFEST: Final = "manifest.xml"
FILES: Final = "files"
SUFFIXES: Final = {Form.FLAC: ".flac", Form.SRGB_JPEG: ".jpg"}
NOTHING: Final = "there is nothing to send to this DSP any more: {}"
WAITS: Final = "it waits for the delivery of package {} to the same DSP, which is older"
OURS: Final = "this is an error of ours; report it with the shipment's number"


@dataclass(frozen=True, slots=True)
class Made:
    """A shipment as an attempt needs it, apart from its row.

    `files` is None until it is built; from then on `digests` has the SHA-256 of all that is sent, by its path in the
    shipment's folder. Those of the message and manifest are missing where a version built it that recorded none.
    """

    number: int
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


@dataclass(frozen=True, slots=True)
class Shipments:
    """What deliveries to DSPs that get messages of ours send."""

    config: Config
    store: Store
    storage: Storage
    convert: Convert
    proposals: Proposals
    clock: Clock

    def deliver(self, package: int, dsp: str) -> Outcome:
        """Make the shipment of a delivery unless it is made, and send it. It may be repeated, also after a crash."""
        target = self.config.dsp[dsp]
        with self.store.transaction() as tx:
            found = self._made(tx, package, dsp)
        if isinstance(found, Failed | Done):
            return found
        try:
            files = self._files(found, target)
            with open_transport(target) as transport:
                send(transport, self._placed(found, target, files), lambda size: None)
        except TransportError as error:
            return Failed(str(error), error.permanent)
        except NotBuilt as error:
            return Failed(str(error), error.permanent)
        except NotValid as error:
            return Failed(f"the message is not valid ({error}); {OURS}", permanent=True)
        return Done()

    def _made(self, tx: Session, package: int, dsp: str) -> Made | Done | Failed:
        """The shipment, which is planned now if it was not before; else why there is none."""
        delivery, row = get_delivery(tx, package, dsp), tx.get(Package, package)
        if delivery is None or row is None:
            return Failed("nothing is owed to this DSP")
        shipment = rows.shipment_of(tx, delivery.id)
        if shipment is None:
            older = rows.older_owed(tx, delivery)
            if older is not None:
                return Failed(WAITS.format(older.package_id))
            planned = self._plan(tx, row, dsp)
            if not isinstance(planned, Planned):
                return planned
            with suppress(rows.OtherShipment):
                plan = to_stored(planned)
                shipment = rows.add_shipment(tx, delivery, planned.kind, plan, self.clock(), next_batch_id)
        return Failed("it is made by another process") if shipment is None else self._read(tx, shipment, delivery)

    def _plan(self, tx: Session, package: Package, dsp: str) -> Planned | Done | Failed:
        proposal = self.proposals.of(tx, package, dsp)
        if proposal is None:
            return Failed("the package has no dossier")
        if proposal.planned is not None:
            return proposal.planned
        reasons = self.proposals.refused(tx, package, dsp)
        return Done() if reasons is None else Failed(NOTHING.format("; ".join(reasons)), permanent=True)

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
        files = None if shipment.files is None else stored_files(shipment.files)
        return Made(
            number=shipment.id,
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
        """The files of the shipment, made and frozen, or proved where they are. Raises NotBuilt and NotValid."""
        folder = self.storage.shipment(made.number)
        if made.files is not None:
            prove(folder, made.digests)
            return made.files
        private.make_folder(folder)
        files: tuple[SentFile, ...] = ()
        if made.plan.has_files:
            nested = made.dossier.folder.nested
            with self.storage.local(made.kept, made.path) as release:
                source = release if nested is None else release / nested
                files = build(source, _wanted(made, dsp), folder / FILES, self.convert)
        texts = self._write_message(made, dsp, files, folder)
        with self.store.transaction() as tx:
            rows.record_built(tx, made.number, _to_stored_files(files, texts), self.clock())
        return files

    def _write_message(self, made: Made, dsp: Dsp, files: Sequence[SentFile], folder: Path) -> dict[str, str]:
        """The message and the manifest of its batch, on the disk; returns their SHA-256 by name."""
        sent = {file.source: file for file in files}
        outgoing = Outgoing(made.transmission, made.release, made.plan.offers, sent, dsp.hash_algorithm)
        is_purge = made.plan.state.is_purged
        message = write(dsp.ern_version or "", outgoing, is_purge=is_purge)
        name = release_id(made.release, str(made.package))
        digest = hashlib.md5(message, usedforsecurity=False).hexdigest()
        batched = BatchedMessage(
            made.transmission, made.release, made.plan.kind, message_url(dsp, name), digest, is_purge
        )
        texts = {MESSAGE: message, MANIFEST: write_manifest(batched)}
        for text, content in texts.items():
            private.write(folder / text, content)
            flush(folder / text)
        flush(folder)
        return {text: hashlib.sha256(content).hexdigest() for text, content in texts.items()}

    def _placed(self, made: Made, dsp: Dsp, files: Sequence[SentFile]) -> Placed:
        folder = self.storage.shipment(made.number)
        resources = {file.path: folder / FILES / file.path for file in files}
        name, manifest = release_id(made.release, str(made.package)), (folder / MANIFEST).read_bytes()
        is_first = made.plan.kind is DeliveryKind.TAKEDOWN
        return placed(dsp, made.batch_id, name, folder / MESSAGE, resources, manifest, is_first=is_first)

    def record_sent(self, tx: Session, delivery: int, now: datetime) -> None:
        """Record that the DSP has the shipment of a delivery; nothing where the delivery has none."""
        rows.record_sent(tx, delivery, now)


def _wanted(made: Made, dsp: Dsp) -> list[Wanted]:
    """The files that a message with files brings: every track and preview, and the images, in the forms of the DSP."""
    digests = {entry.path: entry.sha256 for entry in made.dossier.folder.entries if entry.sha256 is not None}
    tracks = [path for track in made.release.tracks for path in (track.file, track.preview) if path in digests]
    images = [image.file for image in made.release.images if image.file in digests]
    forms = {path: Form(dsp.audio) for path in tracks if path is not None}
    forms |= {path: Form(dsp.cover) for path in images if path is not None}
    suffixes = {path: SUFFIXES.get(form, Path(path).suffix.lower()) for path, form in forms.items()}
    named = resource_names(made.release, str(made.package), suffixes)
    return [
        Wanted(path, digests[path], name, forms[path], _audio(made.dossier, path), _image(made.dossier, path))
        for path, name in named.items()
    ]


def _audio(dossier: Dossier, path: str) -> SentAudio | None:
    """What a track is that is sent as received, as it was measured."""
    facts = dossier.audio_of(path)
    if facts is None:
        return None
    codec, seconds = facts.codec or facts.container.value, facts.duration or 0.0
    return SentAudio(codec, facts.sample_rate or 0, facts.bits or 0, facts.channels or 0, seconds)


def _image(dossier: Dossier, path: str) -> SentImage | None:
    """What a picture is that is sent as received."""
    facts = next((one for one in dossier.artwork if one.file == path), None)
    return None if facts is None else SentImage(facts.format, facts.width or 0, facts.height or 0)


def _to_stored_files(files: Sequence[SentFile], texts: Mapping[str, str]) -> dict[str, Any]:
    return {"files": [to_json(file) for file in files], "texts": dict(texts)}


def stored_files(stored: Mapping[str, Any]) -> tuple[SentFile, ...]:
    """The files of a shipment, as they were stored with its row."""
    return tuple(from_json(SentFile, one) for one in stored["files"])


def _stored_digests(stored: Mapping[str, Any] | None) -> dict[str, str]:
    """The SHA-256 of all that a shipment sends, by its path in the shipment's folder; empty until it is built."""
    if stored is None:
        return {}
    texts: Mapping[str, str] = stored.get("texts", {})
    return {**{f"{FILES}/{file.path}": file.sha256 for file in stored_files(stored)}, **texts}
