"""Who is recorded with a decision: the person, not the user whose rights the command has."""

from __future__ import annotations

import getpass
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import main, options
from ingest.cli.options import who
from ingest.store.decisions import decisions_on_label, decisions_on_package
from tests.lives import whole
from tests.rules.reading import read_here
from tests.stage import Stage, staged


@pytest.fixture(autouse=True)
def nobody_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """As where systemd runs the command: no sudo, and the kernel knows nobody who logged in."""
    for name in ("SUDO_USER", "DOAS_USER", "PKEXEC_UID"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "loginuid"
    file.write_text(str(2**32 - 1))
    monkeypatch.setattr(options, "LOGIN_UID", file)
    monkeypatch.setattr(getpass, "getuser", lambda: "ingest")
    return file


def users(monkeypatch: pytest.MonkeyPatch, **known: int) -> None:
    entries = {
        number: pwd.struct_passwd((name, "x", number, number, "", "/", "/bin/sh")) for name, number in known.items()
    }
    monkeypatch.setattr(pwd, "getpwuid", entries.__getitem__)


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nameless)
    monkeypatch.setattr("os.getuid", lambda: 4711)
    assert who() == "4711"


@pytest.mark.parametrize("variable", ["SUDO_USER", "DOAS_USER"])
def test_behind_sudo_and_doas_it_is_the_person(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "ngozi")
    assert who() == "ngozi"


def test_behind_pkexec_it_is_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    users(monkeypatch, ngozi=1001)
    monkeypatch.setenv("PKEXEC_UID", "1001")
    assert who() == "ngozi"


def test_behind_su_it_is_who_logged_in(monkeypatch: pytest.MonkeyPatch, nobody_logged_in: Path) -> None:
    users(monkeypatch, ngozi=1001)
    nobody_logged_in.write_text("1001")
    assert who() == "ngozi"


@pytest.mark.parametrize("told", ["4294967295", "1002", "", "-1", "no number"])
def test_where_nobody_known_logged_in_it_is_the_user(
    monkeypatch: pytest.MonkeyPatch, nobody_logged_in: Path, told: str
) -> None:
    users(monkeypatch, ngozi=1001)
    nobody_logged_in.write_text(told)
    assert who() == "ingest"
    nobody_logged_in.unlink()
    assert who() == "ingest"


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    read_here(monkeypatch)
    with staged(tmp_path) as there:
        there.app.engine.migrate()
        assert there.judge(there.place(whole(tmp_path, "Sunrise"))) == "Needs QC"
        yield there


def ingest(on: Stage, *words: str) -> Result:
    config = on.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), *words])


def test_as_names_who_decides(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ben")
    assert ingest(on, "reject", "1", "--notes", "No.", "--as", "Ngozi O.").exit_code == 0
    assert ingest(on, "label", "disable", "anna", "--as", "Ngozi O.").exit_code == 0
    assert ingest(on, "label", "enable", "anna").exit_code == 0
    with on.app.store.reading() as tx:
        assert [row.who for row in decisions_on_package(tx, 1)] == ["Ngozi O."]
        assert [row.who for row in decisions_on_label(tx, 1)] == ["Ngozi O.", "ben"]
    assert "QC Rejected (Ngozi O.)" in ingest(on, "show", "1").stdout


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[31m", "x" * 101])
def test_a_name_that_nobody_has_is_refused(on: Stage, name: str) -> None:
    refused = ingest(on, "reject", "1", "--notes", "No.", "--as", name)
    assert (refused.exit_code, "1 to 100 printable characters" in refused.stderr) == (2, True)
