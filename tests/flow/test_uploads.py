"""Which upload of a release is the one that the label means, and that no older one is approved by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.flow.errors import Code, Conflict
from ingest.store.decisions import decisions_on_package
from tests.broken.change import Change, edit, edit_all
from tests.flow.scenes import codes_of, status_of
from tests.lives import LATER, TAKEDOWNS, alone, whole
from tests.stage import Stage, by

pytestmark = pytest.mark.usefixtures("read_in_this_process")

OTHER_BARCODE = edit_all("5034567890120", "5034567890137")


def upload(on: Stage, folder: Path) -> int:
    package = on.place(folder)
    on.judge(package)
    return package


def old(on: Stage, tmp_path: Path) -> int:
    package = upload(on, whole(tmp_path, "Sunrise"))
    assert status_of(on, package) == "Needs QC"
    return package


def refused_for(on: Stage, package: int) -> tuple[int, str]:
    """The newer upload for which an approval is refused, and its status."""
    with pytest.raises(Conflict) as error:
        on.app.review.approve(package, by("ngozi"))
    assert error.value.code is Code.NEWER_UPLOAD
    assert status_of(on, package) == "Needs QC"
    return int(str(error.value.values["newer"])), str(error.value.values["status"])


@pytest.mark.parametrize("changes", [[], [edit(LATER)]], ids=["same time", "made later"])
def test_an_upload_that_was_corrected_since_is_not_approved(on: Stage, tmp_path: Path, changes: list[Change]) -> None:
    older = old(on, tmp_path)
    newer = upload(on, whole(tmp_path, "Sunrise_v2", edit_all("Sunrise<", "Sundown<"), *changes))

    assert refused_for(on, older) == (newer, "Needs QC")
    view = on.app.views.package
    assert [one.id for one in view(older).later] == [newer] == [view(older).package.superseded_by]
    assert [one.id for one in view(newer).earlier] == [older]
    assert (view(older).earlier, view(newer).later, view(newer).package.superseded_by) == ((), (), None)
    on.app.review.approve(newer, by("ngozi"))


def test_it_is_approved_where_a_person_says_so_and_that_is_recorded(on: Stage, tmp_path: Path) -> None:
    older = old(on, tmp_path)
    newer = upload(on, whole(tmp_path, "Sunrise_v2"))
    on.app.review.approve(older, by("ngozi"), anyway=True)
    with on.app.store.reading() as tx:
        (decision,) = decisions_on_package(tx, older)
    assert decision.details == {"dsps": ["alpha", "beta"], "passed_over": newer}
    assert on.app.views.package(older).package.superseded_by is None, "only what waits for a decision"
    on.app.review.approve(newer, by("ngozi"))


def test_a_newer_upload_that_went_out_can_never_be_undone(on: Stage, tmp_path: Path) -> None:
    older = old(on, tmp_path)
    on.app.review.approve(upload(on, whole(tmp_path, "Sunrise_v2")), by("ngozi"))
    with pytest.raises(Conflict, match=r"^newer-went-out: "):
        on.app.review.approve(older, by("ngozi"), anyway=True)


def test_a_correction_counts_whatever_became_of_it(on: Stage, tmp_path: Path) -> None:
    older = old(on, tmp_path)
    rejected = upload(on, whole(tmp_path, "Sunrise_v2"))
    on.app.review.reject(rejected, by("ngozi"), "Track 1 is cut.")
    assert refused_for(on, older) == (rejected, "QC Rejected")
    invalid = upload(on, whole(tmp_path, "Sunrise_v3", lambda folder: next(folder.glob("*.jpg")).unlink()))
    assert refused_for(on, older) == (invalid, "Invalid")
    unread = on.place(whole(tmp_path, "Sunrise_v4"))
    assert refused_for(on, older) == (unread, "Incoming")


def test_a_correction_that_cannot_be_read_counts_by_its_folder(on: Stage, tmp_path: Path) -> None:
    older = old(on, tmp_path)
    broken = upload(on, whole(tmp_path, "Sunrise_v2", edit(("</MessageHeader>", "</MessageHead>"))))
    assert refused_for(on, older) == (broken, "Invalid")
    assert [one.id for one in on.app.views.package(broken).earlier] == [older]


def test_a_takedown_counts(on: Stage, tmp_path: Path) -> None:
    older = old(on, tmp_path)
    down = upload(on, alone(tmp_path, "Away", TAKEDOWNS["TakeDown"], edit(LATER)))
    assert refused_for(on, older) == (down, "Needs QC")


def test_a_correction_that_lost_its_audio_while_the_first_upload_waits_for_qc_is_no_update_but_incomplete(
    on: Stage, tmp_path: Path
) -> None:
    older = old(on, tmp_path)

    def lose(folder: Path) -> None:
        for file in folder.glob("*.wav"):
            file.unlink()

    lost = upload(on, whole(tmp_path, "Sunrise_v2", edit(LATER), lose))
    assert (status_of(on, lost), codes_of(on, lost, "error")) == ("Invalid", ["PKG-004"])
    assert refused_for(on, older) == (lost, "Invalid")


def test_an_update_without_audio_waits_for_what_it_updates(on: Stage, tmp_path: Path) -> None:
    on.app.review.approve(old(on, tmp_path), by("ngozi"))
    older = upload(on, whole(tmp_path, "Sunrise_v2", edit(LATER)))
    update = upload(on, alone(tmp_path, "Sunrise_v3", edit(LATER)))
    assert status_of(on, update) == "Needs QC"
    assert [one.id for one in on.app.views.package(older).later] == [update], "both are shown"
    on.app.review.approve(older, by("ngozi"))


def test_other_releases_tests_and_older_messages_do_not_count(on: Stage, tmp_path: Path) -> None:
    newer = upload(on, whole(tmp_path, "Sunrise", edit(LATER)))
    upload(on, whole(tmp_path, "Sunrise_v2", OTHER_BARCODE))
    late = upload(on, whole(tmp_path, "Late"))
    assert status_of(on, late) == "Invalid"
    is_test = edit(("</MessageHeader>", "<MessageControlType>TestMessage</MessageControlType></MessageHeader>"))
    upload(on, whole(tmp_path, "Sunrise_v3", is_test))
    on.place(whole(tmp_path, "Sunrise Deluxe"))
    assert on.app.views.package(newer).later == ()
    on.app.review.approve(newer, by("ngozi"))
