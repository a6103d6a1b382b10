"""Files outside any release folder: each told of once for as long as it lies there."""

from __future__ import annotations

from datetime import timedelta

from ingest.store.database import Store
from ingest.store.strays import forget_strays, has_strays, note_told, see_stray
from tests.store.rows import NOW

LATER = NOW + timedelta(minutes=1)


def test_a_file_has_one_row_from_the_first_time_it_was_seen(store: Store) -> None:
    with store.transaction() as tx:
        assert not has_strays(tx, 1)
        first = see_stray(tx, 1, "a.wav", NOW)
        note_told([first], NOW)
    with store.transaction() as tx:
        again, foreign = see_stray(tx, 1, "a.wav", LATER), see_stray(tx, 2, "a.wav", LATER)
        assert (again.id, again.seen_at, again.told_at) == (first.id, NOW, NOW)
        assert foreign.id != first.id and (foreign.seen_at, foreign.told_at) == (LATER, None)


def test_a_file_that_comes_back_is_a_new_one(store: Store) -> None:
    with store.transaction() as tx:
        note_told([see_stray(tx, 1, name, NOW) for name in ("a.wav", "b.wav")], NOW)
        see_stray(tx, 2, "a.wav", NOW)
        forget_strays(tx, 1, ["b.wav", "c.wav"])
    with store.transaction() as tx:
        told = [(row.seen_at, row.told_at) for row in (see_stray(tx, 1, name, LATER) for name in ("a.wav", "b.wav"))]
        assert told == [(LATER, None), (NOW, NOW)]
        forget_strays(tx, 1, [])
        assert (has_strays(tx, 1), has_strays(tx, 2)) == (False, True)
