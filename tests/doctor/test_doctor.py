"""The doctor: all well on a sound installation, and each thing that breaks turns its own line and no other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ingest.config import load
from ingest.doctor import Outcome, examine
from tests.doctor.installation import CONFIG, NAMES, Home, checks, edit, is_usual, run, turned

# All well


def test_a_sound_installation_is_all_ok(home: Home) -> None:
    found = list(examine(home / "config.toml"))

    assert [check.name for check in found] == NAMES
    assert all(is_usual(check) for check in found)


def test_looking_changes_nothing(home: Home) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {str(path): (path.stat().st_mode, path.stat().st_size) for path in home.rglob("*")}

    before = state()
    turned(home)

    assert state() == before


def test_the_command_prints_one_line_for_each_check(home: Home) -> None:
    done = run(home, "doctor")

    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert [line[6:21].strip() for line in lines] == NAMES
    assert [line[:5].strip() for line in lines if not line.startswith("OK    ")] == ["WARN"], "the transport maildir"


def test_the_command_says_the_cure_and_exits_with_1_when_a_check_fails(home: Home) -> None:
    (home / "shop").rmdir()
    done = run(home, "doctor")

    shop = home / "shop"
    assert done.exit_code == 1
    assert [line for line in done.stdout.splitlines() if not line.startswith(("OK", "WARN  email "))] == [
        f"FAIL  dsp shop        {shop} does not exist. Cure: Make or mount {shop}, writable for the daemon's user."
    ]


def test_a_warning_alone_is_no_failure(home: Home) -> None:
    edit(home, 'ops_emails = ["ops@label.example"]', "")

    assert turned(home) == {"addresses": Outcome.WARN}
    assert run(home, "doctor").exit_code == 0


def test_the_command_gives_the_same_checks_as_json(home: Home) -> None:
    (home / "shop").rmdir()
    done = run(home, "doctor", "--format", "json")

    found = json.loads(done.stdout)["checks"]
    assert done.exit_code == 1
    assert [check["name"] for check in found] == NAMES
    assert found[-1] == {
        "name": "dsp shop",
        "outcome": "FAIL",
        "text": f"{home / 'shop'} does not exist",
        "cure": f"Make or mount {home / 'shop'}, writable for the daemon's user.",
    }


# Configuration


def test_an_unknown_config_key_fails_its_line_and_leaves_the_rest_unasked(home: Home) -> None:
    edit(home, "port = 0", "prot = 0")
    found = checks(home)

    failed = [check for check in found.values() if check.outcome in (Outcome.WARN, Outcome.FAIL)]
    assert [(check.name, check.outcome) for check in failed] == [("config", Outcome.FAIL)]
    assert failed[0].text.endswith("config.toml:11: sftp.prot: unknown key; did you mean 'port'?")
    assert [name for name, check in found.items() if check.outcome is Outcome.SKIP] == [
        *NAMES[NAMES.index("labels folder") : -1],
        "dsp",
    ]
    assert run(home, "doctor").exit_code == 1


def test_every_mistake_of_the_configuration_is_in_its_one_line(home: Home) -> None:
    edit(home, "port = 0", 'prot = 0\nidle_seconds = "long"')

    assert checks(home)["config"].text.count("config.toml:") == 2
    assert "\n" not in checks(home)["config"].text


def test_a_configuration_that_does_not_exist_has_a_cure_that_fits(tmp_path: Path) -> None:
    (found,) = (check for check in examine(tmp_path / "none.toml") if check.name == "config")
    assert (found.outcome, found.text) == (Outcome.FAIL, f"there is no {tmp_path / 'none.toml'}")
    assert found.cure.startswith("Correct --config or $INGEST_CONFIG, or put a file there")


def test_a_folder_as_the_configuration_has_a_cure_that_fits(tmp_path: Path) -> None:
    (found,) = (check for check in examine(tmp_path) if check.name == "config")
    assert found.text == f"{tmp_path}: this file cannot be read: Is a directory"
    assert found.cure == f"Make {tmp_path} a file that this user can read."


def test_no_configuration_at_all_is_a_failure_with_a_cure() -> None:
    found = {check.name: check for check in examine(None)}

    assert found["config"].outcome is Outcome.FAIL
    assert "/etc/ingest/config.toml" in found["config"].cure


@pytest.mark.parametrize(
    "secret",
    [
        '[email]\npassword = "hunter2"\n',
        '[database]\nurl = "postgresql://u:hunter2@127.0.0.1:1/d"\n',
        '[database]\nurl = "postgresql://127.0.0.1:1/d?user=u&password=hunter2"\n',
    ],
)
def test_a_password_that_everybody_can_read_is_a_warning(home: Home, secret: str) -> None:
    (home / "config.toml").write_text(CONFIG + secret)
    (home / "config.toml").chmod(0o644)

    assert turned(home)["config"] is Outcome.WARN
    assert "hunter2" not in str(checks(home))


def test_a_check_that_crashes_hides_no_other(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(path: Path) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(shutil, "disk_usage", crash)

    assert turned(home) == {"disk": Outcome.FAIL}


def test_the_config_of_the_sound_installation_is_the_one_looked_at(home: Home) -> None:
    assert load(home / "config.toml").paths.data == home
