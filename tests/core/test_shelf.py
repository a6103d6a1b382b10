"""Whatever a release folder was called, its name on a shelf is one name of one directory."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.core.shelf import MAX_NAME, is_shelf_path, shelf_name


@given(st.text(st.characters()), st.sampled_from(["", " (package 12)"]))
def test_a_shelf_name_is_one_name_that_fits_and_keeps_its_ending(folder: str, ending: str) -> None:
    name = shelf_name(folder, ending)
    assert 0 < len(name.encode()) <= MAX_NAME
    assert name not in (".", "..") and "/" not in name and "\0" not in name
    assert name.endswith(ending)
    assert (Path("/shelf") / name).parent == Path("/shelf")
    assert is_shelf_path(name) and shelf_name(name) == name


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("Amara_Lagos-Nights_5034567890123_20260501", "Amara_Lagos-Nights_5034567890123_20260501"),
        ("..", "_.."),
        (".", "_."),
        ("", "_"),
        ("../../etc", ".._.._etc"),
        ("a\0b", "a_b"),
        ("é" * 200, "é" * 127),
        (".hidden", ".hidden"),
    ],
)
def test_a_name_is_kept_where_it_can_be(folder: str, expected: str) -> None:
    assert shelf_name(folder) == expected


@pytest.mark.parametrize("path", ["", "..", "a/../b", "/a", "a/", "a//b", "a\0", "x" * 256])
def test_a_path_with_anything_but_names_in_it_is_none(path: str) -> None:
    assert not is_shelf_path(path)


def test_a_path_of_two_names_is_one() -> None:
    assert is_shelf_path("Batch 7/Album (package 12)")
