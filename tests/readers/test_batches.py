"""Batches in every layout that senders use: which folders in them are releases, and when they are complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.readiness import Readiness
from ingest.readers.folder import has_marker, is_batch_name, releases_in
from ingest.readers.readiness import look
from tests.broken.change import edit
from tests.good import Good
from tests.lives import TAKEDOWNS, alone, batch, purge, whole, with_barcode
from tests.messages import BARCODE

BATCH = "20260323100000000"
MOST = 20_000_000

MARKERS = {
    "the standard's": f"BatchComplete_{BATCH}.xml",
    "an export tool's": f"BatchComplete_{BATCH}.complete",
    "a converter's": "BatchComplete.txt",
    "in small letters": "batchcomplete.xml",
    "with an underscore": "batch_complete",
    "a video platform's": "delivery.complete",
}


def release(folder: Path, xml: str = "x.xml") -> None:
    folder.mkdir(parents=True)
    (folder / xml).touch()


@pytest.mark.parametrize("marker", MARKERS.values(), ids=list(MARKERS))
def test_one_release_beside_a_marker_of_any_kind_is_a_batch_of_one(tmp_path: Path, marker: str) -> None:
    release(tmp_path / BARCODE)
    assert releases_in(tmp_path) == [""]

    (tmp_path / marker).touch()

    assert has_marker(tmp_path)
    assert releases_in(tmp_path) == [BARCODE]


@pytest.mark.parametrize("name", [BATCH, f"N_{BATCH}", f"P_{BATCH}", f"M_{BATCH}", f"Batch{BATCH}", f"batch_{BATCH}"])
def test_a_folder_named_as_a_batch_is_one_whatever_lies_in_it(tmp_path: Path, name: str) -> None:
    release(tmp_path / name / BARCODE)

    assert is_batch_name(name)
    assert releases_in(tmp_path / name) == [BARCODE]


@pytest.mark.parametrize("name", [BARCODE, "Artist_Album_5034567890120_20260401", f"N_{BARCODE}_{BATCH}", "20260323"])
def test_a_release_folder_is_no_batch(tmp_path: Path, name: str) -> None:
    release(tmp_path / name)

    assert not is_batch_name(name)
    assert releases_in(tmp_path / name) == [""]


def test_litter_and_answers_of_ours_are_no_releases(tmp_path: Path) -> None:
    release(tmp_path / BARCODE)
    release(tmp_path / "__MACOSX" / BARCODE, "._x.xml")
    release(tmp_path / "acknowledgements", "ACK_1_2.xml")
    release(tmp_path / "only-litter", ".DS_Store")
    (tmp_path / "BatchComplete_1.xml").touch()

    assert releases_in(tmp_path) == [BARCODE]


def seen(folder: Path) -> Readiness:
    return look(folder, folder.name, MOST)


def test_a_batch_without_its_marker_awaits_it_and_with_it_is_marked(tmp_path: Path) -> None:
    folder = batch(tmp_path, BATCH, [whole(tmp_path, "One")])
    before = seen(folder)
    (folder / "BatchComplete.txt").touch()
    after = seen(folder)

    assert (before.is_whole, before.awaits_marker, before.has_marker) == (True, True, False)
    assert (after.is_whole, after.awaits_marker, after.has_marker) == (True, False, True)


def test_a_marker_that_came_first_completes_nothing(tmp_path: Path) -> None:
    half = whole(tmp_path, "Half")
    next(half.glob("*.wav")).unlink()
    folder = batch(tmp_path, BATCH, [half], "BatchComplete.txt")

    assert (seen(folder).is_whole, seen(folder).missing) == (False, (f"{BARCODE}/01_Sunrise.wav",))


@pytest.mark.parametrize("form", ["a deal that has ended", "TakeDown", "AllDealsCancelled"])
def test_a_takedown_is_whole_without_files(tmp_path: Path, form: str) -> None:
    assert seen(alone(tmp_path, "Down", TAKEDOWNS[form])).is_whole


def test_a_purge_is_whole_without_files(tmp_path: Path) -> None:
    assert seen(purge(tmp_path, "Purge")).is_whole


def test_a_message_that_came_alone_may_be_an_update_of_its_barcode(tmp_path: Path) -> None:
    update = seen(alone(tmp_path, "Update"))

    assert (update.is_whole, update.explained, update.explained_if_known) == (False, False, True)
    assert update.bare == (BARCODE,)


def test_in_a_batch_only_the_releases_that_lack_files_are_in_question(tmp_path: Path) -> None:
    other = with_barcode("4006381333931")
    folder = batch(tmp_path, BATCH, [whole(tmp_path, "One"), alone(tmp_path, "Two", other)], "BatchComplete.txt")

    assert (seen(folder).bare, seen(folder).explained_if_known) == (("4006381333931",), True)


def test_a_release_of_which_some_files_came_is_no_update(tmp_path: Path) -> None:
    half = whole(tmp_path, "Half", edit(("MSG-001", "MSG-002")), kind=Good.EP)
    next(half.glob("01_*")).unlink()

    assert (seen(half).bare, seen(half).explained_if_known) == ((), False)
