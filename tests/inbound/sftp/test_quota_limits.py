"""What a label may store, and how it is said that there is no more room."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.inbound.sftp.quota_limits import DISK, IN_ALL, TELL_SECONDS, Full, Teller, spelled, used_under


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1500, "1.5 kB"),
        (2 * 10**9, "2 GB"),
        (2 * 10**11, "200 GB"),
        (10**12, "1 TB"),
    ],
)
def test_bytes_are_spelled_for_people(count: int, expected: str) -> None:
    assert spelled(count) == expected


@given(st.integers(0, 10**15))
def test_a_spelled_number_is_right_to_a_tenth_of_its_unit(count: int) -> None:
    number, unit = spelled(count).split(" ")
    size = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}[unit]
    assert abs(float(number) * size - count) <= size / 20
    assert count < 1000 * size or unit == "TB"


def test_used_are_the_bytes_files_and_folders_below_links_and_all_but_not_behind_them(tmp_path: Path) -> None:
    root = tmp_path / "incoming"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "one").write_bytes(bytes(5))
    (root / "a" / "b" / "two").write_bytes(bytes(7))
    (tmp_path / "outside").write_bytes(bytes(1000))
    (root / "link").symlink_to(tmp_path / "outside")
    assert used_under(root) == (12 + len(os.fspath(tmp_path / "outside")), 3, 2)
    assert used_under(tmp_path / "nothing") == (0, 0, 0)


def test_the_label_is_told_each_time_and_ops_once_an_hour_of_each_thing() -> None:
    now, told = [0.0], list[str]()
    teller = Teller("anna", lambda what, detail: told.append(what), lambda: now[0])
    words = {teller.full(Full("bytes", "5 kB")) for _ in range(3)}
    assert words == {
        "Your space here is full: at most 5 kB may wait under /incoming at one time. "
        "Remove what you no longer need, or ask us for more."
    }
    teller.full(Full("files", "7 files"))
    now[0] = TELL_SECONDS - 1
    teller.full(Full("bytes", "5 kB"))
    now[0] = TELL_SECONDS
    teller.full(Full("bytes", "5 kB"))
    of = "anna has used up its quota of"
    assert told == [f"{of} bytes", f"{of} files", f"{of} bytes"]


def test_ops_read_what_the_label_was_told_and_what_to_do() -> None:
    told = list[tuple[str, str]]()
    teller = Teller("anna", lambda what, detail: told.append((what, detail)), lambda: 0.0)
    in_all, disk = teller.full(Full(IN_ALL, "1 TB")), teller.full(Full(DISK, "3 MB are left"))
    teller.near_ceiling(850 * 10**9, 10**12)
    assert in_all == "We hold as much of your music as was agreed, 1 TB in all. We have been told; please write to us."
    assert disk == "Our disk is full at the moment. We have been told; try again later."
    assert told == [
        (
            "anna has used up its quota of bytes in all",
            "The label was told: We hold as much of your music as was agreed, 1 TB in all. "
            "sftp.max_bytes_kept_per_label is that ceiling.",
        ),
        (
            DISK,
            "3 MB are left. The label anna was refused. Free some space, give the labels' folders a larger disk, "
            "or shorten [retention].",
        ),
        (
            "anna comes near the ceiling of what is kept for a label",
            "Its sealed folders have 850 GB; at 1 TB uploads are refused. Decide what waits in Needs QC, "
            "shorten [retention], or raise sftp.max_bytes_kept_per_label.",
        ),
    ]
