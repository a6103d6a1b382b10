"""What verbs that only show do not import: it would take longer than all that they do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.app.application import open_app
from ingest.config import load
from tests.good import Good, write_good

CONFIG = """
[operator]
name = "Test Distribution"
public_host = "localhost"
support_email = "support@test.example"
qc_emails = ["qc@test.example"]
ops_emails = ["ops@test.example"]
[paths]
data = "data"
[email]
transport = "off"
sender = "delivery@test.example"
"""

HEAVY = {"PIL", "alembic", "asyncssh", "cryptography", "dbos", "jinja2", "lxml", "numpy", "psycopg", "soundfile"}
"""Libraries of which each takes a tenth of a second or more, or that come with such a one."""

OURS = {"ingest.app", "ingest.flow.engine", "ingest.inbound.sftp", "ingest.rules", "ingest.outbound"}

SCRIPT = """
import sys
from ingest.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert end.code in (0, 1), end.code
sys.stderr.write(" ".join(sys.modules))
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("home") / "config.toml"
    path.write_text(CONFIG)
    app = open_app(load(path))
    app.migrate()
    app.close()
    return path


def imported(*words: str) -> set[str]:
    ran = subprocess.run([sys.executable, "-c", SCRIPT, *words], capture_output=True, text=True, check=True)
    return set(ran.stderr.split())


@pytest.mark.parametrize("verb", ["packages", "status"])
def test_verbs_that_show_import_neither_engine_nor_readers_nor_server(config: Path, verb: str) -> None:
    names = imported("--config", str(config), verb)
    assert "sqlalchemy" in names
    assert names & (HEAVY | OURS) == set()


@pytest.mark.parametrize("words", [("packages", "--help"), ("show", "--help"), ("status", "--help")])
def test_help_imports_no_library_that_it_does_not_need(words: tuple[str, ...]) -> None:
    assert imported(*words) & (HEAVY | OURS) == set()


def test_a_check_parses_nothing_in_its_own_process_and_imports_no_parser(tmp_path: Path) -> None:
    folder = write_good(tmp_path, Good.SINGLE)
    names = imported("check", str(folder))
    assert {"ingest.rules", "ingest.readers.dossier"} <= names
    assert names & (HEAVY | {"ingest.readers.contents_reader", "ingest.readers.ern.message"}) == set()


def test_a_configuration_that_names_rules_is_still_checked_for_codes_that_there_are_not(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG + '[rules]\nsilenced = ["XYZ-999"]\n')
    command = [sys.executable, "-m", "ingest", "--config", str(path), "packages"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, "there is no rule XYZ-999" in ran.stderr) == (2, True)
