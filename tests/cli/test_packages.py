"""`ingest packages` and `ingest show`: readable, and nothing that a label wrote is obeyed by the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import main
from ingest.cli.packages import table
from ingest.core.checklist import CHECKLIST
from ingest.core.finding import Finding, Severity
from ingest.core.status import Status
from ingest.store import labels, packages
from ingest.store.models import SEALED, Package, ReleaseFolder
from ingest.store.progress import Progress
from tests.lives import whole
from tests.rules.reading import read_here
from tests.stage import START, Stage, by, stage

FOLDER = "AmaBeats_MorningLight_5034567890120_20261201"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Stage]:
    built = stage(tmp_path)
    yield built
    built.app.close()


def ingest(there: Stage, *words: str) -> Result:
    config = there.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), *words])


def receive(there: Stage, folder: str = FOLDER, status: Status = Status.NEEDS_QC, **known: str) -> int:
    """A package of anna's with this status, known under these names."""
    with there.app.store.transaction() as tx:
        label = labels.find_label(tx, "anna")
        assert label is not None
        row = ReleaseFolder(
            label_id=label.id, name=folder, state=SEALED, seen_at=START, touched_at=START, sealed_at=START
        )
        tx.add(row)
        tx.flush()
        number = packages.add_package(tx, row, "", START)
        assert number is not None
        package = tx.get_one(Package, number)
        package.status = status.value
        for name, value in known.items():
            setattr(package, name, value)
        return number


def test_an_empty_list_says_so(there: Stage) -> None:
    result = ingest(there, "packages")
    assert (result.exit_code, result.stdout) == (0, "no packages\n")
    assert json.loads(ingest(there, "packages", "--format", "json").stdout) == {"packages": [], "total": 0}


def test_the_list_has_a_header_and_the_newest_package_first(there: Stage) -> None:
    receive(there, "New folder", Status.INCOMING)
    receive(there, status=Status.DELIVERED, artist="Ama", title="Light", barcode="5034567890120")
    with there.app.store.transaction() as tx:
        packages.put_on_hold(tx, 1, START + timedelta(minutes=1))
    header, newest, oldest = ingest(there, "packages").stdout.splitlines()
    assert header.split("  ")[0] == "ID" and header.split()[-2:] == ["FOLDER", "RELEASE"]
    assert newest == (
        " 2  Delivered to DSPs  2026-03-23 12:00  anna   5034567890120"
        "  AmaBeats_MorningLight…034567890120_20261201  Ama – Light"
    )
    assert oldest == (
        " 1  Incoming, aside    2026-03-23 12:00  anna   –              New folder                                   –"
    )
    assert header.index("FOLDER") == newest.index("AmaBeats") == oldest.index("New folder")


def test_no_line_is_longer_than_120_columns_unless_it_may_be(there: Stage) -> None:
    receive(there, FOLDER * 3, title="A very long title " * 9, artist="Somebody", barcode="5" * 40)
    assert max(map(len, ingest(there, "packages").stdout.splitlines())) == 120
    wide = ingest(there, "packages", "--wide").stdout
    assert FOLDER * 3 in wide and "Somebody – " + "A very long title " * 8 in wide


def test_a_folder_is_cut_in_its_middle() -> None:
    row = ("1", "Invalid", "2026-03-23 12:00", "anna", "5034567890120", f"{FOLDER}_v2", "Ama Beats – Morning Light")
    _, line = table([row], 110)
    assert line.endswith("AmaBeats_Morni…120_20261201_v2  Ama Beats – Morning Light")
    assert len(line) <= 110


def test_only_one_label_s_are_listed(there: Stage) -> None:
    receive(there)
    assert len(ingest(there, "packages", "--label", "anna").stdout.splitlines()) == 2
    unknown = ingest(there, "packages", "--label", "nobody")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "there is no label 'nobody'; `ingest label list` lists them" in unknown.stderr


def test_the_json_is_exact(there: Stage) -> None:
    receive(there, "a\n\x1b[31m", title="Sun\x9b31mRED", barcode="5034567890120")
    assert json.loads(ingest(there, "packages", "--format", "json").stdout) == {
        "packages": [
            {
                "id": 1,
                "status": "Needs QC",
                "label": "anna",
                "folder": "a\n\x1b[31m",
                "title": "Sun\x9b31mRED",
                "artist": None,
                "upc": "5034567890120",
                "type": None,
                "release_date": None,
                "warnings": 0,
                "received_at": "2026-03-23T12:00:00+00:00",
                "kind": None,
                "earlier_package": None,
                "superseded_by": None,
                "waits_for_retry": False,
                "files_read": None,
                "files": None,
            }
        ],
        "total": 1,
    }


