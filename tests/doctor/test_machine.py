"""The machine: libraries, kernel, the confinement of readers, shipped files and the clock."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from ingest.doctor import Outcome, machine
from ingest.readers.sandbox import Confinement


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LIBRARIES", ("asyncssh", "no-such-library"))

    (check,) = machine.versions()
    assert (check.outcome, check.text) == (
        Outcome.FAIL,
        "a library is missing: No package metadata was found for no-such-library",
    )


def test_a_kernel_without_openat2_fails_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(directory: Path) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(machine, "check_available", refuse)

    (check,) = machine.kernel()
    assert check.outcome is Outcome.FAIL
    assert check.text.endswith("refuses openat2: function not implemented")


UNFILTERED = "system calls are not filtered: a hostile file may use them"
NO_LANDLOCK = "no Landlock: a hostile file may read others' files"
OLD = "Landlock 2 of 6; system calls are filtered, which alone holds what this version lacks"

HELD = [
    (Confinement(7, True), Outcome.OK, "Landlock 7, system calls are filtered"),
    (Confinement(6, True), Outcome.OK, "Landlock 6, system calls are filtered"),
    (Confinement(2, True), Outcome.WARN, OLD),
    (Confinement(0, True), Outcome.WARN, f"{NO_LANDLOCK}; system calls are filtered"),
    (Confinement(7, False), Outcome.WARN, f"Landlock 7; {UNFILTERED}"),
    (Confinement(0, False), Outcome.WARN, f"{NO_LANDLOCK}; {UNFILTERED}"),
]


@pytest.mark.parametrize(("held", "outcome", "text"), HELD)
def test_a_kernel_that_cannot_confine_readers_wholly_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, held: Confinement, outcome: Outcome, text: str
) -> None:
    monkeypatch.setattr(machine, "probe", lambda: held)

    (check,) = machine.sandbox()
    assert (check.name, check.outcome, check.text) == ("sandbox", outcome, text)
    assert bool(check.cure) == (outcome is Outcome.WARN)


def test_readers_that_cannot_be_confined_at_all_fail_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Confinement:
        raise OSError(errno.E2BIG, "Landlock cannot be put in force")

    monkeypatch.setattr(machine, "probe", refuse)

    (check,) = machine.sandbox()
    assert check.outcome is Outcome.FAIL
    assert check.text == "no child can be confined, so no file is read: landlock cannot be put in force"


def test_a_missing_or_empty_shipped_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "data_dir", lambda name: tmp_path)
    (missing,) = machine.shipped_files()
    (tmp_path / "ern382.xsd").touch()
    (empty,) = machine.shipped_files()

    assert (missing.outcome, missing.text) == (
        Outcome.FAIL,
        "schemas/ern382.xsd cannot be read: no such file or directory",
    )
    assert (empty.outcome, empty.text) == (Outcome.FAIL, "schemas/ern382.xsd is empty")


def test_a_clock_before_the_installation_fails_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 86_400.0)

    (check,) = machine.clock()
    assert check.outcome is Outcome.FAIL


def test_a_kernel_that_gives_no_more_inotify_instances_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    (check,) = machine.inotify()
    assert (check.name, check.outcome) == ("inotify", Outcome.OK)
    monkeypatch.setattr(machine, "_inotify_instance", lambda: (-1, errno.EMFILE))

    (check,) = machine.inotify()
    assert (check.name, check.outcome) == ("inotify", Outcome.WARN)
    assert check.text.startswith("no instance is free (Too many open files)")
    assert "fs.inotify.max_user_instances" in check.cure
