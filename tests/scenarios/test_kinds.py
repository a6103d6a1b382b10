"""What a package is for, and what follows from it: updates, takedowns, purges, tests, older messages, twins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.core.notice import NoticeKind
from ingest.flow.errors import Conflict, Refused
from ingest.store import packages
from ingest.store.deliveries import deliveries_of
from ingest.store.models import Notice, Package
from tests.broken.change import edit, edit_all, message_of
from tests.good import Good
from tests.lives import LATER, TAKEDOWNS, alone, batch, manifest, purge, whole, with_barcode
from tests.messages import BARCODE
from tests.rules.reading import read_here
from tests.stage import Stage, by, stage


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    read_here(monkeypatch)
    staged = stage(tmp_path, [("ben", "Ben & Sons")])
    yield staged
    staged.app.close()


def row_of(on: Stage, package: int) -> Package:
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
        assert row is not None
        return row


def codes_of(on: Stage, package: int, *severities: str) -> list[str]:
    """The codes of a package, but for those about its folder's name."""
    with on.app.store.reading() as tx:
        found = packages.findings_of(tx, package)
    told = [one for one in found if one.code not in ("PKG-029", "PKG-030")]
    return [one.code for one in told if not severities or one.severity.value in severities]


def emails_of(on: Stage, package: int) -> list[str]:
    with on.app.store.reading() as tx:
        return list(tx.scalars(sa.select(Notice.kind).where(Notice.package_id == package).order_by(Notice.id)))


def first(on: Stage, tmp_path: Path, *, delivered_to: tuple[str, ...] = ()) -> int:
    """The single, accepted and, where DSPs are named, delivered to them."""
    package = on.place(whole(tmp_path, "First"))
    assert on.judge(package) == "Needs QC"
    if delivered_to:
        on.app.review.approve(package, by("ngozi"), dsps=delivered_to)
        for dsp in delivered_to:
            on.deliver(package, dsp)
    return package


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


def test_a_takedown_goes_to_the_dsps_that_have_the_release(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path, delivered_to=("beta",))
    package = on.place(alone(tmp_path, "Down", TAKEDOWNS["TakeDown"]))
    on.judge(package)

    assert on.app.review.approve(package, by("ngozi")) == ("beta",)
    assert on.deliver(package, "beta") == "delivered"

    assert row_of(on, package).status == "Delivered to DSPs"
    (place,) = (on.app.config.dsp["beta"].path / f"{BARCODE}_{package}").iterdir()
    assert place.name == "metadata.xml"


def test_an_update_goes_to_the_agreed_dsps_and_to_those_that_have_the_release(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path, delivered_to=("beta",))
    package = on.place(whole(tmp_path, "First_v2"))
    on.judge(package)

    assert set(on.app.review.approve(package, by("ngozi"))) == {"alpha", "beta"}


def test_an_older_message_is_refused_and_can_never_be_approved_over_a_newer_one(on: Stage, tmp_path: Path) -> None:
    older = on.place(whole(tmp_path, "Older"))
    assert on.judge(older) == "Needs QC"
    newer = on.place(whole(tmp_path, "Newer", edit(LATER)))
    assert on.judge(newer) == "Needs QC"
    late = on.place(whole(tmp_path, "Late"))
    assert on.judge(late) == "Invalid"
    assert codes_of(on, late, "error") == ["ERN-076"]
    on.app.review.approve(newer, by("ngozi"))

    with pytest.raises(Conflict, match=f"^newer-went-out: package={older}, newer={newer}, status='QC Approved'$"):
        on.app.review.approve(older, by("ngozi"))
    on.app.review.reject(older, by("ngozi"), "The newer one holds.")


def test_of_two_messages_made_at_one_time_the_one_that_arrived_later_holds(on: Stage, tmp_path: Path) -> None:
    older, newer = (on.place(whole(tmp_path, name)) for name in ("Older", "Newer"))
    assert [on.judge(package) for package in (older, newer)] == ["Needs QC", "Needs QC"]
    on.app.review.approve(newer, by("ngozi"))
    with pytest.raises(Conflict, match=f"^newer-went-out: package={older}, newer={newer}, status='QC Approved'$"):
        on.app.review.approve(older, by("ngozi"))


