"""The home of a daemon as the fixtures hold it: its configuration, its rows, and what the command line says of them.

The maker of the fixtures uses it with an older version of `ingest`, the test with the present one.
"""

from __future__ import annotations

import json
import mailbox
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from tests.daemons import Daemon

FIXTURES: Final = Path(__file__).parent / "fixtures"
MADE_IN: Final = Path("/tmp/ingest-of-an-older-version")
"""The home in which the fixtures are made; texts in their databases (errors of deliveries) name this place."""

PASSWORD: Final = "correct horse battery"
REPORTS: Final = ("status.txt", "report.txt", "report.json")
EMAILS: Final = "maildir"

CONFIG: Final = """
[operator]
name = "Test Distribution"
public_host = "localhost"
public_port = {port}
support_email = "support@test.example"
qc_emails = ["qc@test.example"]
ops_emails = ["ops@test.example"]
[paths]
data = "data"
[database]
url = "{database}"
[sftp]
host = "127.0.0.1"
port = {port}
min_free_bytes = 1000000
[intake]
settle_seconds = 1.5
marker_seconds = 1
incomplete_seconds = 6
stray_seconds = {stray_seconds}
rescan_seconds = 2
[validation]
workers = 1
max_starts = {max_starts}
[email]
transport = "maildir"
sender = "delivery@test.example"
maildir = "{maildir}"
retry_days = {retry_days}
[dsp.alpha]
path = "dsp/alpha"
[dsp.beta]
path = "dsp/beta"
[retention]
invalid_days = 0
delivered_days = 0
report_days = 0
[log]
format = "json"
"""


ONE_AFTER_THE_OTHER: Final = """
import contextlib, io, json, sys
from ingest.cli import main

answers = []
for arguments in json.load(sys.stdin):
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out):
        try:
            main(arguments)
        except SystemExit as end:
            if end.code:
                raise
    out.flush()
    answers.append(out.buffer.getvalue().decode("utf-8"))
json.dump(answers, sys.stdout)
"""
"""Runs the command line for each of the argument lists on standard input, in one process: starting one takes long."""


@dataclass
class Home(Daemon):
    """A daemon on a home and a database; an empty `database` is SQLite in the home."""

    database: str = ""

    def configure(
        self, *, maildir: str = EMAILS, retry_days: float = 36500.0, max_starts: int = 3, stray_seconds: float = 3
    ) -> None:
        text = CONFIG.format(
            port=self.port,
            database=self.database,
            maildir=maildir,
            retry_days=retry_days,
            max_starts=max_starts,
            stray_seconds=stray_seconds,
        )
        self.config_path.write_text(text, "utf-8")

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def url(self) -> str:
        here = f"sqlite:///{self.data / 'state/ingest.db'}"
        return self.database.replace("postgresql://", "postgresql+psycopg://", 1) or here

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query, read beside the daemon."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(query)).mappings()]

    def one(self, query: str) -> Any:
        """The only value of the first row; None without a row."""
        return next((next(iter(row.values())) for row in self.rows(query)), None)

    def ingest_each(self, *verbs: Sequence[str]) -> list[str]:
        """What the command line says to each of these; the first that fails ends it."""
        arguments = [["--config", str(self.config_path), *verb] for verb in verbs]
        command = [sys.executable, "-c", ONE_AFTER_THE_OTHER]
        told = subprocess.run(command, input=json.dumps(arguments), capture_output=True, text=True, timeout=300)
        assert told.returncode == 0, told.stderr
        answers: list[str] = json.loads(told.stdout)
        return answers

    @property
    def workflows(self) -> str:
        """The engine's table of workflows, as this database names it."""
        return "dbos.workflow_status" if self.database else "workflow_status"

    def number(self, folder: str) -> int:
        """The number of the package of a release folder."""
        return int(self.one(f"SELECT id FROM packages WHERE folder = '{folder}'"))

    def numbers(self) -> list[int]:
        return [int(row["id"]) for row in self.rows("SELECT id FROM packages ORDER BY id")]

    def report_places(self) -> dict[int, Path]:
        """Where the report of each package lies."""
        query = (
            "SELECT reports.package_id, reports.top, reports.path, labels.name FROM reports"
            " JOIN labels ON labels.id = reports.label_id"
        )
        return {
            row["package_id"]: self.data / "shelves" / row["name"] / "reports" / row["top"] / row["path"]
            for row in self.rows(query)
        }

    def emails(self) -> Counter[str]:
        """How often each Message-ID was sent."""
        if not (self.home / EMAILS).is_dir():
            return Counter()
        return Counter(str(message["Message-ID"]) for message in mailbox.Maildir(self.home / EMAILS))


@dataclass(frozen=True)
class Said:
    """What is said of everything: lists, each package as JSON and text, the texts of its report."""

    packages: list[dict[str, Any]]
    labels: list[dict[str, Any]]
    shown: dict[str, dict[str, Any]]
    texts: dict[str, str]
    reports: dict[str, dict[str, str]] = field(default_factory=dict)


def ask(home: Home) -> Said:
    """Ask the command line and read the reports. Paths of the home are given as if it were made in MADE_IN."""

    numbers = [str(number) for number in home.numbers()]
    verbs = [["packages", "--format", "json"], ["label", "list", "--format", "json"]]
    verbs += [["show", number, "--format", "json"] for number in numbers] + [["show", number] for number in numbers]
    packages, labels, *shown = [said.replace(str(home.home), str(MADE_IN)) for said in home.ingest_each(*verbs)]
    return Said(
        packages=json.loads(packages)["packages"],
        labels=json.loads(labels)["labels"],
        shown={number: json.loads(said) for number, said in zip(numbers, shown, strict=False)},
        texts=dict(zip(numbers, shown[len(numbers) :], strict=True)),
        reports={
            str(number): {name: (place / name).read_text("utf-8") for name in REPORTS if (place / name).is_file()}
            for number, place in sorted(home.report_places().items())
        },
    )
