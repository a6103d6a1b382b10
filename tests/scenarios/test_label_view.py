"""A label that never reads email: what it finds under /reports/ with its client, how soon, and beside which emails."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import paramiko
import pytest

from ingest.app.application import open_app
from ingest.store import packages
from tests.daemons import Daemon, Look, client, put, running, text_of, wait_for
from tests.packages import Good, write_broken, write_good
from tests.sftp_clients import run, sftp_command

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CURRENT_SECONDS = 2.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, Look]]:
    with running(tmp_path_factory.mktemp("view")) as both:
        yield both


def read(sftp: paramiko.SFTPClient, path: str) -> str:
    try:
        with sftp.open(path) as file:
            return file.read().decode()
    except FileNotFoundError:
        return ""


def until_seen(sftp: paramiko.SFTPClient, folder: str, status: str) -> datetime:
    """Ask as a client would, again and again; returns when the status was first seen."""
    wait_for(lambda: read(sftp, f"/reports/{folder}/status.txt").startswith(status), 90, f"{folder} to be {status}")
    return datetime.now(UTC)


def changed(daemon: Daemon, package: int, status: str) -> datetime:
    app = open_app(daemon.config)
    try:
        with app.store.reading() as tx:
            return next(one.at for one in packages.changes_of(tx, package) if one.new == status)
    finally:
        app.close()


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.timed
def test_each_status_is_read_within_two_seconds_of_its_change(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    ages = {}
    with client(daemon) as sftp:
        put(sftp, write_good(tmp_path, Good.SINGLE), "Good")
        put(sftp, write_broken(tmp_path / "b", "ART-001"), "Broken")
        first = {name: until_seen(sftp, name, "Incoming") for name in ("Good", "Broken")}
        seen = {("Good", "Needs QC"): until_seen(sftp, "Good", "Needs QC")}
        seen["Broken", "Invalid"] = until_seen(sftp, "Broken", "Invalid")
        good = look.wait_for_status("Good", ["Needs QC"])
        broken = look.wait_for_status("Broken", ["Invalid"])
        daemon.ingest("approve", str(good.id), "--notes", "Lovely", "--anyway")  # the broken one is of the same release
        seen["Good", "Delivered to DSPs"] = until_seen(sftp, "Good", "Delivered to DSPs")
    for name, at in first.items():
        ages[name, "Incoming"] = (
            at - changed(daemon, good.id if name == "Good" else broken.id, "Incoming")
        ).total_seconds()
    for (name, status), at in seen.items():
        ages[name, status] = (at - changed(daemon, good.id if name == "Good" else broken.id, status)).total_seconds()
    print(ages)
    assert max(ages.values()) < CURRENT_SECONDS, ages


def test_the_report_says_what_the_email_said(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    with client(daemon) as sftp:
        put(sftp, write_broken(tmp_path, "AUD-020"), "Loud")
        until_seen(sftp, "Loud", "Invalid")
        text, page = read(sftp, "/reports/Loud/report.txt"), read(sftp, "/reports/Loud/report.html")
        told = json.loads(read(sftp, "/reports/Loud/report.json"))
    (email,) = wait_for(
        lambda: [one for one in look.emails_of("invalid") if one["X-Ingest-Package"] == str(told["package"])],
        20,
        "email",
    )
    items = [part for part in text_of(email).split("\n\n") if re.match(r" ?\d+\. ", part)]
    assert items and all(flat(item) in flat(text) for item in items)
    for finding in told["findings"]:
        assert finding["code"] in page or finding["severity"] == "info"
    attached = json.loads(next(part.get_content() for part in email.iter_attachments()))
    assert attached["findings"] == told["findings"]
    assert set(attached) <= set(told)


def test_openssh_lists_fetches_and_cannot_change_reports(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, _ = served
    with client(daemon) as sftp:
        put(sftp, write_broken(tmp_path, "ART-001"), "Small <cover> & more")
        until_seen(sftp, "Small <cover> & more", "Invalid")
    fetched = tmp_path / "fetched"
    run(sftp_command(daemon), f'get -r "/reports/Small <cover> & more" {fetched}')
    assert sorted(path.name for path in fetched.iterdir()) == ["report.html", "report.json", "report.txt", "status.txt"]
    assert "<cover>" not in (fetched / "report.html").read_text()
    for script in (
        'rm "/reports/Small <cover> & more/status.txt"',
        "mkdir /reports/mine",
        f"put {fetched}/status.txt /reports/status.txt",
        "rename /reports /mine",
        'rename "/reports/Small <cover> & more" /incoming/mine',
    ):
        assert "denied" in run(sftp_command(daemon), script, fails=True)


def test_after_a_kill_at_any_moment_the_reports_say_what_the_rows_say(tmp_path: Path) -> None:
    with running(tmp_path, max_starts=20) as (daemon, look):
        started = time.monotonic()
        with client(daemon) as sftp:
            for number in range(6):
                put(sftp, write_broken(tmp_path / str(number), "ART-001"), f"Release {number}")
        for pause in (1.6, 0.7, 0.3, 0.9, 0.5, 1.2):
            time.sleep(pause)
            daemon.kill()
            daemon.start()
            daemon.wait_until_ready()
        with client(daemon) as sftp:
            for number in range(6):
                until_seen(sftp, f"Release {number}", "Invalid")
            assert sorted(sftp.listdir("/reports")) == [f"Release {number}" for number in range(6)]
            assert all(len(sftp.listdir(f"/reports/Release {number}")) == 4 for number in range(6))
        assert set(look.statuses().values()) == {"Invalid"}
        print(f"{time.monotonic() - started:.1f} s")


def test_a_quota_is_refused_with_a_reason_and_ops_get_one_email(served: tuple[Daemon, Look]) -> None:
    daemon, look = served
    daemon.ingest("label", "quota", "anna", "--folders", "1")
    try:
        with client(daemon) as sftp:
            for folder in ("More", "Much more", "Much more"):
                with suppress(OSError):
                    sftp.mkdir(f"/incoming/{folder}")
            with pytest.raises(OSError, match="Your space here is full: at most 1 folders may wait under /incoming"):
                sftp.mkdir("/incoming/Even more")
        (alarm,) = wait_for(lambda: quota_alarms(look), 20, "the email to ops")
        assert "ops@test.example" in alarm["To"] and "anna has used up its quota of folders" in alarm["Subject"]
        assert "ingest label quota anna" in flat(text_of(alarm))
        time.sleep(3)
        assert len(quota_alarms(look)) == 1
    finally:
        daemon.ingest("label", "quota", "anna", "--folders", "0")


def quota_alarms(look: Look) -> list[EmailMessage]:
    return [one for one in look.emails_of("alarm") if "quota" in one["Subject"]]


@pytest.mark.timed
@pytest.mark.postgres
def test_reports_are_as_current_on_postgresql(tmp_path: Path, fresh_postgres: str) -> None:
    with running(tmp_path, database=fresh_postgres) as (daemon, look), client(daemon) as sftp:
        put(sftp, write_good(tmp_path, Good.SINGLE), "Good")
        seen = until_seen(sftp, "Good", "Needs QC")
        number = look.wait_for_status("Good", ["Needs QC"]).id
        assert (seen - changed(daemon, number, "Needs QC")).total_seconds() < CURRENT_SECONDS
        daemon.ingest("reject", str(number), "--notes", "Remove the logo.")
        until_seen(sftp, "Good", "QC Rejected")
        assert "Remove the logo." in read(sftp, "/reports/Good/status.txt")
