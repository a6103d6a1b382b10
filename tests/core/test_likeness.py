from __future__ import annotations

import pytest

from ingest.core.likeness import is_alike, slips


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("Title", "Titel", 1),
        ("Title", "Titles", 1),
        ("Title", "Tible", 1),
        ("singer", "designer", 3),
    ],
)
def test_slips_are_letters_inserted_deleted_replaced_or_swapped(one: str, other: str, count: int) -> None:
    assert slips(one, other) == slips(other, one) == count


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("single", "SINGLE", True),
        ("Bundel", "Bundle", True),
        ("Producerr", "Producer", True),
        ("MusicalDirector", "MusicDirector", True),
        ("Genre", "GenreText", False),
        ("Componist", "Composer", False),
        ("Singer", "Designer", False),
        ("Compilation", "Animation", False),
        ("Actor", "Author", False),
        ("a" * 100_000, "b" * 100_000, False),
    ],
)
def test_one_slip_in_four_letters_is_alike(one: str, other: str, alike: bool) -> None:
    assert is_alike(one, other) is alike
