"""What was sealed is what is read, what was checked is what QC approves and the DSPs get; else the package waits."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.core.dossier import Dossier
from ingest.flow.errors import Conflict
from ingest.flow.pipeline import Judged
from ingest.flow.proof import CURE, _different
from ingest.inbound.storage import Kept
from ingest.readers.dossier import read_dossier
from ingest.store.models import Notice
from tests.flow.scenes import row_of
from tests.packages import Good, write_good
from tests.stage import Stage, by


def spool_of(on: Stage, package: int) -> Path:
    row = row_of(on, package)
    return on.app.storage.view(Kept("anna", row.origin.id, row.origin.name))


def alarms(on: Stage) -> list[tuple[str, str]]:
    with on.app.store.reading() as tx:
        rows = tx.scalars(sa.select(Notice).where(Notice.kind == "alarm").order_by(Notice.id))
        return [(row.details["what"], row.details["detail"]) for row in rows]


def change_message(on: Stage, package: int) -> str:
    """Another artist in the message, in the same size and with the time of the last change set back."""
    (path,) = (spool_of(on, package) / row_of(on, package).path).glob("*.xml")
    before = path.stat()
    time.sleep(0.02)  # the kernel's clock of files moves in steps of some milliseconds
    path.write_bytes(path.read_bytes().swapcase())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return path.name


def move_spool(on: Stage, package: int) -> None:
    """The same files on another disk: other inodes."""
    place = spool_of(on, package)
    shutil.copytree(place, place.with_name("copy"))
    shutil.rmtree(place)
    place.with_name("copy").rename(place)


def test_a_package_that_changed_before_it_was_read_waits_and_ops_are_told(on: Stage, sealed: int) -> None:
    change_message(on, sealed)
    name = row_of(on, sealed).folder
    changed = f"files of {name} changed after it was sealed. {CURE}"
    assert on.judge(sealed) == changed
    assert (row_of(on, sealed).status, row_of(on, sealed).on_hold_at) == ("Incoming", on.clock())
    assert alarms(on) == [(f"package {sealed} could not be read", changed)]


def link_all(on: Stage, package: int, backup: Path) -> None:
    """What backup programs do that keep hard links: other times of the inodes, the same bytes."""
    time.sleep(0.02)
    shutil.copytree(spool_of(on, package), backup, copy_function=os.link)


def test_a_backup_by_hard_links_keeps_no_package_from_its_verdict(
    on: Stage, sealed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reading(*given: Any, **named: Any) -> Dossier:
        dossier = read_dossier(*given, **named)
        link_all(on, sealed, tmp_path / "backup")
        return dossier

    monkeypatch.setattr("ingest.flow.pipeline.read_dossier", reading)
    assert on.judge(sealed) == "Needs QC"
    assert alarms(on) == []


def test_a_person_may_let_a_package_on_hold_be_read_as_it_is_now(on: Stage, sealed: int, tmp_path: Path) -> None:
    link_all(on, sealed, tmp_path / "backup")
    assert on.judge(sealed).startswith("files of ")
    assert on.app.review.retry(sealed, by("ops")) == ("validation",)
    assert on.judge(sealed) == "Needs QC"
    assert row_of(on, sealed).on_hold_at is None


def test_each_retry_that_fails_is_told(on: Stage, sealed: int) -> None:
    for _ in range(2):
        change_message(on, sealed)
        assert on.judge(sealed).startswith("files of ")
        on.app.review.retry(sealed, by("ops"))
    change_message(on, sealed)
    on.judge(sealed)
    told = [what for what, _ in alarms(on)]
    assert told == [f"package {sealed} could not be read{again}" for again in ("", " at try 2", " at try 3")]


def test_a_package_that_changed_while_it_was_read_never_gets_its_verdict(on: Stage, sealed: int) -> None:
    read = on.app.pipeline.read(sealed)
    assert isinstance(read, Judged)
    change_message(on, sealed)
    with on.app.store.transaction() as tx:
        on.app.pipeline.conclude(tx, sealed, read)
    assert (row_of(on, sealed).status, row_of(on, sealed).on_hold_at) == ("Incoming", on.clock())
    assert [what for what, _ in alarms(on)] == [f"package {sealed} could not be read"]


def test_a_package_that_changed_after_its_verdict_is_not_approved_and_waits(on: Stage, sealed: int) -> None:
    assert on.judge(sealed) == "Needs QC"
    name = change_message(on, sealed)
    with pytest.raises(Conflict, match=rf"^files-changed: package={sealed}, changed='{name} has SHA-256 "):
        on.app.review.approve(sealed, by("qc"))
    assert (row_of(on, sealed).status, row_of(on, sealed).on_hold_at) == ("Needs QC", on.clock())
    assert [what for what, _ in alarms(on)] == [f"package {sealed} is no longer what was checked"]


def test_a_package_that_changed_after_its_approval_is_not_delivered_and_waits(on: Stage, sealed: int) -> None:
    assert on.judge(sealed) == "Needs QC"
    assert on.app.review.approve(sealed, by("qc")) == ("alpha", "beta")
    change_message(on, sealed)
    assert on.deliver(sealed, "alpha") == "failed"
    assert (row_of(on, sealed).status, row_of(on, sealed).on_hold_at) == ("QC Approved", on.clock())
    assert [what for what, _ in alarms(on)] == [f"delivery of package {sealed} to alpha failed for good"]
    assert list((on.app.config.paths.data.parent / "alpha").iterdir()) == []


def test_the_same_bytes_on_another_disk_go_on_and_are_looked_through_once(on: Stage, sealed: int) -> None:
    assert on.judge(sealed) == "Needs QC"
    assert row_of(on, sealed).fingerprint is None
    move_spool(on, sealed)
    assert on.app.proof.stands(row_of(on, sealed)) != ""
    assert on.app.review.approve(sealed, by("qc")) == ("alpha", "beta")
    assert on.app.proof.stands(row_of(on, sealed)) == ""
    assert row_of(on, sealed).fingerprint is not None
    assert on.deliver(sealed, "alpha") == "delivered"


def test_files_put_right_again_let_a_package_on_hold_go_on(on: Stage, sealed: int) -> None:
    assert on.judge(sealed) == "Needs QC"
    change_message(on, sealed)
    with pytest.raises(Conflict):
        on.app.review.approve(sealed, by("qc"))
    change_message(on, sealed)
    assert on.app.review.approve(sealed, by("qc")) == ("alpha", "beta")
    assert row_of(on, sealed).on_hold_at is None


def test_a_retry_of_one_release_of_a_batch_vouches_for_no_other(on: Stage, tmp_path: Path) -> None:
    batch = tmp_path / "batch"
    batch.mkdir()
    for name, good in (("one", Good.SINGLE), ("two", Good.ALBUM)):
        write_good(tmp_path / "label", good).rename(batch / name)
    first = on.place(batch)
    second = first + 1
    assert on.judge(first) == "Needs QC"
    change_message(on, first)
    assert on.judge(second).startswith("files of batch changed ")
    assert on.app.review.retry(second, by("ops")) == ("validation",)
    assert on.judge(second) == "Needs QC"
    assert on.app.review.approve(second, by("qc")) == ("alpha", "beta")
    with pytest.raises(Conflict, match=rf"^files-changed: package={first}, changed='.* has SHA-256 "):
        on.app.review.approve(first, by("qc"))


def test_files_that_are_gone_are_not_accepted_by_a_retry(on: Stage, sealed: int) -> None:
    shutil.rmtree(spool_of(on, sealed))
    assert on.judge(sealed).startswith("the sealed files cannot be looked at: ")
    assert on.app.review.retry(sealed, by("ops")) == ("validation",)
    assert on.judge(sealed).startswith("the sealed files cannot be looked at: ")


@pytest.mark.parametrize("path", ["/etc/hostname", "../secret", "link", "gone/../metadata.xml"])
def test_a_dossier_that_names_other_files_proves_nothing(tmp_path: Path, path: str) -> None:
    release = tmp_path / "release"
    release.mkdir()
    (release / "metadata.xml").write_bytes(b"x")
    (tmp_path / "secret").write_bytes(b"x")
    (release / "link").symlink_to(tmp_path / "secret")
    digest = hashlib.sha256(b"x").hexdigest()
    entries = [{"path": path, "sha256": digest, "kind": "other"}]
    assert _different(release, {"folder": {"nested": None, "entries": entries}}) != ""
    good = [{"path": "secret", "sha256": digest, "kind": "other"}]
    for nested in ("..", str(tmp_path), "link", "."):
        assert _different(release, {"folder": {"nested": nested, "entries": good}}) != ""
    assert "no SHA-256" in _different(
        release, {"folder": {"nested": None, "entries": [{"path": "metadata.xml", "sha256": None, "kind": "message"}]}}
    )
    whole = [{"path": "metadata.xml", "sha256": digest, "kind": "message"}]
    assert _different(release, {"folder": {"nested": None, "entries": whole}}) == ""