def test_show_names_the_release_with_its_type_and_date(there: Stage) -> None:
    number = receive(there, title="Light", artist="Ama", release_type="EP", release_date="2026-12-01")
    shown = ingest(there, "show", str(number)).stdout.splitlines()
    assert shown[1:5] == ["  Artist    Ama", "  Title     Light", "  Type      EP", "  Released  2026-12-01"]


def test_foreign_text_is_written_out_in_the_list_and_in_show(there: Stage) -> None:
    number = receive(there, "a\nPackage 9 · QC Approved\x1b[2J", title="Sun\x9b31mRED", artist="\u202eAma\u2028b")
    finding = Finding(
        "PKG-020", Severity.WARNING, "x\x1b[1m\n.wav", None, None, None, None, None, "text\x9bm\nforged", "fix\u2029it"
    )
    with there.app.store.transaction() as tx:
        packages.set_findings(tx, number, [finding])
    for words in (("packages", "--wide"), ("show", "1")):
        said = ingest(there, *words).stdout
        assert all(one.isprintable() or one == "\n" for one in said)
        assert "Sun‹U+009B›31mRED" in said and "a‹U+000A›Package 9 · QC Approved‹U+001B›[2J" in said
        assert not any(line.startswith("Package 9") for line in said.splitlines())
    shown = ingest(there, "show", "1").stdout
    assert (
        "\n  WARNING PKG-020  x‹U+001B›[1m‹U+000A›.wav\n    text‹U+009B›m‹U+000A›forged\n    Fix: fix‹U+2029›it\n"
        in shown
    )


def test_the_checklist_is_shown_only_while_the_cover_is_to_be_judged(there: Stage) -> None:
    receive(there, status=Status.NEEDS_QC)
    receive(there, "other", status=Status.QC_APPROVED)
    questions = [f"  [ ] {question}" for question in CHECKLIST]
    assert ingest(there, "show", "1").stdout.splitlines()[-len(questions) :] == questions
    assert "[ ]" not in ingest(there, "show", "2").stdout


def test_every_line_of_a_note_is_indented_under_its_change(there: Stage) -> None:
    receive(there)
    with there.app.store.transaction() as tx:
        packages.change_status(
            tx, 1, Status.NEEDS_QC, Status.QC_REJECTED, "ngozi", "Track 4 is cut.\n\nThe cover\x1b[31m too.", START
        )
    shown = ingest(there, "show", "1").stdout
    assert shown[shown.index("History") :].splitlines() == [
        "History (UTC)",
        "  2026-03-23 12:00:00  QC Rejected (ngozi)",
        "    Track 4 is cut.",
        "    ",
        "    The cover‹U+001B›[31m too.",
    ]


def test_a_retry_stands_in_the_history_with_who_asked_for_it(there: Stage) -> None:
    receive(there, status=Status.INCOMING)
    with there.app.store.transaction() as tx:
        packages.record_change(tx, 1, None, Status.INCOMING, "ingest", "", START)
        packages.put_on_hold(tx, 1, START)
    there.clock.advance(minutes=1)
    there.app.review.retry(1, by("ngozi\x1b[31m"))
    there.clock.advance(minutes=1)
    with there.app.store.transaction() as tx:
        packages.record_change(tx, 1, Status.INCOMING, Status.INVALID, "ingest", "", there.clock())
    shown = ingest(there, "show", "1").stdout
    assert shown[shown.index("History") :].splitlines() == [
        "History (UTC)",
        "  2026-03-23 12:00:00  Incoming (ingest)",
        "  2026-03-23 12:01:00  retry: validation (ngozi‹U+001B›[31m)",
        "  2026-03-23 12:02:00  Invalid (ingest)",
    ]
    assert json.loads(ingest(there, "show", "1", "--format", "json").stdout)["decisions"] == [
        {
            "kind": "retry",
            "who": "ngozi\x1b[31m",
            "face": "cli",
            "at": "2026-03-23T12:01:00+00:00",
            "note": "",
            "details": {"retried": ["validation"]},
        }
    ]


def test_a_package_that_is_being_read_says_how_far(there: Stage) -> None:
    receive(there, status=Status.INCOMING)
    assert "Measuring" not in ingest(there, "show", "1").stdout
    Progress(there.app.store, 1, lambda event, **more: None, iter((0.0, 9.0)).__next__)(7, 12, "07_Night.wav")
    assert "\nMeasuring: 7 of 12 files\n" in ingest(there, "show", "1").stdout
    (listed,) = json.loads(ingest(there, "packages", "--format", "json").stdout)["packages"]
    assert (listed["files_read"], listed["files"]) == (7, 12)
    with there.app.store.transaction() as tx:
        packages.put_on_hold(tx, 1, START)
    assert "Measuring" not in ingest(there, "show", "1").stdout


