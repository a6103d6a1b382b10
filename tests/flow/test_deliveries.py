"""Deliveries: what each DSP is owed, gets, and does not get any more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.core.outcome import Failed
from ingest.flow.errors import Code, Conflict, Refused
from ingest.flow.sending_lock import sending_lock
from ingest.store import packages
from ingest.store.decisions import decisions_on_package
from ingest.store.deliveries import deliveries_of
from ingest.store.models import Label, Notice
from tests.broken.change import edit
from tests.flow.scenes import alarms, approved, first, row_of, status_of
from tests.lives import LATER, TAKEDOWNS, alone, whole
from tests.messages import BARCODE
from tests.stage import Stage, by

SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.usefixtures("read_in_this_process")


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


@pytest.mark.parametrize("name", ["01_Sunrise.wav", "artwork.jpg", "metadata.xml"])
def test_a_file_with_another_digest_than_was_recorded_puts_the_package_on_hold_and_ops_are_told_what_to_do(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    package = approved(on, tmp_path)
    with on.app.store.reading() as tx:
        dossier = packages.get_dossier(tx, package)
    assert dossier is not None
    entries = [one | {"sha256": "0" * 64} if one["path"] == name else one for one in dossier["folder"]["entries"]]
    recorded = {**dossier, "folder": {**dossier["folder"], "entries": entries}}
    (real,) = (one["sha256"] for one in dossier["folder"]["entries"] if one["path"] == name)
    monkeypatch.setattr("ingest.flow.deliveries.packages.get_dossier", lambda *_: recorded)
    assert on.deliver(package, "alpha") == "failed"
    assert list((tmp_path / "alpha").iterdir()) == []
    assert (row_of(on, package).status, row_of(on, package).on_hold_at) == ("QC Approved", on.clock())
    with on.app.store.reading() as tx:
        (alarm,) = tx.scalars(sa.select(Notice).where(Notice.kind == "alarm"))
    assert alarm.details == {
        "what": f"delivery of package {package} to alpha failed for good",
        "detail": f"the package is no longer what was checked: {name} has SHA-256 {real} where {'0' * 64} was recorded."
        " If something wrote to the spool, put the files back as they were and run `ingest retry`; otherwise ask the"
        " label to upload the release again under another name.",
        "outlook": "waits",
        "commands": [f"ingest show {package}", f"ingest retry {package}"],
    }


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


def test_a_takedown_goes_to_the_dsps_that_have_the_release(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path, delivered_to=("beta",))
    package = on.place(alone(tmp_path, "Down", TAKEDOWNS["TakeDown"]))
    on.judge(package)

    assert on.app.review.approve(package, by("ngozi")) == ("beta",)
    assert on.deliver(package, "beta") == "delivered"

    assert row_of(on, package).status == "Delivered to DSPs"
    (place,) = (on.directory("beta") / f"{BARCODE}_{package}").iterdir()
    assert place.name == "metadata.xml"


def test_a_delivery_that_a_newer_message_overtook_is_not_sent_any_more(on: Stage, tmp_path: Path) -> None:
    older = on.place(whole(tmp_path, "Older"))
    on.judge(older)
    on.app.review.approve(older, by("ngozi"), dsps=("alpha", "beta"))
    newer = on.place(whole(tmp_path, "Newer", edit(LATER)))
    on.judge(newer)
    on.app.review.approve(newer, by("ngozi"), dsps=("alpha",))
    assert on.deliver(newer, "alpha") == "delivered"

    assert [on.deliver(older, dsp) for dsp in ("alpha", "beta")] == ["superseded", "delivered"]

    there = [path.name for dsp in ("alpha", "beta") for path in on.directory(dsp).iterdir()]
    assert there == [f"{BARCODE}_{newer}", f"{BARCODE}_{older}"]
    assert row_of(on, older).status == "Delivered to DSPs"
    with on.app.store.reading() as tx:
        ended = [(one.state, one.superseded_by, one.fault) for one in deliveries_of(tx, older)]
    assert ended == [("superseded", newer, None), ("delivered", None, None)]


def test_a_delivery_stays_overtaken_while_a_still_newer_message_waits_for_the_dsp(on: Stage, tmp_path: Path) -> None:
    waiting = []
    for day in (20, 21, 22):
        made = edit((LATER[0], f"2026-03-{day}T10:00:00"))
        package = on.place(whole(tmp_path, f"Made{day}", made))
        on.judge(package)
        on.app.review.approve(package, by("ngozi"), dsps=("alpha",))
        waiting.append(package)
    older, newer, newest = waiting
    assert on.deliver(newer, "alpha") == "delivered"

    assert on.deliver(older, "alpha") == "superseded"

    assert [path.name for path in on.directory("alpha").iterdir()] == [f"{BARCODE}_{newer}"]
    assert row_of(on, newest).status == "QC Approved"


def test_a_dsp_that_the_configuration_lost_and_a_package_without_a_dossier_are_failures_in_words(
    on: Stage, tmp_path: Path
) -> None:
    package = approved(on, tmp_path)
    deliveries = on.app.deliveries
    assert deliveries.attempt(package, "gamma") == Failed("there is no [dsp.gamma] in the configuration")
    assert deliveries.attempt(99, "alpha") == Failed("the package has no dossier")
    waiting = on.place(whole(tmp_path, "Unread"))
    assert deliveries.attempt(waiting, "alpha") == Failed("the package has no dossier")


def test_a_delivery_is_named_to_ops_and_in_its_keys_by_package_and_dsp(on: Stage, tmp_path: Path) -> None:
    package = approved(on, tmp_path)
    deliveries = on.app.deliveries
    with on.app.store.transaction() as tx:
        row = deliveries.find(tx, package, "beta")
        assert row is not None and deliveries.find(tx, package, "gamma") is None
        assert [one.dsp for one in deliveries.owed(tx, on.clock() + timedelta(seconds=1))] == ["alpha", "beta"]
        assert deliveries.owed(tx, on.clock()) == []
        assert (deliveries.row_key(row), deliveries.package(row)) == (f"{package}:beta", package)
        assert deliveries.described(row) == f"the delivery of package {package} to beta"
        row.attempts = 1
        told = deliveries.retried(row, Failed("x"))
        assert told is not None and told.what == f"delivery of package {package} to beta failed and is being retried"
        row.attempts = 2
        assert deliveries.retried(row, Failed("x")) is None
        told = deliveries.given_up(row, Failed("x"))
        assert told.what == f"delivery of package {package} to beta failed for good"


def sandbox(on: Stage, dsp: str, is_sandbox: bool) -> None:
    """Change the configuration of a DSP under the daemon, as a restart with another file does."""
    changed = {**on.app.config.dsp, dsp: on.app.config.dsp[dsp].model_copy(update={"sandbox": is_sandbox})}
    for part in (on.app.deliveries, on.app.review):
        object.__setattr__(part, "config", on.app.config.model_copy(update={"dsp": changed}))


def of_sandbox(on: Stage, is_sandbox: bool) -> None:
    with on.app.store.transaction() as tx:
        tx.execute(sa.update(Label).values(is_sandbox=is_sandbox))


@pytest.mark.parametrize("is_sandbox", [True, False])
def test_what_is_owed_goes_to_no_dsp_of_the_other_kind_even_when_the_configuration_changes(
    on: Stage, tmp_path: Path, is_sandbox: bool
) -> None:
    package = approved(on, tmp_path)
    of_sandbox(on, is_sandbox)
    sandbox(on, "alpha", not is_sandbox)
    assert on.deliver(package, "alpha") == "retry"
    assert list((tmp_path / "alpha").iterdir()) == []
    with on.app.store.transaction() as tx, pytest.raises(Refused) as told:
        on.app.deliveries.owe(tx, package, "alpha", on.clock())
    assert told.value.code == (Code.DSP_IS_LIVE if is_sandbox else Code.DSP_IS_SANDBOX)
    assert on.deliver(package, "beta") == ("retry" if is_sandbox else "delivered")


def test_a_person_cannot_approve_a_real_release_for_a_sandbox(on: Stage, tmp_path: Path) -> None:
    package = on.place(whole(tmp_path, "Album"))
    on.judge(package)
    sandbox(on, "alpha", True)
    with pytest.raises(Refused, match="dsp-is-sandbox"):
        on.app.review.approve(package, by("ngozi"), dsps=["alpha"])
    assert status_of(on, package) == "Needs QC"
    assert on.app.review.approve(package, by("ngozi"), dsps=["beta"]) == ("beta",)


def test_litter_and_temporary_files_are_not_delivered(on: Stage, tmp_path: Path) -> None:
    folder = whole(tmp_path, "Littered")
    (folder / ".DS_Store").write_bytes(b"x")
    package = on.place(folder)
    on.judge(package)
    on.app.review.approve(package, by("ngozi"), dsps=["alpha"])
    assert on.deliver(package, "alpha") == "delivered"
    there = {path.name for path in (tmp_path / "alpha" / f"{BARCODE}_{package}").iterdir()}
    assert there == {"metadata.xml", "artwork.jpg", "01_Sunrise.wav"}


def stands(on: Stage, package: int) -> list[tuple[str, str]]:
    return [(one.dsp, one.state.value) for one in on.app.views.package(package).deliveries]


def test_a_delivery_is_held_until_its_time_whatever_wakes_it_before(on: Stage, tmp_path: Path) -> None:
    package = on.place(whole(tmp_path, "Later"))
    on.judge(package)
    at = on.clock() + timedelta(days=3)
    on.app.review.approve(package, by("ngozi"), dsps=["alpha"], not_before=at)
    assert on.engine.due[-1] == (f"deliver:{package}:alpha:1:1", (package, "alpha", 1, 1), timedelta(days=3) / SECOND)
    assert stands(on, package) == [("alpha", "held")]
    on.clock.advance(days=1)
    assert on.deliver(package, "alpha") == "waits"
    assert on.engine.due[-1] == (f"deliver:{package}:alpha:1:2", (package, "alpha", 1, 2), timedelta(days=2) / SECOND)
    assert (alarms(on), list(on.directory("alpha").iterdir())) == ([], [])
    on.clock.advance(days=2, seconds=1)
    on.directory("alpha").rename(tmp_path / "away")
    assert on.deliver(package, "alpha", attempt=2) == "retry", "its age counts from the time"
    (tmp_path / "away").rename(on.directory("alpha"))
    assert on.deliver(package, "alpha", attempt=3) == "delivered"
    assert stands(on, package) == [("alpha", "sent")]
    with on.app.store.reading() as tx:
        assert decisions_on_package(tx, package)[0].details == {"dsps": ["alpha"], "not_before": at.isoformat()}


def test_takedowns_go_before_everything_else_in_the_queue(on: Stage, tmp_path: Path) -> None:
    package = first(on, tmp_path, delivered_to=("beta",))
    down = on.place(alone(tmp_path, "Down", TAKEDOWNS["TakeDown"]))
    on.judge(down)
    on.app.review.approve(down, by("ngozi"))
    assert [on.engine.priorities[f"deliver:{one}:beta:1:1"] for one in (package, down)] == [2, 1]


def test_what_a_takedown_of_the_label_took_down_says_so(on: Stage, tmp_path: Path) -> None:
    package = first(on, tmp_path, delivered_to=("beta",))
    down = on.place(alone(tmp_path, "Down", TAKEDOWNS["TakeDown"]))
    on.judge(down)
    on.app.review.approve(down, by("ngozi"))
    assert on.deliver(down, "beta") == "delivered"
    assert (stands(on, package), stands(on, down)) == ([("beta", "taken down")], [("beta", "sent")])


def test_while_another_worker_sends_about_the_release_it_waits_and_nobody_is_told(on: Stage, tmp_path: Path) -> None:
    package = approved(on, tmp_path)
    release = str(row_of(on, package).release_id)
    with sending_lock(on.app.store, on.app.config.paths.state_dir, release, "alpha") as got:
        assert got
        assert on.deliver(package, "alpha") == "waits"
        assert on.deliver(package, "beta") == "delivered"
    assert (alarms(on), list(on.directory("alpha").iterdir())) == ([], [])
    assert on.deliver(package, "alpha", attempt=2) == "delivered"
