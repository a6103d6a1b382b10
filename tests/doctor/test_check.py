"""One line of the doctor: its outcome, and the words of an error in it."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from ingest.doctor.check import Check, Outcome, fail, is_there, ok, skip, warn, words


def test_each_outcome_is_made_under_its_own_word() -> None:
    assert [ok("disk", "a"), warn("disk", "b", "c"), fail("disk", "d", "e"), skip("disk", "f")] == [
        Check("disk", Outcome.OK, "a", ""),
        Check("disk", Outcome.WARN, "b", "c"),
        Check("disk", Outcome.FAIL, "d", "e"),
        Check("disk", Outcome.SKIP, "f", ""),
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data"), "no space left on device"),
        (OSError("Broken"), "broken"),
        (PermissionError(), "permissionerror"),
    ],
)
def test_an_error_is_told_in_small_letters_and_without_its_number(error: OSError, said: str) -> None:
    assert words(error) == said


def test_a_link_that_leads_nowhere_is_there_and_what_may_not_be_examined_too(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "file").touch()
    assert is_there(tmp_path / "link")
    assert is_there(tmp_path / "file" / "below")
    assert is_there(tmp_path / ("x" * 300))
    assert not is_there(tmp_path / "nowhere")
