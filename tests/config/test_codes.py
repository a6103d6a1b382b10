"""Rule codes in the configuration that no rule has: the same mistakes from whoever loads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli import main
from ingest.config import Config, ConfigError
from ingest.config.codes import load
from ingest.core.finding import Severity
from ingest.doctor import Outcome, examine

TEXT = '[rules]\nsilenced = ["AUB-020"]\n[log]\nlevel = 1\n'
TOLD = [
    "rules.silenced: there is no rule AUB-020; did you mean AUD-020?",
    "log.level: this must be 'debug', 'info', 'warning' or 'error'; it is 1",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(TEXT, "utf-8")
    return tmp_path / "config.toml"


def test_unknown_codes_stand_among_the_other_mistakes(path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert [(mistake.line, mistake.text) for mistake in caught.value.mistakes] == [(2, TOLD[0]), (4, TOLD[1])]


def test_an_unknown_code_alone_is_enough(path: Path) -> None:
    path.write_text('[rules.severity]\nAUB-020 = "info"\n', "utf-8")
    with pytest.raises(ConfigError, match="there is no rule AUB-020"):
        load(path)


def test_known_codes_load(path: Path) -> None:
    path.write_text('[rules]\nsilenced = ["ART-001"]\nseverity.AUD-020 = "info"\n', "utf-8")
    rules = load(path).rules
    assert (rules.silenced, rules.severity) == (frozenset({"ART-001"}), {"AUD-020": Severity.INFO})


def test_without_a_file_the_mistake_is_that_of_the_config_room(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="this file cannot be read"):
        load(tmp_path / "none.toml")
    (tmp_path / "empty.toml").touch()
    assert load(tmp_path / "empty.toml") == Config().model_copy()


@pytest.mark.parametrize("verb", [("serve",), ("status",), ("packages",), ("label", "list"), ("rules",), ("show", "1")])
def test_every_verb_refuses_with_the_same_lines(path: Path, verb: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["--config", str(path), *verb])
    expected = [f"ingest: {path}:{line}: {text}" for line, text in zip((2, 4), TOLD, strict=True)]
    assert (result.exit_code, result.stderr.splitlines()) == (2, expected)


def test_config_check_says_them_and_its_answer_is_no(path: Path) -> None:
    result = CliRunner().invoke(main, ["--config", str(path), "config", "check"])
    expected = [f"{path}:{line}: {text}" for line, text in zip((2, 4), TOLD, strict=True)]
    assert (result.exit_code, result.stdout.splitlines()) == (1, expected)


def test_the_doctor_says_them_too(path: Path) -> None:
    (found,) = (check for check in examine(path) if check.name == "config")
    assert (found.outcome, found.text.split(f"{path}:")[1:]) == (Outcome.FAIL, [f"2: {TOLD[0]}; ", f"4: {TOLD[1]}"])