def test_a_test_that_passed_says_so_and_is_not_being_read(there: Stage) -> None:
    receive(there, status=Status.INCOMING, kind="test")
    Progress(there.app.store, 1, lambda event, **more: None, iter((0.0, 9.0)).__next__)(4, 4, "04_Rain.wav")
    assert "\nThis is a test. It goes no further.\nMeasuring: 4 of 4 files\n" in ingest(there, "show", "1").stdout
    with there.app.store.transaction() as tx:
        tx.get_one(Package, 1).checked_at = START
    shown = ingest(there, "show", "1").stdout
    assert "\nThis is a test. The test passed. It goes no further.\n" in shown
    assert "Measuring" not in shown


def test_what_an_approval_would_do_is_told_only_while_one_can_come(there: Stage) -> None:
    receive(there, status=Status.NEEDS_QC, kind="update")
    receive(there, "other", status=Status.INVALID, kind="update")
    reach = "Approved, it goes to the agreed DSPs and to all that have the release."
    assert f"\nThis is an update. {reach}\n" in ingest(there, "show", "1").stdout
    assert "\nThis is an update.\n" in ingest(there, "show", "2").stdout


def test_the_queue_of_qc_has_the_oldest_first_with_street_date_and_warnings(there: Stage) -> None:
    receive(there, "First", title="Light", artist="Ama", release_date="2026-04-01", barcode="5034567890120")
    receive(there, "Second", Status.INVALID)
    receive(there, "Third")
    warning = Finding("ART-001", Severity.WARNING, None, None, None, None, None, None, "text", "fix")
    with there.app.store.transaction() as tx:
        packages.set_findings(tx, 1, [warning, warning])
    header, first, third = ingest(there, "packages", "--status", "needs qc").stdout.splitlines()
    assert header.split("  ")[-1] == "RELEASE" and "STREET DATE  WARNINGS  FOLDER" in header
    assert first.split() == [
        "1",
        "Needs",
        "QC",
        "2026-03-23",
        "12:00",
        "anna",
        "2026-04-01",
        "2",
        "First",
        "Ama",
        "–",
        "Light",
    ]
    assert third.split() == ["3", "Needs", "QC", "2026-03-23", "12:00", "anna", "–", "0", "Third", "–"]
    newest = ingest(there, "packages", "--status", "Needs QC", "--newest-first").stdout.splitlines()
    assert newest == [header, third, first]
    assert [line.split()[0] for line in ingest(there, "packages", "--oldest-first").stdout.splitlines()[1:]] == [*"123"]


def test_a_list_that_ends_early_says_so(there: Stage) -> None:
    for number in range(3):
        receive(there, f"Folder {number}")
    cut = ingest(there, "packages", "--limit", "2")
    assert len(cut.stdout.splitlines()) == 3
    assert cut.stderr == "ingest: 2 of 3 packages are shown; --limit 3 shows all, --search some\n"
    assert ingest(there, "packages", "--limit", "3").stderr == ""
    assert json.loads(ingest(there, "packages", "--limit", "2", "--format", "json").stdout)["total"] == 3


@pytest.mark.parametrize("sought", ["MORNING", "ama b", "0345", "2026", "%", "_1"])
def test_packages_are_found_by_artist_title_barcode_and_folder(there: Stage, sought: str) -> None:
    receive(there, "x%_1_2026", title="Morning Light", artist="Ama Beats", barcode="5034567890120")
    receive(there, "y", title="Night", artist="Bo")
    (found,) = json.loads(ingest(there, "packages", "--search", sought, "--format", "json").stdout)["packages"]
    assert found["id"] == 1
    assert ingest(there, "packages", "--search", "nobody").stdout == "no packages\n"


def test_the_json_of_a_package_has_its_tracks(there: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)
    there.judge(there.place(whole(tmp_path, "Sunrise")))
    (track,) = json.loads(ingest(there, "show", "1", "--format", "json").stdout)["tracks"]
    assert (track["number"], track["disc"], track["title"], track["artist"]) == (1, 1, "Sunrise", "Ayo Lande")
    assert track["isrc"] and track["seconds"] > 0
    receive(there, "unread")
    assert json.loads(ingest(there, "show", "2", "--format", "json").stdout)["tracks"] == []


def test_an_unknown_package_is_wrong_usage(there: Stage) -> None:
    result = ingest(there, "show", "7")
    assert (result.exit_code, result.stderr) == (2, "ingest: there is no package 7; `ingest packages` lists them\n")
