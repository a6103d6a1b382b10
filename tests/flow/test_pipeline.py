"""The pipeline's own decisions: faults of ours, retries, lost work, and what is owed to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from ingest.core.dossier import Dossier
from ingest.core.notice import NoticeKind
from ingest.core.status import Status
from ingest.flow.errors import Conflict, NotFound, Refused
from ingest.flow.jobs import LEFT
from ingest.inbound.storage import Kept
from ingest.outbound.email.transports import EmailRefused
from ingest.readers.dossier import ReadingFailed
from ingest.readers.json_values import to_json
from ingest.readers.pool import Pool
from ingest.store import notices, packages
from ingest.store.models import Change, Notice, Package, ReleaseFolder
from tests.packages import Good, write_broken, write_good
from tests.stage import Stage, by, stage


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    staged = stage(tmp_path)
    yield staged
    staged.app.close()


def status_of(on: Stage, package: int) -> str:
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
    assert row is not None
    return row.status


def owed(on: Stage) -> list[tuple[str, list[str]]]:
    with on.app.store.reading() as tx:
        return [(row.kind, row.recipients) for row in tx.scalars(sa.select(Notice).order_by(Notice.id))]


def test_a_taken_package_is_incoming_and_its_reading_and_email_are_enqueued_with_it(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    assert status_of(on, package) == "Incoming"
    assert on.engine.keys() == ["tell:1:1:1", f"ingest:{package}:1"]
    assert owed(on) == [("incoming", ["anna@label.example"])]


def test_a_good_package_needs_qc_and_both_label_and_qc_are_told(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    assert on.judge(package) == "Needs QC"
    assert owed(on) == [
        ("incoming", ["anna@label.example"]),
        ("needs-qc", ["anna@label.example"]),
        ("review", ["qc@test.example"]),
    ]
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
        assert row is not None
        assert (row.artist, row.title, row.barcode, row.track_count) == ("Ayo Lande", "Sunrise", "5034567890120", 1)
        changes = [(one.old, one.new, one.who) for one in tx.scalars(sa.select(Change).order_by(Change.id))]
    assert changes == [(None, "Incoming", "ingest"), ("Incoming", "Needs QC", "ingest")]


def test_a_second_conclusion_changes_nothing(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_broken(tmp_path / "label", "ART-001"))
    assert on.judge(package) == "Invalid"
    before = owed(on)
    on.judge(package)
    assert owed(on) == before


def test_a_crash_of_ours_leaves_the_package_incoming_tells_ops_and_can_be_retried(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))

    def broken(*_: object, **__: object) -> Dossier:
        raise ReadingFailed("the reading process was ended by SIGSEGV")

    with monkeypatch.context() as patched:
        patched.setattr("ingest.flow.pipeline.read_dossier", broken)
        assert "SIGSEGV" in on.judge(package)
    assert status_of(on, package) == "Incoming"
    assert owed(on)[-1] == ("alarm", ["ops@test.example"])
    assert all(recipients != ["anna@label.example"] for kind, recipients in owed(on)[1:])
    assert on.app.review.retry(package, by("ops")) == ("validation",)
    assert on.engine.keys()[-1] == f"ingest:{package}:2"
    assert on.judge(package) == "Needs QC"
    with pytest.raises(Conflict, match=f"^nothing-failed: package={package}, status='Needs QC'$"):
        on.app.review.retry(package, by("ops"))


@pytest.mark.parametrize("lie", ["strange", "absolute"])
def test_a_lying_reader_puts_the_package_on_hold_and_a_retry_goes_on(on: Stage, tmp_path: Path, lie: str) -> None:
    package = on.place(_named(write_good(tmp_path / "label", Good.SINGLE), lie))
    pool = Pool(1, "tests.readers.lying")
    lied = replace(on.app.pipeline, reading=replace(on.app.pipeline.reading, pool=pool))
    try:
        read = lied.read(package)
    finally:
        pool.close()
    assert read == {"fault": "the reading process gave an answer that is none"}
    with on.app.store.transaction() as tx:
        on.app.pipeline.put_on_hold(tx, package, read["fault"])
    assert owed(on)[-1] == ("alarm", ["ops@test.example"])
    assert on.app.review.retry(package, by("ops")) == ("validation",)
    assert on.judge(package) == "Needs QC"


def _named(folder: Path, name: str) -> Path:
    return folder.rename(folder.with_name(name))


@pytest.mark.parametrize("error", [IndexError("x" * 10_000_000), OverflowError("inf"), MemoryError(), KeyError("a")])
def test_facts_that_cannot_be_judged_put_the_package_on_hold_in_few_words(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))

    def stumble(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("ingest.flow.pipeline.check", stumble)
        said = on.judge(package)
    assert said.startswith(f"what was read could not be judged: {type(error).__name__} in stumble") and len(said) < 300
    assert status_of(on, package) == "Incoming"
    assert on.app.review.retry(package, by("ops")) == ("validation",)
    assert on.judge(package) == "Needs QC"


def test_a_verdict_that_the_database_refuses_puts_the_package_on_hold_at_once(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))

    def enormous(value: object) -> Any:
        plain = to_json(value)
        if isinstance(value, Dossier):
            plain["message"]["tracks"][0]["number"] = 10**30
        return plain

    with monkeypatch.context() as patched:
        patched.setattr("ingest.flow.stored_dossier.to_json", enormous)
        assert on.app.pipeline.ingest(package) == "Incoming"
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
        alarm = tx.scalars(sa.select(Notice).where(Notice.kind == "alarm")).one()
    assert row is not None and row.on_hold_at is not None
    assert alarm.details["what"] == f"package {package} could not be read"
    assert alarm.details["detail"].startswith("what was read could not be stored: OverflowError in ")
    assert on.app.review.retry(package, by("ops")) == ("validation",)
    assert on.app.pipeline.ingest(package) == "Needs QC"


def test_a_database_that_is_away_puts_no_package_on_hold(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))

    def away(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("the server closed the connection"))

    with monkeypatch.context() as patched:
        patched.setattr("ingest.flow.pipeline.packages.set_summary", away)
        with pytest.raises(OperationalError):
            on.app.pipeline.ingest(package)
    assert [kind for kind, _ in owed(on)] == ["incoming"]
    assert on.app.pipeline.ingest(package) == "Needs QC"


def test_more_facts_than_are_kept_of_a_package_put_it_on_hold(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    monkeypatch.setattr("ingest.flow.pipeline.MOST_BYTES", 5_000)
    assert on.judge(package) == "what was read takes more than the 5000 bytes that are kept of a package"


@pytest.mark.parametrize("nested", ["..", "/etc", "a/../b", ""])
def test_a_dossier_that_lies_elsewhere_is_never_delivered(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nested: str
) -> None:
    package = approved(on, tmp_path)
    with on.app.store.reading() as tx:
        dossier = packages.get_dossier(tx, package)
    assert dossier is not None
    lie = {**dossier, "folder": {**dossier["folder"], "nested": nested}}
    monkeypatch.setattr("ingest.flow.deliveries.packages.get_dossier", lambda *_: lie)
    assert on.deliver(package, "alpha") == "failed"
    assert list((tmp_path / "alpha").iterdir()) == []


def test_a_package_whose_reading_kills_us_again_and_again_is_put_on_hold(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    for _ in range(on.app.config.validation.max_starts):
        with on.app.store.transaction() as tx:
            packages.count_start(tx, package)
    assert "never ended" in on.judge(package)
    assert status_of(on, package) == "Incoming"


def approved(on: Stage, tmp_path: Path) -> int:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.judge(package)
    on.app.review.approve(package, by("qc-person"), "Lovely")
    return package


def test_an_approval_owes_each_agreed_dsp_and_the_last_delivery_moves_the_package(on: Stage, tmp_path: Path) -> None:
    package = approved(on, tmp_path)
    assert on.engine.keys()[-2:] == [f"deliver:{package}:alpha:1:1", f"deliver:{package}:beta:1:1"]
    assert on.deliver(package, "alpha") == "delivered"
    assert status_of(on, package) == "QC Approved"
    assert on.deliver(package, "beta") == "delivered"
    assert status_of(on, package) == "Delivered to DSPs"
    with pytest.raises(Conflict, match=r"^not-in-needs-qc: "):
        on.app.review.approve(package, by("another"))


def test_a_delivery_that_fails_is_tried_again_later_for_days_and_then_fails_for_good(on: Stage, tmp_path: Path) -> None:
    package = approved(on, tmp_path)
    (tmp_path / "beta").rmdir()
    assert on.deliver(package, "beta") == "retry"
    assert on.engine.due[-2] == (f"deliver:{package}:beta:1:2", (package, "beta", 1, 2), 30.0)
    on.clock.advance(days=8)
    assert on.deliver(package, "beta", attempt=20) == "failed"
    assert status_of(on, package) == "QC Approved"
    (tmp_path / "beta").mkdir()
    assert on.app.review.retry(package, by("ops")) == ("delivery to beta",)
    assert on.deliver(package, "beta", run=1, attempt=21) == "superseded"
    assert on.deliver(package, "beta", run=2) == "delivered"
    assert on.deliver(package, "alpha") == "delivered"
    assert status_of(on, package) == "Delivered to DSPs"


def test_an_email_is_marked_sent_only_after_it_was_sent_and_keeps_its_message_id(on: Stage, tmp_path: Path) -> None:
    on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.transport.refusal = EmailRefused(False, "mail.example:587 cannot be reached")
    assert on.tell(1) == "retry"
    assert on.engine.due[-1] == ("tell:1:1:2", (1, 1, 2), 30.0)
    with on.app.store.reading() as tx:
        row = notices.get_notice(tx, 1)
    assert row is not None and row.sent_at is None and row.fault == "mail.example:587 cannot be reached"
    on.transport.refusal = None
    assert on.tell(1, attempt=2) == "sent"
    assert on.tell(1, attempt=3) == "superseded"
    assert [str(message["Message-ID"]) for message in on.transport.sent] == [row.message_id]


def test_an_email_refused_for_good_is_given_up_and_ops_are_told(on: Stage, tmp_path: Path) -> None:
    on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.transport.refusal = EmailRefused(True, "550 no such user")
    assert on.tell(1) == "given up"
    assert owed(on)[-1] == ("alarm", ["ops@test.example"])


def test_a_password_is_forgotten_once_its_email_was_sent(on: Stage) -> None:
    with on.app.store.transaction() as tx:
        details = {"user": "anna", "password": "s3cret"}
        on.app.notify.of_label(
            tx, on.label().id, ["anna@label.example"], NoticeKind.CREDENTIALS, "credentials:1", on.clock(), details
        )
    assert on.tell(1) == "sent"
    assert "s3cret" in str(on.transport.sent[0])
    with on.app.store.reading() as tx:
        row = notices.get_notice(tx, 1)
    assert row is not None and row.details == {"user": "anna"}


def test_lost_work_is_found_again_under_a_new_key_and_ops_are_told(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.engine.due.clear()
    on.engine.live = [f"ingest:{package}:1", "tell:1:1:1"]
    on.clock.advance(minutes=2)
    on.app.maintenance.reconcile()
    assert on.engine.keys() == []
    on.engine.live = []
    on.app.maintenance.reconcile()
    assert {f"ingest:{package}:2", "tell:1:2:1"} <= set(on.engine.keys())
    assert ("alarm", ["ops@test.example"]) in owed(on)


def test_lost_work_is_not_enqueued_for_ever(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    for _ in range(10):
        on.clock.advance(minutes=2)
        on.app.maintenance.reconcile()
    assert [key for key, _, _ in on.engine.due if key.startswith("ingest:")] == [
        f"ingest:{package}:{run}" for run in (1, 2, 3, 4)
    ]
    with on.app.store.reading() as tx:
        alarms = tx.scalars(sa.select(Notice).where(Notice.kind == "alarm").order_by(Notice.id)).all()
        told = {notice.details["what"]: notice.details["detail"] for notice in alarms}
    assert told == {
        f"the reading of package {package} was lost": "It was enqueued again.",
        "the sending of email 1 was lost": "It was enqueued again.",
        f"the reading of package {package} was lost again and again": LEFT,
        "the sending of email 1 was lost again and again": LEFT,
    }


def test_lost_emails_of_one_thread_are_enqueued_in_the_order_they_were_owed(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.judge(package)
    backwards = "PRAGMA reverse_unordered_selects = ON"
    sa.event.listen(on.app.store.engine, "connect", lambda connection, _: connection.execute(backwards))
    on.app.store.engine.dispose()
    on.engine.due.clear()
    on.clock.advance(minutes=2)
    on.app.maintenance.reconcile()
    emails = [args[0] for key, args, _ in on.engine.due if key.startswith("tell:") and args[1] == 2]
    assert emails == [1, 2, 3]


def test_files_are_removed_after_their_time_and_rows_stay(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = on.place(write_broken(tmp_path / "label", "ART-001"))
    on.judge(package)
    monkeypatch.setattr(on.engine, "prune", lambda before: 0)
    on.clock.advance(days=29)
    on.app.maintenance.prune()
    with on.app.store.reading() as tx:
        folder = tx.get_one(ReleaseFolder, tx.get_one(Package, package).folder_id)
    place = on.app.storage.view(Kept("anna", folder.id, folder.name))
    assert place.is_dir() and folder.removed_at is None
    on.clock.advance(days=2)
    on.app.maintenance.prune()
    assert not place.exists()
    assert status_of(on, package) == Status.INVALID.value


def test_a_rejection_without_words_is_refused(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.judge(package)
    with pytest.raises(Refused, match=r"^notes-missing$"):
        on.app.review.reject(package, by("qc-person"), " \n")
    with pytest.raises(NotFound, match=r"^dsp-unknown: dsp='gamma', "):
        on.app.review.approve(package, by("qc-person"), dsps=["gamma"])
    with pytest.raises(NotFound, match=r"^package-unknown: package=99$"):
        on.app.review.approve(99, by("qc-person"))
    assert status_of(on, package) == "Needs QC"
