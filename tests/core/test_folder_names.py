"""Whatever a release folder was called, the name of its read-only folder is one name of one directory."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.core.folder_names import MAX_NAME, folder_name, is_folder_path, next_name, stem


@given(st.text(st.characters()), st.sampled_from(["", " (package 12)"]))
def test_a_folder_name_is_one_name_that_fits_and_keeps_its_ending(folder: str, ending: str) -> None:
    name = folder_name(folder, ending)
    assert 0 < len(name.encode()) <= MAX_NAME
    assert name not in (".", "..") and "/" not in name and "\0" not in name
    assert name.endswith(ending)
    assert (Path("/reports") / name).parent == Path("/reports")
    assert is_folder_path(name) and folder_name(name) == name


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
    assert folder_name(folder) == expected


@pytest.mark.parametrize("path", ["", "..", "a/../b", "/a", "a/", "a//b", "a\0", "x" * 256])
def test_a_path_with_anything_but_names_in_it_is_none(path: str) -> None:
    assert not is_folder_path(path)


def test_a_path_of_two_names_is_one() -> None:
    assert is_folder_path("Batch 7/Album (package 12)")


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("Album", "Album_v2"),
        ("Album_v2", "Album_v3"),
        ("Album_V9", "Album_V10"),
        ("Album_v", "Album_v_v2"),
        ("_v2", "_v2_v2"),
        ("Batch/Album", "Album_v2"),
        ("Batch_v2/Album_v2", "Album_v3"),
    ],
)
def test_the_next_name_counts_on(folder: str, expected: str) -> None:
    assert next_name(folder) == expected


@pytest.mark.parametrize(
    ("folder", "taken", "expected"),
    [
        ("Album", {"Album_v2"}, "Album_v3"),
        ("Album_v2", {"Album_v3", "Album_v4"}, "Album_v5"),
        ("Album_v9", set(), "Album_v10"),
        ("Batch/Album", {"Album", "Album_v2"}, "Album_v3"),
    ],
)
def test_the_next_name_is_none_that_is_taken(folder: str, taken: set[str], expected: str) -> None:
    assert next_name(folder, taken) == expected


@pytest.mark.parametrize(
    ("folder", "advised"),
    [
        ("a" * 252, "a" * 252 + "_v2"),
        ("a" * 253, "a" * 252 + "_v2"),
        ("a" * 252 + "_v9", "a" * 251 + "_v10"),
        ("é" * 127, "é" * 126 + "_v2"),
        ("🎵" * 63, "🎵" * 63 + "_v2"),
        ("Batch/" + "a" * 255, "a" * 252 + "_v2"),
    ],
)
def test_an_advised_name_is_short_enough_to_be_made(folder: str, advised: str) -> None:
    assert next_name(folder) == advised
    assert len(advised.encode()) <= 255


def test_a_shortened_name_that_is_taken_is_skipped() -> None:
    long = "a" * 255
    assert next_name(long, {next_name(long)}) == "a" * 252 + "_v3"


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("Album", "Album"),
        ("Album_v2", "Album"),
        ("Album_V12", "Album"),
        ("Batch_v2/Album_v3", "Album"),
        ("Album_v", "Album_v"),
        ("_v2", "_v2"),
        ("Album v2", "Album v2"),
    ],
)
def test_a_folder_and_its_corrections_have_the_same_stem(folder: str, expected: str) -> None:
    assert stem(folder) == expected
