"""Ranges of identifiers that we assign: each number is given out once, whoever asks at the same time."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.store.database import insert
from ingest.store.models import CatalogueTrack, CodeRange, RecordingRow, ReleaseRow, TrackRow


def next_number(tx: Session, name: str, first: int) -> int:
    """The next number of a range, which begins with `first`; it is not given out again, unless `tx` is rolled back."""
    fresh = insert(tx, CodeRange).values(name=name, next=first + 1)
    later = fresh.on_conflict_do_update(index_elements=["name"], set_={"next": CodeRange.next + 1})
    return int(tx.execute(later.returning(CodeRange.next)).scalar_one()) - 1


def is_isrc_used(tx: Session, isrc: str) -> bool:
    """Whether any recording or track, of any label, has this ISRC."""
    sent = CatalogueTrack.fields["isrcCode"].as_string()
    queries = (
        sa.exists().where(TrackRow.isrc == isrc),
        sa.exists().where(RecordingRow.isrc == isrc),
        sa.exists().where(sent == isrc),
    )
    return bool(tx.scalar(sa.select(sa.or_(*queries))))


def is_key_used(tx: Session, key: str) -> bool:
    """Whether any release, of any label, has a barcode with this release_key."""
    return bool(tx.scalar(sa.select(sa.exists().where(ReleaseRow.key == key))))
