"""`kill -9` at random moments while labels upload and QC decides: nothing lost, nothing wrong, nothing stuck."""

from __future__ import annotations

import random
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import paramiko
import pytest
import sqlalchemy as sa
from stdnum import ean

from ingest.app.application import App, open_app
from ingest.config import load
from ingest.flow.engine import LIVE
from ingest.flow.errors import Conflict
from ingest.store.models import Change, Notice, Package
from tests.daemons import PASSWORD, Daemon, Look, prepare, wait_for
from tests.messages import Sheet
from tests.packages import Good, write_broken, write_good
from tests.stage import by

pytestmark = [pytest.mark.slow, pytest.mark.chaos, pytest.mark.timeout(900)]

KILLS = 30
UPLOADS = 30
UPLOADERS = 3
INTAKE = "settle_seconds = 1.5\nmarker_seconds = 1\nincomplete_seconds = 60\nrescan_seconds = 2"


def upload(daemons: Sequence[Daemon], folder: Path, name: str, rng: random.Random) -> None:
    """Upload as a stubborn client: whatever breaks, connect again and send what is missing, until all is there."""
    while True:
        daemon = rng.choice(daemons)
        try:
            with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as connection:
                transport = paramiko.Transport(connection)
                transport.banner_timeout = transport.auth_timeout = 10
                try:
                    transport.connect(username="anna", password=PASSWORD)
                    sftp = paramiko.SFTPClient.from_transport(transport)
                    assert sftp is not None
                    channel = sftp.get_channel()
                    assert channel is not None
                    channel.settimeout(15)
                    send(sftp, folder, name)
                    return
                finally:
                    transport.close()
        except (OSError, EOFError, paramiko.SSHException) as fault:
            assert "already submitted" not in str(fault), f"{name} was sealed before it was complete"
            time.sleep(0.3)


def send(sftp: paramiko.SFTPClient, folder: Path, name: str) -> None:
    if name not in sftp.listdir("/incoming"):
        sftp.mkdir(f"/incoming/{name}")
    done = {entry.filename: entry.st_size for entry in sftp.listdir_attr(f"/incoming/{name}")}
    for path in sorted(folder.iterdir(), reverse=True):
        if done.get(path.name) != path.stat().st_size:
            sftp.put(str(path), f"/incoming/{name}/{path.name}")


def with_barcode(folder: Path, parent: Path, number: int) -> Path:
    """The same release under a barcode of its own: of one release, QC could not approve an older one after a newer."""
    barcode = f"5034567{number:05}"
    barcode += ean.calc_check_digit(barcode)
    where = parent / barcode
    shutil.copytree(folder, where)
    message = where / "metadata.xml"
    changed = message.read_text("utf-8").replace(Sheet().barcode, barcode)
    assert barcode in changed
    message.write_text(changed, "utf-8")
    return where


def approve_some(app: App, stop: threading.Event, approved: set[int]) -> None:
    """QC: every package that turns up in Needs QC is approved, twice, as by two people at once."""
    while not stop.wait(0.5):
        with app.store.reading() as tx:
            waiting = list(tx.scalars(sa.select(Package.id).where(Package.status == "Needs QC")))
        for package in waiting:
            for reviewer in ("one", "two"):
                try:
                    app.review.approve(package, by(reviewer))
                    approved.add(package)
                except Conflict:
                    continue


def kill_again_and_again(daemons: Sequence[Daemon], rng: random.Random) -> None:
    for _ in range(KILLS):
        time.sleep(rng.uniform(0.3, 4.5) / len(daemons))
        daemon = rng.choice(daemons)
        daemon.kill()
        daemon.start()


def check_everything(look: Look, app: App, expected: dict[str, str]) -> None:
    assert look.statuses() == expected
    with app.store.reading() as tx:
        rows = list(tx.scalars(sa.select(Package)))
        assert Counter(row.folder for row in rows) == Counter(dict.fromkeys(expected, 1))
        for row in rows:
            history = [
                one.new for one in tx.scalars(sa.select(Change).where(Change.package_id == row.id).order_by(Change.id))
            ]
            right = ["Incoming", "Invalid"]
            if expected[row.folder] != "Invalid":
                right = ["Incoming", "Needs QC", "QC Approved", "Delivered to DSPs"]
            assert history == right, row.folder
        owed = list(tx.scalars(sa.select(Notice).where(Notice.kind != "alarm")))
    sent = Counter(str(message["Message-ID"]) for message in look.emails())
    assert {notice.message_id for notice in owed} <= set(sent), "an email was never sent"
    assert len({notice.message_id for notice in owed}) == len(owed)
    kinds = Counter(notice.kind for notice in owed)
    good = sum(1 for status in expected.values() if status != "Invalid")
    assert kinds == {
        "incoming": len(expected),
        "invalid": len(expected) - good,
        "needs-qc": good,
        "review": good,
        "qc-approved": good,
        "delivered": good,
    }


def run_chaos(daemons: Sequence[Daemon], tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    good, bad = write_good(tmp_path / "good", Good.SINGLE), write_broken(tmp_path / "bad", "ART-001")
    expected = {f"R{n:02}": "Invalid" if n % 3 == 2 else "Delivered to DSPs" for n in range(UPLOADS)}
    folders = {
        name: with_barcode(bad if status == "Invalid" else good, tmp_path / "own", n)
        for n, (name, status) in enumerate(expected.items())
    }
    for daemon in daemons:
        daemon.start()
    for daemon in daemons:
        daemon.wait_until_ready(60)
    app = open_app(load(daemons[0].config_path))
    stop, approved = threading.Event(), set[int]()
    failures: list[BaseException] = []

    def uploader(mine: list[str], own: random.Random) -> None:
        try:
            for name in mine:
                upload(daemons, folders[name], name, own)
        except BaseException as fault:
            failures.append(fault)

    names = sorted(expected)
    threads = [
        threading.Thread(target=uploader, args=(names[n::UPLOADERS], random.Random(seed + n)), daemon=True)
        for n in range(UPLOADERS)
    ]
    threads.append(threading.Thread(target=approve_some, args=(app, stop, approved), daemon=True))
    try:
        for thread in threads:
            thread.start()
        kill_again_and_again(daemons, rng)
        for thread in threads[:-1]:
            thread.join(timeout=300)
        assert not failures, failures
        look = Look(daemons[0])
        wait_for(lambda: look.statuses() == expected, 300, f"everything to come to rest: {look.statuses()}")
        wait_for(lambda: not app.engine.client.list_workflows(status=LIVE, limit=1), 120, "the engine to be idle")
        check_everything(look, app, expected)
        if app.store.is_sqlite:
            with app.store.engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    except BaseException:
        for daemon in daemons:
            print(daemon.worker, daemon.log())
        raise
    finally:
        stop.set()
        threads[-1].join(timeout=10)
        app.close()
        for daemon in daemons:
            daemon.kill()


def test_thirty_kills_during_thirty_uploads_lose_nothing_on_sqlite(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    run_chaos([prepare(home, intake=INTAKE, max_starts=KILLS)], tmp_path, seed=1)


@pytest.mark.postgres
def test_thirty_kills_of_two_workers_lose_nothing_on_postgresql(tmp_path: Path, fresh_postgres: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    workers = [prepare(home, worker=f"w{n}", database=fresh_postgres, intake=INTAKE, max_starts=KILLS) for n in (1, 2)]
    run_chaos(workers, tmp_path, seed=2)
