"""What earlier packages share with a new one: barcode, ISRCs, audio. Every query uses an index.

Only packages that we accepted count. Takedowns and purges bring no recordings, and recordings without a SHA-256 are not
compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.delivery_state import SENT as SENT_STATES
from ingest.core.dossier import AudioFingerprint, Dossier, KnownRelease, KnownTrack, Track, tracks
from ingest.core.facts import AudioFacts
from ingest.core.identifiers import canonical_isrc
from ingest.core.kind import APPROVED, tracks_with_deals
from ingest.core.release import Release, release_key
from ingest.core.release_reading import release_of
from ingest.core.status import Status
from ingest.core.text import cut
from ingest.store.models import Delivery, Package, RecordingRow, ReleaseRow
from ingest.store.releases import BRINGS, STATUSES, oldest_elsewhere, packages_under, same_release

SENT: Final = (Status.QC_APPROVED.value, Status.DELIVERED.value, Status.TAKEN_DOWN.value)
"""Statuses of packages that went to the DSPs."""

MOST_VALUES: Final = 500
"""Values that one query looks for."""
MOST_OF_BARCODE: Final = 20
"""Packages of one release that are looked at."""
MOST_ASKED: Final = 500
"""Barcodes that are asked for at once: releases of one batch."""


def known_releases(tx: Session, package: int, label: int, dossier: Dossier) -> tuple[KnownRelease, ...]:
    """What is known of earlier releases: those of the same barcode, and for each ISRC and audio the oldest recording.

    That is the oldest of the label itself, and the oldest of all others. Nothing is returned for a track that an
    earlier package of this release had with the same audio and ISRC: it did not change, so later uses of it by others
    do not matter.
    """
    said = release_of(dossier) or Release()
    by_barcode = list(_of_barcode(tx, package, label, said.barcode or ""))
    audio = {digest: facts.file for facts in dossier.audio if (digest := facts.hashes.get("sha256")) and facts.size}
    isrcs = {isrc: isrc for isrc in _isrcs(dossier)}
    kept = _kept(tx, [one.package for one in by_barcode if one.same_label], dossier)
    by_isrc = _recorded(tx, package, label, "isrc", {one: name for one, name in isrcs.items() if one not in kept})
    by_audio = _recorded(tx, package, label, "audio", {one: name for one, name in audio.items() if one not in kept})
    return (*by_barcode, *by_isrc, *by_audio)


def _kept(tx: Session, earlier: Sequence[int], dossier: Dossier) -> set[str]:
    """The ISRCs and digests that only occur in tracks that the `earlier` packages have unchanged."""
    query = (
        sa.select(RecordingRow.isrc, RecordingRow.sha256)
        .join(Package, Package.id == RecordingRow.package_id)
        .where(RecordingRow.package_id.in_(earlier), RecordingRow.sha256.is_not(None), BRINGS)
    )
    held = {(isrc, digest) for isrc, digest in tx.execute(query)} if earlier else set()
    pairs = {(_isrc(track), track.audio.hashes.get("sha256")) for track in tracks(dossier) if track.audio is not None}
    changed = {value for pair in pairs - held for value in pair}
    return {value for pair in pairs & held for value in pair if value and value not in changed}


def all_approved(tx: Session, label: int, barcodes: Collection[str]) -> bool:
    """Whether the label has releases of all these barcodes that QC approved; False for more than MOST_ASKED."""
    keys = {release_key(barcode) for barcode in barcodes}
    if None in keys or len(keys) > MOST_ASKED:
        return False
    approved = sa.select(sa.func.count(ReleaseRow.key.distinct())).where(
        ReleaseRow.label_id == label,
        ReleaseRow.key.in_(keys),
        sa.exists().where(Package.release_id == ReleaseRow.id, Package.status.in_(APPROVED)),
    )
    return tx.scalar(approved) == len(keys)


def newer_of(tx: Session, package: Package) -> Package | None:
    """A newer package of the same release that went to the DSPs; None where there is none.

    Newer is the package whose message was made later; of two made at the same time, the one that arrived later.
    """
    return tx.scalars(_newer(package).limit(1)).first()


def delivered_later(tx: Session, package: Package, dsp: str) -> int | None:
    """The number of a newer package of the same release that this DSP has; None where there is none."""
    has = sa.exists().where(Delivery.package_id == Package.id, Delivery.state.in_(SENT_STATES), Delivery.dsp == dsp)
    found = tx.scalars(_newer(package).where(has).limit(1)).first()
    return None if found is None else found.id


def _newer(package: Package) -> sa.Select[Package]:
    """The newer packages of the same release that went to the DSPs, newest first; none if its age is unknown."""
    made = package.made_at
    if made is None:
        return sa.select(Package).where(sa.false())
    after = (Package.made_at > made) | ((Package.made_at == made) & (Package.id > package.id))
    query = sa.select(Package).where(same_release(package), Package.status.in_(SENT), after)
    return query.order_by(Package.made_at.desc(), Package.id.desc())


def all_of_release(tx: Session, package: Package) -> Sequence[int]:
    """The numbers of the other packages of the same release that went to the DSPs, the newest first."""
    others = same_release(package), Package.id != package.id
    query = sa.select(Package.id).where(*others, Package.status.in_(SENT))
    return tx.scalars(query.order_by(Package.id.desc()).limit(MOST_OF_BARCODE)).all()


def went_out(tx: Session, package: Package) -> Sequence[Package]:
    """The packages of this one's release that brought it to the DSPs, the newest message first; no takedowns."""
    query = sa.select(Package).where(same_release(package), Package.status.in_(SENT), BRINGS)
    return tx.scalars(query.order_by(Package.made_at.desc().nulls_last(), Package.id.desc())).all()


