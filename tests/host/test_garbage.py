"""Full collections: none in the midst of work, one every five minutes."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

from ingest.host.garbage import EVERY_SECONDS, full_collections_held_back, give_back


class Node:
    """Something that refers to itself: only a collection removes it."""

    def __init__(self) -> None:
        self.own = self


def full_collections() -> int:
    return int(gc.get_stats()[2]["collections"])


def old_cycle() -> weakref.ref[Node]:
    """A cycle that has grown as old as objects get, and that nothing refers to."""
    node = Node()
    gc.collect(0)
    gc.collect(1)
    return weakref.ref(node)


def test_no_full_collection_begins_by_itself_however_much_is_made() -> None:
    before = gc.get_threshold()
    with full_collections_held_back():
        begun = full_collections()
        kept = [{"number": [number]} for number in range(500_000)]
        assert (len(kept), full_collections()) == (500_000, begun)
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
    begun = full_collections()
    kept += [{"number": [number]} for number in range(2_000_000)]
    assert full_collections() > begun


def test_what_is_old_is_collected_every_five_minutes_and_not_before() -> None:
    now = [0.0]
    with full_collections_held_back(lambda: now[0]) as collect_when_due:
        lost = old_cycle()
        now[0] = EVERY_SECONDS - 1
        assert (collect_when_due(), lost() is None) == (False, False)
        now[0] = EVERY_SECONDS
        assert (collect_when_due(), lost() is None) == (True, True)
        now[0] += 1
        assert not collect_when_due()


def resident() -> int:
    """Bytes of memory that this process has of the machine."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def test_memory_that_was_freed_between_what_is_used_is_given_back() -> None:
    made = [bytearray(2000) for _ in range(50_000)]
    kept = made[::500]
    del made
    before = resident()
    give_back()
    assert before - resident() > 50_000_000
    assert len(kept) == 100
