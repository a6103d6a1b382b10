"""Releases and their tracks, filled from the packages that exist.

What a package and its dossier hold is read here as it was written when this revision was made: a package belongs to the
release of its barcode within its label, leading zeros apart, and the newest accepted message of a release fills it.
Packages whose message holds no release have no track count and get no release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op

from ingest.store.models import Moment, Words

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ACCEPTED: Final = ("Needs QC", "QC Approved", "Delivered to DSPs")
TAKES_DOWN: Final = ("takedown", "purge")
LONGEST_TEXT: Final = 1000
DOSSIERS_AT_ONCE: Final = 20
ROWS_AT_ONCE: Final = 1000
NEVER: Final = datetime.min.replace(tzinfo=UTC)

PACKAGES: Final = sa.table(
    "packages",
    sa.column("id", sa.Integer()),
    sa.column("label_id", sa.Integer()),
    sa.column("status", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("received_at", Moment()),
    sa.column("checked_at", Moment()),
    sa.column("made_at", Moment()),
    sa.column("barcode", Words()),
    sa.column("title", Words()),
    sa.column("artist", Words()),
    sa.column("release_type", Words()),
    sa.column("track_count", sa.Integer()),
    sa.column("dossier", sa.JSON()),
    sa.column("release_id", sa.Uuid()),
)


def upgrade() -> None:
    releases, tracks, bind = _releases(), _tracks(), op.get_bind()
    # In place on SQLite too: a batch would copy every dossier.
    column = sa.Column("release_id", sa.Uuid(), sa.ForeignKey("releases.id", name=op.f("fk_packages_release_id")))
    op.add_column("packages", column, inline_references=bind.dialect.name == "sqlite")
    for label in bind.scalars(sa.select(PACKAGES.c.label_id).distinct().order_by(PACKAGES.c.label_id)).all():
        found = _found(bind, label)
        for start in range(0, len(found), DOSSIERS_AT_ONCE):
            _insert(bind, releases, tracks, label, found[start : start + DOSSIERS_AT_ONCE])
        _assign(bind, found)
    op.create_index("ix_releases_key", "releases", ["key"])
    op.create_index(op.f("ix_tracks_release_id"), "tracks", ["release_id"])
    op.create_index(op.f("ix_packages_release_id"), "packages", ["release_id"])
    op.drop_index("ix_packages_barcode", "packages")


def downgrade() -> None:
    with op.batch_alter_table("packages") as packages:
        packages.drop_index(op.f("ix_packages_release_id"))
        packages.drop_column("release_id")
        packages.create_index("ix_packages_barcode", ["barcode"])
    op.drop_table("tracks")
    op.drop_table("releases")


def _releases() -> sa.Table:
    return op.create_table(
        "releases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("key", Words(), nullable=True),
        sa.Column("barcode", Words(), nullable=True),
        sa.Column("title", Words(), nullable=True),
        sa.Column("version", Words(), nullable=True),
        sa.Column("artist", Words(), nullable=True),
        sa.Column("type", Words(), nullable=True),
        sa.Column("release_date", Words(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_releases_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("label_id", "key", name=op.f("uq_releases_label_id")),
    )


def _tracks() -> sa.Table:
    return op.create_table(
        "tracks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("disc", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("isrc", Words(), nullable=True),
        sa.Column("title", Words(), nullable=True),
        sa.Column("version", Words(), nullable=True),
        sa.Column("artist", Words(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_tracks_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracks")),
    )


# Which package is of which release


class _Release:
    """One release of a label: its packages, and `counts`, which ends in the number of the one that counts."""

    def __init__(self, key: str | None, created: datetime) -> None:
        self.id, self.key, self.created = uuid4(), key, created
        self.packages: list[int] = []
        self.counts: tuple[bool, datetime, int] = (False, NEVER, 0)


def _found(bind: sa.Connection, label: int) -> list[_Release]:
    """The releases of a label, without reading any dossier."""
    at = PACKAGES.c
    query = sa.select(at.id, at.status, at.kind, at.received_at, at.made_at, at.barcode)
    query = query.where(at.label_id == label, at.track_count.is_not(None)).order_by(at.id)
    found: dict[str | int, _Release] = {}
    for row in bind.execute(query.execution_options(yield_per=ROWS_AT_ONCE)):
        key = _key(row.barcode)
        release = found.setdefault(row.id if key is None else key, _Release(key, row.received_at))
        accepted = row.status in ACCEPTED and row.kind not in TAKES_DOWN
        release.packages.append(row.id)
        release.counts = max(release.counts, (accepted, row.made_at or NEVER, row.id))
    return list(found.values())


def _key(barcode: str | None) -> str | None:
    if not barcode:
        return None
    return barcode.lstrip("0").zfill(14) if barcode.isdecimal() else barcode


def _assign(bind: sa.Connection, found: Sequence[_Release]) -> None:
    change = sa.update(PACKAGES).where(PACKAGES.c.id == sa.bindparam("package"))
    change = change.values(release_id=sa.bindparam("release"))
    rows = [{"package": package, "release": one.id} for one in found for package in one.packages]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        bind.execute(change, rows[start : start + ROWS_AT_ONCE])


# What a release is


def _insert(bind: sa.Connection, releases: sa.Table, tracks: sa.Table, label: int, found: Sequence[_Release]) -> None:
    by_package = {one.counts[-1]: one for one in found}
    at = PACKAGES.c
    query = sa.select(at.id, at.barcode, at.title, at.artist, at.release_type, at.checked_at, at.dossier)
    filled: list[dict[str, Any]] = []
    listed: list[dict[str, Any]] = []
    for row in bind.execute(query.where(at.id.in_(list(by_package)))):
        release, message = by_package[row.id], (row.dossier or {}).get("message") or {}
        filled.append(_release_row(row, release, label, message))
        listed += _track_rows(release.id, message, row.dossier or {})
    bind.execute(sa.insert(releases), filled)
    if listed:
        bind.execute(sa.insert(tracks), listed)


def _release_row(row: Any, release: _Release, label: int, message: dict[str, Any]) -> dict[str, Any]:
    main = message["releases"][message["main"]] if message.get("main") is not None else {}
    return {
        "id": release.id,
        "label_id": label,
        "key": release.key,
        "barcode": row.barcode,
        "title": _cut(row.title),
        "version": _cut(_value((main.get("title") or {}).get("subtitle"))),
        "artist": _cut(row.artist),
        "type": _cut(row.release_type),
        "release_date": _cut(_date(main, message)),
        "created_at": release.created,
        "updated_at": row.checked_at or release.created,
    }


def _date(main: dict[str, Any], message: dict[str, Any]) -> str | None:
    """The dates of the release, most trusted first, then the earliest start of a deal."""
    names = ("release_date", "original_release_date", "global_release_date", "global_original_release_date")
    dates = [_value(main.get(name)) for name in names]
    periods = [period for deal in message.get("deals") or () for period in deal.get("periods") or ()]
    starts = [start for period in periods if (start := _value(period.get("start"))) is not None]
    return next((date for date in (*dates, min(starts, default=None)) if date is not None), None)


def _track_rows(release: UUID, message: dict[str, Any], dossier: dict[str, Any]) -> Iterator[dict[str, Any]]:
    measured = _measured(dossier)
    for entry in message.get("tracks") or ():
        recording = message["recordings"][entry["recording"]]
        title = recording.get("title") or {}
        seconds = measured.get(entry["recording"])
        yield {
            "id": uuid4(),
            "release_id": release,
            "disc": entry["disc"],
            "number": entry["number"],
            "isrc": _isrc(_value(recording.get("isrc"))),
            "title": _cut(_value(title.get("text"))),
            "version": _cut(_value(title.get("subtitle"))),
            "artist": _cut(", ".join(_artists(recording)) or None),
            "seconds": recording.get("duration_seconds") if seconds is None else seconds,
        }


def _measured(dossier: dict[str, Any]) -> dict[int, float | None]:
    """The seconds of each recording's audio by the index of the recording."""
    audio: dict[str, float | None] = {}
    for facts in dossier.get("audio") or ():
        audio.setdefault(facts["file"], facts.get("duration"))
    files = (file for file in dossier.get("files") or () if file.get("recording") is not None)
    masters = (file for file in files if not file["reference"].get("is_preview"))
    return {file["recording"]: audio.get(file.get("path") or file.get("near") or "") for file in masters}


def _artists(recording: dict[str, Any]) -> list[str]:
    """The main artists of a recording; all of them where none has that role; else its display name."""
    named = [artist for artist in recording.get("display_artists") or () if artist.get("name") is not None]
    main = [artist for artist in named if "MainArtist" in map(_value, artist.get("roles") or ())]
    one = _value(recording.get("display_artist_name"))
    return [artist["name"]["value"] for artist in main or named] or ([] if one is None else [one])


def _isrc(written: str | None) -> str | None:
    return re.sub(r"[\s.\-\u2010-\u2015]", "", written or "").upper()[:200] or None


def _value(text: Any) -> str | None:
    return None if text is None else text["value"]


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:LONGEST_TEXT]
