"""`ingest status`: healthy or not, for people and for monitoring."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import main
from ingest.cli.status import as_json, as_text
from ingest.config import Config, load
from ingest.core.status import Status
from ingest.flow.health import Health, Oldest
from ingest.store.database import Store
from ingest.store.workers import note_heartbeat

NOW = datetime(2026, 3, 23, 10, tzinfo=UTC)
CONFIG = '[paths]\ndata = "."\n[sftp]\nmin_free_bytes = 1\n'


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.toml").write_text(CONFIG)
    return load(tmp_path / "config.toml")


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    store = Store(config.database_url)
    store.migrate()
    yield store
    store.close()


def hear(store: Store, name: str, at: datetime) -> None:
    with store.transaction() as tx:
        note_heartbeat(tx, name, at)


def run(tmp_path: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "status", *words])


def test_the_exit_status_is_0_for_healthy_and_1_for_not(config: Config, store: Store, tmp_path: Path) -> None:
    hear(store, "one", datetime.now(UTC))
    well = run(tmp_path)
    hear(store, "one", datetime.now(UTC) - timedelta(hours=1))
    ill = run(tmp_path)

    assert (well.exit_code, well.stdout.splitlines()[0]) == (0, "healthy")
    assert (ill.exit_code, ill.stdout.splitlines()[0]) == (
        1,
        "NOT HEALTHY  no worker was heard of within 30 seconds: the daemon does not run",
    )


def test_a_configuration_that_cannot_be_used_is_another_exit_status(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[sftp]\nprot = 1\n")

    assert run(tmp_path).exit_code == 2


def test_the_json_says_the_same(config: Config, store: Store, tmp_path: Path) -> None:
    hear(store, "one", datetime.now(UTC))
    found = json.loads(run(tmp_path, "--format", "json").stdout)

    assert found["healthy"] is True
    assert [worker["name"] for worker in found["workers"] if worker["alive"]] == ["one"]
    assert found["disk_free_bytes"] > 0


SAMPLE = Health(
    at=NOW,
    failures=("2.0 GB free at /srv: uploads are refused",),
    free_bytes=2_000_000_000,
    workers={
        "one": NOW - timedelta(seconds=7),
        "two": NOW - timedelta(days=3),
        "three": NOW - timedelta(seconds=5),
    },
    stopped={"three": NOW - timedelta(seconds=5)},
    packages={Status.INCOMING: 1, Status.NEEDS_QC: 12},
    on_hold=2,
    oldest_incoming=Oldest(41, NOW - timedelta(minutes=90)),
    unsent=3,
    oldest_unsent=NOW - timedelta(hours=5),
    unsent_fault="mail.example:587 cannot be reached",
    given_up=4,
    given_up_fault="mail.example:587 answered 552 full\x1b[2J",
)


def test_people_read_what_is_wrong_first() -> None:
    assert as_text(SAMPLE).splitlines() == [
        "NOT HEALTHY  2.0 GB free at /srv: uploads are refused",
        "worker       one, heard of 7 s ago",
        "worker       two, heard of 3 d ago",
        "worker       three, stopped 5 s ago",
        "     1 Incoming",
        "    12 Needs QC",
        "oldest       package 41 is Incoming for 90 min",
        "aside        2 wait for `ingest retry`",
        "emails       3 unsent, the oldest for 5 h; it failed: mail.example:587 cannot be reached",
        "WARNING      emails given up: 4, the last: mail.example:587 answered 552 full‹U+001B›[2J",
        "             `ingest resend` lists them, and sends them again once the cause is gone",
        "disk         2.0 GB free",
    ]


def test_machines_read_seconds_and_bytes() -> None:
    assert as_json(SAMPLE) == {
        "healthy": False,
        "faults": ["2.0 GB free at /srv: uploads are refused"],
        "at": "2026-03-23T10:00:00+00:00",
        "workers": [
            {"name": "one", "heard_at": "2026-03-23T09:59:53+00:00", "alive": True},
            {"name": "two", "heard_at": "2026-03-20T10:00:00+00:00", "alive": False},
            {"name": "three", "heard_at": "2026-03-23T09:59:55+00:00", "alive": False},
        ],
        "packages": {"Incoming": 1, "Needs QC": 12},
        "waiting_for_retry": 2,
        "oldest_incoming": {"package": 41, "received_at": "2026-03-23T08:30:00+00:00", "seconds": 5400},
        "unsent_emails": 3,
        "oldest_unsent_seconds": 18000,
        "unsent_fault": "mail.example:587 cannot be reached",
        "given_up_emails": 4,
        "given_up_fault": "mail.example:587 answered 552 full\x1b[2J",
        "disk_free_bytes": 2_000_000_000,
    }
