"""What a package is for, from its message to its verdict: updates, takedowns, purges, tests, older messages, twins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.core.notice import NoticeKind
from ingest.flow.errors import Refused
from ingest.flow.package_facts import review_facts
from ingest.store import packages
from ingest.store.models import Notice
from tests.broken.change import edit, edit_all, message_of
from tests.flow.scenes import codes_of, emails_of, first, row_of
from tests.good import Good
from tests.lives import TAKEDOWNS, alone, batch, manifest, purge, whole, with_barcode
from tests.messages import BARCODE
from tests.rules.reading import read_here
from tests.stage import Stage, by, staged


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    read_here(monkeypatch)
    with staged(tmp_path, [("ben", "Ben & Sons")]) as there:
        yield there


@pytest.mark.parametrize("form", TAKEDOWNS)
def test_a_takedown_of_a_known_release_needs_qc_as_such_and_misses_nothing(
    on: Stage, tmp_path: Path, form: str
) -> None:
    earlier = first(on, tmp_path)

    package = on.place(alone(tmp_path, "Down", TAKEDOWNS[form]))

    assert on.judge(package) == "Needs QC"
    row = row_of(on, package)
    assert (row.kind, row.replaces_id) == ("takedown", earlier)
    assert codes_of(on, package, "error", "warning") == ["ERN-017"]


def test_a_takedown_that_still_brings_its_files_is_one(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path)

    package = on.place(whole(tmp_path, "Down", TAKEDOWNS["no deal list"]))

    assert (on.judge(package), row_of(on, package).kind) == ("Needs QC", "takedown")


@pytest.mark.parametrize("form", TAKEDOWNS)
def test_a_takedown_of_a_release_that_we_never_had_says_so_alone(on: Stage, tmp_path: Path, form: str) -> None:
    package = on.place(alone(tmp_path, "Down", TAKEDOWNS[form]))

    assert on.judge(package) == "Invalid"
    assert codes_of(on, package, "error") == ["ERN-075"]


def test_a_purge_is_known_by_its_barcode(on: Stage, tmp_path: Path) -> None:
    unknown = on.place(purge(tmp_path, "Purge1"))
    assert (on.judge(unknown), codes_of(on, unknown, "error")) == ("Invalid", ["ERN-075"])
    earlier = first(on, tmp_path)

    package = on.place(purge(tmp_path, "Purge2"))

    assert on.judge(package) == "Needs QC"
    assert (row_of(on, package).kind, row_of(on, package).replaces_id) == ("purge", earlier)
    assert codes_of(on, package) == ["ERN-018"]


def test_a_track_that_lost_its_deal_is_a_takedown_of_that_track(on: Stage, tmp_path: Path) -> None:
    both = edit_all(
        "<DealReleaseReference>R0</DealReleaseReference>",
        "".join(f"<DealReleaseReference>R{number}</DealReleaseReference>" for number in range(3)),
    )
    lost = edit(("<DealReleaseReference>R2</DealReleaseReference>", ""))
    earlier = on.place(whole(tmp_path, "Album", both, kind=Good.ERN))
    assert on.judge(earlier) == "Needs QC"
    on.app.review.approve(earlier, by("ngozi"))

    package = on.place(alone(tmp_path, "Down", both, lost, kind=Good.ERN))

    assert on.judge(package) == "Needs QC"
    assert row_of(on, package).kind == "takedown"
    assert codes_of(on, package, "error", "warning") == ["ERN-017", "ERN-019"]
    with on.app.store.reading() as tx:
        (told,) = [one for one in packages.findings_of(tx, package) if one.code == "ERN-017"]
    assert "takes 1 track of the release down" in told.text
    assert "GBDUM2600002 had a deal and has none now" in told.text


def test_a_manifest_that_says_takedown_makes_it_one(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path)
    listed = manifest("20260323100000000", (BARCODE, "TakeDown"))

    down = alone(tmp_path, "Down")
    package = on.place(batch(tmp_path, "20260323100000000", [down], "BatchComplete_20260323100000000.xml", listed))

    assert (on.judge(package), row_of(on, package).kind) == ("Needs QC", "takedown")


def test_an_update_without_files_of_a_known_release_needs_qc(on: Stage, tmp_path: Path) -> None:
    earlier = first(on, tmp_path)
    on.app.review.approve(earlier, by("ngozi"))

    package = on.place(alone(tmp_path, "Update", edit(("<ReleaseDate>2026-04-01", "<ReleaseDate>2026-04-08"))))

    assert on.judge(package) == "Needs QC"
    assert (row_of(on, package).kind, row_of(on, package).replaces_id) == ("update", earlier)
    assert codes_of(on, package, "error", "warning") == ["ERN-019"]


def test_an_update_of_a_release_that_we_never_had_says_so_and_nothing_of_audio(on: Stage, tmp_path: Path) -> None:
    says = edit(("</MessageHeader>", "</MessageHeader>\n  <UpdateIndicator>UpdateMessage</UpdateIndicator>"))
    package = on.place(alone(tmp_path, "Update", says))

    assert on.judge(package) == "Invalid"
    assert codes_of(on, package, "error") == ["ERN-075"]


def test_a_correction_with_all_its_files_is_an_update_of_the_package_it_replaces(on: Stage, tmp_path: Path) -> None:
    earlier = first(on, tmp_path)

    package = on.place(whole(tmp_path, "First_v2"))

    assert on.judge(package) == "Needs QC"
    assert (row_of(on, package).kind, row_of(on, package).replaces_id) == ("update", earlier)
    assert codes_of(on, package) == ["ERN-070"]


def test_a_test_that_passed_is_answered_and_goes_no_further(on: Stage, tmp_path: Path) -> None:
    package = on.place(whole(tmp_path, "Try", edit(("LiveMessage", "TestMessage"))))

    assert on.judge(package) == "Incoming"
    assert row_of(on, package).kind == "test"
    assert emails_of(on, package) == ["incoming", "tested"]
    with pytest.raises(Refused, match=f"^test-never-approved: package={package}$"):
        on.app.review.approve(package, by("ngozi"))
    on.clock.advance(minutes=10)
    on.app.maintenance.reconcile()
    enqueued = on.engine.keys()
    assert [key for key in enqueued if key.startswith("ingest:")] == [f"ingest:{package}:1"]
    known = on.place(whole(tmp_path, "Real"))
    assert (on.judge(known), row_of(on, known).kind) == ("Needs QC", "new release")


def test_a_test_that_failed_is_invalid_as_any_other(on: Stage, tmp_path: Path) -> None:
    change = edit(("LiveMessage", "TestMessage"), ("<ReleaseType>Single", "<ReleaseType>single"))
    package = on.place(whole(tmp_path, "Try", change))

    assert on.judge(package) == "Invalid"
    assert (row_of(on, package).kind, emails_of(on, package)) == ("test", ["incoming", "invalid"])


def test_the_manifest_can_make_a_test_of_a_batch(on: Stage, tmp_path: Path) -> None:
    listed = manifest("20260323100000000", (BARCODE, "NewReleaseDelivery"), is_test=True)
    release = whole(tmp_path, "Release")
    package = on.place(batch(tmp_path, "N_20260323100000000", [release], "BatchComplete_1.xml", listed))

    assert (on.judge(package), row_of(on, package).kind) == ("Incoming", "test")


def test_another_labels_barcode_isrc_and_audio_are_warnings_that_name_nobody(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path)

    package = on.place(whole(tmp_path, "Theirs", edit_all("<TitleText>Sunrise", "<TitleText>Moonrise")), whose="ben")

    assert on.judge(package) == "Needs QC"
    assert row_of(on, package).kind == "new release"
    assert codes_of(on, package) == ["ERN-071", "ERN-072"]
    with on.app.store.reading() as tx:
        told = " ".join(f"{one.text} {one.found} {one.expected}" for one in packages.findings_of(tx, package))
    assert "Anna" not in told and "package" not in told
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
        assert row is not None
        owed = [each for each in tx.scalars(sa.select(Notice)) if each.package_id == package]
        contents = [on.app.outbox.status_notice(tx, one) for one in owed]
        facts = [value for name, value in review_facts(tx, on.app.storage, row) if name == "Shared"]
    assert f"barcode {BARCODE} with package 1 of Anna's Label" in facts
    for one in contents:
        assert ("Anna" in str(one)) is (one.kind is NoticeKind.REVIEW)


def test_who_had_a_release_first_is_told_nothing_of_another_label_that_took_it_over(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path)
    moonrise = edit_all("<TitleText>Sunrise", "<TitleText>Moonrise")
    taken = on.place(whole(tmp_path, "Theirs", moonrise), whose="ben")
    assert on.judge(taken) == "Needs QC"
    assert codes_of(on, taken) == ["ERN-071", "ERN-072"]

    again = on.place(whole(tmp_path, "Again"))
    other = on.place(whole(tmp_path, "Other", with_barcode("5034567890137")))

    assert [on.judge(package) for package in (again, other)] == ["Needs QC", "Needs QC"]
    assert [codes_of(on, package) for package in (again, other)] == [["ERN-070"], ["ART-024"]]


def test_the_same_audio_under_another_isrc_is_told_with_its_place(on: Stage, tmp_path: Path) -> None:
    earlier = first(on, tmp_path)
    change = edit_all("GBDUM2600001", "GBDUM2600099")

    package = on.place(whole(tmp_path, "Again", with_barcode("5034567890137"), change))

    assert on.judge(package) == "Needs QC"
    assert codes_of(on, package) == ["ERN-073", "ART-024"]
    with on.app.store.reading() as tx:
        (told,) = [one for one in packages.findings_of(tx, package) if one.code == "ERN-073"]
    assert f'track 1 of "Sunrise" (package {earlier}), where it has the ISRC GBDUM2600001' in told.text


def test_what_failed_or_was_rejected_is_not_known(on: Stage, tmp_path: Path) -> None:
    rejected = first(on, tmp_path)
    on.app.review.reject(rejected, by("ngozi"), "No.")
    failed = on.place(whole(tmp_path, "Failed", edit(("<ReleaseType>Single", "<ReleaseType>single"))))
    assert on.judge(failed) == "Invalid"

    package = on.place(whole(tmp_path, "Fresh"))

    assert (on.judge(package), row_of(on, package).kind, codes_of(on, package)) == ("Needs QC", "new release", [])


def test_the_message_of_a_release_in_parts_is_told_apart_from_an_update(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path)
    half = whole(tmp_path, "Half")
    next(half.glob("*.jpg")).unlink()
    assert message_of(half).exists()

    package = on.place(half)

    assert on.judge(package) == "Invalid"
    assert codes_of(on, package, "error") == ["PKG-010"]