def test_a_newer_message_is_approved_after_one_made_at_the_same_time(on: Stage, tmp_path: Path) -> None:
    older, newer = (on.place(whole(tmp_path, name)) for name in ("Older", "Newer"))
    for package in (older, newer):
        assert on.judge(package) == "Needs QC"
        on.app.review.approve(package, by("ngozi"))
        assert on.deliver(package, "alpha") == "delivered"
    there = sorted(path.name for path in on.app.config.dsp["alpha"].path.iterdir())
    assert there == [f"{BARCODE}_{older}", f"{BARCODE}_{newer}"]


def test_a_delivery_that_a_newer_message_overtook_is_not_sent_any_more(on: Stage, tmp_path: Path) -> None:
    older = on.place(whole(tmp_path, "Older"))
    on.judge(older)
    on.app.review.approve(older, by("ngozi"), dsps=("alpha", "beta"))
    newer = on.place(whole(tmp_path, "Newer", edit(LATER)))
    on.judge(newer)
    on.app.review.approve(newer, by("ngozi"), dsps=("alpha",))
    assert on.deliver(newer, "alpha") == "delivered"

    assert [on.deliver(older, dsp) for dsp in ("alpha", "beta")] == ["superseded", "delivered"]

    there = [path.name for dsp in ("alpha", "beta") for path in on.app.config.dsp[dsp].path.iterdir()]
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

    assert [path.name for path in on.app.config.dsp["alpha"].path.iterdir()] == [f"{BARCODE}_{newer}"]
    assert row_of(on, newest).status == "QC Approved"


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
        facts = [value for name, value in on.app.outbox.facts(tx, row) if name == "Shared"]
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


def test_an_acknowledgement_is_owed_with_the_verdict_and_found_again_when_its_work_is_lost(
    on: Stage, tmp_path: Path
) -> None:
    package = on.place(batch(tmp_path, "20260323100000000", [whole(tmp_path, "One")]))
    assert on.judge(package) == "Needs QC"
    assert on.engine.due[-1][0] != "acknowledge:1:2:1"
    on.clock.advance(minutes=5)
    on.app.maintenance.reconcile()
    assert ("acknowledge:1:2:1", (1, 2, 1), 0) in on.engine.due

    assert acknowledge(on, run=1) == "superseded"
    assert acknowledge(on, run=2) == "written"
    assert acknowledge(on, run=2) == "superseded"

    (answer,) = on.app.config.paths.acknowledgements("anna").iterdir()
    assert re.fullmatch(r"ACK_20260323120000000_5034567890120\.xml", answer.name)


def test_an_acknowledgement_that_cannot_be_written_is_tried_again_and_ops_hear_of_it_at_last(
    on: Stage, tmp_path: Path
) -> None:
    package = on.place(batch(tmp_path, "20260323100000000", [whole(tmp_path, "One")]))
    on.judge(package)
    place = on.app.config.paths.acknowledgements("anna")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("a file where the folder should be")

    assert acknowledge(on, run=1) == "retry"
    assert on.engine.due[-1] == ("acknowledge:1:1:2", (1, 1, 2), 30.0)
    on.clock.advance(days=30)
    assert acknowledge(on, run=1, attempt=2) == "given up"
    with on.app.store.reading() as tx:
        alarms = [row.details["what"] for row in tx.scalars(sa.select(Notice).where(Notice.kind == "alarm"))]
    assert alarms == ["acknowledgement ACK_20260323120000000_5034567890120.xml could not be written"]


def test_who_sends_single_releases_by_hand_gets_no_acknowledgement(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path)
    named = on.place(whole(tmp_path, f"N_{BARCODE}_20260323100000000"))
    on.judge(named)

    enqueued = on.engine.keys()
    assert [key for key in enqueued if key.startswith("acknowledge")] == ["acknowledge:1:1:1"]


def acknowledge(on: Stage, run: int, attempt: int = 1) -> str:
    """The `acknowledge` workflow without its checkpoints."""
    return on.carry(on.app.acknowledgements, 1, run, attempt)
