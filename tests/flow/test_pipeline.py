"""The pipeline's own decisions: verdicts, and what becomes of a package when something of ours fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from ingest.core.dossier import Dossier
from ingest.flow.errors import Conflict
from ingest.readers.dossier import ReadingFailed, read_dossier
from ingest.readers.pool import Pool
from ingest.store import packages
from ingest.store.models import Change, Notice
from tests.broken.change import edit, edit_all
from tests.flow.scenes import counted_commits, owed, row_of, status_of, title_of
from tests.lives import LATER, whole
from tests.packages import Good, write_broken, write_good
from tests.stage import Stage, by


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


def test_a_workflow_that_runs_again_after_its_verdict_reads_nothing(
    on: Stage, sealed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert on.app.pipeline.ingest(sealed) == "Needs QC"
    before = owed(on)
    monkeypatch.delattr("ingest.flow.pipeline.read_dossier")
    assert on.app.pipeline.ingest(sealed) == "superseded"
    assert (status_of(on, sealed), owed(on)) == ("Needs QC", before)


def test_a_quick_reading_and_its_verdict_cost_two_transactions_and_say_how_many_files_there_were(
    on: Stage, sealed: int
) -> None:
    with counted_commits(on) as commits:
        assert on.app.pipeline.ingest(sealed) == "Needs QC"
    row = row_of(on, sealed)
    assert (len(commits), row.files_read, row.files_in_all) == (2, 2, 2)


def test_a_dossier_is_stored_once_and_takes_few_kilobytes(on: Stage, sealed: int) -> None:
    on.app.pipeline.ingest(sealed)
    with on.app.store.reading() as tx:
        kept = tx.execute(sa.text("SELECT length(dossier_packed) AS packed, dossier FROM packages")).one()
        whole = packages.get_dossier(tx, sealed)
    assert 500 < kept.packed < 5_000 and kept.dossier is None
    assert whole is not None and len(json.dumps(whole)) > 2 * kept.packed


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
    read = _read_by_liars(on, package)
    assert read == "the reading process gave an answer that is none"
    with on.app.store.transaction() as tx:
        on.app.pipeline.put_on_hold(tx, package, read)
    assert owed(on)[-1] == ("alarm", ["ops@test.example"])
    assert on.app.review.retry(package, by("ops")) == ("validation",)
    assert on.judge(package) == "Needs QC"


def test_no_digest_is_stored_that_was_told_by_those_who_parse(on: Stage, tmp_path: Path) -> None:
    package = on.place(_named(write_good(tmp_path / "label", Good.SINGLE), "digest of its own"))
    none = "the reading process gave an answer that is none"
    read = _read_by_liars(on, package)
    assert sorted(read.split("; ")) == [f"01_Sunrise.wav: {none}", f"artwork.jpg: {none}"]
    with on.app.store.transaction() as tx:
        assert packages.get_dossier(tx, package) is None
        on.app.pipeline.put_on_hold(tx, package, read)
    assert owed(on)[-1] == ("alarm", ["ops@test.example"])
    assert on.app.review.retry(package, by("ops")) == ("validation",)
    assert on.judge(package) == "Needs QC"
    assert on.app.review.approve(package, by("qc")) == ("alpha", "beta")
    assert on.deliver(package, "alpha") == "delivered"


def _read_by_liars(on: Stage, package: int) -> str:
    pool = Pool(1, "tests.readers.lying")
    try:
        read = replace(on.app.pipeline, reading=replace(on.app.pipeline.reading, pool=pool)).read(package)
    finally:
        pool.close()
    assert isinstance(read, str)
    return read


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

    def enormous(*given: Any) -> Dossier:
        dossier: Dossier = read_dossier(*given)
        assert dossier.message is not None
        first, *others = dossier.message.tracks
        message = replace(dossier.message, tracks=(replace(first, number=10**30), *others))
        return replace(dossier, message=message)

    with monkeypatch.context() as patched:
        patched.setattr("ingest.flow.pipeline.read_dossier", enormous)
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


def test_a_package_whose_reading_kills_us_again_and_again_is_put_on_hold(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    for _ in range(on.app.config.validation.max_starts):
        with on.app.store.transaction() as tx:
            packages.count_start(tx, package)
    assert "never ended" in on.judge(package)
    assert status_of(on, package) == "Incoming"


def test_a_test_says_what_its_release_is_only_while_nothing_else_does(on: Stage, tmp_path: Path) -> None:
    tried = edit(("LiveMessage", "TestMessage"))
    assert on.judge(on.place(whole(tmp_path, "Try", tried, edit_all("Sunrise<", "Sunset<")))) == "Incoming"
    assert title_of(on) == "Sunset"
    assert on.judge(on.place(whole(tmp_path, "Real"))) == "Needs QC"
    assert on.judge(on.place(whole(tmp_path, "Try2", tried, edit(LATER), edit_all("Sunrise<", "Dusk<")))) == "Incoming"
    assert title_of(on) == "Sunrise"
