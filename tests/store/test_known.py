"""What the store knows of earlier releases: found by indexes, whatever the number of packages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.dossier import Dossier
from ingest.core.release import Release, release_key
from ingest.store import known, labels
from ingest.store.database import Store
from ingest.store.models import Label, Package, RecordingRow, ReleaseFolder, ReleaseRow
from ingest.store.releases import assign_release
from tests.rules.dossiers import GOOD, MASTER, RECORDING, RELEASE, message_of, text, with_release
from tests.stage import START, Stage, staged

SHA256 = "5" * 64
HEARD = replace(GOOD, audio=(replace(MASTER, hashes={"sha256": SHA256}),))


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, [("ben", "Ben & Sons")]) as there:
        yield there


def add(tx: Session, label: int, status: str = "Needs QC", barcode: str = "5034567890120", title: str = "Old") -> int:
    folder = ReleaseFolder(label_id=label, name="x", state="gone", seen_at=START, touched_at=START)
    tx.add(folder)
    tx.flush()
    row = Package(
        label_id=label,
        folder_id=folder.id,
        path="",
        folder="x",
        status=status,
        received_at=START,
        starts=0,
        runs=0,
        barcode=barcode,
        title=title,
    )
    tx.add(row)
    tx.flush()
    assign_release(tx, row, Release(barcode=barcode), START)
    return row.id


def asked(on: Stage, dossier: Dossier, package: int = 0, label: int = 1) -> list[tuple[str, int, bool]]:
    with on.app.store.reading() as tx:
        found = known.known_releases(tx, package, label, dossier)
    return [(one.shared, one.package, one.same_label) for one in found]


@pytest.mark.parametrize("barcode", ["036000291452", "0036000291452", "00036000291452"])
def test_a_upc_is_known_by_every_spelling_of_it(on: Stage, barcode: str) -> None:
    with on.app.store.transaction() as tx:
        number = add(tx, 1, barcode=barcode)
        assert not known.all_approved(tx, 1, ["036000291452"])
        tx.get_one(Package, number).status = "QC Approved"
        assert known.all_approved(tx, 1, ["036000291452"])
        assert not known.all_approved(tx, 2, ["036000291452"])

    upc = with_release(replace(RELEASE, barcode=text("036000291452")))

    assert asked(on, upc) == [("barcode", number, True)]


@pytest.mark.parametrize("status", ["Incoming", "Invalid", "QC Rejected"])
def test_what_was_not_accepted_is_not_known(on: Stage, status: str) -> None:
    with on.app.store.transaction() as tx:
        known.save_recordings(tx, add(tx, 1, status), 1, HEARD)

    assert asked(on, HEARD) == []


def test_the_oldest_recording_of_the_label_and_of_all_others_is_known(on: Stage) -> None:
    with on.app.store.transaction() as tx:
        numbers = [add(tx, label, barcode=str(label)) for label in (1, 1, 2, 2)]
        for number, label in zip(numbers, (1, 1, 2, 2), strict=True):
            known.save_recordings(tx, number, label, HEARD)

    mine, _, theirs, later = numbers
    found = [("audio", mine, True), ("audio", theirs, False), ("isrc", mine, True), ("isrc", theirs, False)]

    assert sorted(asked(on, HEARD)) == found
    assert sorted(asked(on, HEARD, package=theirs))[1] == ("audio", later, False)


@pytest.mark.parametrize("kind", ["takedown", "purge"])
def test_what_takes_a_release_down_is_no_source(on: Stage, kind: str) -> None:
    with on.app.store.transaction() as tx:
        down, real = add(tx, 1, barcode="1"), add(tx, 1, barcode="2")
        tx.get_one(Package, down).kind = kind
        for number in (down, real):
            known.save_recordings(tx, number, 1, HEARD)

    assert asked(on, HEARD) == [("isrc", real, True), ("audio", real, True)]


def test_a_recording_that_was_never_measured_is_no_source(on: Stage) -> None:
    with on.app.store.transaction() as tx:
        known.save_recordings(tx, add(tx, 1, barcode="1"), 1, replace(HEARD, audio=()))

    assert asked(on, HEARD) == []


def test_a_track_that_the_release_had_before_is_compared_with_no_other_release(on: Stage) -> None:
    mistaken = replace(HEARD, message=message_of(recordings=(replace(RECORDING, isrc=text("GBDUM2600099")),)))
    with on.app.store.transaction() as tx:
        other, mine = add(tx, 1, barcode="1"), add(tx, 1)
        known.save_recordings(tx, other, 1, mistaken)
        known.save_recordings(tx, mine, 1, HEARD)

    assert asked(on, HEARD) == [("barcode", mine, True)]
    anew = replace(HEARD, audio=(replace(MASTER, hashes={"sha256": "6" * 64}),))
    assert asked(on, anew) == [("barcode", mine, True), ("isrc", mine, True)]
    assert asked(on, HEARD, label=2) == [("barcode", mine, False), ("isrc", mine, False), ("audio", other, False)]


def test_an_update_without_audio_sounds_as_the_release_did_before(on: Stage) -> None:
    with on.app.store.transaction() as tx:
        first, update = add(tx, 1), add(tx, 1)
        known.save_recordings(tx, first, 1, HEARD)
        bare = replace(HEARD, audio=())
        bare = replace(bare, known=known.known_releases(tx, update, 1, bare))
        known.save_recordings(tx, update, 1, bare)
        rows = tx.scalars(sa.select(RecordingRow).order_by(RecordingRow.id)).all()

    assert [(row.package_id, row.sha256, row.seconds) for row in rows] == [
        (first, SHA256, 31.0),
        (update, SHA256, 31.0),
    ]


def test_a_message_without_barcode_or_recordings_knows_nothing(on: Stage) -> None:
    assert asked(on, replace(GOOD, audio=(), message=message_of((), (), ()))) == []


@pytest.mark.timed
@pytest.mark.slow
def test_a_hundred_thousand_packages_are_searched_in_milliseconds(on: Stage) -> None:
    fill(on.app.store, packages=100_000, tracks=3)

    assert len(asked(on, HEARD, label=1)) == known.MOST_OF_BARCODE + 5
    spent = []
    for _ in range(5):
        start = time.perf_counter()
        asked(on, HEARD, label=1)
        spent.append(time.perf_counter() - start)

    print(f"{min(spent) * 1000:.1f} to {max(spent) * 1000:.1f} ms")
    assert min(spent) < 0.25, spent


def fill(store: Store, packages: int, tracks: int) -> None:
    """Packages of two labels by turns; one recording in a thousand has the ISRC and audio of the good release."""
    with store.transaction() as tx:
        folder = ReleaseFolder(label_id=1, name="x", state="gone", seen_at=START, touched_at=START)
        tx.add(folder)
        tx.flush()
        stamp = {"received_at": START, "starts": 0, "runs": 0, "status": "Delivered to DSPs", "folder_id": folder.id}
        rows = [
            {
                **stamp,
                "label_id": 1 + number % 2,
                "path": str(number),
                "folder": "x",
                "barcode": "5034567890120" if number % 1000 < 2 else f"{number:013}",
            }
            for number in range(1, packages + 1)
        ]
        releases = {(row["label_id"], release_key(str(row["barcode"]))): uuid4() for row in rows}
        added = {"created_at": START, "updated_at": START}
        tx.execute(
            sa.insert(ReleaseRow),
            [{**added, "id": one, "label_id": label, "key": key} for (label, key), one in releases.items()],
        )
        for row in rows:
            row["release_id"] = releases[row["label_id"], release_key(str(row["barcode"]))]
        tx.execute(sa.insert(Package), rows)
        first = tx.scalar(sa.select(sa.func.min(Package.id))) or 0
        tx.execute(
            sa.insert(RecordingRow),
            [
                {
                    "package_id": first + number,
                    "label_id": 1 + (number + 1) % 2,
                    "number": track,
                    "isrc": "GBDUM2600001" if track == 0 and number % 1000 < 2 else f"USAAA{number % 10_000_000:07}",
                    "title": "Old",
                    "sha256": SHA256 if track == 0 and number % 1000 < 2 else f"{number:060}{track:04}",
                    "sold": False,
                }
                for number in range(packages)
                for track in range(tracks)
            ],
        )


@pytest.mark.postgres
def test_postgresql_knows_the_same(on: Stage, fresh_postgres: str) -> None:
    store = Store(fresh_postgres)
    store.migrate()
    with on.app.store.reading() as tx:
        names = [(row.name, row.title) for row in tx.scalars(sa.select(Label).order_by(Label.id))]
    with store.transaction() as tx:
        for name, title in names:
            labels.add_label(
                tx,
                name=name,
                title=title,
                emails=[],
                password_hash=None,
                public_keys=[],
                dsps=[],
                max_bytes=None,
                now=START,
            )
        for label in (1, 2):
            add(tx, label)
            known.save_recordings(tx, add(tx, label, barcode=str(label)), label, HEARD)
        found = known.known_releases(tx, 0, 1, HEARD)
        known.save_recordings(tx, add(tx, 1), 1, HEARD)
        kept = known.known_releases(tx, 0, 1, HEARD)
        assert not known.all_approved(tx, 1, ["5034567890120"])
    store.close()

    assert [one.shared for one in kept] == ["barcode"] * 3
    assert [(one.shared, one.same_label) for one in found] == [
        (shared, same) for shared in ("barcode", "isrc", "audio") for same in (True, False)
    ]
