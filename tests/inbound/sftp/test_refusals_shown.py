"""Every refusal as the label's own program shows it: what cannot be done, why, and what to do instead.

FileZilla's engine is asked for all of them. psftp shows nothing but the code's name, and neither does OpenSSH.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.config import Sftp
from ingest.inbound.sftp.quota_limits import DISK
from tests.fzsftp import Failed, FzSftp, fzsftp
from tests.inbound.sftp.refusing import SUBMITTED
from tests.sftp_clients import (
    Running,
    lftp_command,
    psftp_command,
    release_folder,
    run,
    running_server,
    sftp_command,
)

pytestmark = pytest.mark.clients

TOP = "Upload into /incoming: nothing can be made beside it."
REPORTS = "/reports can only be read. Upload into /incoming."
INCOMING = "/incoming itself stays as it is."
IN_PSFTP = {"rm": "del"}
MORE = "Remove what you no longer need, or ask us for more."


@dataclass(frozen=True)
class Case:
    """`lines` for FileZilla's engine; LOCAL is a file on the label's computer. `says` is what the last one shows."""

    lines: str
    says: str
    config: dict[str, int] = field(default_factory=dict)
    alarm: str = ""


CASES = {
    "a file into a folder that was taken": Case("put LOCAL /incoming/Album/new.wav", SUBMITTED),
    "over a file that was taken": Case("put LOCAL /incoming/Album/metadata.xml", SUBMITTED),
    "a folder into one that was taken": Case("mkdir /incoming/Album/more", SUBMITTED),
    "a folder that was taken, once more": Case("mkdir /incoming/Album", SUBMITTED),
    "removing what was taken": Case("rm /incoming/Album/metadata.xml", SUBMITTED),
    "renaming what was taken": Case("mv /incoming/Album /incoming/Other", SUBMITTED),
    "renaming to a name that was taken": Case("mkdir /incoming/New\nmv /incoming/New /incoming/Album", SUBMITTED),
    "a file into the reports": Case("put LOCAL /reports/note.txt", REPORTS),
    "over a report": Case("put LOCAL /reports/Album/status.txt", REPORTS),
    "removing a report": Case("rm /reports/Album/status.txt", REPORTS),
    "removing a folder of reports": Case("rmdir /reports/Album", REPORTS),
    "a folder into the reports": Case("mkdir /reports/mine", REPORTS),
    "renaming the reports": Case("mv /reports /incoming/reports", REPORTS),
    "a file beside /incoming": Case("put LOCAL /note.txt", TOP),
    "a folder beside /incoming": Case("mkdir /Album", TOP),
    "a file into a folder that does not exist beside /incoming": Case("put LOCAL /Album/a.wav", TOP),
    "removing /incoming": Case("rmdir /incoming", INCOMING),
    "renaming /incoming": Case("mv /incoming /outgoing", INCOMING),
    "moving a file out of /incoming": Case("put LOCAL /incoming/a.wav\nmv /incoming/a.wav /a.wav", TOP),
    "a file into a folder that is missing": Case("put LOCAL /incoming/None/a.wav", "no such file or directory"),
    "a name that is taken": Case(
        "mkdir /incoming/A\nmkdir /incoming/A", "A file or folder of this name is already there."
    ),
    "removing a folder with files": Case(
        "mkdir /incoming/A\nput LOCAL /incoming/A/a\nrmdir /incoming/A", "This folder is not empty."
    ),
    "too deep": Case(
        "\n".join(f"mkdir /incoming/{'/'.join('abcdefghi'[:depth])}" for depth in range(1, 10)),
        "Folders may lie at most 8 deep under /incoming.",
    ),
    "too long a name": Case(
        f"mkdir /incoming/{'n' * 256}", "This name is too long: at most 255 bytes are taken, and it has 256."
    ),
    "a full folder": Case(
        "mkdir /incoming/a\nmkdir /incoming/b\nmkdir /incoming/c",
        "This folder is full: 2 files and folders are the most we take in one.",
        {"max_files_per_folder": 2},
    ),
    "too many bytes": Case(
        "put LOCAL /incoming/a.wav\nput LOCAL /incoming/b.wav",
        f"Your space here is full: at most 5 kB may wait under /incoming at one time. {MORE}",
        {"max_bytes_per_label": 5000},
        "anna has used up its quota of bytes",
    ),
    "too many files": Case(
        "put LOCAL /incoming/a.wav\nput LOCAL /incoming/b.wav",
        f"Your space here is full: at most 1 files may wait under /incoming at one time. {MORE}",
        {"max_files_per_label": 1},
        "anna has used up its quota of files",
    ),
    "too many folders": Case(
        "mkdir /incoming/a\nmkdir /incoming/b",
        f"Your space here is full: at most 1 folders may wait under /incoming at one time. {MORE}",
        {"max_folders_per_label": 1},
        "anna has used up its quota of folders",
    ),
    "a full disk": Case(
        "put LOCAL /incoming/a.wav",
        "Our disk is full at the moment. We have been told; try again later.",
        {"min_free_bytes": 10**15},
        DISK,
    ),
}


def serve_one(tmp_path: Path, config: dict[str, int], attempt: Callable[[Running], None]) -> list[str]:
    """A label with the folder Album taken and a report on it; returns what ops were told."""
    settings = Sftp(host="127.0.0.1", port=0, **{"min_free_bytes": 0, **config})  # type: ignore[arg-type]
    reports = tmp_path / "shelves" / "reports"
    (reports / "Album").mkdir(parents=True)
    (reports / "Album" / "status.txt").write_text("Invalid\n")
    (tmp_path / "spool").mkdir()
    with running_server(tmp_path, settings, read_only=lambda account: {"reports": reports}) as running:
        running.backend.seal(
            running.account, release_folder(running.incoming, "Album", size=100).name, tmp_path / "spool"
        )
        attempt(running)
        assert (reports / "Album" / "status.txt").read_text() == "Invalid\n"
        return running.backend.alarms


@pytest.mark.parametrize("name", CASES)
def test_filezilla_shows_why_and_what_to_do_and_ops_hear_once_of_what_is_full(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    local = tmp_path / "local.bin"
    local.write_bytes(bytes(3000))

    def attempt(running: Running) -> None:
        with fzsftp(tmp_path) as engine:
            engine.open(running.port)
            *before, last = case.lines.splitlines()
            for line in before:
                do(engine, line, local)
            for _ in range(2 if case.alarm else 1):
                with pytest.raises(Failed) as refused:
                    do(engine, last, local)
        assert case.says in str(refused.value)

    assert serve_one(tmp_path, case.config, attempt) == ([case.alarm] if case.alarm else [])


def do(engine: FzSftp, line: str, local: Path) -> None:
    verb, *paths = line.split()
    if verb == "put":
        engine.put(local, paths[1])
    else:
        engine.command(" ".join([verb, *(f'"{path}"' for path in paths)]))


def test_lftp_shows_the_same_words(tmp_path: Path) -> None:
    def attempt(running: Running) -> None:
        for script, says in (
            ("mkdir /incoming/Album/more", SUBMITTED),
            ("mkdir /reports/mine", REPORTS),
            ("mkdir /Album", TOP),
        ):
            assert says in " ".join(run(lftp_command(running, script), fails=True).split())

    assert serve_one(tmp_path, {}, attempt) == []


def test_programs_that_show_no_words_of_ours_say_permission_denied(tmp_path: Path) -> None:
    def attempt(running: Running) -> None:
        for verb, path in (
            ("mkdir", "/incoming/Album/more"),
            ("rm", "/reports/Album/status.txt"),
            ("rmdir", "/incoming"),
            ("mkdir", "/Album"),
        ):
            assert "Permission denied" in run(sftp_command(running), f"{verb} {path}", fails=True)
            shown = run(psftp_command(running), f"{IN_PSFTP.get(verb, verb)} {path}")
            assert "permission denied" in shown

    assert serve_one(tmp_path, {}, attempt) == []
