"""What the values of the configuration must be: paths, numbers, addresses, databases, codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.config.loading import loaded, mistakes


def test_codes_and_severities_have_their_form(tmp_path: Path) -> None:
    text = '[rules]\nsilenced = ["ART-001",\n "art1"]\nseverity = { "AUD-020" = "warn", x = "info" }\n'
    assert mistakes(tmp_path, text) == [
        "config.toml:3: rules.silenced.1: 'art1' is no rule code; codes look like ART-001",
        "config.toml:4: rules.severity.AUD-020: this must be 'error', 'warning' or 'info'; it is 'warn'",
        "config.toml:4: rules.severity.x: 'x' is no rule code; codes look like ART-001",
    ]


@pytest.mark.parametrize(
    "key", ["paths.data", "paths.labels", "ern.schema", "email.maildir", "email.password_file", "dsp.a.path"]
)
@pytest.mark.parametrize("written", ["", "a\\u0000b"])
def test_an_empty_path_is_not_the_folder_of_the_file(tmp_path: Path, key: str, written: str) -> None:
    told = ["this must be a path; leave the key out where there is none"]
    assert [one.split(": ", 2)[2] for one in mistakes(tmp_path, f'{key} = "{written}"\n')] == told


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("retention", "invalid_days", "36_501"),
        ("retention", "workflow_days", "36_501"),
        ("rules", "lead_time_days", "36_501"),
        ("delivery", "retry_days", "36_501.0"),
        ("intake", "settle_seconds", "1e12"),
        ("validation", "wall_seconds_per_file", "86_401"),
        ("validation", "message_max_bytes", "10_000_000_000_000_000"),
        ("sftp", "max_files_per_label", "10_000_000_000_000_000"),
        ("email", "timeout_seconds", "0"),
    ],
)
def test_a_number_beyond_calendar_and_clock_is_a_mistake(tmp_path: Path, table: str, key: str, value: str) -> None:
    (told,) = mistakes(tmp_path, f"[{table}]\n{key} = {value}\n")
    assert told.startswith(f"config.toml:2: {table}.{key}: this must be ")


def test_the_longest_times_still_count_from_today(tmp_path: Path) -> None:
    config = loaded(tmp_path, "[rules]\nlead_time_days = 36_500\n[intake]\nstray_seconds = 3_153_600_000\n")
    today = datetime(2026, 3, 23, tzinfo=UTC)
    for span in (timedelta(days=config.rules.lead_time_days), timedelta(seconds=config.intake.stray_seconds)):
        assert today - span < today < today + span


@pytest.mark.parametrize("url", ["", "sqlite:////x/y.db", "postgresql://u@/d", "postgresql+psycopg://u:p@h/d?x=1"])
def test_a_database_that_we_know_is_taken(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, f'[database]\nurl = "{url}"\n').database.url == url


@pytest.mark.parametrize("url", ["postgres://u:hunter2@h/d", "mysql://u:hunter2@h/d", "sqlite://", "/x/y.db", " "])
def test_another_database_is_a_mistake_before_the_start(tmp_path: Path, url: str) -> None:
    assert mistakes(tmp_path, f'[database]\nurl = "{url}"\n') == [
        "config.toml:2: database.url: this must be empty, or begin with postgresql:// or sqlite:///"
    ]


def test_an_address_that_no_email_could_go_to_is_a_mistake(tmp_path: Path) -> None:
    text = (
        '[operator]\nsupport_email = "a@b@c"\nqc_emails = ["ä@b.example"]\nops_emails = [\n"a@b",\n"a;b@c.example"]\n'
    )
    assert mistakes(tmp_path, text + '[email]\nsender = "a@b..example"\n') == [
        "config.toml:2: operator.support_email: 'a@b@c' is no email address",
        "config.toml:3: operator.qc_emails.0: 'ä@b.example' is no email address",
        "config.toml:6: operator.ops_emails.1: 'a;b@c.example' is no email address",
        "config.toml:8: email.sender: 'a@b..example' is no email address",
    ]
