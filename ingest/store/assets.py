"""Files of labels; every query that an integrator asks for is of one label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.models import Asset, CatalogueRelease, CatalogueTrack

FETCHING, PROCESSING, PROCESSED, FAILED = "fetching", "processing", "processed", "failed"
"""The states of an asset."""
UNFINISHED: Final = (FETCHING, PROCESSING)


def add_asset(
    tx: Session,
    asset: str,
    label: int,
    user: str | None,
    now: datetime,
    *,
    kind: str,
    name: str,
    title: str = "",
    source_url: str | None = None,
) -> Asset:
    """Add an asset under this id; with a `source_url` it is still to be fetched, else its content is stored."""
    row = Asset(
        id=asset,
        label_id=label,
        user_id=user,
        type=kind,
        name=name,
        title=title,
        state=PROCESSING if source_url is None else FETCHING,
        source_url=source_url,
        created_at=now,
        attempts=0,
        runs=1,
    )
    tx.add(row)
    tx.flush()
    return row


def note_content(row: Asset, sha256: str, size: int, media: str) -> None:
    """Record the content, which is stored; it is to be measured next."""
    row.sha256, row.size, row.media = sha256, size, media
    row.state = PROCESSING


def note_facts(row: Asset, facts: Mapping[str, Any], duration_ms: int | None) -> None:
    """Record what was measured of the content."""
    row.facts, row.duration_ms = dict(facts), duration_ms


def end(row: Asset, now: datetime, fault: str | None = None) -> None:
    """Record that the asset is processed, or why it failed."""
    row.state, row.processed_at = (PROCESSED if fault is None else FAILED), now
    row.fault = fault


def find_asset(tx: Session, label: int, asset: str) -> Asset | None:
    """The label's asset of this id."""
    return tx.scalar(sa.select(Asset).where(Asset.id == asset, Asset.label_id == label))


def any_asset(tx: Session, asset: str) -> Asset | None:
    """The asset of this id, of any label."""
    return tx.get(Asset, asset)


def unfinished_asset(tx: Session, asset: str) -> Asset | None:
    """The asset of this id, while it is fetched or measured."""
    return tx.scalar(sa.select(Asset).where(Asset.id == asset, Asset.state.in_(UNFINISHED)))


def unfinished(tx: Session, before: datetime) -> Sequence[Asset]:
    """The assets that are fetched or measured since before that time, oldest first."""
    query = sa.select(Asset).where(Asset.state.in_(UNFINISHED), Asset.created_at < before)
    return tx.scalars(query.order_by(Asset.created_at, Asset.id)).all()


def are_measured(tx: Session, label: int, contents: Sequence[str]) -> bool:
    """Whether one of these contents, by their SHA-256, is being measured for an asset of the label."""
    query = sa.exists().where(Asset.label_id == label, Asset.sha256.in_(contents), Asset.state == PROCESSING)
    return bool(tx.scalar(sa.select(query)))


def fetched_from(tx: Session, label: int, url: str) -> Asset | None:
    """The label's newest asset that is or was fetched from this address and did not fail."""
    query = sa.select(Asset).where(Asset.label_id == label, Asset.source_url == url, Asset.state != FAILED)
    return tx.scalars(query.order_by(Asset.created_at.desc()).limit(1)).first()


def stored_bytes(tx: Session, label: int) -> int:
    """The bytes of the label's assets; the same content counts once."""
    each = sa.select(Asset.sha256, sa.func.max(Asset.size).label("size")).where(Asset.label_id == label)
    one = each.where(Asset.sha256.is_not(None)).group_by(Asset.sha256).subquery()
    return int(tx.scalar(sa.select(sa.func.sum(one.c.size))) or 0)


def releases_with(tx: Session, asset: str) -> Sequence[CatalogueRelease]:
    """The releases whose cover or a track's audio is this asset."""
    of_tracks = sa.select(CatalogueTrack.release_id).where(CatalogueTrack.audio_asset == asset)
    uses = sa.or_(CatalogueRelease.photo_asset == asset, CatalogueRelease.release_id.in_(of_tracks))
    return tx.scalars(sa.select(CatalogueRelease).where(uses, CatalogueRelease.deleted_at.is_(None))).all()


def assets_of(tx: Session, release: UUID) -> Mapping[str, Asset]:
    """The assets that a release uses, by their ids."""
    ids = sa.union(
        sa.select(CatalogueRelease.photo_asset).where(CatalogueRelease.release_id == release),
        sa.select(CatalogueTrack.audio_asset).where(CatalogueTrack.release_id == release),
    )
    rows = tx.scalars(sa.select(Asset).where(Asset.id.in_(ids))).all()
    return {row.id: row for row in rows}