def waiting_for_qc(tx: Session, package: Package) -> Sequence[Package]:
    """The packages of this one's release that bring it and wait for QC, the newest message first."""
    query = sa.select(Package).where(same_release(package), Package.status == Status.NEEDS_QC.value, BRINGS)
    return tx.scalars(query.order_by(Package.made_at.desc().nulls_last(), Package.id.desc())).all()


def save_recordings(tx: Session, package: int, label: int, dossier: Dossier) -> None:
    """Store the recordings of a package that passed, so that later packages can be compared with them.

    A recording without audio, as in an update, gets the fingerprint that it had in the earlier package.
    """
    tx.execute(sa.delete(RecordingRow).where(RecordingRow.package_id == package))
    message = dossier.message
    if message is None:
        return
    sold = tracks_with_deals(message)
    before = {one.track.isrc: one.track.heard for one in dossier.known if one.track is not None and one.same_label}
    for track in tracks(dossier):
        recording = track.recording
        isrc = _isrc(track)
        if track.audio is not None:
            sound = audio_fingerprint(track.audio)
        else:
            sound = before.get(isrc, AudioFingerprint(None))
        title = recording.title.text.value if recording.title is not None and recording.title.text is not None else ""
        tx.add(
            RecordingRow(
                package_id=package,
                label_id=label,
                number=track.number,
                isrc=isrc,
                title=cut(title),
                sha256=sound.sha256,
                seconds=sound.seconds,
                loudness=sound.loudness,
                peak=sound.peak,
                sold=recording.isrc is not None and recording.isrc.value in sold,
            )
        )
    tx.flush()


def audio_fingerprint(audio: AudioFacts) -> AudioFingerprint:
    """What identifies this audio; None for what was not measured."""
    measured = audio.measurement
    loudness = measured.loudness.integrated if measured is not None and measured.loudness is not None else None
    peak = None if measured is None else measured.true_peak
    return AudioFingerprint(audio.hashes.get("sha256"), audio.duration, loudness, peak)


def _isrc(track: Track) -> str:
    isrc = track.recording.isrc
    return "" if isrc is None else canonical_isrc(isrc.value)


def _isrcs(dossier: Dossier) -> list[str]:
    message = dossier.message
    written = () if message is None else (one.isrc for one in message.recordings if one.isrc is not None)
    return [isrc for text in written if (isrc := canonical_isrc(text.value))]


def _of_barcode(tx: Session, package: int, label: int, barcode: str) -> Iterator[KnownRelease]:
    key = release_key(barcode)
    if key is None:
        return
    earlier = packages_under(key, label).where(Package.id != package, Package.status.in_(STATUSES))
    own = tx.scalars(earlier.order_by(Package.id.desc()).limit(MOST_OF_BARCODE)).all()
    other = oldest_elsewhere(tx, key, label)
    sold = _sold(tx, own[0].id) if own else ()
    for row in (*own, *filter(None, (other,))):
        yield _known(row, label, "barcode", barcode, sold=sold if own and row is own[0] else ())


def _sold(tx: Session, package: int) -> tuple[str, ...]:
    query = sa.select(RecordingRow.isrc).where(RecordingRow.package_id == package, RecordingRow.sold.is_(True))
    return tuple(tx.scalars(query.order_by(RecordingRow.id)))


def _recorded(tx: Session, package: int, label: int, shared: str, values: dict[str, str]) -> list[KnownRelease]:
    """The oldest recordings with these ISRCs or digests; `values` maps each to its ISRC or file in this package."""
    column = RecordingRow.isrc if shared == "isrc" else RecordingRow.sha256
    oldest: list[int] = []
    wanted = list(values)
    for start in range(0, len(wanted), MOST_VALUES):
        query = (
            sa.select(sa.func.min(RecordingRow.id))
            .join(Package, Package.id == RecordingRow.package_id)
            .where(column.in_(wanted[start : start + MOST_VALUES]))
            .where(RecordingRow.package_id != package, Package.status.in_(STATUSES))
            .where(RecordingRow.sha256.is_not(None), BRINGS)
        )
        for whose in (RecordingRow.label_id == label, RecordingRow.label_id != label):
            oldest += tx.scalars(query.where(whose).group_by(column))
    found = []
    for start in range(0, len(oldest), MOST_VALUES):
        rows = sa.select(RecordingRow, Package).join(Package, Package.id == RecordingRow.package_id)
        for row, origin in tx.execute(rows.where(RecordingRow.id.in_(oldest[start : start + MOST_VALUES]))).unique():
            value = values[row.isrc if shared == "isrc" else row.sha256 or ""]
            found.append(_known(origin, label, shared, value, track=_track(row)))
    return sorted(found, key=lambda known: (known.value, known.package))


def _track(row: RecordingRow) -> KnownTrack:
    return KnownTrack(
        row.number, row.isrc, cut(row.title), AudioFingerprint(row.sha256, row.seconds, row.loudness, row.peak)
    )


def _known(
    row: Package, label: int, shared: str, value: str, sold: tuple[str, ...] = (), track: KnownTrack | None = None
) -> KnownRelease:
    return KnownRelease(
        package=row.id,
        label=row.label.title,
        same_label=row.label_id == label,
        status=row.status,
        title=cut(row.title),
        shared=shared,
        value=value,
        created=None if row.made_at is None else row.made_at.isoformat(),
        sold=sold,
        track=track,
    )
