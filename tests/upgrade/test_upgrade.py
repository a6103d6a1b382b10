"""What an older version left behind when it was killed, opened by the present one: everything owed is done, once.

`scenario` tells what the fixtures hold, `make_fixture` makes them. Each name of a package below is a name there.
"""

from __future__ import annotations

import json
import lzma
import re
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import paramiko
import psycopg
import pytest

from tests.daemons import wait_for
from tests.ports import free_port
from tests.postgres import empty_database
from tests.upgrade.home import FIXTURES, Home, Said, ask
from tests.upgrade.scenario import LATE_BATCH, client, in_batch

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

COMMIT: Final = "537cdb6"
MOVED: Final = ("Approved", "ApprovedLast", "Waiting", "Live")
"""Packages that the present version goes on with by itself; all others rest, or wait for people."""

NEEDS_QC: Final = ("Bens", "Corrected_v2", "Takedown", "Live", *in_batch(8, 9))

DONE: Final = {
    "emails": "SELECT count(*) FROM notices WHERE sent_at IS NULL AND given_up_at IS NULL",
    "deliveries": "SELECT count(*) FROM deliveries WHERE state = 'owed'",
    "acknowledgements": "SELECT count(*) FROM acknowledgements WHERE written_at IS NULL AND given_up_at IS NULL",
    "reports": "SELECT count(*) FROM reports WHERE written < version",
    "readings": "SELECT count(*) FROM packages WHERE checked_at IS NULL AND aside_at IS NULL",
    "folders": "SELECT count(*) FROM folders WHERE state IN ('open', 'sealing')",
    "uploads": "SELECT count(*) FROM uploads WHERE ending = 'open'",
    "connections": "SELECT count(*) FROM connections WHERE ended_at IS NULL",
    "stray files": "SELECT count(*) FROM strays WHERE told_at IS NULL",
    "fingerprints": "SELECT count(*) FROM folders WHERE state = 'sealed' AND fingerprint IS NULL",
    "workflows": "SELECT count(*) FROM {workflows} WHERE status IN ('ENQUEUED', 'PENDING', 'DELAYED')",
}
"""What is owed in the rows: each count comes to 0."""


@dataclass(frozen=True)
class Upgraded:
    """A home on which the present version did what was owed, and what was there before it did."""

    home: Home
    before: Said
    now: Said
    emails: Counter[str]
    notices: list[dict[str, Any]]
    written: set[int]

    def at_rest(self) -> list[str]:
        """The numbers of the packages that the present version had nothing to do with but to send their emails."""
        return [number for number, shown in self.before.shown.items() if shown["folder"] not in MOVED]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    name = f"{COMMIT}-{request.param}"
    with ExitStack() as held:
        server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
        database = "" if server is None else held.enter_context(empty_database(server))
        home = unpack(name, tmp_path_factory.mktemp("home"), database)
        expected = json.loads((FIXTURES / f"{name}-expected.json").read_text("utf-8"))
        written = {row["package_id"] for row in home.rows("SELECT package_id FROM reports WHERE written = version")}
        notices = home.rows("SELECT message_id, kind, sent_at, given_up_at FROM notices")
        emails = home.emails()
        home.start()
        try:
            home.wait_until_ready()
            wait_until_nothing_is_owed(home)
            yield Upgraded(home, Said(**expected), ask(home), emails, notices, written)
        except BaseException:
            print(home.log())
            raise
        finally:
            if home.process is not None and home.process.poll() is None:
                home.kill()


def unpack(name: str, place: Path, database: str) -> Home:
    """The fixture's files in a folder, its rows in an empty database, a configuration that lets everything leave."""
    with tarfile.open(FIXTURES / f"{name}.tar.xz") as archive:
        archive.extractall(place, filter="tar")
    if database:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(lzma.decompress((FIXTURES / f"{name}.sql.xz").read_bytes()))
    home = Home(place, free_port(), database=database)
    home.configure()
    return home


def owed(home: Home) -> dict[str, int]:
    """What is still owed, with how many of it."""
    counts = {what: home.one(query.format(workflows=home.workflows)) for what, query in DONE.items()}
    return {what: count for what, count in counts.items() if count}


