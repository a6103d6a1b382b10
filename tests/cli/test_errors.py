"""Failures on the command line: exit status 2 and a line on stderr, a bug of ours too; 1 would say "Invalid"."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from ingest.cli import main
from ingest.store.database import Store
from tests.packages import Good, write_good

VERBS = [
    ("packages",),
    ("show", "1"),
    ("approve", "1"),
    ("reject", "1", "--notes", "x"),
    ("retry", "1"),
    ("draw", "1", "1"),
]
IDS = [("show",), ("approve",), ("reject", "--notes", "x"), ("retry",)]


def ingest(folder: Path, *words: str, config: str = "") -> Result:
    (folder / "config.toml").write_text(f'[paths]\ndata = "data"\n{config}')
    return CliRunner().invoke(main, ["--config", str(folder / "config.toml"), *words])


def failing(monkeypatch: pytest.MonkeyPatch, fault: BaseException) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("ingest.cli.config.toml_of", fail)


def test_a_bug_says_all_it_knows_and_never_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError("boom"))
    result = ingest(tmp_path, "config", "show")
    assert result.exit_code == 2
    assert "ZeroDivisionError: boom" in result.stderr
    assert result.stderr.endswith("ingest: this is a fault of ingest: report it with these lines\n")


def test_wrong_usage_is_told_as_click_tells_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, click.UsageError("wrong"))
    result = ingest(tmp_path, "config", "show")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, "Error: wrong")


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), click.Abort()])
def test_what_was_stopped_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException) -> None:
    failing(monkeypatch, fault)
    result = ingest(tmp_path, "config", "show")
    assert (result.exit_code, result.stderr) == (2, "ingest: stopped\n")


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, PermissionError(13, "Permission denied", b"/home/\x1b"))
    result = ingest(tmp_path, "config", "show")
    assert (result.exit_code, result.stderr) == (2, "ingest: /home/‹U+001B›: Permission denied\n")


@pytest.mark.parametrize("words", [*VERBS, ("label", "list"), ("label", "password", "anna")])
def test_a_database_is_not_made_by_asking_for_what_is_in_it(tmp_path: Path, words: tuple[str, ...]) -> None:
    result = ingest(tmp_path, *words)
    place = tmp_path / "data/state/ingest.db"
    told = f"ingest: there is no database {place} yet: the daemon makes it as it starts\n"
    assert (result.exit_code, result.stderr, (tmp_path / "data").exists()) == (2, told, False)


def test_a_file_that_is_no_database_is_told_of_in_one_line(tmp_path: Path) -> None:
    place = tmp_path / "data/state/ingest.db"
    place.parent.mkdir(parents=True)
    place.write_text("no database " * 100)
    result = ingest(tmp_path, "packages")
    assert (result.exit_code, result.stderr) == (2, "ingest: the database cannot be used: file is not a database\n")


def test_tables_of_an_older_version_ask_for_a_restart_of_the_daemon(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'data' / 'state' / 'ingest.db'}")
    store.migrate("0006")
    store.close()
    result = ingest(tmp_path, "show", "1")
    assert result.exit_code == 2
    assert result.stderr == (
        f"ingest: the tables are at 0006; this version needs {store.head()}. Restart the daemon: it migrates as it"
        " starts. Tables of a newer ingest need that newer ingest.\n"
    )


@pytest.mark.parametrize("words", IDS)
@pytest.mark.parametrize("number", ["0", str(2**31), "9" * 40])
def test_a_number_that_no_package_can_have_is_wrong_usage(tmp_path: Path, words: tuple[str, ...], number: str) -> None:
    result = ingest(tmp_path, words[0], number, *words[1:])
    assert (result.exit_code, "Invalid value for 'ID'" in result.stderr) == (2, True)


def written_to(target: int, *words: str) -> tuple[int, str]:
    """Exit status and standard error of a command whose standard output is `target`."""
    done = subprocess.run([sys.executable, "-m", "ingest", *words], stdout=target, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_good(tmp_path_factory.mktemp("release"), Good.GUIDE))


@pytest.mark.parametrize(("verb", "status"), [("check", 2), ("rules", 0)])
def test_output_that_nobody_reads_is_no_failure_but_no_answer_either(verb: str, status: int, release: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert written_to(writing, verb, *([release] if verb == "check" else [])) == (status, "")
    finally:
        os.close(writing)


@pytest.mark.slow
def test_output_that_finds_no_room_is_said_in_a_line(release: str) -> None:
    with Path("/dev/full").open("w") as full:
        told = "ingest: the output cannot be written: No space left on device\n"
        assert written_to(full.fileno(), "check", release) == (2, told)


def test_a_folder_without_a_name_is_not_the_one_that_we_are_in() -> None:
    result = CliRunner().invoke(main, ["check", ""])
    assert result.exit_code == 2
    assert result.stderr.endswith("Error: the name of the folder is empty; give the folder of the release\n")
