"""Disks and bytes."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from ingest.host.disk import can_rename, size, standing


def test_a_file_goes_from_folder_to_folder_and_nothing_is_left(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    assert can_rename(tmp_path / "one", tmp_path / "two")
    assert [*(tmp_path / "one").iterdir(), *(tmp_path / "two").iterdir()] == []


@pytest.mark.parametrize(("number", "is_told"), [(errno.EXDEV, False), (errno.EROFS, True)])
def test_another_mount_is_no_error_and_any_other_refusal_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_told: bool
) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise OSError(number, "refused")

    monkeypatch.setattr(Path, "rename", refuse)
    if is_told:
        with pytest.raises(OSError, match="refused"):
            can_rename(tmp_path, tmp_path)
    else:
        assert not can_rename(tmp_path, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_does_not_exist_would_lie_in_the_nearest_folder_that_does(tmp_path: Path) -> None:
    assert standing(tmp_path / "a" / "b") == standing(tmp_path) == tmp_path


def test_bytes_are_told_in_decimal_gigabytes() -> None:
    assert size(1_550_000_000) == "1.6 GB"
