"""What many rules ask of one dossier is found once in a check, and anew in the next one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingest.core.dossier import Dossier
from ingest.rules.memo import once_per_check, one_check, picked_once
from tests.rules.dossiers import GOOD


def test_within_one_check_each_dossier_is_asked_once_and_outside_of_it_each_time() -> None:
    asked: list[Dossier] = []

    @once_per_check
    def cover(dossier: Dossier) -> str | None:
        asked.append(dossier)
        return dossier.cover

    other = replace(GOOD, cover=None)
    with one_check():
        assert [cover(one) for one in (GOOD, other, GOOD, other)] == [GOOD.cover, None, GOOD.cover, None]
    assert asked == [GOOD, other]
    with one_check():
        cover(GOOD)
    cover(GOOD)
    cover(GOOD)
    assert asked == [GOOD, other, GOOD, GOOD, GOOD]


def test_what_is_picked_one_by_one_can_be_gone_through_again() -> None:
    @picked_once
    def names(dossier: Dossier) -> Iterator[str]:
        yield from (entry.path for entry in dossier.folder.entries)

    expected = tuple(entry.path for entry in GOOD.folder.entries)
    with one_check():
        assert names(GOOD) is names(GOOD)
        assert names(GOOD) == expected != ()
    assert names(GOOD) == expected
