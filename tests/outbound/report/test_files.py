"""Report files on the disk: whole or not there, and never outside the label's read-only folder."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.outbound.report.files import FILES, clear, put, report_lock

AT = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)


def content(word: str) -> dict[str, bytes]:
    return {file: f"{word} {file}".encode() for file in FILES}


def seen(reports: Path) -> dict[str, str]:
    return {str(path.relative_to(reports)): path.read_text() for path in sorted(reports.rglob("*")) if path.is_file()}


def test_a_report_is_put_whole_with_the_time_of_its_change_and_nothing_beside_it(tmp_path: Path) -> None:
    reports = tmp_path / "anna" / "reports"
    put(reports, "Album", content("old"), AT, 7)
    put(reports, "Album", content("new"), AT, 7)
    assert seen(reports) == {f"Album/{file}": f"new {file}" for file in sorted(FILES)}
    assert {path.stat().st_mtime for path in (reports / "Album").iterdir()} == {AT.timestamp()}
    assert sorted(path.name for path in reports.parent.iterdir()) == ["reports"]


@pytest.mark.parametrize("renamed", range(len(FILES)))
def test_a_report_cut_off_while_it_appears_is_whole_after_the_next_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    reports = tmp_path / "anna" / "reports"
    put(reports, "Album", content("old"), AT, 7)
    real, left = Path.rename, [renamed]

    def rename(path: Path, target: Path) -> Path:
        if not left[0]:
            raise OSError("the power went off")
        left[0] -= 1
        return real(path, target)

    with monkeypatch.context() as patched, pytest.raises(OSError, match="power"):
        patched.setattr(Path, "rename", rename)
        put(reports, "Album", content("new"), AT, 7)
    cut_off = seen(reports)
    assert set(cut_off) == {f"Album/{file}" for file in FILES}
    assert cut_off["Album/status.txt"] == "old status.txt"
    assert all(text in (f"old {Path(name).name}", f"new {Path(name).name}") for name, text in cut_off.items())
    put(reports, "Album", content("new"), AT, 7)
    assert seen(reports) == {f"Album/{file}": f"new {file}" for file in sorted(FILES)}


def test_clearing_removes_the_files_and_leaves_other_releases_of_the_batch(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    put(reports, "Batch/One", content("1"), AT, 7)
    put(reports, "Batch/Two", content("2"), AT, 7)
    put(reports, "Batch", content("3"), AT, 7)
    clear(reports, "Batch")
    clear(reports, "Batch/One")
    assert sorted(seen(reports)) == [f"Batch/Two/{file}" for file in sorted(FILES)]
    clear(reports, "Batch/Two")
    clear(reports, "Batch/Two")
    assert list(reports.iterdir()) == []


def test_clearing_leaves_a_release_that_is_called_like_a_file_of_ours(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    put(reports, "Batch/report.txt", content("1"), AT, 7)
    clear(reports, "Batch")
    clear(reports, "Batch/report.txt/report.json")
    assert len(seen(reports)) == 4


@pytest.mark.parametrize("name", ["..", "../anna2", "/etc", "a/../../b", "", "a\0b"])
def test_nothing_is_put_or_cleared_outside_the_read_only_folder(tmp_path: Path, name: str) -> None:
    reports = tmp_path / "anna" / "reports"
    reports.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match="not a place"):
        put(reports, name, content("x"), AT, 7)
    with pytest.raises(ValueError, match="not a place"):
        clear(reports, name)
    assert sorted(path for path in tmp_path.rglob("*") if ".new-7" not in path.parts) == before


def test_one_writer_at_a_time_has_a_label_s_read_only_folders(tmp_path: Path) -> None:
    anna, ben = tmp_path / "anna", tmp_path / "ben"
    with report_lock(anna) as first, report_lock(anna) as second, report_lock(ben) as other:
        assert (first, second, other) == (True, False, True)
    with report_lock(anna) as again:
        assert again


def test_files_reach_the_disk_before_they_appear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        order.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    put(tmp_path / "reports", "Album", content("x"), AT, 7)
    assert order[:4] == list(FILES) and set(order[4:]) == {"Album", "reports"}
