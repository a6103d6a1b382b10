"""Revision 0009 gives the packages of older versions the releases that they would have got at their verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ingest.core.dossier import Dossier, Folder
from ingest.core.message import Header, MessageProblem, MessageRelease, TrackEntry, UnreadableMessage
from ingest.core.release_reading import release_of
from ingest.core.resources import Artist, Title
from ingest.readers.json_values import to_json
from ingest.store import folders, packages, releases
from ingest.store.database import Store
from ingest.store.models import Package, ReleaseRow, TrackRow
from tests.rules.dossiers import GOOD, MASTER, RECORDING, RELEASE, message_of, text, title, with_message

NOW = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)
UPC, EAN = "036000291452", "0036000291452"

Attempt = tuple[int, Dossier, str, str]
"""Label, dossier, status and kind of a package."""


def of(release: MessageRelease, made: int = 20) -> Dossier:
    header = Header(line=7, created=text(f"2026-03-{made:02}T10:00:00Z"))
    return with_message(replace(message_of(releases=(release,)), header=header))


def called(words: str, barcode: str | None, made: int = 20) -> Dossier:
    return of(replace(RELEASE, title=title(words), barcode=None if barcode is None else text(barcode)), made)


def album() -> Dossier:
    """Two discs; one track measured, one without ISRC, artist and audio, one with a display name alone."""
    guest = Artist(text("Esi"), (text("FeaturedArtist"),), 1)
    first = replace(RECORDING, isrc=text("gb-dum-26.00001"), display_artists=(*RECORDING.display_artists, guest))
    second = replace(RECORDING, isrc=None, title=None, duration_seconds=None, display_artists=())
    third = replace(RECORDING, title=Title(text("\ud800c" * 900), text("Edit"), 1), display_artists=())
    third = replace(third, display_artist_name=text("Ama & Esi"), duration_seconds=200.5)
    main = replace(RELEASE, barcode=text("5034567890137"), title=Title(text("Album"), text("Deluxe"), 1))
    main = replace(main, release_date=None, global_release_date=text("2020"))
    message = replace(message_of((second, third, first), (replace(RELEASE, title=None), main)), main=1)
    places = TrackEntry(1, 1, 2), TrackEntry(2, 1, 0), TrackEntry(3, 2, 1)
    (file,) = GOOD.files
    clip = replace(file, reference=replace(file.reference, is_preview=True), path="clip.wav", recording=2)
    mine = replace(file, path=None, near=file.path, recording=2)
    audio = (replace(MASTER, duration=31.25), replace(MASTER, file="clip.wav", duration=9.0))
    return replace(with_message(replace(message, tracks=places)), files=(mine, clip), audio=audio)


UNREAD = Dossier(Folder("F"), None, UnreadableMessage(None, MessageProblem.MISSING))
NEW, DONE, REFUSED = "Needs QC", "Delivered to DSPs", "Invalid"
ATTEMPTS: list[Attempt] = [
    (1, called("Refused", UPC, 25), REFUSED, "new release"),
    (1, called("Accepted", EAN, 21), DONE, "new release"),
    (1, called("Older", UPC, 20), NEW, "update"),
    (1, called("Down", UPC, 26), DONE, "takedown"),
    (2, called("Theirs", UPC), NEW, "new release"),
    (1, called("Nameless", None), REFUSED, "new release"),
    (1, called("Nameless", ""), "QC Rejected", "new release"),
    (1, called("Tried", "5034567890120"), "Incoming", "test"),
    (1, called("x" * 3000, "y" * 3000), REFUSED, "new release"),
    (1, with_message(message_of(releases=())), REFUSED, "purge"),
    (1, UNREAD, REFUSED, "new release"),
    (2, album(), NEW, "new release"),
    (2, of(replace(RELEASE, release_date=None, types=(), barcode=text("1"))), REFUSED, "new release"),
]


def add(store: Store, attempts: list[Attempt]) -> None:
    """Packages as they are after their verdict, each received a minute after the one before, and one not judged."""
    for number, (label, dossier, status, kind) in enumerate(attempts):
        now = NOW + timedelta(minutes=number)
        with store.transaction() as tx:
            package = packages.add_package(tx, folders.touch_folder(tx, label, str(number), now), "", now)
            row = tx.get_one(Package, package)
            packages.set_summary(tx, row.id, dossier, to_json(dossier), now)
            row.status, row.kind = status, kind
            tx.flush()
            if (said := release_of(dossier)) is not None:
                releases.describe_release(tx, row, said, now)
    with store.transaction() as tx:
        packages.add_package(tx, folders.touch_folder(tx, 1, "open", NOW), "", NOW)


def held(store: Store) -> dict[tuple[int, ...], tuple[object, ...]]:
    """Every release with its fields and tracks, by its packages; ids and the time of the last change apart."""
    with store.reading() as tx:
        of_release: dict[UUID | None, list[int]] = {}
        for number, release in tx.execute(sa.select(Package.id, Package.release_id).order_by(Package.id)):
            of_release.setdefault(release, []).append(number)
        rows = tx.scalars(sa.select(ReleaseRow)).all()
        assert {row.id for row in rows} == of_release.keys() - {None}
        found = {tuple(of_release[row.id]): (*_fields(row), *map(_fields, _tracks(tx, row.id))) for row in rows}
        return found | {tuple(of_release.get(None, ())): ()}


def _tracks(tx: Any, release: UUID) -> Any:
    return tx.scalars(sa.select(TrackRow).where(TrackRow.release_id == release).order_by(TrackRow.number))


def _fields(row: ReleaseRow | TrackRow) -> tuple[object, ...]:
    left_out = {"id", "release_id", "updated_at", "status"}
    return tuple(getattr(row, column.key) for column in type(row).__table__.columns if column.key not in left_out)


def test_packages_of_an_older_version_get_the_releases_that_they_would_have_got(store: Store) -> None:
    add(store, ATTEMPTS)
    judged = held(store)

    store.migrate("0008")
    assert not {"releases", "tracks"} & set(sa.inspect(store.engine).get_table_names())
    store.migrate()

    assert judged.keys() == {(1, 2, 3, 4), (5,), (6,), (7,), (8,), (9,), (12,), (13,), (10, 11, 14)}
    assert held(store) == judged
    with store.reading() as tx:
        for row in tx.scalars(sa.select(ReleaseRow)).all():
            own = sa.select(Package.status).where(Package.release_id == row.id).order_by(Package.id.desc())
            statuses = list(tx.scalars(own))
            went_out = [one for one in statuses if one in ("QC Approved", "Delivered to DSPs")]
            assert row.status == (went_out or statuses)[0]
    assert judged[1, 2, 3, 4][:4] == (1, "00036000291452", EAN, "Accepted")


def test_an_empty_database_gets_empty_tables(store: Store) -> None:
    store.migrate("0008")
    store.migrate()
    assert held(store) == {(): ()}
