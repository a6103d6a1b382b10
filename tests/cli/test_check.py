"""`ingest check FOLDER`"""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ingest.check import CheckedPackage
from ingest.cli import main
from ingest.cli.findings import closing
from ingest.core.dossier import Dossier, Folder
from ingest.core.finding import Finding, Severity
from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.core.status import Status
from tests.broken.change import edit
from tests.good import Good, jpeg, write_good
from tests.lives import TAKEDOWNS, alone

RELEASED = date.today() + timedelta(days=60)
"""The good packages are judged as of today here."""


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration but the test's own is found."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INGEST_CONFIG", raising=False)
    monkeypatch.setattr("ingest.config.file.SEARCH", ("config.toml",))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write_good(tmp_path / "packages", Good.SINGLE, RELEASED)


@pytest.fixture
def broken(good: Path) -> Path:
    """Two things to fix and one to think about, in a folder whose name is hostile."""
    folder = good.rename(good.with_name("Evil [bold]\x1b[31m_name"))
    (folder / "artwork.jpg").write_bytes(jpeg(2000, 2000))
    (folder / "01_Sunrise.wav").rename(folder / "01_sunrise.wav")
    (folder / "notes.txt").write_text("private", "utf-8")
    return folder


def ingest(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def run(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, its output in pipes."""
    command = [sys.executable, "-c", "from ingest.cli import main; main(prog_name='ingest')", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **(environment or {})}
    )


def on_terminal(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """What the command writes to a terminal, stdout and stderr together."""
    command = [sys.executable, "-c", "from ingest.cli import main; main(prog_name='ingest')", *map(str, arguments)]
    ours, theirs = pty.openpty()
    variables = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **(environment or {})}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=variables)
    os.close(theirs)
    taken = b""
    try:
        while piece := os.read(ours, 65536):
            taken += piece
    except OSError:
        pass
    finally:
        os.close(ours)
    process.wait()
    return taken.decode()


def test_a_good_release_would_go_to_needs_qc(good: Path) -> None:
    result = ingest("check", good)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert lines == [
        f"{good.name}  Needs QC",
        "  Artist    Ayo Lande",
        "  Title     Sunrise",
        "  Barcode   5034567890120",
        "  Type      Single",
        f"  Released  {RELEASED.isoformat()}",
        "  Message   ERN 3.8.2, in the spelling of the guide",
        "",
        "  #  Title    ISRC          Length  File",
        "  1  Sunrise  GBDUM2600001    0:31  01_Sunrise.wav",
        "",
        "Would go to Needs QC: nothing to complain about.",
    ]


def test_a_test_that_passed_goes_no_further(good: Path) -> None:
    edit(("LiveMessage", "TestMessage"))(good)

    result = ingest("check", good)
    (package,) = json.loads(ingest("check", good, "--format", "json").stdout)["packages"]

    lines = result.stdout.splitlines()
    assert (result.exit_code, lines[:2]) == (0, [f"{good.name}  Test passed", "  Kind      test"])
    assert lines[-1].startswith("The test passed: it goes no further.")
    assert "Needs QC" not in result.stdout
    assert (package["kind"], package["status"]) == ("test", "Needs QC")


def test_of_a_takedown_it_is_said_that_the_release_is_looked_for_on_upload_only(tmp_path: Path) -> None:
    down = alone(tmp_path, "Down", TAKEDOWNS["TakeDown"])

    lines = ingest("check", down).stdout.splitlines()
    (package,) = json.loads(ingest("check", down, "--format", "json").stdout)["packages"]

    assert lines[:3] == [
        "Down  Needs QC",
        "  Kind      takedown",
        "  Whether we know the release is only seen on upload.",
    ]
    assert package["kind"] == "takedown"


def test_a_good_release_as_json_has_nothing_else_on_stdout(good: Path) -> None:
    done = run("check", good, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    (package,) = json.loads(done.stdout)["packages"]
    assert (package["folder"], package["status"], package["findings"]) == (good.name, "Needs QC", [])
    assert list(package["release"]) == [
        "title",
        "artists",
        "upc",
        "type",
        "release_date",
        "release_date_written",
        "dialect",
        "ern_version",
        "tracks",
    ]


def test_a_broken_release_is_invalid_with_errors_first_and_no_escape_of_its_own(broken: Path) -> None:
    result = ingest("check", broken)
    assert result.exit_code == 1
    assert result.stdout.startswith("Evil [bold]‹U+001B›[31m_name  Invalid\n")
    assert "\x1b" not in result.stdout
    heads = [line.rstrip() for line in result.stdout.splitlines() if re.match(r"(\w+ *$|  [A-Z]{3}-\d{3}  )", line)]
    assert [re.sub(r"line \d+", "line N", head) for head in heads[:6]] == [
        "Errors",
        "  ART-001  artwork.jpg",
        "  PKG-005  metadata.xml, line N, track 1",
        "Warnings",
        "  PKG-022  notes.txt",
        "Infos",
    ]
    assert "    Fix: " in result.stdout
    assert result.stdout.splitlines()[-1].startswith("Invalid: 2 errors, 1 warning, ")


def test_a_batch_is_checked_release_by_release(tmp_path: Path, good: Path) -> None:
    shutil.copytree(good, good.parent / "second")
    (good.parent / "second/artwork.jpg").unlink()
    (good.parent / "BatchComplete_20260401.xml").write_text("<x/>", "utf-8")
    result = ingest("check", good.parent, "--format", "json")
    packages = json.loads(result.stdout)["packages"]
    assert result.exit_code == 1
    assert [(one["folder"], one["status"]) for one in packages] == [(good.name, "Needs QC"), ("second", "Invalid")]


def test_the_folder_may_be_given_as_a_dot(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(good)
    assert ingest("check", ".").stdout.startswith(f"{good.name}  Needs QC")


def test_an_empty_folder_is_invalid_and_has_no_release(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = ingest("check", tmp_path / "empty", "--format", "json")
    (package,) = json.loads(result.stdout)["packages"]
    assert (result.exit_code, package["status"], package["release"]) == (1, "Invalid", None)


def test_what_is_no_folder_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    missing, file, nothing = ingest("check", "none"), ingest("check", "file"), ingest("check")
    assert (missing.exit_code, file.exit_code, nothing.exit_code) == (2, 2, 2)
    assert "there is no folder none" in missing.stderr
    assert "file is a file; give the folder of the release" in file.stderr
    assert (missing.stdout, file.stdout, nothing.stdout) == ("", "", "")


def test_the_configuration_softens_and_silences(broken: Path) -> None:
    plain = json.loads(ingest("check", broken, "--format", "json").stdout)["packages"][0]["findings"]
    errors = sorted({one["code"] for one in plain if one["severity"] == "error"})
    rest = sorted({one["code"] for one in plain if one["severity"] != "error"})
    severity = "".join(f'{code} = "warning"\n' for code in errors)
    Path("config.toml").write_text(f"[rules]\nsilenced = {json.dumps(rest)}\n[rules.severity]\n{severity}", "utf-8")
    result = ingest("check", broken, "--format", "json")
    softened = json.loads(result.stdout)["packages"][0]
    assert (result.exit_code, softened["status"]) == (0, "Needs QC")
    assert softened["findings"] == [{**one, "severity": "warning"} for one in plain if one["code"] in errors]


def test_a_configuration_with_mistakes_is_wrong_usage(good: Path) -> None:
    Path("config.toml").write_text("[sftp]\nprot = 1\n", "utf-8")
    result = ingest("check", good)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "ingest: config.toml:2: sftp.prot: unknown key; did you mean 'port'?\n"


def test_folders_that_we_fail_to_read_are_our_failure_and_no_findings(good: Path) -> None:
    with (good / "metadata.xml").open("ab") as message:
        message.write(
            b"<!--" + bytes(8_000_000).replace(b"\0", b" ") + b"-->"
        )  # more than free memory of a child holds
    shutil.copytree(good, good.parent / "second")
    Path("config.toml").write_text("[validation]\nmemory_bytes = 1\n", "utf-8")
    result = ingest("check", good.parent, "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (2, {"packages": []})
    whose = "was not checked: we failed to read it, which is no fault of the release"
    assert [line.split(" (")[0] for line in result.stderr.splitlines()] == [
        f"ingest: {good.name} {whose}",
        f"ingest: second {whose}",
    ]


def test_links_and_names_that_no_xml_can_hold_are_told_of_beside_the_findings(good: Path) -> None:
    audio = good / "01_Sunrise.wav"
    audio.rename(good.parent / audio.name)
    audio.symlink_to(good.parent / audio.name)
    Path(os.fsdecode(os.fsencode(good) + b"/caf\xe9.txt")).touch()
    result = ingest("check", good, "--format", "json")
    (package,) = json.loads(result.stdout)["packages"]
    assert (result.exit_code, package["status"]) == (1, "Invalid")
    assert sorted(result.stderr.splitlines()) == [
        "ingest: 01_Sunrise.wav was passed over: it is a link, and links are not uploaded",
        "ingest: caf\\xe9.txt was passed over: its name is not UTF-8, so no XML can name it",
    ]


def test_a_crash_while_one_file_is_read_names_that_file(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.readers.fork_client import Answer, Failure, Limits, Request
    from ingest.readers.pool import Pool

    read = Pool.read

    def crash(pool: Pool, requests: list[Request], limits: Limits, *rest: Any, **more: Any) -> list[Answer]:
        answers = read(pool, requests, limits, *rest, **more)
        crashed = Failure("Traceback (most recent call last):\n  File x\nValueError: boom\n")
        return [crashed if one["read"] == "audio" else answer for one, answer in zip(requests, answers, strict=True)]

    monkeypatch.setattr(Pool, "read", crash)
    result = ingest("check", good)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"ingest: {good.name}/01_Sunrise.wav was not checked: we failed to read it, "
        "which is no fault of the release (ValueError: boom)\n"
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [("01_Sunrise.wav", "/01_Sunrise.wav was not checked: it"), ("metadata.xml", " was not checked: metadata.xml")],
)
def test_a_folder_that_changes_while_it_is_checked_is_to_be_checked_again(
    good: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    from ingest.readers.fork_client import Answer, Failure, Limits, Request
    from ingest.readers.pool import Pool

    read = Pool.read

    def change(pool: Pool, requests: list[Request], limits: Limits, *rest: Any, **more: Any) -> list[Answer]:
        if name == "metadata.xml":
            return [Failure("metadata.xml changed while it was read", is_final=True)]
        if requests[0]["read"] != "folder":
            (good / name).write_bytes(b"another take")
        return read(pool, requests, limits, *rest, **more)

    monkeypatch.setattr(Pool, "read", change)
    result = ingest("check", good)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"ingest: {good.name}{told} changed while it was read; check it again when nothing writes to it any more\n"
    )


def test_colours_and_the_progress_bar_are_for_terminals_only(broken: Path) -> None:
    shown = on_terminal("check", broken)
    assert "\x1b[1;31mErrors" in shown
    assert "/3" in shown or "/4" in shown
    piped = run("check", broken)
    assert ("\x1b" in piped.stdout, piped.stderr) == (False, "")


def test_no_color_takes_the_colours_away(broken: Path) -> None:
    shown = on_terminal("check", broken, environment={"NO_COLOR": "1"})
    assert "Errors" in shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", shown)


def test_a_locale_without_unicode_does_not_break_the_output(broken: Path) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    shown = run("check", broken, environment=ascii_only)
    done = run("check", broken, "--format", "json", environment=ascii_only)
    assert (shown.returncode, shown.stderr, done.returncode, done.stderr) == (1, "", 1, "")
    assert json.loads(done.stdout)["packages"][0]["status"] == "Invalid"


def finding(severity: Severity, code: str = "ART-001") -> Finding:
    return Finding(code, severity, None, None, None, None, None, None, "text", "fix")


def test_the_closing_line_counts_what_there_is() -> None:
    dossier = Dossier(Folder("F"), None, UnreadableMessage(None, MessageProblem.MISSING))
    errors, warning = (finding(Severity.ERROR), finding(Severity.ERROR, "ART-002")), finding(Severity.WARNING)
    invalid = CheckedPackage(dossier, (*errors, warning), Status.INVALID)
    noted = CheckedPackage(dossier, (warning,), Status.NEEDS_QC)
    assert closing(invalid) == (
        "Invalid: 2 errors, 1 warning. Fix every error and check again; warnings and infos do not stop the release."
    )
    assert closing(noted) == "Would go to Needs QC: 1 warning."
