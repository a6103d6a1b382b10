"""`ingest config check` and `ingest config show`"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import main
from ingest.cli.toml_text import hidden_url
from ingest.config import Config

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration but the test's own is found."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INGEST_CONFIG", raising=False)
    monkeypatch.setattr("ingest.config.file.SEARCH", ("config.toml",))


def ingest(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_a_good_file_is_ok() -> None:
    result = ingest("--config", str(EXAMPLE), "config", "check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{EXAMPLE}: OK\n", "")


def test_every_mistake_is_printed_and_the_answer_is_no() -> None:
    Path("config.toml").write_text('[sftp]\nprot = 1\n[rules]\nsilenced = ["ART-001",\n"ARTT-01"]\n', "utf-8")
    result = ingest("config", "check")
    assert (result.exit_code, result.stdout.splitlines()) == (
        1,
        [
            "config.toml:2: sftp.prot: unknown key; did you mean 'port'?",
            "config.toml:5: rules.silenced.1: 'ARTT-01' is no rule code; codes look like ART-001",
        ],
    )


def test_codes_that_no_rule_has_are_mistakes_beside_the_others() -> None:
    rules = '[rules]\nsilenced = [\n  "ART-001",\n  "ART-999",\n]\n'
    severity = '[rules.severity]\nAUD-020 = "warning"\nAUB-020 = "info"\n'
    Path("config.toml").write_text(f"{rules}{severity}[log]\nlevel = 1\n", "utf-8")
    result = ingest("config", "check")
    assert result.exit_code == 1
    first, second, third = result.stdout.splitlines()
    assert first.startswith("config.toml:4: rules.silenced: there is no rule ART-999; did you mean ART-")
    assert second == "config.toml:8: rules.severity: there is no rule AUB-020; did you mean AUD-020?"
    assert third == "config.toml:10: log.level: this must be 'debug', 'info', 'warning' or 'error'; it is 1"


def test_a_code_like_no_other_is_sent_to_the_list() -> None:
    Path("config.toml").write_text('rules.silenced = ["QQQ-777"]\n', "utf-8")
    result = ingest("config", "check")
    assert result.stdout == "config.toml:1: rules.silenced: there is no rule QQQ-777; `ingest rules` lists them\n"


@pytest.mark.parametrize("text", ["rules = 1\n", "[rules]\nsilenced = 1\nseverity = []\n", "[rules\n"])
def test_rules_of_a_wrong_shape_are_told_once(text: str) -> None:
    Path("config.toml").write_text(text, "utf-8")
    result = ingest("config", "check")
    assert (result.exit_code, result.exception.__class__) == (1, SystemExit)
    assert len(result.stdout.splitlines()) == text.count("=") + ("[rules\n" in text)


def test_a_half_typed_file_is_told_with_its_line() -> None:
    Path("config.toml").write_text("[sftp]\nx = [", "utf-8")
    result = ingest("config", "check")
    assert (result.exit_code, result.stdout) == (1, "config.toml:2: this is not TOML: Invalid value\n")


def test_no_file_at_all_is_a_mistake_of_its_own() -> None:
    result = ingest("config", "check")
    assert (result.exit_code, result.stdout) == (
        1,
        "no configuration found: use --config, $INGEST_CONFIG, ./config.toml or /etc/ingest/config.toml\n",
    )
    given = ingest("--config", "none.toml", "config", "check")
    assert (given.exit_code, given.stdout) == (1, "none.toml: this file cannot be read: No such file or directory\n")


def test_a_verb_that_needs_the_configuration_prints_the_mistakes_and_fails() -> None:
    Path("config.toml").write_text("[sftp]\nprot = 1\nport = -1\n", "utf-8")
    result = ingest("config", "show")
    assert (result.exit_code, result.stdout, result.stderr.splitlines()) == (
        2,
        "",
        [
            "ingest: config.toml:2: sftp.prot: unknown key; did you mean 'port'?",
            "ingest: config.toml:3: sftp.port: this must be greater than or equal to 0; it is -1",
        ],
    )


def test_show_prints_the_defaults_where_no_file_was_found() -> None:
    result = ingest("config", "show")
    assert result.exit_code == 0
    assert result.stdout.startswith("# no configuration file was found: these are the defaults\n[operator]\n")
    shown = tomllib.loads(result.stdout)
    assert set(shown) == set(Config.model_fields) - {"dsp"}
    assert shown["paths"] == {
        "data": "/var/lib/ingest",
        "labels": "/var/lib/ingest/labels",
        "spool": "/var/lib/ingest/spool",
        "state": "/var/lib/ingest/state",
    }
    assert shown["database"] == {"url": "sqlite:////var/lib/ingest/state/ingest.db"}


def test_what_is_shown_is_a_configuration_again(tmp_path: Path) -> None:
    text = """
[operator]
name = "A \\"quoted\\" name, é, \\\\ and \\u007f"
[paths]
data = "data"
[rules]
silenced = ["STY-025", "ART-001"]
severity.AUD-020 = "warning"
[dsp.juno]
path = "juno"
"""
    Path("config.toml").write_text(text, "utf-8")
    first = ingest("config", "show")
    assert 'silenced = ["ART-001", "STY-025"]  # line 7\n' in first.stdout
    assert f'path = "{tmp_path}/juno"  # line 10\n' in first.stdout
    assert first.stdout.startswith(f"# from {tmp_path}/config.toml; ")
    Path("again.toml").write_text(first.stdout, "utf-8")
    again = ingest("--config", "again.toml", "config", "show")
    assert tomllib.loads(again.stdout) == tomllib.loads(first.stdout)


def test_secrets_are_not_shown() -> None:
    text = '[email]\npassword = "hunter2"\n[database]\nurl = "postgresql://u:hun@ter2@h/x?password=hunter2&a=b"\n'
    Path("config.toml").write_text(text, "utf-8")
    result = ingest("config", "show")
    assert 'password = "**********"  # line 2\n' in result.stdout
    assert 'url = "postgresql://u:**********@h/x?password=**********&a=b"  # line 4\n' in result.stdout
    assert "ter2" not in result.stdout


def test_a_database_url_without_a_password_is_shown_whole() -> None:
    assert hidden_url("postgresql://ingest@/ingest?host=/run/postgresql") == (
        "postgresql://ingest@/ingest?host=/run/postgresql"
    )
    assert hidden_url("sqlite:////var/lib/a@b:c.db") == "sqlite:////var/lib/a@b:c.db"