def wait_until_nothing_is_owed(home: Home, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while left := owed(home):
        assert time.monotonic() < deadline, f"still owed after {seconds} seconds: {left}"
        time.sleep(0.2)


def test_what_was_owed_is_done_and_what_waits_for_people_waits(upgraded: Upgraded) -> None:
    now = {row["folder"]: row["status"] for row in upgraded.home.rows("SELECT folder, status FROM packages")}
    then = {shown["folder"]: shown["status"] for shown in upgraded.before.shown.values()}

    assert now == then | {
        "ApprovedLast": "Delivered to DSPs",
        "Waiting": "Invalid",
        "Live": "Needs QC",
        "Torn": "Invalid",
    }
    deliveries = upgraded.home.rows(
        "SELECT folder, dsp, state FROM deliveries JOIN packages ON packages.id = package_id ORDER BY deliveries.id"
    )
    assert {(row["folder"], row["dsp"]): row["state"] for row in deliveries} == {
        ("Delivered", "alpha"): "delivered",
        ("Approved", "alpha"): "delivered",
        ("Approved", "beta"): "failed",
        ("ApprovedLast", "alpha"): "delivered",
        ("ApprovedLast", "beta"): "delivered",
    }


def test_every_email_owed_is_sent_once_and_none_that_was_sent_or_given_up_before(upgraded: Upgraded) -> None:
    sent = upgraded.home.emails()

    assert {message_id for message_id, count in sent.items() if count > 1} == set()
    assert upgraded.emails.keys() == {row["message_id"] for row in upgraded.notices if row["sent_at"]}
    given_up = {row["message_id"] for row in upgraded.notices if row["given_up_at"]}
    assert len(given_up) == 2
    assert {row["message_id"] for row in upgraded.notices} - given_up <= sent.keys()
    assert not given_up & sent.keys()
    raised = upgraded.home.one("SELECT count(*) FROM notices WHERE kind = 'alarm'")
    assert raised == sum(row["kind"] == "alarm" for row in upgraded.notices), "ops hear of nothing new"


STATES = {"delivered": "sent", "owed": "queued"}
"""What newer versions call the state of a delivery."""


def assert_deliveries_stand(new: list[dict[str, Any]], old: list[dict[str, Any]]) -> None:
    """The deliveries say what they said, in the words of today."""
    assert_says(new, [{**row, "state": STATES.get(row["state"], row["state"])} for row in old])


def assert_says(new: list[dict[str, Any]], old: list[dict[str, Any]]) -> None:
    """Each of the newer rows says what the older one said; it may have fields that the older one had not."""
    assert [{key: row[key] for key in before} for row, before in zip(new, old, strict=True)] == old


FILE = re.compile(r"(?<=^  Track )(.*?) · [^·]+\.(?:wav|flac|aiff?)(?= · |$)")
"""The name of a track's file in its line, which older versions did not show."""


def test_packages_at_rest_are_shown_as_before(upgraded: Upgraded) -> None:
    now = upgraded.now

    assert len(upgraded.at_rest()) == 13
    for number in upgraded.at_rest():
        old, new = dict(upgraded.before.shown[number]), dict(now.shown[number])
        assert_emails_go_on(old.pop("emails"), new.pop("emails"))
        assert_deliveries_stand(new.pop("deliveries"), old.pop("deliveries"))
        assert {key: new.get(key) for key in old} == old
        told = [line for line in upgraded.before.texts[number].splitlines() if "not sent yet" not in line]
        told = [line.replace(": delivered, attempts", ": sent, attempts") for line in told]
        shown = [FILE.sub(r"\1", line) for line in now.texts[number].splitlines()]
        assert [line for line in told if line not in shown] == []
    listed = {row["id"]: row for row in now.packages}
    for row in upgraded.before.packages:
        if row["folder"] not in MOVED:
            assert {key: listed[row["id"]].get(key) for key in row} == row
    assert [{key: new[key] for key in old} for old, new in zip(upgraded.before.labels, now.labels, strict=True)] == (
        upgraded.before.labels
    )


def test_every_package_is_an_attempt_at_the_release_of_its_barcode(upgraded: Upgraded) -> None:
    rows = upgraded.home.rows(
        "SELECT folder, packages.label_id, packages.barcode, checked_at, releases.label_id AS owner, releases.key,"
        " releases.title, (SELECT count(*) FROM tracks WHERE tracks.release_id = releases.id) AS tracks"
        " FROM packages LEFT JOIN releases ON releases.id = packages.release_id ORDER BY packages.id"
    )
    judged = [row for row in rows if row["checked_at"] is not None]
    attempts: dict[str, list[str]] = {}
    for row in judged:
        attempts.setdefault(row["title"], []).append(row["folder"])

    assert len(judged) >= 17 and {row["folder"] for row in rows if row["key"] is None} <= {"Aside"}
    assert [(row["owner"], row["key"], row["tracks"]) for row in judged] == [
        (row["label_id"], row["barcode"].zfill(14), 1) for row in judged
    ]
    assert attempts.pop("Delivered") == ["Delivered", "Takedown"]
    assert attempts.pop("Corrected") == ["Corrected_v1", "Corrected_v2"]
    assert all(len(folders) == 1 for folders in attempts.values())
    assert upgraded.home.one("SELECT count(*) FROM releases") == len(attempts) + 2


def test_packages_that_moved_on_keep_their_history(upgraded: Upgraded) -> None:
    now = upgraded.now

    for number in upgraded.before.shown.keys() - upgraded.at_rest():
        old, new = upgraded.before.shown[number], now.shown[number]
        assert_emails_go_on(old["emails"], new["emails"][: len(old["emails"])])
        assert new["changes"][: len(old["changes"])] == old["changes"]
        assert [one["dsp"] for one in new["deliveries"]] == [one["dsp"] for one in old["deliveries"]]
        assert {key: new[key] for key in ("label", "folder", "received_at")} == {
            key: old[key] for key in ("label", "folder", "received_at")
        }
        if old["findings"]:
            assert new["findings"] == old["findings"]


def assert_emails_go_on(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    """The same emails, those that were sent as they were, the others sent since or given up before."""
    assert len(old) == len(new)
    for then, now in zip(old, new, strict=True):
        unchanged = then if then["sent_at"] else {key: then[key] for key in ("kind", "to", "message_id")}
        assert {key: now.get(key) for key in unchanged} == unchanged


def test_reports_that_were_written_stay_and_those_owed_tell_the_last_word(upgraded: Upgraded) -> None:
    now = upgraded.now.reports

    for number in upgraded.at_rest():
        if int(number) in upgraded.written:
            assert now[number] == upgraded.before.reports[number]
    for folder, said in (
        ("RejectedLast", "Decided while no daemon ran."),
        ("ApprovedLast", "Delivered to DSPs"),
        ("Live", "Needs QC"),
        ("Waiting", "Invalid"),
        ("Torn", "Invalid"),
    ):
        assert said in now[str(upgraded.home.number(folder))]["report.txt"], folder


def test_acknowledgements_owed_are_written_and_none_twice(upgraded: Upgraded) -> None:
    names = [path.name for path in (upgraded.home.data / "shelves/anna/acknowledgements").iterdir()]
    rows = upgraded.home.rows("SELECT name FROM acknowledgements")

    assert len(rows) == 4
    assert sorted(names) == sorted(row["name"] for row in rows)


def test_open_uploads_of_the_dead_daemon_are_torn_and_their_label_hears_of_them(upgraded: Upgraded) -> None:
    findings = upgraded.now.shown[str(upgraded.home.number("Torn"))]["findings"]

    assert "PKG-008" in [one["code"] for one in findings]
    assert upgraded.home.rows("SELECT path, ending FROM uploads WHERE ending <> 'closed'") == [
        {"path": "Torn/01_Torn.flac", "ending": "torn"}
    ]
    stray = "SELECT count(*) FROM notices WHERE kind = 'stray-files'"
    assert upgraded.home.one(stray) == sum(row["kind"] == "stray-files" for row in upgraded.notices) + 1


def test_accounts_are_as_they_were(upgraded: Upgraded) -> None:
    with client(upgraded.home) as sftp:
        assert {"Delivered", "Rejected", LATE_BATCH, "told.txt"} <= set(sftp.listdir("/incoming"))
        assert "Delivered" in sftp.listdir("/reports")
    with pytest.raises(paramiko.AuthenticationException), client(upgraded.home, "ben"):
        pass
    assert "500" in upgraded.home.ingest("label", "quota", "anna").stdout


def test_people_go_on_with_what_the_older_version_took(upgraded: Upgraded) -> None:
    home = upgraded.home
    home.ingest_each(*(("retry", str(home.number(folder))) for folder in ("Aside", "Approved")))
    status = "SELECT status FROM packages WHERE folder = '{}'"
    wait_for(lambda: home.one(status.format("Aside")) == "Needs QC", 120, "the package that was put aside")
    home.ingest_each(*(("approve", str(home.number(folder))) for folder in ("Aside", *NEEDS_QC)))
    everyone = ("Approved", "Aside", *NEEDS_QC)

    def left() -> list[str]:
        return [folder for folder in everyone if home.one(status.format(folder)) != "Delivered to DSPs"]

    wait_for(lambda: not left(), 120, "the deliveries")
    wait_until_nothing_is_owed(home)
    delivered = {path.name.rpartition("_")[2] for path in (home.home / "dsp/alpha").iterdir()}
    assert {str(home.number(folder)) for folder in everyone} <= delivered


def test_a_second_start_finds_nothing_to_do(upgraded: Upgraded) -> None:
    home = upgraded.home
    assert home.stop() == 0, home.log()
    before, emails, rows = ask(home), home.emails(), counts(home)
    home.start()
    home.wait_until_ready()
    reconciled = f"SELECT count(*) FROM {home.workflows} WHERE name = 'reconcile' AND status = 'SUCCESS'"
    then = home.one(reconciled)
    wait_for(lambda: home.one(reconciled) > then, 90, "work that got lost to be looked for")

    assert (ask(home), home.emails(), counts(home)) == (before, emails, rows)
    assert home.stop() == 0, home.log()


def counts(home: Home) -> dict[str, int]:
    """How many rows tell of work."""
    tables = ("packages", "changes", "findings", "deliveries", "notices", "acknowledgements", "folders", "uploads")
    return {table: int(home.one(f"SELECT count(*) FROM {table}")) for table in tables}
