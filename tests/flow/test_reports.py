"""What a label finds under /reports/, from the rows to the disk: every change, in order, whatever is cut off."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.app.application import open_app
from ingest.core.fingerprint import Fingerprint
from ingest.core.notice import StatusNotice
from ingest.core.status import Status
from ingest.flow.reports import Reports
from ingest.outbound.report.files import FILES, clear, put, report_lock
from ingest.outbound.report.pages import report_files
from ingest.store import folders, labels, reports
from ingest.store.models import OPEN, Notice, Package, Report
from tests.daemons import text_of, wait_for
from tests.flow.scenes import alarms, counted_commits
from tests.packages import Good, write_broken, write_good
from tests.stage import Stage, by
from tests.store.rows import new_label


def reports_of(on: Stage) -> Path:
    return on.app.config.paths.reports("anna")


def turn(on: Stage, side_by_side: int = 3) -> None:
    with ThreadPoolExecutor(side_by_side) as pool:
        while on.app.reports.turn(pool):
            continue


def statuses(on: Stage) -> dict[str, str]:
    """What each report says, by its folder, after a turn; each has all its files, and nothing else lies there."""
    turn(on)
    return on_disk(on)


def on_disk(on: Stage) -> dict[str, str]:
    found = {
        str(path.parent.relative_to(reports_of(on))): path.read_text().partition("\n")[0]
        for path in sorted(reports_of(on).rglob("status.txt"))
        if path.is_file()
    }
    lying = {str(path.relative_to(reports_of(on))) for path in reports_of(on).rglob("*") if path.is_file()}
    assert lying == {f"{folder}/{file}" for folder in found for file in FILES}
    return found


def place(on: Stage, tmp_path: Path, name: str, code: str = "") -> int:
    """A release folder of this name, sealed; broken by `code` if any."""
    where = tmp_path / f"label-{random.randbytes(4).hex()}"
    folder = write_broken(where, code) if code else write_good(where, Good.SINGLE)
    return on.place(folder.rename(folder.with_name(name)))


def arrive(on: Stage, name: str, path: str = "", missing: tuple[str, ...] = ()) -> int:
    """A package of an open folder that is not complete."""
    with on.app.store.transaction() as tx:
        label = labels.find_label(tx, "anna")
        assert label is not None
        folder = folders.touch_folder(tx, label.id, name, on.clock())
        return on.app.moves.arrive(tx, folder, path, missing, on.clock())


def report_of(on: Stage, package: int) -> Report:
    with on.app.store.reading() as tx:
        row = reports.get_report(tx, package)
    assert row is not None
    return row


def told(on: Stage, kind: str) -> str:
    """The text of the email of this kind, sent now."""
    with on.app.store.reading() as tx:
        (number,) = tx.scalars(sa.select(Notice.id).where(Notice.kind == kind))
    assert on.tell(number) == "sent"
    return text_of(on.transport.sent[-1])


def test_every_change_of_a_release_is_read_in_its_report(on: Stage, tmp_path: Path) -> None:
    package = place(on, tmp_path, "Sunrise")
    assert statuses(on) == {"Sunrise": "Incoming"}
    on.judge(package)
    assert statuses(on) == {"Sunrise": "Needs QC"}
    on.app.review.approve(package, by("qc-person"), "Lovely")
    assert statuses(on) == {"Sunrise": "QC Approved"}
    assert "Lovely" in (reports_of(on) / "Sunrise" / "report.txt").read_text()
    assert "qc-person" not in (reports_of(on) / "Sunrise" / "report.json").read_text()
    for dsp in ("alpha", "beta"):
        on.deliver(package, dsp)
    assert statuses(on) == {"Sunrise": "Delivered to DSPs"}
    assert "Lovely" in (reports_of(on) / "Sunrise" / "report.html").read_text()
    told = json.loads((reports_of(on) / "Sunrise" / "report.json").read_text())
    assert [step["status"] for step in told["history"]] == ["Incoming", "Needs QC", "QC Approved", "Delivered to DSPs"]
    assert told["dsps"] == ["alpha", "beta"]


def test_a_broken_release_is_reported_with_its_findings_and_a_rejected_one_with_the_notes(
    on: Stage, tmp_path: Path
) -> None:
    on.judge(place(on, tmp_path, "Small cover", "ART-001"))
    rejected = place(on, tmp_path, "Logo")
    on.judge(rejected)
    on.app.review.reject(rejected, by("qc-person"), "Remove the logo from the cover.")
    email = told(on, "qc-rejected")
    assert statuses(on) == {"Logo": "QC Rejected", "Small cover": "Invalid"}
    found = json.loads((reports_of(on) / "Small cover" / "report.json").read_text())["findings"]
    assert "ART-001" in [finding["code"] for finding in found]
    assert "ART-001" in (reports_of(on) / "Small cover" / "report.html").read_text()
    assert "Remove the logo from the cover." in (reports_of(on) / "Logo" / "status.txt").read_text()
    noticed = email.partition("ALSO NOTICED")[2].partition("WHAT HAPPENS NEXT")[0].strip()
    assert noticed and noticed in (reports_of(on) / "Logo" / "report.txt").read_text()


def test_a_folder_that_is_not_complete_is_told_what_is_missing_until_it_is_taken(on: Stage, tmp_path: Path) -> None:
    package = arrive(on, "Sunrise", missing=("01_Sunrise.wav has not arrived.",))
    assert statuses(on) == {"Sunrise": "Incoming"}
    assert "01_Sunrise.wav has not arrived." in (reports_of(on) / "Sunrise" / "status.txt").read_text()
    on.clock.advance(minutes=3)
    assert place(on, tmp_path, "Sunrise") == package
    assert statuses(on) == {"Sunrise": "Incoming"}
    text = (reports_of(on) / "Sunrise" / "status.txt").read_text()
    assert "not arrived" not in text and "We have received your release." in text
    assert json.loads((reports_of(on) / "Sunrise" / "report.json").read_text())["since"] == "2026-03-23T12:03:00Z"


def test_the_newest_of_two_folders_of_one_name_has_the_plain_name(on: Stage, tmp_path: Path) -> None:
    first = place(on, tmp_path, "Sunrise", "ART-001")
    on.judge(first)
    assert statuses(on) == {"Sunrise": "Invalid"}
    second = place(on, tmp_path, "Sunrise")
    assert statuses(on) == {"Sunrise": "Incoming", f"Sunrise (package {first})": "Invalid"}
    on.judge(second)
    third = place(on, tmp_path, "Sunrise")
    expected = {f"Sunrise (package {first})": "Invalid", f"Sunrise (package {second})": "Needs QC"}
    assert statuses(on) == {"Sunrise": "Incoming", **expected}
    on.app.review.reject(second, by("qc"), "The older one changes, and takes no name away.")
    expected[f"Sunrise (package {second})"] = "QC Rejected"
    assert statuses(on) == {"Sunrise": "Incoming", **expected}
    numbers = {
        folder: json.loads((reports_of(on) / folder / "report.json").read_text())["package"] for folder in on_disk(on)
    }
    assert numbers == {
        "Sunrise": third,
        f"Sunrise (package {first})": first,
        f"Sunrise (package {second})": second,
    }


def test_a_folder_that_is_called_like_an_older_report_pushes_it_aside_once_more(on: Stage, tmp_path: Path) -> None:
    first = place(on, tmp_path, "Sunrise", "ART-001")
    place(on, tmp_path, "Sunrise")
    place(on, tmp_path, f"Sunrise (package {first})")
    on.judge(first)
    assert statuses(on) == {
        "Sunrise": "Incoming",
        f"Sunrise (package {first})": "Incoming",
        f"Sunrise (package {first}) (2)": "Invalid",
    }


def test_names_of_255_bytes_have_their_reports_too(on: Stage, tmp_path: Path) -> None:
    name = "é" * 127 + "x"
    first = place(on, tmp_path, name)
    place(on, tmp_path, name)
    ending = f" (package {first})"
    assert sorted(statuses(on)) == sorted([name, "é" * ((255 - len(ending)) // 2) + ending])


def test_each_release_of_a_batch_has_its_report_and_one_that_waited_moves_there(on: Stage, tmp_path: Path) -> None:
    waiting = arrive(on, "Batch", missing=("metadata.xml has not arrived.",))
    assert statuses(on) == {"Batch": "Incoming"}
    with on.app.store.transaction() as tx:
        row = tx.get_one(Package, waiting)
        row.path = "One"
        for path in ("One", "Two"):
            on.app.moves.take(tx, row.origin, path, on.clock())
    assert statuses(on) == {"Batch/One": "Incoming", "Batch/Two": "Incoming"}


def test_a_release_of_a_batch_may_be_called_like_a_file_of_the_report(on: Stage) -> None:
    waiting = arrive(on, "Batch", missing=("metadata.xml has not arrived.",))
    turn(on)
    with on.app.store.transaction() as tx:
        row = tx.get_one(Package, waiting)
        row.path = "report.txt"
        on.app.moves.take(tx, row.origin, "report.txt", on.clock())
    assert statuses(on) == {"Batch/report.txt": "Incoming"}


@pytest.mark.parametrize("name", ["..", ".", "a\nb", "\u202egnp", "<script>", "x" * 255])
def test_a_hostile_name_stays_in_the_label_s_read_only_folder(on: Stage, tmp_path: Path, name: str) -> None:
    arrive(on, name, missing=("x",))
    reports_of(on).mkdir(parents=True)

    def outside() -> set[Path]:
        return {path for path in tmp_path.rglob("*") if reports_of(on) not in (path, *path.parents)}

    before = outside()
    assert len(statuses(on)) == 1
    assert outside() - before == {reports_of(on).parent / ".lock"}


def test_a_report_in_a_folder_that_was_renamed_moves_with_it(on: Stage) -> None:
    package = arrive(on, "Old", missing=("x",))
    turn(on)
    with on.app.store.transaction() as tx:
        label = labels.find_label(tx, "anna")
        assert label is not None
        folders.rename_folder(tx, label.id, "Old", "New", on.clock())
        on.app.moves.take(tx, tx.get_one(Package, package).origin, "", on.clock())
    assert statuses(on) == {"New": "Incoming"}


def test_what_was_cut_off_is_written_at_the_next_turn_and_no_older_state_comes_back(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = place(on, tmp_path, "Sunrise")
    with monkeypatch.context() as patched:

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(reports, "note_written", killed)
        with pytest.raises(KeyboardInterrupt):
            turn(on)
    assert on_disk(on) == {"Sunrise": "Incoming"}
    on.judge(package)
    assert statuses(on) == {"Sunrise": "Needs QC"}
    assert (report_of(on, package).written, report_of(on, package).version) == (2, 2)


def test_a_change_while_a_report_is_written_stays_owed(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = place(on, tmp_path, "Sunrise")
    real = put

    def slow(*arguments: object) -> None:
        monkeypatch.setattr("ingest.flow.reports.put", real)
        on.judge(package)
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("ingest.flow.reports.put", slow)
    turn(on)
    assert on_disk(on) == {"Sunrise": "Incoming"}
    assert statuses(on) == {"Sunrise": "Needs QC"}


def test_while_another_worker_writes_nothing_is_done_twice(on: Stage, tmp_path: Path) -> None:
    place(on, tmp_path, "Sunrise")
    with report_lock(reports_of(on).parent):
        assert statuses(on) == {}
    assert statuses(on) == {"Sunrise": "Incoming"}


def test_a_report_that_cannot_be_made_is_a_matter_of_ops_and_waits(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = place(on, tmp_path, "Sunrise")
    other = place(on, tmp_path, "Sunset")
    turn(on)
    on.judge(package)
    on.judge(other)
    real = report_files

    def crash(notice: StatusNotice, *arguments: object) -> dict[str, bytes]:
        if notice.package is not None and notice.package.id == package:
            raise ZeroDivisionError("ours")
        return real(notice, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("ingest.flow.reports.report_files", crash)
    assert statuses(on) == {"Sunrise": "Incoming", "Sunset": "Needs QC"}
    assert alarms(on) == ["a report cannot be made"]
    assert report_of(on, package).fault == "ZeroDivisionError: ours"
    turn(on)
    on.clock.advance(seconds=31)
    turn(on)
    assert (report_of(on, package).attempts, alarms(on)) == (2, ["a report cannot be made"])
    for _ in range(6):
        on.clock.advance(minutes=10)
        turn(on)
    assert (report_of(on, package).attempts, alarms(on)) == (8, ["a report cannot be made"])
    monkeypatch.setattr("ingest.flow.reports.report_files", real)
    with on.app.store.transaction() as tx:
        reports.hurry_reports(tx, on.clock())
    assert statuses(on) == {"Sunrise": "Needs QC", "Sunset": "Needs QC"}
    row = report_of(on, package)
    assert (row.attempts, row.fault) == (0, None)


def ben(on: Stage, name: str) -> int:
    """A package of another label, in an open folder that is not complete."""
    with on.app.store.transaction() as tx:
        label = new_label(tx, "ben")
        folder = folders.touch_folder(tx, label.id, name, on.clock())
        return on.app.moves.arrive(tx, folder, "", ("x",), on.clock())


def test_what_many_releases_of_one_label_are_owed_keeps_no_other_label_waiting(on: Stage) -> None:
    first, second, _ = (arrive(on, f"Release {number}", missing=("x",)) for number in range(3))
    others = ben(on, "Sunset")
    with on.app.store.reading() as tx:
        owed = reports.owed_reports(tx, on.clock(), 2)
    assert [row.package_id for row in owed] == [first, second, others]


def test_more_than_one_turn_holds_is_written_turn_by_turn(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.flow.reports.PER_LABEL", 2)
    for number in range(5):
        arrive(on, f"Release {number}", missing=("x",))
    with ThreadPoolExecutor(2) as pool:
        assert [on.app.reports.turn(pool) for _ in range(3)] == [True, True, False]
    assert on_disk(on) == {f"Release {number}": "Incoming" for number in range(5)}


def test_what_one_turn_writes_is_recorded_in_one_transaction(on: Stage) -> None:
    for number in range(5):
        arrive(on, f"Release {number}", missing=("x",))
    with counted_commits(on) as commits, ThreadPoolExecutor(2) as pool:
        on.app.reports.turn(pool)
    assert (len(commits), len(on_disk(on))) == (1, 5)
    with on.app.store.reading() as tx:
        assert reports.owed_reports(tx, on.clock(), 9) == []


def test_a_label_whose_read_only_folders_cannot_be_had_keeps_no_other_waiting(on: Stage, tmp_path: Path) -> None:
    package = place(on, tmp_path, "Sunrise")
    ben(on, "Sunset")
    reports_of(on).parent.parent.mkdir(parents=True)
    reports_of(on).parent.write_text("not a folder")
    turn(on)
    assert (on.app.config.paths.reports("ben") / "Sunset" / "status.txt").exists()
    assert alarms(on) == ["reports cannot be written"]
    reports_of(on).parent.unlink()
    on.clock.advance(seconds=31)
    assert statuses(on) == {"Sunrise": "Incoming"}
    assert report_of(on, package).fault is None


def test_reports_are_removed_some_time_after_the_release_came_to_rest(on: Stage, tmp_path: Path) -> None:
    days = on.app.config.retention.report_days
    resting = place(on, tmp_path, "Resting", "ART-001")
    busy = place(on, tmp_path, "Busy")
    on.judge(resting)
    on.judge(busy)
    turn(on)
    on.clock.advance(days=days)
    on.app.maintenance._retire_reports(days)
    assert statuses(on) == {"Busy": "Needs QC", "Resting": "Invalid"}
    on.clock.advance(seconds=1)
    on.app.maintenance._retire_reports(days)
    assert statuses(on) == {"Busy": "Needs QC"}
    on.app.maintenance._retire_reports(days)
    place(on, tmp_path, "Resting")
    assert statuses(on) == {"Busy": "Needs QC", "Resting": "Incoming"}


def test_a_removal_takes_nothing_from_a_newer_folder_of_the_name(on: Stage, tmp_path: Path) -> None:
    old = place(on, tmp_path, "Sunrise", "ART-001")
    on.judge(old)
    on.clock.advance(days=400)
    on.app.maintenance._retire_reports(180)
    place(on, tmp_path, "Sunrise")
    assert statuses(on) == {"Sunrise": "Incoming"}
    assert report_of(on, old).written == report_of(on, old).version


def test_labels_without_an_email_address_have_reports_all_the_same(on: Stage, tmp_path: Path) -> None:
    with on.app.store.transaction() as tx:
        label = labels.find_label(tx, "anna")
        assert label is not None
        label.emails = []
    on.judge(place(on, tmp_path, "Sunrise"))
    assert statuses(on) == {"Sunrise": "Needs QC"}


def meeting(on: Stage) -> tuple[int, Callable[[], None]]:
    """The package of a release at A/status.txt, and what moves a report with a file of that name from B to A."""
    older = arrive(on, "A", missing=("x",))
    with on.app.store.transaction() as tx:
        row = tx.get_one(Package, older)
        row.path = "status.txt"
        on.app.moves.take(tx, row.origin, "status.txt", on.clock())
        folders.end_seal(tx, row.folder_id, on.clock(), Fingerprint("", 0))
    newer = arrive(on, "B", missing=("x",))
    assert statuses(on) == {"A/status.txt": "Incoming", "B": "Incoming"}

    def move() -> None:
        with on.app.store.transaction() as tx:
            row = tx.get_one(Package, newer)
            folders.rename_folder(tx, row.label_id, "B", "A", on.clock())
            on.app.moves.take(tx, row.origin, "", on.clock())

    return older, move


def test_what_lies_where_a_report_moves_to_makes_room_first_however_long_that_takes(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, move = meeting(on)
    move()

    def slow(reports: Path, name: str) -> None:
        if name == "A/status.txt":
            time.sleep(0.5)
        clear(reports, name)

    monkeypatch.setattr("ingest.flow.reports.clear", slow)
    assert statuses(on) == {"A": "Incoming", f"A (package {older})/status.txt": "Incoming"}
    assert alarms(on) == []


def test_a_move_of_two_reports_while_one_of_them_is_owed_already_waits_for_the_turn_that_sees_both(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, move = meeting(on)
    newer = older + 1
    with on.app.store.transaction() as tx:
        reports.owe_report(tx, tx.get_one(Package, newer), ("z",), on.clock())
    later = [move]

    def held(folder: Path) -> AbstractContextManager[bool]:
        if later:
            later.pop()()
        return report_lock(folder)

    monkeypatch.setattr("ingest.flow.reports.report_lock", held)
    turn(on)
    assert alarms(on) == []
    assert statuses(on) == {"A": "Incoming", f"A (package {older})/status.txt": "Incoming"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_whatever_order_things_happen_in_the_files_end_as_the_rows_say(on: Stage, seed: int) -> None:
    """Arrivals under few names, renames, takes, retirements, turns cut off anywhere: the last turn puts all right."""
    chance = random.Random(seed)
    known: list[int] = []
    for _ in range(60):
        deed = chance.choice(["arrive", "take", "rename", "judge", "retire", "turn", "cut"])
        on.clock.advance(seconds=chance.randint(0, 90))
        if deed == "arrive":
            known.append(arrive(on, chance.choice("ABC"), missing=("x",)))
        elif deed in ("turn", "cut"):
            _turn_cut_off(on, chance.randint(0, 12) if deed == "cut" else 10_000)
        elif known:
            _happen(on, deed, chance.choice(known), chance)
    on.clock.advance(days=1)
    seen = statuses(on)
    with on.app.store.reading() as tx:
        rows = tx.scalars(sa.select(Report).where(Report.retired_at.is_(None))).all()
        expected = {row.name: tx.get_one(Package, row.package_id).status for row in rows}
    assert len(expected) == len(rows)
    assert seen == expected


def _happen(on: Stage, deed: str, package: int, chance: random.Random) -> None:
    with on.app.store.transaction() as tx:
        row = tx.get_one(Package, package)
        if deed == "take" and row.sealed_at is None and row.origin.state == OPEN:
            row.path = chance.choice(["", "One", "status.txt"])
            on.app.moves.take(tx, row.origin, row.path, on.clock())
            folders.end_seal(tx, row.folder_id, on.clock(), Fingerprint("", 0))
        elif deed == "rename" and row.origin.state == OPEN:
            folders.rename_folder(tx, row.label_id, row.origin.name, chance.choice("ABCD"), on.clock())
        elif deed == "judge" and row.sealed_at is not None and row.status == "Incoming":
            invalid = Status.INVALID
            on.app.moves.move(tx, package, Status.INCOMING, invalid, "t", "", on.clock())
        elif deed == "retire":
            reports.retire_reports(tx, ["Invalid"], on.clock() - timedelta(minutes=5), on.clock())


class CutOff(BaseException):
    """The process is killed."""


def _turn_cut_off(on: Stage, calls: int) -> None:
    """A turn that is killed at the given call that changes the disk or the rows."""
    left = [calls]

    def counting(real: object) -> object:
        def call(*arguments: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise CutOff
            return real(*arguments)  # type: ignore[operator]

        return call

    with pytest.MonkeyPatch.context() as patched:
        for owner, name in ((Path, "rename"), (Path, "unlink"), (reports, "note_written")):
            patched.setattr(owner, name, counting(getattr(owner, name)))
        try:
            turn(on, 1)
        except CutOff:
            return


def test_two_workers_on_one_database_never_show_an_older_status_after_a_newer_one(on: Stage, tmp_path: Path) -> None:
    other = open_app(on.app.config, on.clock)
    numbers = [place(on, tmp_path, f"Release {number}") for number in range(3)]
    seen: dict[int, list[str]] = {number: [] for number in numbers}
    done = threading.Event()

    def write(room: Reports) -> None:
        with ThreadPoolExecutor(2) as pool:
            while not done.is_set():
                room.turn(pool)

    def watch() -> None:
        while not done.is_set():
            for place_, number in enumerate(numbers):
                file = reports_of(on) / f"Release {place_}" / "status.txt"
                status = file.read_text().partition("\n")[0] if file.exists() else ""
                if status != (seen[number] or [""])[-1]:
                    seen[number].append(status)

    threads = [threading.Thread(target=write, args=(room,)) for room in (on.app.reports, other.reports)]
    threads.append(threading.Thread(target=watch))
    for thread in threads:
        thread.start()
    way = [Status.INCOMING, Status.NEEDS_QC, Status.QC_APPROVED, Status.DELIVERED]
    for old, new in itertools.pairwise(way):
        for number in numbers:
            with on.app.store.transaction() as tx:
                on.app.moves.move(tx, number, old, new, "t", "", on.clock())
            time.sleep(random.random() / 20)
    wait_for(lambda: all(told[-1:] == ["Delivered to DSPs"] for told in seen.values()), 30, "the last status")
    done.set()
    for thread in threads:
        thread.join()
    other.close()
    for told in seen.values():
        assert told == [status.value for status in way if status.value in told]


def test_the_report_of_an_upload_that_waits_says_which_newer_one_takes_its_place(on: Stage, tmp_path: Path) -> None:
    def told(folder: str) -> tuple[object, bool]:
        turn(on)
        here = reports_of(on) / folder
        data = json.loads((here / "report.json").read_text())
        texts = [" ".join((here / name).read_text().split()) for name in ("report.txt", "report.html", "status.txt")]
        said = ["newer upload takes the place of this one" in text for text in texts]
        assert len(set(said)) == 1, "all files say the same"
        assert all("Sunrise_v2" in text for text in texts) or not said[0]
        return data["superseded_by"], said[0]

    older = place(on, tmp_path, "Sunrise")
    on.judge(older)
    other = place(on, tmp_path, "Sundown")
    assert told("Sunrise") == (None, False)
    newer = place(on, tmp_path, "Sunrise_v2")
    assert told("Sunrise") == (newer, True)
    on.judge(newer)
    assert told("Sunrise") == (newer, True)
    assert told("Sunrise_v2") == (None, False)
    assert other != newer and told("Sundown") == (None, False)
    on.app.review.approve(older, by("ngozi"), anyway=True)
    assert told("Sunrise") == (None, False)
