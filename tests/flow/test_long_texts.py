"""Texts of any length: how much of them rows keep, and that nothing here takes long over those of older rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.core.identifiers import LONGEST_IDENTIFIER
from ingest.core.text import LONGEST
from ingest.flow.pipeline import Judged
from ingest.flow.stored_dossier import to_stored
from ingest.store.models import Notice, Package, RecordingRow
from tests.nasty import NASTY
from tests.packages import Good, write_good
from tests.rules.dossiers import with_texts
from tests.stage import Stage, stage


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    staged = stage(tmp_path)
    yield staged
    staged.app.close()


@contextmanager
def at_once(seconds: float = 2.0) -> Iterator[None]:
    """What is done in this process takes at most so many seconds of its time."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < seconds


def test_rows_keep_as_much_of_a_text_as_is_looked_at(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    read = on.app.pipeline.read(package)
    assert isinstance(read, Judged)
    dossier = replace(read.dossier, message=with_texts(read.dossier.message, "x" * 100_000))
    read = replace(read, dossier=dossier, stored=to_stored(dossier), findings=())
    with on.app.store.transaction() as tx:
        assert on.app.pipeline.conclude(tx, package, read) == "Needs QC"
        row, recording = tx.get_one(Package, package), tx.scalars(sa.select(RecordingRow)).one()
    assert {len(one or "") for one in (row.title, row.artist, row.release_type, row.release_date)} == {LONGEST}
    assert (len(row.barcode or ""), len(recording.isrc)) == (LONGEST_IDENTIFIER, LONGEST_IDENTIFIER)
    assert len(recording.title) == LONGEST


@pytest.mark.parametrize("kind", ["combining marks", "invisible", "blanks", "guests", "lines"])
def test_older_rows_with_texts_of_any_length_hold_nothing_up(on: Stage, tmp_path: Path, kind: str) -> None:
    first = on.place(write_good(tmp_path / "label", Good.SINGLE))
    assert on.judge(first) == "Needs QC"
    long = dict.fromkeys(("title", "artist", "release_type", "release_date"), NASTY[kind])
    with on.app.store.transaction() as tx:
        tx.execute(sa.update(Package).values(**long))
        tx.execute(sa.update(RecordingRow).values(title=NASTY[kind]))
    again = write_good(tmp_path / "label", Good.SINGLE)
    second = on.place(again.rename(again.with_name("Again")))
    with at_once():
        assert on.judge(second) == "Needs QC"
    with on.app.store.reading() as tx:
        owed = tx.scalars(sa.select(Notice.id).where(Notice.sent_at.is_(None))).all()
    for notice in owed:
        with at_once():
            assert on.tell(notice) == "sent"
    with ThreadPoolExecutor(1) as threads, at_once():
        on.app.reports.turn(threads)
